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
from portal.registry.operations.clocks import end_clocks, extend_clock, settle_clocks
from portal.registry.operations.components import add_component, remove_component
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
from portal.registry.operations.findings import close_finding, decide_finding, raise_finding
from portal.registry.operations.history import note_past_view
from portal.registry.operations.imports import cancel_import, confirm_import, run_import, start_import
from portal.registry.operations.moves import move_camera
from portal.registry.operations.moving import move_system
from portal.registry.operations.quality import mark_twins, recheck_all, twins_of
from portal.registry.operations.scenes import camera_to_picture, keep_scene, remove_scene, scene_to_show
from portal.registry.operations.standing import (
    FilingRefused,
    confirm_filing,
    lapse_filings,
    record_national,
    remove_filing,
)
from portal.registry.operations.systems import change_use, create_system, edit_system, record_acceptance_step
from portal.registry.operations.units import create_unit, edit_unit, reveal_phone

__all__ = [
    "MOST_ROWS",
    "FilingIncomplete",
    "FilingRefused",
    "Selection",
    "accept_filing",
    "add_camera",
    "add_component",
    "assign_code",
    "attach_document",
    "begin_run",
    "bulk_edit",
    "camera_to_picture",
    "cancel_import",
    "cancel_run",
    "change_use",
    "close_finding",
    "confirm_filing",
    "confirm_import",
    "create_system",
    "create_unit",
    "decide_finding",
    "edit_camera",
    "edit_system",
    "edit_unit",
    "end_clocks",
    "expire_files",
    "extend_clock",
    "fail_run",
    "fetch_file",
    "finish_export",
    "fold_counts",
    "gaps_of",
    "keep_document",
    "keep_scene",
    "lacks_of",
    "lapse_filings",
    "mark_twins",
    "missing_of",
    "move_camera",
    "move_system",
    "next_serial",
    "note_export",
    "note_past_view",
    "open_document",
    "open_filing",
    "particulars_of",
    "plan_bulk",
    "raise_finding",
    "recheck_all",
    "record_acceptance_step",
    "record_national",
    "recount_cameras",
    "remove_component",
    "remove_filing",
    "remove_scene",
    "return_filing",
    "reveal_camera_phone",
    "reveal_phone",
    "rows_to_leave",
    "run_bulk_edit",
    "run_import",
    "scene_to_show",
    "set_access",
    "settle_clocks",
    "start_bulk_edit",
    "start_export",
    "start_import",
    "submit_filing",
    "tell_progress",
    "twins_of",
    "verify_document",
    "withdraw_filing",
]
