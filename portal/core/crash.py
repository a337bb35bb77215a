"""Named crash points for kill tests: inert unless the check profile arms one (reliability.md section 5, item 5)."""

import os
import signal

POINTS: dict[str, str] = {
    "outbox.before_effect": "a job row is claimed, its effect has not begun",
    "outbox.before_done": "the effect is written, the done-mark is not committed",
    "request.before_commit": "a request's changes are flushed, not committed",
    "request.after_commit": "a request is committed, its answer has not left",
    "audit.before_seal": "audit rows are staged, not sealed",
    "audit.before_checkpoint": "entries are sealed, their checkpoint is not published",
    "vault.before_rename": "an upload is in quarantine, not in its place",
    "reachability.after_claim": "a range of devices is claimed, none is probed",
    "import.before_chunk": "an import chunk is read, not committed",
}

_armed: dict[str, int] = {}


def arm(spec: str) -> None:
    """Arm `name` or `name:n` (the n-th passage, from 1). Raises ValueError for an unknown name."""
    name, _, nth = spec.partition(":")
    if name not in POINTS:
        raise ValueError(f"no crash point {name!r}; known: {', '.join(POINTS)}")
    _armed[name] = int(nth or 1)


def disarm() -> None:
    """Forget every armed point."""
    _armed.clear()


def crash_point(name: str) -> None:
    """Kill this process here if the point is armed and its turn has come."""
    if name not in _armed:
        return
    _armed[name] -= 1
    if _armed[name] <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
