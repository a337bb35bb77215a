"""The life of a footage request, and of the preservation hold beside it."""

from collections.abc import Mapping
from enum import StrEnum

from portal.core.lifecycle import follow


class RequestStatus(StrEnum):
    """Where a request stands, from the first line typed to the closed file."""

    DRAFT = "draft"
    IN_APPROVAL = "in_approval"
    RETURNED = "returned"
    APPROVED = "approved"
    ASSIGNED = "assigned"
    EXECUTING = "executing"
    VIEWED = "viewed"
    SEALED = "sealed"
    HANDED_OVER = "handed_over"
    RECEIVED = "received"
    CLOSED = "closed"
    NOT_SUPPLIED = "not_supplied"
    REFUSED = "refused"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


class RequestAction(StrEnum):
    """What moves a request."""

    SUBMIT = "submit"
    RETURN = "return"
    REFUSE = "refuse"
    CLEAR = "clear"
    LAPSE = "lapse"
    WITHDRAW = "withdraw"
    RECALL = "recall"
    ASSIGN = "assign"
    UNLOCK = "unlock"
    CONCLUDE_VIEWING = "conclude_viewing"
    SEAL = "seal"
    HAND_OVER = "hand_over"
    ACKNOWLEDGE = "acknowledge"
    ARCHIVE = "archive"
    CANNOT_SUPPLY = "cannot_supply"


_S, _A = RequestStatus, RequestAction

TRANSITIONS: Mapping[tuple[RequestStatus, RequestAction], RequestStatus] = {
    (_S.DRAFT, _A.SUBMIT): _S.IN_APPROVAL,
    (_S.RETURNED, _A.SUBMIT): _S.IN_APPROVAL,
    (_S.IN_APPROVAL, _A.CLEAR): _S.APPROVED,
    (_S.IN_APPROVAL, _A.RETURN): _S.RETURNED,
    (_S.IN_APPROVAL, _A.REFUSE): _S.REFUSED,
    (_S.IN_APPROVAL, _A.LAPSE): _S.LAPSED,
    (_S.IN_APPROVAL, _A.RECALL): _S.RETURNED,
    (_S.DRAFT, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.RETURNED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.IN_APPROVAL, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.APPROVED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.ASSIGNED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.APPROVED, _A.ASSIGN): _S.ASSIGNED,
    (_S.ASSIGNED, _A.ASSIGN): _S.ASSIGNED,
    # A custodian who leaves, or is struck off, leaves no opened footage behind that nobody may go on with.
    (_S.EXECUTING, _A.ASSIGN): _S.EXECUTING,
    (_S.SEALED, _A.ASSIGN): _S.SEALED,
    (_S.HANDED_OVER, _A.ASSIGN): _S.HANDED_OVER,
    (_S.RECEIVED, _A.ASSIGN): _S.RECEIVED,
    (_S.ASSIGNED, _A.UNLOCK): _S.EXECUTING,
    (_S.EXECUTING, _A.UNLOCK): _S.EXECUTING,
    (_S.EXECUTING, _A.CONCLUDE_VIEWING): _S.VIEWED,
    (_S.EXECUTING, _A.SEAL): _S.SEALED,
    (_S.SEALED, _A.HAND_OVER): _S.HANDED_OVER,
    (_S.HANDED_OVER, _A.HAND_OVER): _S.HANDED_OVER,
    (_S.HANDED_OVER, _A.ACKNOWLEDGE): _S.RECEIVED,
    (_S.RECEIVED, _A.HAND_OVER): _S.HANDED_OVER,
    (_S.RECEIVED, _A.ARCHIVE): _S.CLOSED,
    (_S.VIEWED, _A.ARCHIVE): _S.CLOSED,
    (_S.APPROVED, _A.CANNOT_SUPPLY): _S.NOT_SUPPLIED,
    (_S.ASSIGNED, _A.CANNOT_SUPPLY): _S.NOT_SUPPLIED,
    (_S.EXECUTING, _A.CANNOT_SUPPLY): _S.NOT_SUPPLIED,
}

