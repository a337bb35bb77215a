"""Pages of inspection: list, application, detail, visit, checklist on site, conclusion and publication."""

from portal.inspection.views import (
    applying,
    assessing,
    board,
    booking,
    checklist,
    concluding,
    detail,
    devices,
    field,
    findings,
    listing,
    overriding,
    panels,
    photos,
    visiting,
)
from portal.inspection.views.blueprint import bp, init_app

__all__ = [
    "applying",
    "assessing",
    "board",
    "booking",
    "bp",
    "checklist",
    "concluding",
    "detail",
    "devices",
    "field",
    "findings",
    "init_app",
    "listing",
    "overriding",
    "panels",
    "photos",
    "visiting",
]
