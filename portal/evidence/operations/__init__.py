"""The use cases of a footage request, in the order of its life."""

from portal.evidence.operations.deciding import decide_request, expire_lapsed, withdraw_request
from portal.evidence.operations.drafting import (
    attach_paper,
    draft_requests,
    edit_request,
    kinds_open_to,
    submit_request,
)
from portal.evidence.operations.execution import (
    FileDraft,
    assign_custodian,
    book_outcome,
    conclude_viewing,
    refuse_supply,
    register_file,
    seal_set,
    strike_file,
    unlock_footage,
)
from portal.evidence.operations.handover import (
    ManifestMismatch,
    acknowledge_receipt,
    archive_request,
    hand_over,
)
from portal.evidence.operations.holds import acknowledge_hold, ask_release, confirm_release
from portal.evidence.operations.notices import send_notices
from portal.evidence.operations.reading import open_content, open_particulars, open_request, record_read, reveal_officer

__all__ = [
    "FileDraft",
    "ManifestMismatch",
    "acknowledge_hold",
    "acknowledge_receipt",
    "archive_request",
    "ask_release",
    "assign_custodian",
    "attach_paper",
    "book_outcome",
    "conclude_viewing",
    "confirm_release",
    "decide_request",
    "draft_requests",
    "edit_request",
    "expire_lapsed",
    "hand_over",
    "kinds_open_to",
    "open_content",
    "open_particulars",
    "open_request",
    "record_read",
    "refuse_supply",
    "register_file",
    "reveal_officer",
    "seal_set",
    "send_notices",
    "strike_file",
    "submit_request",
    "unlock_footage",
    "withdraw_request",
]
