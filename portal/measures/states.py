"""The lives of a measure, an order to correct, the finding that it was refused, and the proposal of a fine."""

from collections.abc import Mapping
from enum import StrEnum

from portal.core.lifecycle import follow


class MeasureStatus(StrEnum):
    """Where a letter, an interview or a circular stands."""

    DRAFTED = "drafted"
    SIGNED = "signed"
    SERVED = "served"
    HELD = "held"
    REPLIED = "replied"
    CLOSED = "closed"
    ESCALATED = "escalated"
    WITHDRAWN = "withdrawn"


class MeasureAction(StrEnum):
    """What moves a measure; to hold is said of an interview only."""

    SIGN = "sign"
    SERVE = "serve"
    HOLD = "hold"
    REPLY = "reply"
    CLOSE = "close"
    ESCALATE = "escalate"
    WITHDRAW = "withdraw"


_M, _A = MeasureStatus, MeasureAction

MEASURE_TRANSITIONS: Mapping[tuple[MeasureStatus, MeasureAction], MeasureStatus] = {
    (_M.DRAFTED, _A.SIGN): _M.SIGNED,
    (_M.DRAFTED, _A.WITHDRAW): _M.WITHDRAWN,
    (_M.SIGNED, _A.SERVE): _M.SERVED,
    (_M.SIGNED, _A.WITHDRAW): _M.WITHDRAWN,
    (_M.SERVED, _A.HOLD): _M.HELD,
    (_M.SERVED, _A.REPLY): _M.REPLIED,
    (_M.HELD, _A.REPLY): _M.REPLIED,
    (_M.REPLIED, _A.REPLY): _M.REPLIED,
    (_M.SERVED, _A.CLOSE): _M.CLOSED,
    (_M.HELD, _A.CLOSE): _M.CLOSED,
    (_M.REPLIED, _A.CLOSE): _M.CLOSED,
    (_M.SERVED, _A.ESCALATE): _M.ESCALATED,
    (_M.HELD, _A.ESCALATE): _M.ESCALATED,
    (_M.REPLIED, _A.ESCALATE): _M.ESCALATED,
}
# Drafted or signed: the unit knows nothing of it yet.
BEING_MADE = frozenset({_M.DRAFTED, _M.SIGNED})
# The unit still owes a reply, and its limit runs.
AWAITING_REPLY = frozenset({_M.SERVED, _M.HELD})
# Served and neither closed nor followed by the next step.
STANDING = AWAITING_REPLY | {_M.REPLIED}


def next_measure_status(status: MeasureStatus, action: MeasureAction) -> MeasureStatus:
    """The status after an action. Raises IllegalTransition where the table has none."""
    return follow(MEASURE_TRANSITIONS, status, action, of="measure")


class CorrectionStatus(StrEnum):
    """Where an order to correct stands."""

    ISSUED = "issued"
    SERVED = "served"
    REPORTED = "reported"
    CORRECTED = "corrected"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class CorrectionAction(StrEnum):
    """What moves an order: the unit reports, the organ accepts or sends back; a confirmed finding says it was refused."""

    SERVE = "serve"
    EXTEND = "extend"
    REPORT = "report"
    RETURN = "return"
    ACCEPT = "accept"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


_C, _D = CorrectionStatus, CorrectionAction

CORRECTION_TRANSITIONS: Mapping[tuple[CorrectionStatus, CorrectionAction], CorrectionStatus] = {
    (_C.ISSUED, _D.SERVE): _C.SERVED,
    (_C.SERVED, _D.EXTEND): _C.SERVED,
    (_C.SERVED, _D.REPORT): _C.REPORTED,
    (_C.REPORTED, _D.RETURN): _C.SERVED,
    (_C.SERVED, _D.ACCEPT): _C.CORRECTED,
    (_C.REPORTED, _D.ACCEPT): _C.CORRECTED,
    (_C.SERVED, _D.REFUSE): _C.REFUSED,
    (_C.REPORTED, _D.REFUSE): _C.REFUSED,
    # Corrected after all: the refusal stays on record, and so does what was proposed for it.
    (_C.REFUSED, _D.ACCEPT): _C.CORRECTED,
    (_C.ISSUED, _D.WITHDRAW): _C.WITHDRAWN,
    (_C.SERVED, _D.WITHDRAW): _C.WITHDRAWN,
    (_C.REPORTED, _D.WITHDRAW): _C.WITHDRAWN,
}
RUNNING = frozenset({_C.SERVED, _C.REPORTED})
OPEN_CORRECTIONS = RUNNING | {_C.ISSUED}


