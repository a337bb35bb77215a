"""Telling people that something awaits them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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
    _put(session, [_line(key, kind, subject_id, occasion, now) for key in set(people)])


@dataclass(frozen=True, kw_only=True)
class News:
    """What the people of a unit are to be told."""

    unit_id: UUID
    kind: str
    subject_id: UUID
    occasion: str


def notify_units(session: Session, roles: Iterable[Role], news: Sequence[News], *, now: datetime) -> None:
    """Tell whoever holds one of these roles in a unit its news: two statements, however much of it there is."""
    held = session.execute(
        select(Membership.unit_id, Membership.person_id)
        .where(
            Membership.unit_id.in_({each.unit_id for each in news}),
            Membership.role.in_(list(roles)),
            Membership.valid_to.is_(None),
        )
        .distinct()
    )
    people: dict[UUID, list[UUID]] = {}
    for unit_id, person_id in held:
        if unit_id is not None:
            people.setdefault(unit_id, []).append(person_id)
    _put(
        session,
        [
            _line(key, each.kind, each.subject_id, each.occasion, now)
            for each in news
            for key in people.get(each.unit_id, ())
        ],
    )


def _line(person_id: UUID, kind: str, subject_id: UUID, occasion: str, now: datetime) -> dict[str, object]:
    return {
        "id": new_id(),
        "person_id": person_id,
        "kind": kind,
        "subject_id": subject_id,
        "occasion": occasion,
        "created_at": now,
    }


def _put(session: Session, rows: Sequence[dict[str, object]]) -> None:
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
