"""Writing the registry: units, systems, cameras, filings and papers."""

from portal.registry.operations.access import set_access
from portal.registry.operations.cameras import (
    add_camera,
    assign_code,
    edit_camera,
    next_serial,
    particulars_of,
    reveal_camera_phone,
)
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
from portal.registry.operations.history import note_past_view
from portal.registry.operations.imports import cancel_import, confirm_import, run_import, start_import
from portal.registry.operations.quality import mark_twins, recheck_all, twins_of
from portal.registry.operations.systems import change_use, create_system, edit_system, record_acceptance_step
from portal.registry.operations.units import create_unit, edit_unit, reveal_phone

__all__ = [
    "FilingIncomplete",
    "accept_filing",
    "add_camera",
    "assign_code",
    "attach_document",
    "cancel_import",
    "change_use",
    "confirm_import",
    "create_system",
    "create_unit",
    "edit_camera",
    "edit_system",
    "edit_unit",
    "mark_twins",
    "missing_of",
    "next_serial",
    "note_past_view",
    "open_document",
    "open_filing",
    "particulars_of",
    "recheck_all",
    "record_acceptance_step",
    "return_filing",
    "reveal_camera_phone",
    "reveal_phone",
    "run_import",
    "set_access",
    "start_import",
    "submit_filing",
    "twins_of",
    "withdraw_filing",
]
