"""Reading a list by its description: one page by keyset either way, every row for a file, and what its rows are keyed by."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, RowMapping, Select, case, literal, select, tuple_
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever, require, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.core.errors import Invalid
from portal.core.paging import PAGE_SIZE, decode_cursor, encode_cursor
from portal.registry.queries.lists.spec import Asked, Kind, ListColumn, ListFilter, ListSpec
from portal.registry.values.lists import Wanted

STREAM_ROWS = 1_000


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """Some rows of a list: each a mapping of column to value, with the row's id under `row_id`."""

    rows: Sequence[Mapping[str, Any]]
    next_cursor: str = ""
    previous_cursor: str = ""


def columns_for(identity: Identity, spec: ListSpec, keys: Sequence[str] = ()) -> tuple[ListColumn, ...]:
    """The columns asked for, or those usually shown, in the list's own order; without those nobody lets this person see."""
    wanted = set(keys) & set(spec.column_keys) or {each.key for each in spec.columns if each.shown}
    lead = spec.columns[0].key
    return tuple(
        each
        for each in spec.columns
        if (each.key in wanted or each.key == lead) and (each.needs is None or may_ever(identity, each.needs))
    )


def list_rows(asked: Asked, spec: ListSpec, wanted: Wanted) -> Select[Any]:
    """The rows a list finds, before any column is chosen. Raises NotAllowed for somebody who may not read it at all."""
    require(asked.identity, spec.permission)
    statement = spec.rows(asked.identity)
    return statement.where(*(condition for _, condition in conditions(asked, spec, wanted)))


def conditions(asked: Asked, spec: ListSpec, wanted: Wanted) -> Iterator[tuple[ListFilter, ColumnElement[bool]]]:
    """Each filter in force with what it asks of a row."""
    for each in spec.filters:
        texts = wanted.values(each.key)
        if texts:
            yield each, each.where(asked, [each.read(text) for text in texts])


def value_of(identity: Identity, spec: ListSpec, column: ListColumn) -> Any:
    """A column as this person may see it: empty on rows outside the reach of the permission it needs."""
    if column.needs is None:
        return column.value.label(column.key)
    if column.needs is not Permission.CREDENTIAL_EDIT and column.needs is not Permission.CONTACT_REVEAL:
        # The same posts as read the list, as far as they reach.
        seen = visibility(identity, column.needs)
        if seen == visibility(identity, spec.permission):
            return column.value.label(column.key)
    within = visible(visibility(identity, column.needs), **spec.reach)
    return case((within, column.value), else_=None).label(column.key)


def read_page(asked: Asked, spec: ListSpec, wanted: Wanted, *, size: int = PAGE_SIZE) -> ListPage:
    """One page, forward from `after` or backward from `before`. Raises Invalid for a cursor of another list."""
    order = _order(spec, wanted)
    columns = columns_for(asked.identity, spec, wanted.columns)
    statement = list_rows(asked, spec, wanted).with_only_columns(
        spec.model.id.label("row_id"),
        order.key.label("row_key"),
        *(value_of(asked.identity, spec, each) for each in columns),
    )
    backward = bool(wanted.before)
    cursor = wanted.before or wanted.after
    if cursor:
        statement = statement.where(order.beyond(cursor, backward=backward))
    statement = statement.order_by(*order.clauses(backward=backward)).limit(size + 1)
    rows = asked.session.execute(statement).mappings().all()
    more, shown = len(rows) > size, list(rows[:size])
    if backward:
        shown.reverse()
    ahead, behind = (True, more) if backward else (more, bool(cursor))
    return ListPage(
        rows=[dict(row) for row in shown],
        next_cursor=order.cursor(shown[-1]) if shown and ahead else "",
        previous_cursor=order.cursor(shown[0]) if shown and behind else "",
    )


def stream_rows(
    asked: Asked, spec: ListSpec, wanted: Wanted, columns: Sequence[ListColumn], *, extra: Sequence[Any] = ()
) -> Iterator[Row[Any]]:
    """Every row for a file, from a cursor of the server's, without what must not leave in one."""
    statement = leaving(asked, spec, wanted).with_only_columns(
        *(value_of(asked.identity, spec, each) for each in columns), *extra
    )
    statement = statement.order_by(*_order(spec, wanted).clauses(backward=False))
    options = {"yield_per": STREAM_ROWS, "stream_results": True}
    yield from asked.session.execute(statement, execution_options=options)


def leaving(asked: Asked, spec: ListSpec, wanted: Wanted) -> Select[Any]:
    """The rows of a list that may go into a file."""
    statement = list_rows(asked, spec, wanted)
    return statement if spec.leaves is None else statement.where(spec.leaves(asked.identity))


def keys_of(asked: Asked, spec: ListSpec, wanted: Wanted, *, limit: int) -> list[UUID]:
    """The ids of the rows a list finds, in a fixed order, no more than `limit`."""
    statement = list_rows(asked, spec, wanted).with_only_columns(spec.model.id)
    return list(asked.session.scalars(statement.order_by(spec.model.id).limit(limit)))


def names_of(session: Session, spec: ListSpec, wanted: Wanted) -> Mapping[tuple[str, str], str]:
    """The names of the rows that conditions name by id, as far as the reader's scope reaches."""
    found: dict[tuple[str, str], str] = {}
    for each in spec.filters:
        texts = wanted.values(each.key)
        if each.kind is Kind.ROW and each.names and texts:
            key, name = each.names
            rows = session.execute(select(key, name).where(key.in_([UUID(text) for text in texts])))
            found |= {(each.key, str(row_id)): text for row_id, text in rows}
    return found


@dataclass(frozen=True)
class _Order:
    """By one column and then the id, so that every row has its own place; by the id alone where no column is named."""

    key: ColumnElement[Any]
    id: ColumnElement[Any]
    descending: bool

    def clauses(self, *, backward: bool) -> Sequence[ColumnElement[Any]]:
        down = self.descending is not backward
        columns = (self.id,) if self.key is self.id else (self.key, self.id)
        return [column.desc() if down else column.asc() for column in columns]

    def beyond(self, cursor: str, *, backward: bool) -> ColumnElement[bool]:
        key, last = self._read(cursor)
        down = self.descending is not backward
        if self.key is self.id:
            return self.id < last if down else self.id > last
        pair = tuple_(self.key, self.id)
        place = tuple_(literal(key, self.key.type), literal(last, self.id.type))
        return pair < place if down else pair > place

    def cursor(self, row: RowMapping) -> str:
        key = row["row_key"]
        text = key.astimezone(UTC).isoformat() if isinstance(key, datetime) else str(key)
        return encode_cursor([text, str(row["row_id"])])

    def _read(self, cursor: str) -> tuple[Any, UUID]:
        key, last = decode_cursor(cursor, length=2)
        try:
            return self._key(str(key)), UUID(str(last))
        except ValueError as exc:
            raise Invalid("bad_cursor") from exc

    def _key(self, text: str) -> Any:
        kind = self.key.type.python_type
        if kind is datetime:
            return datetime.fromisoformat(text)
        if kind is date:
            return date.fromisoformat(text)
        return UUID(text) if kind is UUID else text.replace("\x00", "")


def _order(spec: ListSpec, wanted: Wanted) -> _Order:
    """What the list is ordered by: `name`, `-name`, or nothing, which is newest first."""
    down, name = wanted.sort.startswith("-"), wanted.sort.removeprefix("-")
    key = spec.column(name).sort if name in spec.sorts else None
    if key is not None:
        return _Order(key, spec.model.id, down)
    return _Order(spec.model.id, spec.model.id, wanted.sort != "id")
