"""Public pages."""

from portal.public.views import pages, tips
from portal.public.views.blueprint import bp, init_app

__all__ = ["bp", "init_app", "pages", "tips"]
