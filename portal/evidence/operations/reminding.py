"""Who is told of copies past their day, of what is to be deleted, and of a leak: never a word on what it is about."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.operations import notify_people, people_with
from portal.accounts.values import Role
from portal.core.clock import city_day
from portal.evidence.models import FootageRequest, LeakCase
from portal.evidence.queries.copies import copies_of
from portal.evidence.queries.leaks import copies_due, duties_open
from portal.evidence.rules.copies import reminder_round
from portal.evidence.states import CopyStatus
from portal.registry.rules import rules_for
from portal.regulation.schema.keys import RuleKey

UNIT = (Role.UNIT_SECURITY_HEAD, Role.UNIT_CUSTODIAN)
HEADS = (Role.CASE_HEAD, Role.BUREAU_LEADER)


def remind_copies(session: Session, *, now: datetime) -> None:
    """A line a copy for its holder and the custodian, one a duty for each side that still has something; and again
    each time the days of the rule have passed, until it is settled."""
    today = city_day(now)
    for copy in copies_due(session, today=today):
        people = _known((copy.receiver_id or copy.request.requester_id, copy.request.custodian_id))
        occasion = _again(f"due:{copy.due_back}", copy.request, since=copy.due_back, today=today)
        notify_people(session, people=people, kind="evidence.copy", subject_id=copy.id, occasion=occasion, now=now)
    for duty, request in duties_open(session):
        held = copies_of(session, request.id)
        out = [one for one in held if one.status == CopyStatus.WITH_RECIPIENT]
        holders = [one.receiver_id or request.requester_id for one in out]
        people = _known([*holders, request.custodian_id if len(out) < len(held) else None])
        late = duty.due_on is not None and duty.due_on < today
        since = duty.due_on if late else duty.met_on
        notify_people(
            session,
            people=people,
            kind="evidence.deletion",
            subject_id=request.id,
            occasion=_again("late" if late else "stated", request, since=since, today=today),
            now=now,
        )


def tell_leak(session: Session, *, leak_id: UUID, now: datetime) -> None:
    """The unit, the heads of the asking organ, the holder and the inspectorate; of a secret case its own people only."""
    leak = (
        session.scalars(
            select(LeakCase)
            .where(LeakCase.id == leak_id)
            .options(joinedload(LeakCase.copy), joinedload(LeakCase.request).joinedload(FootageRequest.readers))
        )
        .unique()
        .one_or_none()
    )
    if leak is None:
        return
    request = leak.request
    people: set[UUID | None] = {request.requester_id, request.custodian_id, leak.copy.receiver_id}
    people |= {reader.person_id for reader in request.readers}
    if not request.secret:
        people |= set(people_with(session, UNIT, unit_id=request.unit_id))
        people |= set(people_with(session, [Role.AUDITOR]))
        if request.requester_organ_id:
            people |= set(people_with(session, HEADS, organ_id=request.requester_organ_id))
    occasion = f"{leak.status}:{leak.version}"
    notify_people(session, people=_known(people), kind="evidence.leak", subject_id=leak.id, occasion=occasion, now=now)


def _again(occasion: str, request: FootageRequest, *, since: date | None, today: date) -> str:
    """The occasion, and from its second round on which round it is."""
    every = rules_for(request.unit, None, on=today).integer(RuleKey.EVIDENCE_REMIND_EVERY_DAYS) or 0
    count = reminder_round(since, today, every=every)
    return f"{occasion}:{count}" if count else occasion


def _known(people: Iterable[UUID | None]) -> list[UUID]:
    return [person for person in people if person is not None]
