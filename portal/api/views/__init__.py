"""Addresses for programs under /api/v1; the pages of tokens and of the interface's description."""

from portal.api.views import description, filings, registry, tokens
from portal.api.views.blueprint import bp, init_app

__all__ = ["bp", "description", "filings", "init_app", "registry", "tokens"]
