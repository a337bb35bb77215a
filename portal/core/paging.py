"""Keyset pages: a cursor names the last row seen, so that page 1,000 costs what page 1 costs."""

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar, cast
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from portal.core.errors import Invalid

PAGE_SIZE = 25
COUNT_CAP = 10_000

T = TypeVar("T")
S = TypeVar("S", bound=StrEnum)


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
    except (binascii.Error, ValueError, RecursionError) as exc:
        raise Invalid("bad_cursor") from exc
    if not isinstance(values, list) or len(values) != length:
        raise Invalid("bad_cursor")
    if not all(value is None or isinstance(value, str) or _is_key(value) for value in values):
        raise Invalid("bad_cursor")
    return values


def place_in(cursor: str, *kinds: Callable[[str], Any]) -> tuple[Any, ...]:
    """The sort key inside a cursor, each part read as what it is. Raises Invalid like `decode_cursor`."""
    values = decode_cursor(cursor, length=len(kinds))
    try:
        return tuple(kind(str(value)) for kind, value in zip(kinds, values, strict=True))
    except ValueError as exc:
        raise Invalid("bad_cursor") from exc


def _is_key(value: object) -> bool:
    """Whether a number can be the key of a row at all: PostgreSQL's largest integers have 64 bits."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63


def capped_count(session: Session, statement: Select[Any]) -> tuple[int, bool]:
    """How many rows a statement finds, counted no further than COUNT_CAP; whether the cap was met."""
    counted = session.scalar(select(func.count()).select_from(statement.order_by(None).limit(COUNT_CAP + 1).subquery()))
    return min(counted or 0, COUNT_CAP), (counted or 0) > COUNT_CAP


def last_seen(after: str) -> UUID:
    """The id a list of newest rows goes on behind. Raises Invalid for a foreign cursor."""
    (last,) = place_in(after, UUID)
    return cast(UUID, last)


def newest_first(
    session: Session,
    statement: "Select[T]",
    key: InstrumentedAttribute[UUID],
    *,
    after: str | None,
    options: Sequence[Any] = (),
    size: int = PAGE_SIZE,
    total: int | None = None,
) -> Page[T]:
    """One page of entities in descending order of their time-ordered id. Raises Invalid for a foreign cursor.

    Who has counted already gives the `total`, which is then not counted again.
    """
    capped = False
    if total is None:
        total, capped = capped_count(session, statement)
    if after:
        statement = statement.where(key < last_seen(after))
    rows = session.scalars(statement.options(*options).order_by(key.desc()).limit(size + 1)).all()
    cursor = encode_cursor([str(getattr(rows[size - 1], key.key))]) if len(rows) > size else None
    return Page(items=rows[:size], next_cursor=cursor, total=total, total_capped=capped)


def tally_of(
    session: Session, statement: Select[Any], column: InstrumentedAttribute[str], among: Iterable[S]
) -> dict[S, int]:
    """How many rows of a statement stand in each status, those without any included."""
    found: dict[str, int] = dict(
        session.execute(statement.with_only_columns(column, func.count()).group_by(column)).all()
    )
    return {status: found.get(str(status), 0) for status in among}
