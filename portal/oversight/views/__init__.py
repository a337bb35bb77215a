"""Pages of the readers."""

from portal.oversight.views import audit, verification
from portal.oversight.views.blueprint import bp

__all__ = ["audit", "bp", "verification"]