FINAL: frozenset[RequestStatus] = frozenset({_S.CLOSED, _S.NOT_SUPPLIED, _S.REFUSED, _S.LAPSED, _S.WITHDRAWN})
EDITABLE: frozenset[RequestStatus] = frozenset({_S.DRAFT, _S.RETURNED})
# After these the files' fate is settled, so the overwrite clock no longer presses.
FOOTAGE_SAFE: frozenset[RequestStatus] = frozenset({_S.SEALED, _S.HANDED_OVER, _S.RECEIVED, _S.VIEWED}) | FINAL


def next_status(status: RequestStatus, action: RequestAction) -> RequestStatus:
    """The state after `action`, or IllegalTransition."""
    return follow(TRANSITIONS, status, action, of="evidence.request.illegal")


def may(status: RequestStatus, action: RequestAction) -> bool:
    """Whether the action exists in this state, for buttons."""
    return (status, action) in TRANSITIONS


class HoldStatus(StrEnum):
    """A preservation hold: placed, acknowledged by the unit, asked to be lifted, lifted by a second person."""

    PLACED = "placed"
    ACKNOWLEDGED = "acknowledged"
    RELEASE_ASKED = "release_asked"
    RELEASED = "released"


class HoldAction(StrEnum):
    """What moves a hold."""

    ACKNOWLEDGE = "acknowledge"
    WIDEN = "widen"
    ASK_RELEASE = "ask_release"
    RELEASE = "release"


HOLD_TRANSITIONS: Mapping[tuple[HoldStatus, HoldAction], HoldStatus] = {
    (HoldStatus.PLACED, HoldAction.ACKNOWLEDGE): HoldStatus.ACKNOWLEDGED,
    (HoldStatus.PLACED, HoldAction.WIDEN): HoldStatus.PLACED,
    (HoldStatus.ACKNOWLEDGED, HoldAction.WIDEN): HoldStatus.PLACED,
    (HoldStatus.PLACED, HoldAction.ASK_RELEASE): HoldStatus.RELEASE_ASKED,
    (HoldStatus.ACKNOWLEDGED, HoldAction.ASK_RELEASE): HoldStatus.RELEASE_ASKED,
    (HoldStatus.RELEASE_ASKED, HoldAction.RELEASE): HoldStatus.RELEASED,
}


def next_hold_status(status: HoldStatus, action: HoldAction) -> HoldStatus:
    """The state after `action`, or IllegalTransition."""
    return follow(HOLD_TRANSITIONS, status, action, of="evidence.hold.illegal")


class CopyStatus(StrEnum):
    """Where a copy is: made and labelled, kept as the master, with who received it, or how it ended."""

    MADE = "made"
    KEPT = "kept"
    WITH_RECIPIENT = "with_recipient"
    RETURNED = "returned"
    DESTROYED = "destroyed"
    IN_CASE_FILE = "in_case_file"


class CopyAction(StrEnum):
    """What moves a copy."""

    KEEP = "keep"
    GIVE = "give"
    RETURN = "return"
    DESTROY = "destroy"
    FILE = "file"


_C, _D = CopyStatus, CopyAction

COPY_TRANSITIONS: Mapping[tuple[CopyStatus, CopyAction], CopyStatus] = {
    (_C.MADE, _D.KEEP): _C.KEPT,
    (_C.MADE, _D.GIVE): _C.WITH_RECIPIENT,
    (_C.MADE, _D.DESTROY): _C.DESTROYED,
    (_C.KEPT, _D.DESTROY): _C.DESTROYED,
    (_C.WITH_RECIPIENT, _D.RETURN): _C.RETURNED,
    (_C.WITH_RECIPIENT, _D.DESTROY): _C.DESTROYED,
    (_C.WITH_RECIPIENT, _D.FILE): _C.IN_CASE_FILE,
    (_C.RETURNED, _D.DESTROY): _C.DESTROYED,
}

