"""Writing the registry: units, systems, cameras, filings and papers."""

from portal.registry.operations.cameras import add_camera, edit_camera, set_access
from portal.registry.operations.documents import attach_document, open_document
from portal.registry.operations.filings import (
    FilingIncomplete,
    accept_filing,
    missing_of,
    open_filing,
    return_filing,
    submit_filing,
    withdraw_filing,
)
from portal.registry.operations.imports import cancel_import, confirm_import, run_import, start_import
from portal.registry.operations.systems import change_use, create_system, edit_system, record_acceptance_step
from portal.registry.operations.units import create_unit, edit_unit, reveal_phone

__all__ = [
    "FilingIncomplete",
    "accept_filing",
    "add_camera",
    "attach_document",
    "cancel_import",
    "change_use",
    "confirm_import",
    "create_system",
    "create_unit",
    "edit_camera",
    "edit_system",
    "edit_unit",
    "missing_of",
    "open_document",
    "open_filing",
    "record_acceptance_step",
    "return_filing",
    "reveal_phone",
    "run_import",
    "set_access",
    "start_import",
    "submit_filing",
    "withdraw_filing",
]
