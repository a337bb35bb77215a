"""From a staged event to the bytes that are sealed, and the running hash that ties each entry to all before it."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, time
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final, NamedTuple
from uuid import UUID

from portal.audit.rules.canonical import (
    JsonValue,
    NotCanonical,
    checked,
    clean_text,
    decimal_text,
    id_text,
    quick_bytes,
    utc_text,
)
from portal.audit.values import FieldChange, FieldValue

BODY_VERSION: Final = 1
CHAIN_START: Final = bytes(32)
LONGEST_VALUE: Final = 1000


class StagedEvent(NamedTuple):
    """A row of the staging table, column for column; the sealer reads it without the ORM, keys as text."""

    id: UUID | str
    txid: int
    at: datetime
    actor_person: UUID | str | None
    actor_account: UUID | str | None
    actor_name: str
    actor_organ: UUID | str | None
    actor_organ_name: str
    actor_roles: list[str]
    session_id: UUID | str | None
    request_id: str
    address: str
    tag: str
    subject_kind: str
    subject_id: str | None
    subject_label: str
    unit_id: UUID | str | None
    district: str | None
    outcome: str
    reason: str | None
    reason_sealed: str | None
    reason_digest: str | None
    changes: list[JsonValue] | None


KEYS: Final = frozenset({"id", "actor_person", "actor_account", "actor_organ", "session_id", "unit_id"})
# Keys as text: making a UUID object of each costs the sealer as much as hashing the whole entry.
COLUMNS: Final = ", ".join(f"s.{name}::text" if name in KEYS else f"s.{name}" for name in StagedEvent._fields)


def body_bytes(event: StagedEvent, *, seq: int, previous: bytes, sealed_at: str) -> bytes:
    """The canonical bytes of an entry. Raises NotCanonical."""
    if event.changes is not None:
        # The only part that is not text, a number or nothing by its type, and so the only one to look through.
        checked(event.changes)
    return quick_bytes(body_of(event, seq=seq, previous=previous, sealed_at=sealed_at))


def body_of(event: StagedEvent, *, seq: int, previous: bytes, sealed_at: str) -> dict[str, JsonValue]:
    """What the entry says. It holds its own number and the chain hash before it, so no entry can be moved."""
    return {
        "version": BODY_VERSION,
        "seq": seq,
        "prev": previous.hex(),
        "sealed_at": sealed_at,
        "id": str(event.id),
        "txid": event.txid,
        "at": utc_text(event.at),
        "actor": {
            "person": id_text(event.actor_person),
            "account": id_text(event.actor_account),
            "name": event.actor_name,
            "organ": id_text(event.actor_organ),
            "organ_name": event.actor_organ_name,
            "roles": list(event.actor_roles),
            "session": id_text(event.session_id),
            "request": event.request_id,
            "address": event.address,
        },
        "tag": event.tag,
        "subject": {"kind": event.subject_kind, "id": event.subject_id, "label": event.subject_label},
        "unit": id_text(event.unit_id),
        "district": event.district,
        "outcome": event.outcome,
        "reason": {"text": event.reason, "sealed": event.reason_sealed, "digest": event.reason_digest},
        "changes": event.changes,
    }


def chain_hash(previous: bytes, leaf: bytes) -> bytes:
    """The running hash after a leaf."""
    return sha256(previous + leaf).digest()


def encode_changes(changes: Iterable[FieldChange], digest: Callable[[str, str], str]) -> list[JsonValue]:
    """Fields touched, as JSON: typed old and new values, or names and keyed digests where the value must not be read.

    `digest(field, text)` is keyed, because the plain hash of an identity number or a telephone number is as good as
    the number. A text too long to keep is recorded by digest too.
    """
    return [_encode_change(change, digest) for change in changes]


def _encode_change(change: FieldChange, digest: Callable[[str, str], str]) -> JsonValue:
    kind, old = _typed(change.old)
    new_kind, new = _typed(change.new)
    kind = new_kind if kind == "none" else kind
    if change.sensitive or _too_long(old) or _too_long(new):
        return {
            "field": change.name,
            "type": "sensitive" if change.sensitive else "digest",
            "old": _digest(change.name, old, digest),
            "new": _digest(change.name, new, digest),
        }
    return {"field": change.name, "type": kind, "old": old, "new": new}


def _digest(name: str, value: JsonValue, digest: Callable[[str, str], str]) -> str | None:
    return None if value is None else digest(name, str(value))


def _too_long(value: JsonValue) -> bool:
    return len(str(value)) > LONGEST_VALUE if isinstance(value, str | list) else False


_TYPED: Final[list[tuple[type | tuple[type, ...], str, Callable[[Any], JsonValue]]]] = [
    # Order matters: a bool is an int, a datetime is a date.
    (type(None), "none", lambda _: None),
    (str, "text", lambda value: clean_text(str(value))),
    (bool, "boolean", bool),
    (int, "integer", int),
    (tuple, "list", lambda items: [clean_text(item) for item in items]),
    (frozenset, "list", lambda items: [clean_text(item) for item in sorted(items)]),
    (UUID, "id", str),
    (datetime, "moment", utc_text),
    ((date, time), "date", lambda value: value.isoformat()),
    (Decimal, "decimal", decimal_text),
    # A float is kept by its shortest decimal spelling: binary floats have no canonical text.
    (float, "decimal", lambda value: decimal_text(Decimal(repr(value)))),
]


def _typed(value: FieldValue) -> tuple[str, JsonValue]:
    for kind, name, convert in _TYPED:
        if isinstance(value, kind):
            return name, convert(value)
    raise NotCanonical(f"{type(value).__name__} cannot be recorded as a field value")