# Where a copy is, is known for good: nobody is asked for it any more.
SETTLED: frozenset[CopyStatus] = frozenset({_C.RETURNED, _C.DESTROYED, _C.IN_CASE_FILE})
# What must go once the purpose is met. A case file follows the law of case files.
STILL_THERE: frozenset[CopyStatus] = frozenset({_C.MADE, _C.KEPT, _C.WITH_RECIPIENT, _C.RETURNED})


def next_copy_status(status: CopyStatus, action: CopyAction) -> CopyStatus:
    """The state after `action`, or IllegalTransition."""
    return follow(COPY_TRANSITIONS, status, action, of="evidence.copy.illegal")


class LeakStatus(StrEnum):
    """A leak: reported against the copy it came from, contained by measures, closed by a second person."""

    REPORTED = "reported"
    CONTAINED = "contained"
    CLOSED = "closed"


class LeakAction(StrEnum):
    """What moves a leak case."""

    CONTAIN = "contain"
    CLOSE = "close"


LEAK_TRANSITIONS: Mapping[tuple[LeakStatus, LeakAction], LeakStatus] = {
    (LeakStatus.REPORTED, LeakAction.CONTAIN): LeakStatus.CONTAINED,
    (LeakStatus.CONTAINED, LeakAction.CONTAIN): LeakStatus.CONTAINED,
    (LeakStatus.CONTAINED, LeakAction.CLOSE): LeakStatus.CLOSED,
}


def next_leak_status(status: LeakStatus, action: LeakAction) -> LeakStatus:
    """The state after `action`, or IllegalTransition."""
    return follow(LEAK_TRANSITIONS, status, action, of="evidence.leak.illegal")


class MissingStatus(StrEnum):
    """Missing footage: found, the unit said why and who is responsible, closed by another with what follows."""

    FOUND = "found"
    STATED = "stated"
    CLOSED = "closed"


class MissingAction(StrEnum):
    """What moves a finding on missing footage."""

    STATE = "state"
    CLOSE = "close"


MISSING_TRANSITIONS: Mapping[tuple[MissingStatus, MissingAction], MissingStatus] = {
    (MissingStatus.FOUND, MissingAction.STATE): MissingStatus.STATED,
    (MissingStatus.STATED, MissingAction.STATE): MissingStatus.STATED,
    (MissingStatus.STATED, MissingAction.CLOSE): MissingStatus.CLOSED,
}


def next_missing_status(status: MissingStatus, action: MissingAction) -> MissingStatus:
    """The state after `action`, or IllegalTransition."""
    return follow(MISSING_TRANSITIONS, status, action, of="evidence.missing.illegal")


class UseStatus(StrEnum):
    """Where a use of a unit's equipment by investigators stands."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    IN_USE = "in_use"
    RETURNED = "returned"
    CLOSED = "closed"


class UseAction(StrEnum):
    """What moves it: the department decides, the unit's duty person hands over and takes back."""

    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    HAND_OVER = "hand_over"
    GIVE_BACK = "give_back"
    TAKE_BACK = "take_back"


_U, _V = UseStatus, UseAction

USE_TRANSITIONS: Mapping[tuple[UseStatus, UseAction], UseStatus] = {
    (_U.ASKED, _V.APPROVE): _U.APPROVED,
    (_U.ASKED, _V.REFUSE): _U.REFUSED,
    (_U.ASKED, _V.WITHDRAW): _U.WITHDRAWN,
    (_U.APPROVED, _V.WITHDRAW): _U.WITHDRAWN,
    (_U.APPROVED, _V.HAND_OVER): _U.IN_USE,
    (_U.IN_USE, _V.GIVE_BACK): _U.RETURNED,
    # Who left without a word is not waited for: the unit takes its equipment back.
    (_U.IN_USE, _V.TAKE_BACK): _U.CLOSED,
    (_U.RETURNED, _V.TAKE_BACK): _U.CLOSED,
}


def next_use_status(status: UseStatus, action: UseAction) -> UseStatus:
    """The status after an action. Raises IllegalTransition where the table has none."""
    return follow(USE_TRANSITIONS, status, action, of="equipment_use")
