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
    (_S.DRAFT, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.RETURNED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.IN_APPROVAL, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.APPROVED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.ASSIGNED, _A.WITHDRAW): _S.WITHDRAWN,
    (_S.APPROVED, _A.ASSIGN): _S.ASSIGNED,
    (_S.ASSIGNED, _A.ASSIGN): _S.ASSIGNED,
    (_S.ASSIGNED, _A.UNLOCK): _S.EXECUTING,
    (_S.EXECUTING, _A.UNLOCK): _S.EXECUTING,
    (_S.EXECUTING, _A.CONCLUDE_VIEWING): _S.VIEWED,
    (_S.EXECUTING, _A.SEAL): _S.SEALED,
    (_S.SEALED, _A.HAND_OVER): _S.HANDED_OVER,
    (_S.HANDED_OVER, _A.ACKNOWLEDGE): _S.RECEIVED,
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
    ASK_RELEASE = "ask_release"
    RELEASE = "release"


HOLD_TRANSITIONS: Mapping[tuple[HoldStatus, HoldAction], HoldStatus] = {
    (HoldStatus.PLACED, HoldAction.ACKNOWLEDGE): HoldStatus.ACKNOWLEDGED,
    (HoldStatus.PLACED, HoldAction.ASK_RELEASE): HoldStatus.RELEASE_ASKED,
    (HoldStatus.ACKNOWLEDGED, HoldAction.ASK_RELEASE): HoldStatus.RELEASE_ASKED,
    (HoldStatus.RELEASE_ASKED, HoldAction.RELEASE): HoldStatus.RELEASED,
}


def next_hold_status(status: HoldStatus, action: HoldAction) -> HoldStatus:
    """The state after `action`, or IllegalTransition."""
    return follow(HOLD_TRANSITIONS, status, action, of="evidence.hold.illegal")