def next_correction_status(status: CorrectionStatus, action: CorrectionAction) -> CorrectionStatus:
    """The status after an action. Raises IllegalTransition where the table has none."""
    return follow(CORRECTION_TRANSITIONS, status, action, of="correction_order")


class RefusalStatus(StrEnum):
    """A finding of refusal counts once a second person has confirmed it."""

    FOUND = "found"
    CONFIRMED = "confirmed"
    REJECTED = "rejected"


class RefusalAction(StrEnum):
    """What the second person does."""

    CONFIRM = "confirm"
    REJECT = "reject"


REFUSAL_TRANSITIONS: Mapping[tuple[RefusalStatus, RefusalAction], RefusalStatus] = {
    (RefusalStatus.FOUND, RefusalAction.CONFIRM): RefusalStatus.CONFIRMED,
    (RefusalStatus.FOUND, RefusalAction.REJECT): RefusalStatus.REJECTED,
}


def next_refusal_status(status: RefusalStatus, action: RefusalAction) -> RefusalStatus:
    """The status after an action. Raises IllegalTransition where the table has none."""
    return follow(REFUSAL_TRANSITIONS, status, action, of="refusal_finding")


class FineStatus(StrEnum):
    """A fine is decided outside the portal: here stands what was proposed and what came of it."""

    PROPOSED = "proposed"
    IMPOSED = "imposed"
    DROPPED = "dropped"
    WITHDRAWN = "withdrawn"


class FineAction(StrEnum):
    """How a proposal ends."""

    IMPOSE = "impose"
    DROP = "drop"
    WITHDRAW = "withdraw"


FINE_TRANSITIONS: Mapping[tuple[FineStatus, FineAction], FineStatus] = {
    (FineStatus.PROPOSED, FineAction.IMPOSE): FineStatus.IMPOSED,
    (FineStatus.PROPOSED, FineAction.DROP): FineStatus.DROPPED,
    (FineStatus.PROPOSED, FineAction.WITHDRAW): FineStatus.WITHDRAWN,
}


def next_fine_status(status: FineStatus, action: FineAction) -> FineStatus:
    """The status after an action. Raises IllegalTransition where the table has none."""
    return follow(FINE_TRANSITIONS, status, action, of="fine_proposal")


class PlannedStatus(StrEnum):
    """Where a routine visit of a plan stands: found something, it is closed once that is put right."""

    PLANNED = "planned"
    UNDER_WAY = "under_way"
    DONE = "done"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class PlannedAction(StrEnum):
    """What moves a routine visit: its list is opened, filled and judged."""

    BEGIN = "begin"
    CARRY_OUT = "carry_out"
    CLOSE = "close"
    CANCEL = "cancel"


PLANNED_TRANSITIONS: Mapping[tuple[PlannedStatus, PlannedAction], PlannedStatus] = {
    (PlannedStatus.PLANNED, PlannedAction.BEGIN): PlannedStatus.UNDER_WAY,
    (PlannedStatus.PLANNED, PlannedAction.CANCEL): PlannedStatus.CANCELLED,
    (PlannedStatus.UNDER_WAY, PlannedAction.CARRY_OUT): PlannedStatus.DONE,
    (PlannedStatus.UNDER_WAY, PlannedAction.CANCEL): PlannedStatus.CANCELLED,
    (PlannedStatus.DONE, PlannedAction.CLOSE): PlannedStatus.CLOSED,
}
# Not carried out yet.
TO_VISIT = frozenset({PlannedStatus.PLANNED, PlannedStatus.UNDER_WAY})


def next_planned_status(status: PlannedStatus, action: PlannedAction) -> PlannedStatus:
    """The status after an action. Raises IllegalTransition where the table has none."""
    return follow(PLANNED_TRANSITIONS, status, action, of="planned_visit")


class DrawStatus(StrEnum):
    """A draw is committed to, and revealed once its time has come. There is no third way: it cannot be called off."""

    COMMITTED = "committed"
    REVEALED = "revealed"


class DrawAction(StrEnum):
    """What moves a draw."""

    REVEAL = "reveal"


DRAW_TRANSITIONS: Mapping[tuple[DrawStatus, DrawAction], DrawStatus] = {
    (DrawStatus.COMMITTED, DrawAction.REVEAL): DrawStatus.REVEALED,
}


def next_draw_status(status: DrawStatus, action: DrawAction) -> DrawStatus:
    """The status after an action. Raises IllegalTransition where the table has none."""
    return follow(DRAW_TRANSITIONS, status, action, of="draw")
