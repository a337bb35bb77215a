"""Pages of this package."""

from portal.measures.views import corrections, fines, ladder, panels  # noqa: F401
from portal.measures.views.blueprint import bp

__all__ = ["bp"]
