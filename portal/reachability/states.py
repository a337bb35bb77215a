"""The lives of a round of probes, of a piece of one, and of a probe somebody asked for."""

from collections.abc import Mapping
from enum import StrEnum

from portal.core.lifecycle import follow


class Lane(StrEnum):
    """Which devices a round takes: those that answered last time, or those whose re-check is due.

    Apart, because a task waits for its last dead device: one silent camera would hold up a thousand live ones.
    """

    LIVE = "live"
    DOWN = "down"


class RoundStatus(StrEnum):
    """running → settled, or discarded when the prober itself looks ill, or expired when it never finished."""

    RUNNING = "running"
    SETTLED = "settled"
    DISCARDED = "discarded"
    EXPIRED = "expired"


class RunStatus(StrEnum):
    """A probe somebody asked for: queued → running → done, or failed when the probe itself broke."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


ENDED = frozenset({RunStatus.DONE, RunStatus.FAILED})


class RunAction(StrEnum):
    """What moves an asked probe."""

    TAKE = "take"
    FINISH = "finish"
    GIVE_UP = "give_up"


RUN_TRANSITIONS: Mapping[tuple[RunStatus, RunAction], RunStatus] = {
    (RunStatus.QUEUED, RunAction.TAKE): RunStatus.RUNNING,
    # A worker that died over it leaves it running; the next one takes it again.
    (RunStatus.RUNNING, RunAction.TAKE): RunStatus.RUNNING,
    (RunStatus.RUNNING, RunAction.FINISH): RunStatus.DONE,
    (RunStatus.QUEUED, RunAction.GIVE_UP): RunStatus.FAILED,
    (RunStatus.RUNNING, RunAction.GIVE_UP): RunStatus.FAILED,
}


def next_run_status(status: RunStatus, action: RunAction) -> RunStatus:
    """The status after an action. Raises IllegalTransition where the table has none."""
    return follow(RUN_TRANSITIONS, status, action, of="probe_run")
