"""The lives of a round of probes, of a piece of one, and of a probe somebody asked for."""

from enum import StrEnum


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
