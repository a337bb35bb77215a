"""Named crash points for kill tests: inert unless the check profile arms one (reliability.md section 5, item 5)."""

import os
import signal
from pathlib import Path

POINTS: dict[str, str] = {
    "outbox.before_effect": "a job row is claimed, its effect has not begun",
    "outbox.before_done": "the effect is written, the done-mark is not committed",
    "request.before_commit": "a request's changes are flushed, not committed",
    "request.after_commit": "a request is committed, its answer has not left",
    "audit.before_seal": "audit rows are staged, not sealed",
    "audit.before_checkpoint": "entries are sealed, their checkpoint is not published",
    "vault.before_rename": "an upload is in quarantine, not in its place",
    "reachability.after_claim": "a range of devices is claimed, none is probed",
    "import.before_commit": "the cameras of a sheet are written, not committed",
}

_armed: dict[str, int] = {}
_watched: list[Path] = []


def arm(spec: str) -> None:
    """Arm `name`, `name:n` (the n-th passage, from 1), or `@directory`. Raises ValueError for an unknown name.

    In a directory a point is armed by a file of its name while the portal runs. Whichever process passes the point
    first takes the file away and dies, so each file kills once, and its absence tells that it did.
    """
    if spec.startswith("@"):
        _watched.append(Path(spec.removeprefix("@")))
        return
    name, _, nth = spec.partition(":")
    if name not in POINTS:
        raise ValueError(f"no crash point {name!r}; known: {', '.join(POINTS)}")
    _armed[name] = int(nth or 1)


def crash_point(name: str) -> None:
    """Kill this process here if the point is armed and its turn has come."""
    if any(_taken(directory / name) for directory in _watched):
        os.kill(os.getpid(), signal.SIGKILL)
    if name not in _armed:
        return
    _armed[name] -= 1
    if _armed[name] <= 0:
        os.kill(os.getpid(), signal.SIGKILL)


def _taken(order: Path) -> bool:
    """Of all processes that pass, exactly one removes the file."""
    try:
        order.unlink()
    except OSError:
        return False
    return True
