"""Streaming digests: SHA-256 everywhere, SM3 beside it where a national cryptography profile asks for it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, cast

from cryptography.hazmat.primitives import hashes

CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Digests:
    """Both digests of the same bytes, as lower-case hex, with their count."""

    sha256: str
    sm3: str
    size: int


class Digester:
    """Takes bytes as they pass by, so that a file is read once for storing and digesting."""

    def __init__(self) -> None:
        self._sha256 = sha256()
        self._sm3 = hashes.Hash(hashes.SM3())
        self._size = 0

    def update(self, data: bytes) -> None:
        """Take the next bytes."""
        self._sha256.update(data)
        self._sm3.update(data)
        self._size += len(data)

    @property
    def size(self) -> int:
        """How many bytes were taken."""
        return self._size

    def digests(self) -> Digests:
        """The digests of what was taken so far; more may follow."""
        return Digests(sha256=self._sha256.hexdigest(), sm3=self._sm3.copy().finalize().hex(), size=self._size)


def chunks(stream: BinaryIO, size: int = CHUNK_BYTES) -> Iterator[bytes]:
    """The stream in pieces, until its end."""
    while piece := stream.read(size):
        yield piece


def digests_of(source: bytes | Path | BinaryIO | Iterable[bytes]) -> Digests:
    """Both digests of bytes, of a file by its path, of an open stream, or of a series of pieces."""
    if isinstance(source, Path):
        with source.open("rb") as stream:
            return digests_of(chunks(stream))
    pieces: Iterable[bytes]
    if isinstance(source, bytes):
        pieces = (source,)
    else:
        # Iterating over an open file would split it by lines, without a bound on their length.
        pieces = chunks(cast(BinaryIO, source)) if hasattr(source, "read") else source
    digester = Digester()
    for piece in pieces:
        digester.update(piece)
    return digester.digests()


def sha256_hex(data: bytes) -> str:
    """SHA-256 as lower-case hex."""
    return sha256(data).hexdigest()


def sm3_hex(data: bytes) -> str:
    """SM3 (GB/T 32905-2016) as lower-case hex."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize().hex()
