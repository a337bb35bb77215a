"""Pages of this package."""

from portal.measures.views import bars, corrections, draws, fines, ladder, panels, plans, proposals, routine  # noqa: F401
from portal.measures.views.blueprint import bp

__all__ = ["bp"]
