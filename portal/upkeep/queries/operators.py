"""The list of operators: who is on it, what lacks, and who opened footage without standing on it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, column, exists, func, or_, select, table, union_all
from sqlalchemy.orm import Session, joinedload

from portal.accounts.permissions import Permission
from portal.accounts.policy import visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.core.citytime import city_date
from portal.core.paging import Page, newest_first
from portal.registry.models import Operator, Unit
from portal.upkeep.queries.places import belongs, get_row, rows_visible_to
from portal.upkeep.rules import look_back

MOST = 100
_UNLOCK = table(
    "footage_unlock", column("request_id"), column("executor_id"), column("executor_name"), column("second_id"),
    column("second_name"), column("opened_at"),
)  # fmt: skip
_REQUEST = table("footage_request", column("id"), column("unit_id"), column("district"))


@dataclass(frozen=True, kw_only=True)
class OperatorFilter:
    """What the list is narrowed to; empty means all who are on it."""

    keyword: str = ""
    lacking: bool = False
    left: bool = False
    ended: bool = False


@dataclass(frozen=True)
class Opened:
    """Somebody who held a key to footage while standing on no list."""

    name: str
    unit: str
    times: int
    last_at: datetime


def operators_visible_to(identity: Identity) -> Select[Operator]:
    """Every entry of a list of operators the person may read."""
    return rows_visible_to(identity, Operator)


def operator_page(
    session: Session, identity: Identity, wanted: OperatorFilter, *, today: date, after: str | None = None
) -> Page[Operator]:
    """Operators, newest first."""
    statement = _narrow(operators_visible_to(identity), wanted, today)
    return newest_first(session, statement, Operator.id, after=after, options=(joinedload(Operator.unit),))


def operator_counts(session: Session, identity: Identity, *, today: date) -> tuple[int, int, int, int]:
    """How many are on the list, lack training or pledge, have left the unit, were struck off."""
    on_it = Operator.ended_on.is_(None)
    columns = (on_it, lacking(), gone(today), ~on_it)
    row = session.execute(
        operators_visible_to(identity).with_only_columns(*(func.count().filter(one) for one in columns))
    ).one()
    return row[0], row[1], row[2], row[3]


def lacking() -> ColumnElement[bool]:
    """On the list without training or without a pledge."""
    return Operator.ended_on.is_(None) & or_(Operator.trained_on.is_(None), Operator.pledged_on.is_(None))


def gone(today: date) -> ColumnElement[bool]:
    """On the list still, and of the unit no longer."""
    return Operator.ended_on.is_(None) & ~belongs(Operator.person_id, Operator.unit_id, today)


def get_operator(session: Session, identity: Identity, operator_id: UUID) -> Operator:
    """One entry with its unit. Raises NotFound."""
    return get_row(session, identity, Operator, operator_id)


def operator_book(session: Session, identity: Identity, unit_id: UUID) -> Sequence[Operator]:
    """The list of one unit as it is printed."""
    statement = operators_visible_to(identity).where(Operator.unit_id == unit_id)
    return session.scalars(statement.order_by(Operator.ended_on.nulls_first(), Operator.id).limit(1000)).all()


def opened_unlisted(
    session: Session, identity: Identity, *, now: datetime, unit_ids: Sequence[UUID] | None = None
) -> Sequence[Opened]:
    """Who held a key to the unit's footage without standing on its list that day."""
    keys = union_all(
        select(_UNLOCK.c.request_id, _UNLOCK.c.opened_at, _UNLOCK.c.executor_id.label("person_id"), _UNLOCK.c.executor_name.label("name")),
        select(_UNLOCK.c.request_id, _UNLOCK.c.opened_at, _UNLOCK.c.second_id, _UNLOCK.c.second_name),
    ).subquery("keys")  # fmt: skip
    day = city_date(keys.c.opened_at)
    listed = exists().where(
        Operator.unit_id == _REQUEST.c.unit_id,
        Operator.person_id == keys.c.person_id,
        Operator.appointed_on <= day,
        or_(Operator.ended_on.is_(None), Operator.ended_on > day),
    )
    unit: Any = _REQUEST.c.unit_id
    district: Any = _REQUEST.c.district
    statement = (
        select(keys.c.name, Unit.name, func.count(), func.max(keys.c.opened_at))
        .join_from(keys, _REQUEST, _REQUEST.c.id == keys.c.request_id)
        .join(Unit, Unit.id == _REQUEST.c.unit_id)
        .where(
            visible(visibility(identity, Permission.BOOK_READ), unit=unit, district=district),
            keys.c.opened_at > now - look_back(now),
            ~listed,
        )
        .group_by(keys.c.person_id, keys.c.name, Unit.id, Unit.name)
        .order_by(func.max(keys.c.opened_at).desc())
        .limit(MOST)
    )
    if unit_ids is not None:
        statement = statement.where(unit.in_(unit_ids))
    return [Opened(*row) for row in session.execute(statement)]


def _narrow(statement: Select[Any], wanted: OperatorFilter, today: date) -> Select[Any]:
    if wanted.keyword.strip():
        word = wanted.keyword.strip()
        named = select(Unit.id).where(Unit.name.contains(word, autoescape=True))
        statement = statement.where(or_(Operator.name.contains(word, autoescape=True), Operator.unit_id.in_(named)))
    if wanted.lacking:
        statement = statement.where(lacking())
    if wanted.left:
        statement = statement.where(gone(today))
    return statement.where(Operator.ended_on.is_not(None) if wanted.ended else Operator.ended_on.is_(None))
