"""What arrives piece by piece: each part is sealed as it comes in, so that no plain byte of footage touches the disk.

A part is a file of its own below the upload's directory, named by the byte it begins at and sealed under upload and
beginning, so that no part can be put in another's place. It is written aside first and takes its place by a rename;
whether it may, the caller decides under its row's lock. What the row does not count is overwritten by what comes next.
"""

import contextlib
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from portal.core.crypto import Envelope, SealBroken
from portal.core.digest import Digester, Digests
from portal.vault.sealed import PIECE_BYTES, Readable, open_stream, seal_stream

CHECKSUMS = ("sha1", "sha256")


@dataclass(frozen=True, slots=True)
class Part:
    """A part that was written aside: what it holds, and what it digests to on the way in."""

    upload: UUID
    start: int
    path: Path
    digests: Digests
    checksums: dict[str, bytes]

    @property
    def size(self) -> int:
        """How many bytes came."""
        return self.digests.size


class _Passing:
    """Digests what is read through it, never more than `most` bytes."""

    def __init__(self, source: Readable, most: int) -> None:
        self._source, self._left = source, most
        self.digester = Digester()
        self.checksums = {name: hashlib.new(name, usedforsecurity=False) for name in CHECKSUMS}

    def read(self, size: int = PIECE_BYTES) -> bytes:
        """The next piece, whole unless nothing follows."""
        piece = self._source.read(min(size, self._left))
        self._left -= len(piece)
        self.digester.update(piece)
        for checksum in self.checksums.values():
            checksum.update(piece)
        return piece


class PartStore:
    """The parts of uploads that are not whole yet, below one directory."""

    def __init__(self, data_dir: Path, envelope: Envelope) -> None:
        self._root = data_dir / "arriving"
        self._envelope = envelope

    def take(self, upload: UUID, start: int, source: Readable, *, most: int) -> Part:
        """Seal what comes, up to `most` bytes, aside; bounded memory whatever the size."""
        home = self._root / str(upload)
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = home / f".{secrets.token_hex(8)}.partial"
        passing = _Passing(source, most)
        try:
            with path.open("xb") as out:
                os.fchmod(out.fileno(), 0o600)
                seal_stream(passing, out, envelope=self._envelope, name=_name(upload, start))
                out.flush()
                os.fsync(out.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        checksums = {name: checksum.digest() for name, checksum in passing.checksums.items()}
        return Part(upload, start, path, passing.digester.digests(), checksums)

    def keep(self, part: Part) -> None:
        """Give a part its place."""
        part.path.replace(part.path.with_name(str(part.start)))

    def drop(self, part: Part) -> None:
        """Forget a part that another was quicker than, or that is not what its sender said."""
        part.path.unlink(missing_ok=True)

    def pieces(self, upload: UUID, size: int) -> Iterator[bytes]:
        """The whole, part after part. Raises SealBroken where one is missing, altered or too long."""
        start = 0
        while start < size:
            path = self._root / str(upload) / str(start)
            if not path.exists():
                raise SealBroken("a part of an upload is missing")
            before = start
            with path.open("rb") as sealed:
                for piece in open_stream(sealed, envelope=self._envelope, name=_name(upload, before)):
                    start += len(piece)
                    yield piece
            if start == before or start > size:
                raise SealBroken("a part of an upload is empty or too long")

    def erase(self, upload: UUID) -> None:
        """Remove every part of an upload."""
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(self._root / str(upload))

    def uploads(self) -> Iterator[UUID]:
        """Every upload that has parts here."""
        for path in self._root.glob("*"):
            with contextlib.suppress(ValueError):
                yield UUID(path.name)

    def sweep_partials(self, age: timedelta, *, now: datetime) -> int:
        """Remove what a killed process was writing."""
        removed = 0
        for path in self._root.glob("*/.*.partial"):
            with contextlib.suppress(OSError):
                if now.timestamp() - path.stat().st_mtime > age.total_seconds():
                    path.unlink()
                    removed += 1
        return removed

    def room(self) -> int:
        """How many bytes the disk has left."""
        self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
        return shutil.disk_usage(self._root).free


def _name(upload: UUID, start: int) -> str:
    return f"{upload}:{start}"
