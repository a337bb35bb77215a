"""What every book asks: where a row stands, who belongs to the unit, which systems and cameras it may name."""

from collections.abc import Sequence
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, joinedload

from portal.accounts.models import Account, Membership, Person
from portal.accounts.permissions import Permission
from portal.accounts.policy import GRANTS, Reach, require, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity, Scope
from portal.core.errors import NotFound
from portal.registry.models import Camera, System, Unit
from portal.registry.queries import kind_of
from portal.registry.rules import rules_for
from portal.registry.states import CameraStatus
from portal.regulation.schema.keys import RuleKey

MOST = 300
Row = TypeVar("Row")


def book_scope(row: Any) -> Scope:
    """Where a row of a book stands."""
    return Scope(unit_ids=frozenset({row.unit_id}), districts=frozenset({row.district}), kind=kind_of(row, row.unit_id))


def rows_visible_to(identity: Identity, model: type[Row]) -> Select[Row]:
    """Every row of a book the person may read."""
    table: Any = model
    kind = select(Unit.unit_type).where(Unit.id == table.unit_id).correlate(table).scalar_subquery()
    seen = visibility(identity, Permission.BOOK_READ)
    return select(model).where(visible(seen, unit=table.unit_id, district=table.district, kind=kind))


def get_row(session: Session, identity: Identity, model: type[Row], key: UUID) -> Row:
    """A row of a book with its unit, if the person may read it. Raises NotFound."""
    table: Any = model
    row = session.scalars(select(model).where(table.id == key).options(joinedload(table.unit))).one_or_none()
    if row is None:
        raise NotFound()
    require(identity, Permission.BOOK_READ, book_scope(row))
    return row


def homes(session: Session, identity: Identity, permission: Permission) -> Sequence[Unit]:
    """The units in which the person may do this: where a list offers to write another line."""
    units = [fact.unit_id for fact in identity.memberships if GRANTS[permission].get(fact.role) is Reach.UNIT]
    return session.scalars(select(Unit).where(Unit.id.in_(units)).order_by(Unit.name)).all() if units else []


def people_of(session: Session, unit_id: UUID, *, today: date) -> Sequence[tuple[UUID, str]]:
    """People of the unit who hold a post and an account today."""
    rows = session.execute(
        select(Person.id, Person.name)
        .where(belongs(Person.id, unit_id, today))
        .order_by(Person.name, Person.id)
        .limit(MOST)
    )
    return [(key, name) for key, name in rows]


def belongs(
    person: "InstrumentedAttribute[UUID] | ColumnElement[UUID]",
    unit: "UUID | InstrumentedAttribute[UUID]",
    today: date,
) -> ColumnElement[bool]:
    """The person holds a post in the unit today, and an account that is open."""
    return exists().where(
        Membership.person_id == person,
        Membership.unit_id == unit,
        Membership.valid_from <= today,
        or_(Membership.valid_to.is_(None), Membership.valid_to >= today),
        Account.person_id == person,
        Account.disabled_at.is_(None),
    )


def systems_of(session: Session, unit_id: UUID) -> Sequence[tuple[UUID, str]]:
    """The unit's systems that a book may name: none that is secret."""
    rows = session.execute(
        select(System.id, System.name)
        .where(System.unit_id == unit_id, ~System.secret)
        .order_by(System.name)
        .limit(MOST)
    )
    return [(key, name) for key, name in rows]


def cameras_of(session: Session, unit_id: UUID) -> Sequence[tuple[UUID, str]]:
    """The unit's cameras that a ticket may name: none that is secret, none dismantled."""
    rows = session.execute(
        select(Camera.id, Camera.name)
        .where(Camera.unit_id == unit_id, ~Camera.secret, Camera.status != CameraStatus.DISMANTLED)
        .order_by(Camera.name, Camera.id)
        .limit(MOST)
    )
    return [(key, name) for key, name in rows]


def highest_post(unit: Unit, *, on: date) -> str:
    """The post that has the last word on the unit's system (001 art. 8), by its rules."""
    return rules_for(unit, None, on=on).term(RuleKey.PEOPLE_HIGHEST_POST) or ""
