"""Pages of the registry."""

from portal.registry.views import (
    cameras,
    codes,
    documents,
    filings,
    filters,
    history,
    imports,
    quality,
    systems,
    units,
)
from portal.registry.views.blueprint import bp, init_app

__all__ = [
    "bp",
    "cameras",
    "codes",
    "documents",
    "filings",
    "filters",
    "history",
    "imports",
    "init_app",
    "quality",
    "systems",
    "units",
]
