"""Telling people that something awaits them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.accounts.models import Membership, Notice
from portal.accounts.values import Identity, Role
from portal.core.ids import new_id


def notify_people(
    session: Session, *, people: Iterable[UUID], kind: str, subject_id: UUID, occasion: str, now: datetime
) -> None:
    """Put one line on each person's list; the same occasion never twice, however often a job runs."""
    rows = [
        {
            "id": new_id(),
            "person_id": key,
            "kind": kind,
            "subject_id": subject_id,
            "occasion": occasion,
            "created_at": now,
        }
        for key in set(people)
    ]
    if rows:
        session.execute(insert(Notice).values(rows).on_conflict_do_nothing())


def people_with(
    session: Session, roles: Iterable[Role], *, unit_id: UUID | None = None, organ_id: UUID | None = None
) -> list[UUID]:
    """Who holds one of these roles now in the unit or organ."""
    statement = select(Membership.person_id).where(Membership.role.in_(list(roles)), Membership.valid_to.is_(None))
    if unit_id is not None:
        statement = statement.where(Membership.unit_id == unit_id)
    if organ_id is not None:
        statement = statement.where(Membership.organ_id == organ_id)
    return list(session.scalars(statement.distinct()))


def mark_read(session: Session, *, actor: Identity, notice_id: UUID, now: datetime) -> None:
    """The person has seen it, and with it whatever else of the same kind was told of the same thing until then."""
    same = select(Notice.kind, Notice.subject_id).where(Notice.id == notice_id, Notice.person_id == actor.person_id)
    session.execute(
        update(Notice)
        .where(
            Notice.person_id == actor.person_id,
            Notice.id <= notice_id,
            Notice.read_at.is_(None),
            tuple_(Notice.kind, Notice.subject_id).in_(same),
        )
        .values(read_at=now)
        .execution_options(synchronize_session=False)
    )
