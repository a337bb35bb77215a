"""Where the bytes are: sealed, under the SHA-256 of their plain content, written whole or not at all."""

import contextlib
import os
import re
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from portal.core.crash import crash_point
from portal.core.crypto import Envelope, SealBroken
from portal.core.digest import digests_of
from portal.core.errors import NotFound
from portal.vault.sealed import Readable, open_stream, seal_stream

_DIGEST = re.compile(r"[0-9a-f]{64}")


class BlobStore:
    """Content by hash below one directory. The same content is kept once; writers of the same content cannot collide."""

    def __init__(self, data_dir: Path, envelope: Envelope) -> None:
        self._root = data_dir / "vault"
        self._envelope = envelope
        self.scratch = data_dir / "quarantine"

    def put(self, plain: Path, digest: str) -> None:
        """Seal a file in under its digest. On disk when this returns; a crash before leaves no part of it."""
        with plain.open("rb") as source:
            self.put_stream(source, digest)

    def put_stream(self, source: Readable, digest: str) -> None:
        """The same of what is read as it is sealed; the caller vouches that it has this digest."""
        target = self._path(digest)
        if target.exists():
            # Freshened, so that a sweep that runs now does not take it for an orphan before its row is committed.
            os.utime(target)
            return
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = target.with_name(f".{secrets.token_hex(8)}.partial")
        try:
            with partial.open("xb") as out:
                os.fchmod(out.fileno(), 0o600)
                seal_stream(source, out, envelope=self._envelope, name=digest)
                out.flush()
                os.fsync(out.fileno())
            crash_point("vault.before_rename")
            partial.replace(target)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        for directory in (target.parent, target.parent.parent, self._root):
            _sync_directory(directory)

    def pieces(self, digest: str) -> Iterator[bytes]:
        """The plain content, piece by piece. Raises NotFound at once when it is not here."""
        path = self._path(digest)
        if not path.exists():
            raise NotFound("file_content_missing")
        return self._read(path, digest)

    def copy_out(self, digest: str, to: Path) -> None:
        """Write the plain content to a path, for a job that opens it; checked against the digest."""
        with to.open("xb") as out:
            for piece in self.pieces(digest):
                out.write(piece)
        if digests_of(to).sha256 != digest:
            raise SealBroken("a stored file does not have the content its name says")

    def has(self, digest: str) -> bool:
        """Whether the content is here."""
        return self._path(digest).exists()

    def erase(self, digest: str) -> bool:
        """Remove the content; False when it was not here."""
        path = self._path(digest)
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        _sync_directory(path.parent)
        return True

    def older_than(self, age: timedelta, *, now: datetime) -> Iterator[str]:
        """Digests of contents last put before `now - age`."""
        for path in self._root.glob("??/??/*"):
            if _DIGEST.fullmatch(path.name) and _age(path, now) > age:
                yield path.name

    def sweep_scratch(self, age: timedelta, *, now: datetime) -> int:
        """Remove what killed jobs left behind: plain copies must not outlive their job."""
        removed = 0
        for path in (*self.scratch.glob("job-*/*"), *self.scratch.glob("job-*"), *self._root.glob("??/??/.*.partial")):
            with contextlib.suppress(OSError):
                if _age(path, now) > age:
                    path.rmdir() if path.is_dir() else path.unlink()
                    removed += 1
        return removed

    def _path(self, digest: str) -> Path:
        if not _DIGEST.fullmatch(digest):
            raise ValueError("not a SHA-256 digest in hex")
        return self._root / digest[:2] / digest[2:4] / digest

    def _read(self, path: Path, digest: str) -> Iterator[bytes]:
        with path.open("rb") as sealed:
            yield from open_stream(sealed, envelope=self._envelope, name=digest)


def _age(path: Path, now: datetime) -> timedelta:
    return now - datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _sync_directory(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
