"""Reading a list by its description: one page by keyset either way, every row for a file, and what its rows are keyed by."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, case, select
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever, require, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.core.paging import PAGE_SIZE
from portal.registry.queries.lists.ordering import order_of
from portal.registry.queries.lists.spec import Asked, Kind, ListColumn, ListFilter, ListSpec
from portal.registry.queries.lists.walking import Hunt
from portal.registry.values.lists import Wanted

STREAM_ROWS = 1_000


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """Some rows of a list: each a mapping of column to value, with the row's id under `row_id`."""

    rows: Sequence[Mapping[str, Any]]
    next_cursor: str = ""
    previous_cursor: str = ""


def columns_for(identity: Identity, spec: ListSpec, keys: Sequence[str] = ()) -> tuple[ListColumn, ...]:
    """The columns asked for, in the order asked for, or those usually shown; without those nobody lets this person see.
    What a row is called always leads it."""
    known = set(spec.column_keys)
    chosen = [key for key in keys if key in known] or [each.key for each in spec.columns if each.shown]
    ordered = map(spec.column, dict.fromkeys([spec.columns[0].key, *chosen]))
    return tuple(each for each in ordered if each.needs is None or may_ever(identity, each.needs))


def list_rows(asked: Asked, spec: ListSpec, wanted: Wanted) -> Select[Any]:
    """The rows a list finds, before any column is chosen. Raises NotAllowed for somebody who may not read it at all."""
    require(asked.identity, spec.permission)
    statement = spec.rows(asked.identity)
    statement = statement.where(*(condition for _, condition in conditions(asked, spec, wanted)))
    return spec.narrowed(asked, statement, wanted) if spec.narrowed is not None else statement


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
    order = order_of(spec, wanted)
    columns = (
        spec.model.id.label("row_id"),
        order.key.label("row_key"),
        *(value_of(asked.identity, spec, each) for each in columns_for(asked.identity, spec, wanted.columns)),
    )
    backward, cursor = bool(wanted.before), wanted.before or wanted.after

    def listed(way: Asked) -> Select[Any]:
        return list_rows(way, spec, wanted)

    hunt = Hunt(asked=asked, spec=spec, wanted=wanted, order=order, rows=listed, columns=columns, size=size + 1)
    rows = hunt.found()
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
    statement = statement.order_by(*order_of(spec, wanted).clauses(backward=False))
    options = {"yield_per": STREAM_ROWS, "stream_results": True}
    yield from asked.session.execute(statement, execution_options=options)


def open_rows(spec: ListSpec, identity: Identity) -> Select[Any]:
    """The rows of a list that may leave the portal, with whoever may read them: in a file, to a program, in a message."""
    statement = spec.rows(identity)
    return statement if spec.leaves is None else statement.where(spec.leaves(identity))


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
