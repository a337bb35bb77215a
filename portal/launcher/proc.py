"""Reading the kernel's process table."""

import os
from pathlib import Path

PROC = Path("/proc")


def children_of_all() -> dict[int, list[int]]:
    """Process numbers by the number of their parent."""
    found: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            parent = _parent(entry)
            if parent is not None:
                found.setdefault(parent, []).append(int(entry.name))
    return found


def family(leader: int, children: dict[int, list[int]] | None = None) -> list[int]:
    """A process and everything below it, the leader first."""
    table = children_of_all() if children is None else children
    members, waiting = [leader], [leader]
    while waiting:
        for child in sorted(table.get(waiting.pop(), [])):
            members.append(child)
            waiting.append(child)
    return members


def is_alive(pid: int) -> bool:
    """Does the process exist and is it more than a zombie?"""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return _state(PROC / str(pid)) != "Z"


def _stat(entry: Path) -> list[str] | None:
    try:
        text = (entry / "stat").read_text()
    except OSError:
        return None
    # The name stands in brackets and may hold spaces and brackets itself.
    return text.rpartition(")")[2].split()


def _parent(entry: Path) -> int | None:
    fields = _stat(entry)
    return int(fields[1]) if fields else None


def _state(entry: Path) -> str:
    fields = _stat(entry)
    return fields[0] if fields else "Z"
