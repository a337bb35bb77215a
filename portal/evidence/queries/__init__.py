"""Reading footage requests, the cameras they may name, what governs them, and the call register."""

from portal.evidence.queries.cameras import CameraChoice, chosen_cameras, held_since, search_cameras, units_of
from portal.evidence.queries.ledger import LedgerFilter, entries_of, ledger_page, ledger_rows
from portal.evidence.queries.requests import (
    GROUPS,
    ListFilter,
    get_request,
    hold_of,
    holds_of,
    lock_request,
    may_read_content,
    request_page,
    tally,
    todo,
    visible_requests,
)
from portal.evidence.queries.sealed import content_of, number_of, particulars_of

__all__ = [
    "GROUPS",
    "CameraChoice",
    "LedgerFilter",
    "ListFilter",
    "chosen_cameras",
    "content_of",
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
    "tally",
    "todo",
    "units_of",
    "visible_requests",
]
