"""Pages of the registry."""

from portal.registry.views import cameras, filings, filters, systems, units
from portal.registry.views.blueprint import bp

__all__ = ["bp", "cameras", "filings", "filters", "systems", "units"]
