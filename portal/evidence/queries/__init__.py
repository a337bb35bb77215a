"""Reading footage requests, the cameras they may name, what governs them, and the call register."""

from portal.evidence.queries.cameras import (
    PICK_LIMIT,
    CameraChoice,
    chosen_cameras,
    held_since,
    search_cameras,
    units_of,
)
from portal.evidence.queries.ledger import LedgerFilter, entries_of, ledger_page, ledger_rows
from portal.evidence.queries.requests import (
    GROUPS,
    ListFilter,
    count_todo,
    get_request,
    hold_of,
    holds_of,
    lock_request,
    may_read_content,
    request_page,
    siblings_of,
    tally,
    todo,
    visible_requests,
)
from portal.evidence.queries.sealed import content_of, number_of, particulars_of

__all__ = [
    "GROUPS",
    "PICK_LIMIT",
    "CameraChoice",
    "LedgerFilter",
    "ListFilter",
    "chosen_cameras",
    "content_of",
    "count_todo",
    "entries_of",
    "get_request",
    "held_since",
    "hold_of",
    "holds_of",
    "ledger_page",
    "ledger_rows",
    "lock_request",
    "may_read_content",
    "number_of",
    "particulars_of",
    "request_page",
    "search_cameras",
    "siblings_of",
    "tally",
    "todo",
    "units_of",
    "visible_requests",
]
