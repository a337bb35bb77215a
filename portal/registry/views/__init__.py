"""Pages of the registry."""

from portal.registry.views import cameras, documents, filings, filters, imports, systems, units
from portal.registry.views.blueprint import bp, init_app

__all__ = ["bp", "cameras", "documents", "filings", "filters", "imports", "init_app", "systems", "units"]
