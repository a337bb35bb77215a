"""What is sealed on site, and how a seal is checked: canonical text, digest, chain and signature. Pure.

An entry is one canonical JSON text. Its SHA-256 is its name; it names the entry before it on the same device and visit,
and the device's key signs it. Numbers that are no integers are text, so that every language writes the same bytes.
"""

import base64
import binascii
import json
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from portal.audit.rules.canonical import JsonValue, NotCanonical, canonical_bytes
from portal.core.digest import sha256_hex
from portal.core.text import without_unseen
from portal.inspection.states import Capacity, Verdict
from portal.inspection.values import MOST_DEDUCTIONS, MOST_PHOTOS, Deduction, ItemAnswer

GENESIS = "0" * 64
MOST_BODY = 40_000
_POINT_BYTES = 65
_SIGNATURE_BYTES = 64

Hex = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
# A clock may be wrong by decades. What no calendar of the city holds could be stored and never be read again.
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
_BLANK = frozenset({"Cc", "Cf", "Cs", "Zs", "Zl", "Zp"})


def _of_our_time(moment: datetime) -> datetime:
    if not _EARLIEST <= moment < _LATEST:
        raise ValueError("no moment of our time")
    return moment


def _seen(text: str) -> str:
    if all(unicodedata.category(char) in _BLANK for char in text):
        raise ValueError("nothing can be read there")
    return text


# Digits of other scripts are digits to a pattern's \d, and none to who draws or reckons with them.
Degrees = Annotated[str, Field(pattern=r"^-?[0-9]{1,3}\.[0-9]{1,7}$")]
Points = Annotated[str, Field(pattern=r"^[0-9]{1,3}(\.[0-9])?$")]
# Whole pixels, strokes of moves and lines and nothing else: it is drawn on papers.
Drawn = Annotated[str, Field(max_length=30_000, pattern=r"^(M[0-9]{1,3} [0-9]{1,3}(L[0-9]{1,3} [0-9]{1,3})*)*$")]
# The body stays word for word as it was sealed; read out of it is what can be seen.
Plain = Annotated[str, AfterValidator(without_unseen)]


class SealBroken(ValueError):
    """An entry that cannot be taken; the one argument is the code of the reason."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Position(_Part):
    """Where the device said it was, in WGS-84."""

    lon: Degrees
    lat: Degrees
    accuracy_m: Annotated[int, Field(ge=0, le=100_000)]


class DeductionEntry(_Part):
    """Points taken off, with the reason."""

    points: Points
    reason: Annotated[Plain, Field(max_length=200)]


class _Entry(_Part):
    v: Literal[1]
    visit: UUID
    person: UUID
    device: UUID | None
    seq: Annotated[int, Field(ge=1, le=100_000)]
    captured_at: Annotated[AwareDatetime, AfterValidator(_of_our_time)]
    position: Position | None
    no_position: Literal["", "denied", "unavailable", "timeout", "unsupported", "online"]
    prev: Hex


class AnswerEntry(_Entry):
    """An item judged."""

    kind: Literal["answer"]
    item: Annotated[Plain, Field(min_length=1, max_length=60)]
    verdict: Verdict
    deductions: Annotated[tuple[DeductionEntry, ...], Field(max_length=MOST_DEDUCTIONS)]
    note: Annotated[Plain, Field(max_length=1000)]
    photos: Annotated[tuple[Hex, ...], Field(max_length=MOST_PHOTOS)]
    settles: Annotated[tuple[Hex, ...], Field(max_length=16)]

    @property
    def answer(self) -> ItemAnswer:
        """The judgement as a value."""
        deductions = tuple(Deduction(Decimal(each.points), each.reason) for each in self.deductions)
        return ItemAnswer(verdict=self.verdict, deductions=deductions, note=self.note)


class SignatureEntry(_Entry):
    """A signature drawn under the entries it names, or the unit's refusal to give one."""

    kind: Literal["signature"]
    capacity: Capacity
    name: Annotated[Plain, AfterValidator(_seen), Field(max_length=40)]
    path: Drawn
    refused: Annotated[Plain, AfterValidator(str.strip), Field(max_length=200)]
    entries: Annotated[tuple[Hex, ...], Field(min_length=1, max_length=400)]
    record: Hex

    @model_validator(mode="after")
    def _whole(self) -> "SignatureEntry":
        if bool(self.path) == bool(self.refused):
            raise ValueError("a signature is drawn or refused")
        if self.refused and self.capacity is not Capacity.UNIT:
            raise ValueError("only the unit can refuse")
        if self.record != record_digest(self.visit, self.entries):
            raise ValueError("the record is another")
        return self


