"""The use cases of a footage request, in the order of its life."""

from portal.evidence.operations.copies import end_copy, make_copy, move_medium, needs_ticket, put_off
from portal.evidence.operations.deciding import decide_request, expire_lapsed, recall_request, withdraw_request
from portal.evidence.operations.deletion import may_state, state_purpose_met
from portal.evidence.operations.drafting import (
    attach_paper,
    draft_requests,
    edit_request,
    kinds_open_to,
    name_of_paper,
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
from portal.evidence.operations.holds import acknowledge_hold, ask_release, confirm_release, place_hold_early
from portal.evidence.operations.leaks import close_leak, contain_leak, report_leak
from portal.evidence.operations.notices import send_notices
from portal.evidence.operations.packages import make_package
from portal.evidence.operations.reading import (
    open_content,
    open_leak,
    open_particulars,
    open_request,
    record_read,
    reveal_officer,
)
from portal.evidence.operations.signing import sign_decision

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
    "close_leak",
    "conclude_viewing",
    "confirm_release",
    "contain_leak",
    "decide_request",
    "draft_requests",
    "edit_request",
    "end_copy",
    "expire_lapsed",
    "hand_over",
    "kinds_open_to",
    "make_copy",
    "make_package",
    "may_state",
    "move_medium",
    "name_of_paper",
    "needs_ticket",
    "open_content",
    "open_leak",
    "open_particulars",
    "open_request",
    "place_hold_early",
    "put_off",
    "recall_request",
    "record_read",
    "refuse_supply",
    "register_file",
    "report_leak",
    "reveal_officer",
    "seal_set",
    "send_notices",
    "sign_decision",
    "state_purpose_met",
    "strike_file",
    "submit_request",
    "unlock_footage",
    "withdraw_request",
]
