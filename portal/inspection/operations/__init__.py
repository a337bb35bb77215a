"""The life of an acceptance: applied for, papers checked, visited, judged, photographed, concluded, published."""

from portal.inspection.operations.applying import check_documents, request_acceptance, resubmit, withdraw
from portal.inspection.operations.assessing import begin_assessment, save_assessment, sign_assessment
from portal.inspection.operations.booking import book_slot, cancel_slot, move_slot, offer_slots, refusal_of_move
from portal.inspection.operations.calendars import open_calendar, read_calendar, revoke_calendar
from portal.inspection.operations.concluding import conclude
from portal.inspection.operations.devices import enrol_device, revoke_device
from portal.inspection.operations.diary import moves_of
from portal.inspection.operations.findings import (
    cure_finding,
    decide_cure,
    finding_to_cure,
    proof_to_show,
    state_shortfalls,
)
from portal.inspection.operations.judging import given_answers, proofs_missing, save_answers
from portal.inspection.operations.overriding import ask_override, decide_override
from portal.inspection.operations.people import (
    Particulars,
    end_conflict,
    enter_absence,
    enter_conflict,
    keep_inspector,
    withdraw_absence,
)
from portal.inspection.operations.photos import attach_photo, photo_to_show, remove_photo, visit_to_photograph
from portal.inspection.operations.publishing import publish_result
from portal.inspection.operations.readiness import Readiness, proposed_answers, record_readiness, waive_readiness
from portal.inspection.operations.sealed_photos import keep_sealed_photo, photo_expected
from portal.inspection.operations.sealing import own_device, receive_entries, take_along
from portal.inspection.operations.signing import record_problems
from portal.inspection.operations.visiting import cancel_visit, schedule_visit

__all__ = [
    "Particulars",
    "Readiness",
    "ask_override",
    "attach_photo",
    "begin_assessment",
    "book_slot",
    "cancel_slot",
    "cancel_visit",
    "check_documents",
    "conclude",
    "cure_finding",
    "decide_cure",
    "decide_override",
    "end_conflict",
    "enrol_device",
    "enter_absence",
    "enter_conflict",
    "finding_to_cure",
    "given_answers",
    "keep_inspector",
    "keep_sealed_photo",
    "move_slot",
    "moves_of",
    "offer_slots",
    "open_calendar",
    "own_device",
    "photo_expected",
    "photo_to_show",
    "proof_to_show",
    "proofs_missing",
    "proposed_answers",
    "publish_result",
    "read_calendar",
    "receive_entries",
    "record_problems",
    "record_readiness",
    "refusal_of_move",
    "remove_photo",
    "request_acceptance",
    "resubmit",
    "revoke_calendar",
    "revoke_device",
    "save_answers",
    "save_assessment",
    "schedule_visit",
    "sign_assessment",
    "state_shortfalls",
    "take_along",
    "visit_to_photograph",
    "waive_readiness",
    "withdraw",
    "withdraw_absence",
]
