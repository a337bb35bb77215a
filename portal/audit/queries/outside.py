"""What the places outside the database say: their newest checkpoint and how far their mirror of hashes reaches."""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from portal.audit.rules.checkpoint import BadCheckpoint, Checkpoint, VerifierKey, newest, parse_note, split_notes
from portal.core.crypto import KeyFileRefused
from portal.core.errors import PortalError, Unavailable
from portal.core.services import Services

CHECKPOINTS = "checkpoints"
LEAVES = "leaves"
LEAF_LINE = 65
_TAIL = 64 * 1024
_HASH_LINE = re.compile(rb"[0-9a-f]{64}\n")


class OutsideProblem(PortalError):
    """The database and the checkpoints outside it contradict each other: nothing may go on until a person decides."""

    status = 503


@dataclass(frozen=True)
class Place:
    """A directory that the database owner cannot write: signed checkpoints, and one hash a line for each entry."""

    directory: Path

    @property
    def name(self) -> str:
        """How pages and logs call it: no path of the machine leaves the server room."""
        return self.directory.name

    @property
    def checkpoints(self) -> Path:
        """Signed notes, one after the other."""
        return self.directory / CHECKPOINTS

    @property
    def leaves(self) -> Path:
        """Line n is the hash of entry n."""
        return self.directory / LEAVES

    def newest(self, key: VerifierKey) -> Checkpoint | None:
        """The largest checkpoint here that the key signed; None when there is none. Raises OSError."""
        return newest(split_notes(_tail(self.checkpoints)), key)

    def newest_note(self, key: VerifierKey) -> str | None:
        """The same as the signed text."""
        found: tuple[int, str] | None = None
        for note in split_notes(_tail(self.checkpoints)):
            try:
                size = parse_note(note, key).size
            except BadCheckpoint:
                continue
            if found is None or size >= found[0]:
                found = size, note
        return None if found is None else found[1]

    def all_notes(self) -> Iterator[str]:
        """Every note, oldest first."""
        if not self.checkpoints.exists():
            return iter(())
        return split_notes(self.checkpoints.read_text("utf-8", errors="replace"))

    def leaf_count(self) -> int:
        """Whole lines of the mirror."""
        try:
            return self.leaves.stat().st_size // LEAF_LINE
        except FileNotFoundError:
            return 0

    def leaf_range(self, first: int, last: int) -> list[bytes]:
        """Mirrored hashes of the entries first … last, as far as the mirror reaches. Raises OutsideProblem."""
        if last < first:
            return []
        with self.leaves.open("rb") as stream:
            stream.seek((first - 1) * LEAF_LINE)
            raw = stream.read((last - first + 1) * LEAF_LINE)
        lines = [raw[at : at + LEAF_LINE] for at in range(0, len(raw) // LEAF_LINE * LEAF_LINE, LEAF_LINE)]
        if not all(_HASH_LINE.fullmatch(line) for line in lines):
            raise OutsideProblem("audit_mirror_damaged", place=self.name)
        return [bytes.fromhex(line[:64].decode()) for line in lines]


def places_of(directories: Iterable[Path]) -> tuple[Place, ...]:
    """The configured places."""
    return tuple(Place(directory) for directory in directories)


def load_verifier_key(path: Path, origin: str) -> VerifierKey:
    """The published key of the log `origin`. Raises KeyFileRefused."""
    try:
        key: object = load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise KeyFileRefused(f"{path.name}: {error.strerror}") from error
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise KeyFileRefused(f"{path.name} does not hold an Ed25519 public key in PEM form")
    return VerifierKey(origin, key.public_bytes_raw())


def outside_of(services: Services) -> tuple[tuple[Place, ...], VerifierKey]:
    """The configured places and the published key. Raises Unavailable where the portal is not set up for them."""
    witness = services.witness
    if not witness.directories or witness.public_key_file is None:
        raise Unavailable("audit_not_configured")
    try:
        return places_of(witness.directories), load_verifier_key(witness.public_key_file, witness.origin)
    except KeyFileRefused as refused:
        raise Unavailable("audit_not_configured") from refused


def newest_outside(places: Iterable[Place], key: VerifierKey) -> Checkpoint | None:
    """The largest checkpoint in any place. A place that cannot be read is passed over: the others still speak."""
    found: Checkpoint | None = None
    for place in places:
        try:
            checkpoint = place.newest(key)
        except OSError:
            continue
        if checkpoint is not None and (found is None or checkpoint.size > found.size):
            found = checkpoint
    return found


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - _TAIL))
            return stream.read().decode("utf-8", errors="replace")
    except FileNotFoundError:
        return ""
