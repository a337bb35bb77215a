"""Who stands in for whom: the appointments a person sees, and between whom one can be made."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, column, func, or_, select, table
from sqlalchemy.orm import Session
from sqlalchemy.types import Uuid

from portal.accounts.models import Account, Membership, Organ, Person, PostDelegation
from portal.accounts.permissions import Permission
from portal.accounts.policy import GRANTS, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Home, Identity
from portal.core.errors import NotFound
from portal.core.paging import Page, newest_first

# By its name only: units are entered above this package.
_UNIT = table("unit", column("id", Uuid), column("name"))


@dataclass(frozen=True, slots=True)
class PostHolder:
    """Somebody with a post in a unit or organ."""

    person_id: UUID
    name: str
    post: str


def _in_home(home: Home) -> ColumnElement[bool]:
    return Membership.unit_id == home.unit_id if home.unit_id else Membership.organ_id == home.organ_id


def _now_member(today: date) -> ColumnElement[bool]:
    return and_(Membership.valid_from <= today, or_(Membership.valid_to.is_(None), Membership.valid_to >= today))


def holders_of_posts(session: Session, home: Home, *, today: date) -> list[PostHolder]:
    """Who holds which post in a unit or organ that day, in their own right."""
    rows = session.execute(
        select(Person.id, Person.name, Membership.post)
        .join(Membership, Membership.person_id == Person.id)
        .where(_in_home(home), _now_member(today), Membership.post.is_not(None))
        .order_by(Membership.post, Person.name, Person.id)
        .distinct()
    )
    return [PostHolder(person_id, name, post or "") for person_id, name, post in rows]


def possible_stand_ins(session: Session, home: Home, *, today: date) -> list[tuple[UUID, str]]:
    """Members of the unit or organ who may decide there by their own role, and have an account to do it with."""
    roles = [str(role) for role in GRANTS[Permission.REQUEST_DECIDE]]
    rows = session.execute(
        select(Person.id, Person.name)
        .join(Membership, Membership.person_id == Person.id)
        .join(Account, Account.person_id == Person.id)
        .where(_in_home(home), _now_member(today), Membership.role.in_(roles), Account.disabled_at.is_(None))
        .group_by(Person.id, Person.name)
        .order_by(Person.name, Person.id)
    )
    return [(person_id, name) for person_id, name in rows]


def homes_with_posts(session: Session, identity: Identity, *, today: date) -> list[tuple[Home, str]]:
    """Units and organs with posts to lend, as far as the person keeps them, each with its name."""
    seen = visibility(identity, Permission.DELEGATION_KEEP)
    rows = session.execute(
        select(Membership.unit_id, Membership.organ_id, func.coalesce(_UNIT.c.name, Organ.name))
        .outerjoin(Organ, Organ.id == Membership.organ_id)
        .outerjoin(_UNIT, _UNIT.c.id == Membership.unit_id)
        .where(
            _now_member(today),
            Membership.post.is_not(None),
            visible(seen, unit=cast(ColumnElement[UUID], Membership.unit_id), organ=Membership.organ_id),
        )
        .distinct()
        .order_by(func.coalesce(_UNIT.c.name, Organ.name))
        .limit(500)
    )
    return [(Home(unit_id=unit_id, organ_id=organ_id), name or "") for unit_id, organ_id, name in rows]


def _delegations_seen(identity: Identity) -> ColumnElement[bool]:
    seen = visibility(identity, Permission.DELEGATION_READ)
    return visible(seen, unit=cast(ColumnElement[UUID], PostDelegation.unit_id), organ=PostDelegation.organ_id)


def delegation_page(session: Session, identity: Identity, *, after: str | None = None) -> Page[PostDelegation]:
    """Appointments of stand-ins in the person's reach, the newest first."""
    return newest_first(
        session, select(PostDelegation).where(_delegations_seen(identity)), PostDelegation.id, after=after
    )


def get_delegation(session: Session, identity: Identity, delegation_id: UUID, *, lock: bool = False) -> PostDelegation:
    """One appointment in the person's reach. Raises NotFound."""
    statement = select(PostDelegation).where(PostDelegation.id == delegation_id, _delegations_seen(identity))
    row = session.scalars(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        raise NotFound()
    return row


def acting_now(session: Session, person_id: UUID, *, today: date) -> Sequence[PostDelegation]:
    """The appointments by which a person fills a post that day or will, the soonest to end first."""
    return session.scalars(
        select(PostDelegation)
        .where(
            PostDelegation.delegate_id == person_id, PostDelegation.to_day >= today, PostDelegation.revoked_at.is_(None)
        )
        .order_by(PostDelegation.to_day, PostDelegation.id)
    ).all()


def names_of_homes(session: Session, homes: Iterable[Home]) -> dict[UUID, str]:
    """The names of units and organs."""
    wanted = list(homes)
    units = [home.unit_id for home in wanted if home.unit_id]
    organs = [home.organ_id for home in wanted if home.organ_id]
    found: list[Row[UUID, str]] = []
    if units:
        found += session.execute(select(_UNIT.c.id, _UNIT.c.name).where(_UNIT.c.id.in_(units)))
    if organs:
        found += session.execute(select(Organ.id, Organ.name).where(Organ.id.in_(organs)))
    return {key: name for key, name in found}  # noqa: C416 - rows, not pairs
