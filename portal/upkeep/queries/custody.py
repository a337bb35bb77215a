"""The password custody register: list, one with its hand-overs, and what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.values import Identity
from portal.core.paging import Page, newest_first, tally_of
from portal.registry.models import Unit
from portal.upkeep.models import CustodyHandover, PasswordCustody
from portal.upkeep.queries.places import MOST, belongs, get_row, rows_visible_to
from portal.upkeep.states import KEPT, CustodyStatus
from portal.upkeep.values import CustodyFlaw, DeviceGroup


@dataclass(frozen=True, kw_only=True)
class CustodyFilter:
    """What the list is narrowed to; empty means all."""

    keyword: str = ""
    group: DeviceGroup | None = None
    status: CustodyStatus | None = None
    flaw: CustodyFlaw | None = None


def custody_visible_to(identity: Identity) -> Select[PasswordCustody]:
    """Every custody the person may read."""
    return rows_visible_to(identity, PasswordCustody)


def custody_page(
    session: Session, identity: Identity, wanted: CustodyFilter, *, today: date, after: str | None = None
) -> Page[PasswordCustody]:
    """The register, newest first."""
    statement = _narrow(custody_visible_to(identity), wanted, today)
    return newest_first(
        session, statement, PasswordCustody.id, after=after, options=(joinedload(PasswordCustody.unit),)
    )


def custody_tally(
    session: Session, identity: Identity, wanted: CustodyFilter, *, today: date
) -> Mapping[CustodyStatus, int]:
    """How many stand in each status."""
    narrowed = _narrow(custody_visible_to(identity), replace(wanted, status=None), today)
    return tally_of(session, narrowed, PasswordCustody.status, CustodyStatus)


def custody_flaws(session: Session, identity: Identity, *, today: date) -> Mapping[CustodyFlaw, int]:
    """How many are kept wrongly, by what is wrong."""
    columns = [func.count().filter(flawed(one, today)) for one in CustodyFlaw]
    row = session.execute(custody_visible_to(identity).with_only_columns(*columns)).one()
    return dict(zip(CustodyFlaw, row, strict=True))


def flawed(what: CustodyFlaw, today: date) -> ColumnElement[bool]:
    """The custodies of which this is true: a keeper whose post or account ended, a change that is overdue."""
    kept = PasswordCustody.status.in_(KEPT)
    if what is CustodyFlaw.ROTATION_OVERDUE:
        return kept & (PasswordCustody.due_on < today)
    here = PasswordCustody.unit_id
    stays = belongs(PasswordCustody.custodian_id, here, today) & belongs(PasswordCustody.second_id, here, today)
    return kept & ~stays


def flaws_of(session: Session, custody: PasswordCustody, *, today: date) -> list[CustodyFlaw]:
    """What is wrong with this one."""
    columns = [flawed(one, today) for one in CustodyFlaw]
    row = session.execute(select(*columns).select_from(PasswordCustody).where(PasswordCustody.id == custody.id)).one()
    return [one for one, found in zip(CustodyFlaw, row, strict=True) if found]


def has_left(session: Session, person_id: UUID, unit_id: UUID, *, today: date) -> bool:
    """Whether a keeper belongs to the unit no longer."""
    here = select(belongs(PasswordCustody.custodian_id, unit_id, today)).where(
        PasswordCustody.custodian_id == person_id
    )
    second = select(belongs(PasswordCustody.second_id, unit_id, today)).where(PasswordCustody.second_id == person_id)
    found = session.scalars(here.union_all(second).limit(1)).first()
    return found is False


def get_custody(session: Session, identity: Identity, custody_id: UUID) -> PasswordCustody:
    """One custody with its unit. Raises NotFound."""
    return get_row(session, identity, PasswordCustody, custody_id)


def handovers_of(session: Session, custody_id: UUID) -> Sequence[CustodyHandover]:
    """Its hand-overs, newest first."""
    return session.scalars(
        select(CustodyHandover)
        .where(CustodyHandover.custody_id == custody_id)
        .order_by(CustodyHandover.id.desc())
        .limit(MOST)
    ).all()


def open_handover(session: Session, custody_id: UUID) -> CustodyHandover | None:
    """The hand-over that waits for its second signature."""
    return session.scalars(
        select(CustodyHandover).where(
            CustodyHandover.custody_id == custody_id,
            CustodyHandover.taken_at.is_(None),
            CustodyHandover.recalled_at.is_(None),
        )
    ).one_or_none()


def custody_book(session: Session, identity: Identity, unit_id: UUID) -> Sequence[PasswordCustody]:
    """The register of one unit as it is printed."""
    statement = custody_visible_to(identity).where(PasswordCustody.unit_id == unit_id)
    return session.scalars(statement.order_by(PasswordCustody.id).limit(1000)).all()


def _narrow(statement: Select[Any], wanted: CustodyFilter, today: date) -> Select[Any]:
    if wanted.keyword.strip():
        word = wanted.keyword.strip()
        named = select(Unit.id).where(Unit.name.contains(word, autoescape=True))
        statement = statement.where(
            or_(
                PasswordCustody.scope.contains(word, autoescape=True),
                PasswordCustody.custodian_name.contains(word, autoescape=True),
                PasswordCustody.unit_id.in_(named),
            )
        )
    if wanted.group is not None:
        statement = statement.where(PasswordCustody.device_group == wanted.group)
    if wanted.status is not None:
        statement = statement.where(PasswordCustody.status == wanted.status)
    if wanted.flaw is not None:
        statement = statement.where(flawed(wanted.flaw, today))
    return statement
