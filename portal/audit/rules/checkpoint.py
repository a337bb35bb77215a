"""Signed checkpoints in the C2SP text form (c2sp.org/tlog-checkpoint, c2sp.org/signed-note), Ed25519.

::

    anyang.portal/audit            origin
    1042                           size
    CsUYapGGPo4dkMgIAUqom/Xa…=     root, base64
    chain 5f70bf18…                running chain hash at that size (extension line)
    time 2026-11-20T15:04:05.000001Z
                                   empty line
    — anyang.portal/audit Az3g…    key name, base64 of four bytes of key id and the signature

A key is published as `name+hexid+base64`, the form that other tools for such notes read.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from portal.audit.rules.canonical import utc_text

_ED25519: Final = b"\x01"
_NAME: Final = re.compile(r"[A-Za-z0-9._/-]{1,120}")
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,18}")
_CHAIN: Final = re.compile(r"chain ([0-9a-f]{64})")
_NOTE: Final = re.compile(r"^(?:[^\n]+\n){5}\n(?:— [^\n]+\n)+(?=\n|\Z)", re.MULTILINE)
_TIME: Final = re.compile(r"time (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z)")


class BadCheckpoint(ValueError):
    """Not a checkpoint, or not signed by the expected key."""


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """What the signer vouches for: so many entries, with this root and chain hash, at this time."""

    origin: str
    size: int
    root: bytes
    chain: bytes
    at: datetime

    @property
    def text(self) -> str:
        """The signed text, with its final line end."""
        root = base64.b64encode(self.root).decode()
        return f"{self.origin}\n{self.size}\n{root}\nchain {self.chain.hex()}\ntime {utc_text(self.at)}\n"


@dataclass(frozen=True)
class VerifierKey:
    """The published half of the signing key."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """Four bytes that tell keys of one name apart."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    @property
    def text(self) -> str:
        """`name+hexid+base64`."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(_ED25519 + self.public).decode()}"

    @classmethod
    def parse(cls, text: str) -> "VerifierKey":
        """Read the published form. Raises BadCheckpoint."""
        name, _, rest = text.strip().partition("+")
        hex_id, _, encoded = rest.partition("+")
        raw = _unbase64(encoded)
        key = cls(name, raw[1:])
        if not _NAME.fullmatch(name) or raw[:1] != _ED25519 or len(raw) != 33 or key.key_id.hex() != hex_id:
            raise BadCheckpoint("not an Ed25519 verifier key of the form name+id+base64")
        return key


class Signer:
    """Signs checkpoints. Its key lives in a file that only the sealer reads, never in the database."""

    def __init__(self, name: str, private: Ed25519PrivateKey) -> None:
        if not _NAME.fullmatch(name):
            raise BadCheckpoint(f"{name!r} cannot name a key")
        self._private = private
        self.key = VerifierKey(name, private.public_key().public_bytes_raw())

    def sign(self, checkpoint: Checkpoint) -> str:
        """The checkpoint as a signed note."""
        if checkpoint.origin != self.key.name:
            raise BadCheckpoint("a checkpoint is signed by the key of its own origin")
        signature = base64.b64encode(self.key.key_id + self._private.sign(checkpoint.text.encode())).decode()
        return f"{checkpoint.text}\n— {self.key.name} {signature}\n"


def parse_note(note: str, key: VerifierKey) -> Checkpoint:
    """The checkpoint of a signed note. Raises BadCheckpoint unless `key` signed exactly this text."""
    text, separator, signatures = note.partition("\n\n")
    if not separator:
        raise BadCheckpoint("no empty line before the signature")
    checkpoint = _parse_text(text + "\n")
    if checkpoint.origin != key.name:
        raise BadCheckpoint(f"the checkpoint is of {checkpoint.origin!r}, the key of {key.name!r}")
    for line in signatures.splitlines():
        if _signed(line, text + "\n", key):
            return checkpoint
    raise BadCheckpoint("no valid signature of the key")


def _signed(line: str, text: str, key: VerifierKey) -> bool:
    """Whether the signature line is the key's, over the text. Lines of other keys (cosigners) are passed over."""
    prefix = f"— {key.name} "
    if not line.startswith(prefix):
        return False
    raw = _unbase64(line.removeprefix(prefix))
    if len(raw) != 68 or raw[:4] != key.key_id:
        return False
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(raw[4:], text.encode())
    except InvalidSignature:
        return False
    return True


def _parse_text(text: str) -> Checkpoint:
    lines = text.split("\n")
    if len(lines) != 6 or lines[5] or not _SIZE.fullmatch(lines[1]):
        raise BadCheckpoint("not a checkpoint of five lines")
    chain, time = _CHAIN.fullmatch(lines[3]), _TIME.fullmatch(lines[4])
    root = _unbase64(lines[2])
    if chain is None or time is None or len(root) != 32:
        raise BadCheckpoint("a line of the checkpoint is malformed")
    try:
        at = datetime.strptime(time[1], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    except ValueError as error:
        raise BadCheckpoint("the checkpoint's time is none") from error
    return Checkpoint(origin=lines[0], size=int(lines[1]), root=root, chain=bytes.fromhex(chain[1]), at=at)


def split_notes(text: str) -> Iterator[str]:
    """The notes of a file that holds many, an empty line after each; what a crash tore is passed over, not guessed."""
    return (match[0] for match in _NOTE.finditer(text))


def newest(notes: Iterable[str], key: VerifierKey) -> Checkpoint | None:
    """The largest checkpoint that the key signed; notes of other keys and torn ones are passed over."""
    found: Checkpoint | None = None
    for note in notes:
        try:
            checkpoint = parse_note(note, key)
        except BadCheckpoint:
            continue
        if found is None or checkpoint.size >= found.size:
            found = checkpoint
    return found


def code_words(note: str) -> tuple[str, ...]:
    """Twelve words to print or read out: the first 192 bits of the note's SHA-256 as proquints (five letters, 16 bits).

    Consonant and vowel alternate, so the words can be spoken and need no list in either language.
    """
    digest = sha256(note.encode()).digest()[:24]
    return tuple(_proquint(int.from_bytes(digest[at : at + 2], "big")) for at in range(0, 24, 2))


def _proquint(word: int) -> str:
    consonants, vowels = "bdfghjklmnprstvz", "aiou"
    return (
        consonants[word >> 12]
        + vowels[word >> 10 & 3]
        + consonants[word >> 6 & 15]
        + vowels[word >> 4 & 3]
        + consonants[word & 15]
    )


def _unbase64(text: str) -> bytes:
    # Strict, and only the canonical spelling: a flipped bit in the unused bits of the last letter must not pass.
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadCheckpoint("not base64") from None
    if base64.b64encode(raw).decode() != text:
        raise BadCheckpoint("not canonical base64")
    return raw
