"""In what order a list stands, and the places in it that cursors name."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, RowMapping, literal, tuple_

from portal.core.paging import encode_cursor, place_in
from portal.registry.queries.lists.spec import ListSpec
from portal.registry.values.lists import Wanted


@dataclass(frozen=True)
class Order:
    """By one column and then the id, so that every row has its own place; by the id alone where no column is named."""

    key: ColumnElement[Any]
    id: ColumnElement[Any]
    descending: bool

    def clauses(self, *, backward: bool) -> Sequence[ColumnElement[Any]]:
        """ORDER BY."""
        down = self.descending is not backward
        columns = (self.id,) if self.key is self.id else (self.key, self.id)
        return [column.desc() if down else column.asc() for column in columns]

    def beyond(self, cursor: str, *, backward: bool) -> ColumnElement[bool]:
        """Rows that come after the place a cursor names."""
        key, last = self.place(cursor)
        down = self.descending is not backward
        if self.key is self.id:
            return self.id < last if down else self.id > last
        pair = tuple_(self.key, self.id)
        place = tuple_(literal(key, self.key.type), literal(last, self.id.type))
        return pair < place if down else pair > place

    def cursor(self, row: RowMapping) -> str:
        """The place of a row, for an address."""
        key = row["row_key"]
        text = key.astimezone(UTC).isoformat() if isinstance(key, datetime) else str(key)
        return encode_cursor([text, str(row["row_id"])])

    def place(self, cursor: str) -> tuple[Any, UUID]:
        """What a cursor says. Raises Invalid for one of another list."""
        key, last = place_in(cursor, self._key, UUID)
        return key, last

    def _key(self, text: str) -> Any:
        kind = self.key.type.python_type
        if kind is datetime:
            return datetime.fromisoformat(text)
        if kind is date:
            return date.fromisoformat(text)
        return UUID(text) if kind is UUID else text.replace("\x00", "")


def sort_of(spec: ListSpec, wanted: Wanted) -> str:
    """The column a list stands by: as asked for, or as its conditions make usual; nothing for newest first."""
    return wanted.sort or (spec.usually(wanted) if spec.usually else "")


def order_of(spec: ListSpec, wanted: Wanted) -> Order:
    """What the list is ordered by: `name`, `-name`, or nothing, which is newest first."""
    sort = sort_of(spec, wanted)
    down, name = sort.startswith("-"), sort.removeprefix("-")
    key = spec.column(name).sort if name in spec.sorts else None
    if key is not None:
        return Order(key, spec.model.id, down)
    return Order(spec.model.id, spec.model.id, sort != "id")
