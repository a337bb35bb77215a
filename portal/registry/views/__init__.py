"""Pages of the registry."""

from portal.registry.views import (
    bulk,
    cameras,
    codes,
    documents,
    exports,
    filings,
    filters,
    history,
    imports,
    list_views,
    quality,
    systems,
    units,
)
from portal.registry.views.blueprint import bp, init_app

__all__ = [
    "bp",
    "bulk",
    "cameras",
    "codes",
    "documents",
    "exports",
    "filings",
    "filters",
    "history",
    "imports",
    "init_app",
    "list_views",
    "quality",
    "systems",
    "units",
]
