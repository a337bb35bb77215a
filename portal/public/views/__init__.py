"""Public pages."""

from portal.public.views import draws, pages, tips
from portal.public.views.blueprint import bp, init_app

__all__ = ["bp", "draws", "init_app", "pages", "tips"]
