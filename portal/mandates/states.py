"""The lives of what this package keeps: a place that must install, an order to it, a complaint, a relocation."""

from collections.abc import Mapping
from enum import StrEnum

from portal.core.lifecycle import follow


class Stage(StrEnum):
    """How far a place that must install has come (domain.md 7.22).

    Nobody sets it: it follows from the order and from what the matched unit has entered, filed and had accepted.
    """

    IDENTIFIED = "identified"
    ORDERED = "ordered"
    ESCALATED = "escalated"
    INSTALLED = "installed"
    FILED = "filed"
    ACCEPTED = "accepted"
    STRUCK = "struck"


# Nothing known to hang there: the gap of CAT-01.
MISSING = frozenset({Stage.IDENTIFIED, Stage.ORDERED, Stage.ESCALATED})
UNFILED = MISSING | {Stage.INSTALLED}


class OrderStatus(StrEnum):
    """Where an order to install stands."""

    ISSUED = "issued"
    SERVED = "served"
    REPLIED = "replied"
    ESCALATED = "escalated"
    FULFILLED = "fulfilled"
    WITHDRAWN = "withdrawn"


class OrderAction(StrEnum):
    """What moves an order."""

    SERVE = "serve"
    REPLY = "reply"
    ESCALATE = "escalate"
    FULFIL = "fulfil"
    WITHDRAW = "withdraw"


_O, _A = OrderStatus, OrderAction

ORDER_TRANSITIONS: Mapping[tuple[OrderStatus, OrderAction], OrderStatus] = {
    (_O.ISSUED, _A.SERVE): _O.SERVED,
    (_O.SERVED, _A.REPLY): _O.REPLIED,
    (_O.REPLIED, _A.REPLY): _O.REPLIED,
    (_O.SERVED, _A.ESCALATE): _O.ESCALATED,
    (_O.REPLIED, _A.ESCALATE): _O.ESCALATED,
    (_O.ISSUED, _A.FULFIL): _O.FULFILLED,
    (_O.SERVED, _A.FULFIL): _O.FULFILLED,
    (_O.REPLIED, _A.FULFIL): _O.FULFILLED,
    (_O.ESCALATED, _A.FULFIL): _O.FULFILLED,
    (_O.ISSUED, _A.WITHDRAW): _O.WITHDRAWN,
    (_O.SERVED, _A.WITHDRAW): _O.WITHDRAWN,
    (_O.REPLIED, _A.WITHDRAW): _O.WITHDRAWN,
    (_O.ESCALATED, _A.WITHDRAW): _O.WITHDRAWN,
}
OPEN_ORDERS = frozenset({_O.ISSUED, _O.SERVED, _O.REPLIED, _O.ESCALATED})
# Whose time limit still runs.
RUNNING_ORDERS = frozenset({_O.SERVED, _O.REPLIED})


def next_order_status(status: OrderStatus, action: OrderAction) -> OrderStatus:
    """The status after an action. Raises IllegalTransition where the table has none."""
    return follow(ORDER_TRANSITIONS, status, action, of="install_order")


class MatchStatus(StrEnum):
    """A suggested match waits for a person, who confirms or dismisses it."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


class SourceStatus(StrEnum):
    """A source list is read by a job."""

    QUEUED = "queued"
    DONE = "done"
    FAILED = "failed"


class ComplaintStatus(StrEnum):
    """Where an owner's complaint stands."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    ANSWERED = "answered"
    CONTESTED = "contested"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class ComplaintAction(StrEnum):
    """What moves a complaint: the handling organ acknowledges and answers, the owner accepts or contests the answer."""

    ACKNOWLEDGE = "acknowledge"
    ANSWER = "answer"
    CONTEST = "contest"
    CLOSE = "close"
    WITHDRAW = "withdraw"


_C, _D = ComplaintStatus, ComplaintAction

COMPLAINT_TRANSITIONS: Mapping[tuple[ComplaintStatus, ComplaintAction], ComplaintStatus] = {
    (_C.RAISED, _D.ACKNOWLEDGE): _C.ACKNOWLEDGED,
    (_C.ACKNOWLEDGED, _D.ANSWER): _C.ANSWERED,
    (_C.CONTESTED, _D.ANSWER): _C.ANSWERED,
    (_C.ANSWERED, _D.CONTEST): _C.CONTESTED,
    (_C.ANSWERED, _D.CLOSE): _C.CLOSED,
    (_C.RAISED, _D.WITHDRAW): _C.WITHDRAWN,
    (_C.ACKNOWLEDGED, _D.WITHDRAW): _C.WITHDRAWN,
}
# Those that wait for the handling organ.
WAITING_COMPLAINTS = frozenset({_C.RAISED, _C.ACKNOWLEDGED, _C.CONTESTED})


def next_complaint_status(status: ComplaintStatus, action: ComplaintAction) -> ComplaintStatus:
    """The status after an action. Raises IllegalTransition where the table has none."""
    return follow(COMPLAINT_TRANSITIONS, status, action, of="owner_complaint")


class RelocationStatus(StrEnum):
    """Where a relocation order stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    CARRIED_OUT = "carried_out"
    CANCELLED = "cancelled"


class RelocationAction(StrEnum):
    """What moves a relocation order."""

    APPROVE = "approve"
    REFUSE = "refuse"
    CARRY_OUT = "carry_out"
    CANCEL = "cancel"


_R, _E = RelocationStatus, RelocationAction

RELOCATION_TRANSITIONS: Mapping[tuple[RelocationStatus, RelocationAction], RelocationStatus] = {
    (_R.PROPOSED, _E.APPROVE): _R.APPROVED,
    (_R.PROPOSED, _E.REFUSE): _R.REFUSED,
    (_R.APPROVED, _E.CARRY_OUT): _R.CARRIED_OUT,
    (_R.PROPOSED, _E.CANCEL): _R.CANCELLED,
    (_R.APPROVED, _E.CANCEL): _R.CANCELLED,
}


def next_relocation_status(status: RelocationStatus, action: RelocationAction) -> RelocationStatus:
    """The status after an action. Raises IllegalTransition where the table has none."""
    return follow(RELOCATION_TRANSITIONS, status, action, of="relocation_order")
