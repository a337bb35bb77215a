"""The life of one run through an approval chain."""

from collections.abc import Mapping
from enum import StrEnum

from portal.core.lifecycle import follow


class Verdict(StrEnum):
    """What a person may say at a step; the chain lists which of these the step offers."""

    APPROVE = "approve"
    ACKNOWLEDGE = "acknowledge"
    RETURN = "return"
    REFUSE = "refuse"


# An acknowledgement answers a duty: it carries the run on like an approval, but its step offers no refusal.
PASSING: frozenset[Verdict] = frozenset({Verdict.APPROVE, Verdict.ACKNOWLEDGE})


class RunStatus(StrEnum):
    """Where a run stands. Everything but RUNNING is final: a new submission is a new run."""

    RUNNING = "running"
    CLEARED = "cleared"
    RETURNED = "returned"
    REFUSED = "refused"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"


# What was approved in a run that ended so counts no more: the matter changed hands or words, and everybody needed is
# asked anew. A refusal keeps what stood before it readable as it was.
VOIDING: frozenset[RunStatus] = frozenset({RunStatus.RETURNED, RunStatus.LAPSED, RunStatus.WITHDRAWN})


class RunAction(StrEnum):
    """What moves a run."""

    CLEAR = "clear"
    RETURN = "return"
    REFUSE = "refuse"
    LAPSE = "lapse"
    WITHDRAW = "withdraw"


TRANSITIONS: Mapping[tuple[RunStatus, RunAction], RunStatus] = {
    (RunStatus.RUNNING, RunAction.CLEAR): RunStatus.CLEARED,
    (RunStatus.RUNNING, RunAction.RETURN): RunStatus.RETURNED,
    (RunStatus.RUNNING, RunAction.REFUSE): RunStatus.REFUSED,
    (RunStatus.RUNNING, RunAction.LAPSE): RunStatus.LAPSED,
    (RunStatus.RUNNING, RunAction.WITHDRAW): RunStatus.WITHDRAWN,
}

FINAL: frozenset[RunStatus] = frozenset(RunStatus) - {RunStatus.RUNNING}


def next_status(status: RunStatus, action: RunAction) -> RunStatus:
    """The state after `action`, or IllegalTransition."""
    return follow(TRANSITIONS, status, action, of="workflow.run.illegal")
