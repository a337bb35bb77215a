"""One byte sequence for one meaning: JSON with sorted keys, NFC text, integers only, UTC microseconds, explicit null.

The bytes are stored and hashed once; every later check hashes the stored bytes and never serialises again, so a change
of library or language cannot break an old record.
"""

import json
import unicodedata
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

JsonValue = str | int | bool | None | list["JsonValue"] | dict[str, "JsonValue"]

_encode: Final = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"), check_circular=False
).encode


class NotCanonical(ValueError):
    """A value that has no canonical form: a float, a lone surrogate, a key that is not text or comes twice."""


def clean_text(text: str) -> str:
    """Text as the log keeps it: NFC, without what PostgreSQL (NUL) and UTF-8 (lone surrogates) cannot hold."""
    if text.isascii():
        return text.replace("\x00", "�") if "\x00" in text else text
    plain = text.replace("\x00", "�").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return unicodedata.normalize("NFC", plain)


def canonical_bytes(value: JsonValue) -> bytes:
    """The canonical bytes. Raises NotCanonical."""
    try:
        return _encode(checked(value)).encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotCanonical("a lone surrogate cannot be written as UTF-8") from error


def quick_bytes(value: JsonValue) -> bytes:
    """The same bytes for a value known to hold no float and only ASCII keys, without a walk through it.

    The quotation marks around each text compose with nothing, so the whole is composed exactly when each part is.
    """
    written = _encode(value)
    if not unicodedata.is_normalized("NFC", written):
        return canonical_bytes(value)
    try:
        return written.encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotCanonical("a lone surrogate cannot be written as UTF-8") from error


def checked(value: JsonValue) -> JsonValue:
    """The value with its text composed. Raises NotCanonical."""
    if isinstance(value, str):
        return value if value.isascii() else unicodedata.normalize("NFC", value)
    if value is None or isinstance(value, int):  # bool is an int
        return value
    if isinstance(value, list):
        return [checked(item) for item in value]
    if isinstance(value, dict):
        return _checked_keys(value)
    raise NotCanonical(f"{type(value).__name__} has no canonical form")


def _checked_keys(value: dict[str, JsonValue]) -> JsonValue:
    result: dict[str, JsonValue] = {}
    for key, item in value.items():
        if not isinstance(key, str):
            raise NotCanonical("a key is not text")
        plain = unicodedata.normalize("NFC", key)
        if plain in result:
            raise NotCanonical(f"the key {plain!r} comes twice")
        result[plain] = checked(item)
    return result


def utc_text(moment: datetime) -> str:
    """`2026-11-20T15:04:05.000001Z`: always UTC, always six digits. Raises NotCanonical for a time without a zone."""
    if moment.tzinfo is None:
        raise NotCanonical("a time without a zone")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def decimal_text(number: Decimal) -> str:
    """A decimal in plain digits: `1.50` stays `1.50`, `1E+2` becomes `100`."""
    return format(number, "f")


def id_text(key: UUID | str | None) -> str | None:
    """A key as text."""
    return None if key is None else str(key)
