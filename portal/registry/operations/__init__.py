"""Writing the registry: units, systems, cameras, filings and papers."""

from portal.registry.operations.access import set_access
from portal.registry.operations.bulk import Selection, bulk_edit, plan_bulk, run_bulk_edit, start_bulk_edit
from portal.registry.operations.cameras import (
    add_camera,
    assign_code,
    edit_camera,
    next_serial,
    particulars_of,
    reveal_camera_phone,
)
from portal.registry.operations.counting import fold_counts, recount_cameras
from portal.registry.operations.documents import attach_document, keep_document, open_document, verify_document
from portal.registry.operations.exports import (
    MOST_ROWS,
    begin_run,
    cancel_run,
    expire_files,
    fail_run,
    fetch_file,
    finish_export,
    note_export,
    rows_to_leave,
    start_export,
    tell_progress,
)
from portal.registry.operations.filings import (
    FilingIncomplete,
    accept_filing,
    gaps_of,
    lacks_of,
    missing_of,
    open_filing,
    return_filing,
    submit_filing,
    withdraw_filing,
)
from portal.registry.operations.history import note_past_view
from portal.registry.operations.imports import cancel_import, confirm_import, run_import, start_import
from portal.registry.operations.moves import move_camera
from portal.registry.operations.quality import mark_twins, recheck_all, twins_of
from portal.registry.operations.scenes import camera_to_picture, keep_scene, remove_scene, scene_to_show
from portal.registry.operations.systems import change_use, create_system, edit_system, record_acceptance_step
from portal.registry.operations.units import create_unit, edit_unit, reveal_phone

__all__ = [
    "MOST_ROWS",
    "FilingIncomplete",
    "Selection",
    "accept_filing",
    "add_camera",
    "assign_code",
    "attach_document",
    "begin_run",
    "bulk_edit",
    "camera_to_picture",
    "cancel_import",
    "cancel_run",
    "change_use",
    "confirm_import",
    "create_system",
    "create_unit",
    "edit_camera",
    "edit_system",
    "edit_unit",
    "expire_files",
    "fail_run",
    "fetch_file",
    "finish_export",
    "fold_counts",
    "gaps_of",
    "keep_document",
    "keep_scene",
    "lacks_of",
    "mark_twins",
    "missing_of",
    "move_camera",
    "next_serial",
    "note_export",
    "note_past_view",
    "open_document",
    "open_filing",
    "particulars_of",
    "plan_bulk",
    "recheck_all",
    "record_acceptance_step",
    "recount_cameras",
    "remove_scene",
    "return_filing",
    "reveal_camera_phone",
    "reveal_phone",
    "rows_to_leave",
    "run_bulk_edit",
    "run_import",
    "scene_to_show",
    "set_access",
    "start_bulk_edit",
    "start_export",
    "start_import",
    "submit_filing",
    "tell_progress",
    "twins_of",
    "verify_document",
    "withdraw_filing",
]
