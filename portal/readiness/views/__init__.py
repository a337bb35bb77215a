"""Pages of the advance checks: the report of an acceptance, and what other pages show of it."""

from portal.readiness.views import panels, report
from portal.readiness.views.blueprint import bp

__all__ = ["bp", "panels", "report"]
