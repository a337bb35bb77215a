"""Keyset pages: a cursor names the last row seen, so that page 1,000 costs what page 1 costs."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from portal.core.errors import Invalid

PAGE_SIZE = 25
COUNT_CAP = 10_000

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of rows, with the cursors to its neighbours and a count that stops at COUNT_CAP."""

    items: Sequence[T]
    next_cursor: str | None = None
    previous_cursor: str | None = None
    total: int | None = None
    total_capped: bool = False


def encode_cursor(values: Sequence[str | int | None]) -> str:
    """An opaque, URL-safe cursor for the sort key of a row."""
    return base64.urlsafe_b64encode(json.dumps(list(values), separators=(",", ":")).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, *, length: int) -> list[str | int | None]:
    """The sort key inside a cursor. Raises Invalid for one that was tampered with or comes from another list."""
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as exc:
        raise Invalid("bad_cursor") from exc
    if not isinstance(values, list) or len(values) != length:
        raise Invalid("bad_cursor")
    if not all(value is None or isinstance(value, str | int) for value in values):
        raise Invalid("bad_cursor")
    return values
