"""Imports of cameras: what people do to one, and what the worker does for them."""

from portal.registry.operations.imports.course import (
    RUNNING,
    cancel_import,
    changes_filed,
    check_again,
    confirm_import,
    note_parked_download,
    start_import,
    undo_import,
)
from portal.registry.operations.imports.decide import Kind, decide_fault, decide_kind
from portal.registry.operations.imports.run import run_import
from portal.registry.operations.imports.staging import open_cells
from portal.registry.operations.imports.tidy import tidy_import

__all__ = [
    "RUNNING",
    "Kind",
    "cancel_import",
    "changes_filed",
    "check_again",
    "confirm_import",
    "decide_fault",
    "decide_kind",
    "note_parked_download",
    "open_cells",
    "run_import",
    "start_import",
    "tidy_import",
    "undo_import",
]