Entry = AnswerEntry | SignatureEntry
_ENTRY: TypeAdapter[Entry] = TypeAdapter(Annotated[Entry, Field(discriminator="kind")])


@dataclass(frozen=True, kw_only=True)
class Seal:
    """An entry as it is handed over: its text, its digest, the device's signature (base64url of r and s)."""

    body: str
    digest: str
    signature: str


@dataclass(frozen=True, kw_only=True)
class Link:
    """The last entry of a chain: its count and digest; before the first, nothing."""

    seq: int = 0
    digest: str = GENESIS


def canonical(data: dict[str, Any]) -> str:
    """The canonical text of an entry."""
    return canonical_bytes(data).decode()


def record_digest(visit: UUID, entries: Iterable[str]) -> str:
    """The digest of the record that a signature stands under: the visit and the entries it is made of."""
    return sha256_hex(canonical_bytes({"entries": list[JsonValue](sorted(entries)), "visit": str(visit)}))


def read_entry(seal: Seal) -> Entry:
    """The entry of a seal whose text is canonical and whose digest is its own. Raises SealBroken."""
    if len(seal.body) > MOST_BODY:
        raise SealBroken("too_long")
    try:
        data = json.loads(seal.body)
        if not isinstance(data, dict) or canonical(data) != seal.body:
            raise SealBroken("not_canonical")
        if sha256_hex(seal.body.encode()) != seal.digest:
            raise SealBroken("digest_differs")
        return _ENTRY.validate_json(seal.body)
    except SealBroken:
        raise
    except (ValidationError, NotCanonical, ValueError, RecursionError) as fault:
        raise SealBroken("malformed") from fault


def parse_entry(body: str) -> Entry:
    """The entry of a text that was taken before."""
    return _ENTRY.validate_json(body)


def check_link(head: Link, entry: Entry) -> None:
    """That an entry follows the last one of its chain. Raises SealBroken."""
    if entry.seq != head.seq + 1:
        raise SealBroken("gap")
    if entry.prev != head.digest:
        raise SealBroken("chain_broken")


def check_signature(public_key: str, seal: Seal) -> None:
    """That a device signed an entry. Raises SealBroken."""
    try:
        given = from_base64url(seal.signature)
        if len(given) != _SIGNATURE_BYTES:
            raise SealBroken("bad_signature")
        half = _SIGNATURE_BYTES // 2
        signature = encode_dss_signature(int.from_bytes(given[:half]), int.from_bytes(given[half:]))
        read_key(public_key).verify(signature, seal.body.encode(), ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, binascii.Error, UnicodeEncodeError) as fault:
        raise SealBroken("bad_signature") from fault


def read_key(public_key: str) -> ec.EllipticCurvePublicKey:
    """A device's key: the point of P-256, uncompressed, in base64url. Raises ValueError for anything else."""
    raw = from_base64url(public_key)
    if len(raw) != _POINT_BYTES:
        raise ValueError("no point of P-256")
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw)


def from_base64url(text: str) -> bytes:
    """Bytes of base64url without padding. Raises binascii.Error."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def moment_text(moment: datetime) -> str:
    """A moment as devices write it: UTC with milliseconds."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"
