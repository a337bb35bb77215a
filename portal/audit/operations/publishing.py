"""Appending to the places outside the database: hashes first, then the checkpoint that covers them, each forced to disk."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from portal.audit.queries.outside import LEAF_LINE, Place

_TORN_MARK = b"\n# torn\n\n"


def append_leaves(place: Place, first: int, leaves: Sequence[bytes]) -> None:
    """Mirror the hashes of the entries from `first` on. Lines already there are not written again. Raises OSError.

    A line that a crash cut short is completed, not replaced: the file is only ever appended to, so that it may stand
    on storage that allows nothing else.
    """
    lines = b"".join(leaf.hex().encode() + b"\n" for leaf in leaves)
    written = place.leaves.stat().st_size if place.leaves.exists() else 0
    start = (first - 1) * LEAF_LINE
    if written < start:
        raise OSError(f"the mirror in {place.name} lacks entries before {first}")
    _append(place.leaves, lines[written - start :])


def append_note(place: Place, note: str) -> None:
    """Add a signed checkpoint. Raises OSError."""
    path = place.checkpoints
    torn = path.exists() and path.stat().st_size > 0 and not _ends_whole(path)
    _append(path, (_TORN_MARK if torn else b"") + note.encode() + b"\n")


def prepare(places: Iterable[Place]) -> None:
    """Make the directories. Raises OSError."""
    for place in places:
        place.directory.mkdir(parents=True, exist_ok=True)


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as stream:
        stream.seek(-min(2, path.stat().st_size), os.SEEK_END)
        return stream.read() == b"\n\n"


def _append(path: Path, data: bytes) -> None:
    if not data:
        return
    created = not path.exists()
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if created:
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
