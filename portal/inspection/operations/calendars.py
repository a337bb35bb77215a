"""A calendar address of a person's own: opened, revoked, fetched by whoever holds it."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.models import AddressThrottle, Membership, Person
from portal.accounts.operations.signin import count_at, lock_throttle
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.rules import is_locked
from portal.accounts.values import Identity, Role, Scope
from portal.audit.operations import record
from portal.audit.values import SubjectRef
from portal.core.addresses import sender_of
from portal.core.clock import city_day
from portal.core.errors import NotFound, TooMany
from portal.inspection import values
from portal.inspection.models import Acceptance, CalendarFeed, Visit, VisitInspector
from portal.inspection.operations.diary import every_diary

# Calendars ask every few minutes; what asks more often is no calendar.
_BREATH = timedelta(seconds=5)
_BACK = timedelta(weeks=13)
_MOST = 500
_SENT = (Role.INSPECTOR, Role.SECTOR_SUPERVISOR)


@dataclass(frozen=True)
class Diary:
    """Whose visits these are; each with whether he still goes."""

    name: str
    visits: Sequence[tuple[Visit, bool]]


def open_calendar(session: Session, *, actor: Identity, now: datetime) -> tuple[CalendarFeed, str]:
    """A new address, whose secret is told this once; the one before ends."""
    person = _own(session, actor)
    _end(session, person, now=now)
    secret = secrets.token_urlsafe(32)
    feed = CalendarFeed(person_id=person.id, secret_sha256=_digest(secret), ending=secret[-4:], created_at=now)
    session.add(feed)
    session.flush()
    _record(session, actor, values.CALENDAR_OPENED, person, now=now)
    return feed, secret


def revoke_calendar(session: Session, *, actor: Identity, now: datetime) -> None:
    """End the address. Raises NotFound where there is none."""
    person = _own(session, actor)
    if not _end(session, person, now=now):
        raise NotFound()
    _record(session, actor, values.CALENDAR_REVOKED, person, now=now)


def read_calendar(session: Session, *, secret: str, address: str, now: datetime) -> Diary | None:
    """The visits behind an address, for whoever holds its secret; None for a wrong one, which is counted against the
    place it comes from. Raises TooMany for a place that guesses, and for an address that is asked without a pause."""
    throttle = f"ics:{hashlib.sha256(sender_of(address).encode()).hexdigest()[:40]}"
    with every_diary(session):
        refused = session.get(AddressThrottle, throttle)
        if refused is not None and is_locked(refused.locked_until, now):
            raise TooMany("calendar_too_often", retry_after=int(_BREATH.total_seconds()))
        feed = session.scalars(
            select(CalendarFeed)
            .where(CalendarFeed.secret_sha256 == _digest(secret), CalendarFeed.revoked_at.is_(None))
            .with_for_update()
        ).one_or_none()
        name = _still_sent(session, feed, now=now) if feed else None
        if feed is None or name is None:
            count_at(lock_throttle(session, throttle, now=now), now=now)
            session.flush()
            return None
        if feed.fetched_at is not None and now - feed.fetched_at < _BREATH:
            raise TooMany("calendar_too_often", retry_after=int(_BREATH.total_seconds()))
        feed.fetched_at = now
        session.flush()
        return Diary(name, _visits(session, feed, now=now))


def _still_sent(session: Session, feed: CalendarFeed, *, now: datetime) -> str | None:
    """The name of a person who is still sent to visits; whoever left has no address any more."""
    today = city_day(now)
    return session.scalar(
        select(Person.name)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Person.id == feed.person_id,
            Membership.role.in_(_SENT),
            Membership.valid_from <= today,
            or_(Membership.valid_to.is_(None), Membership.valid_to >= today),
        )
        .limit(1)
    )


def _visits(session: Session, feed: CalendarFeed, *, now: datetime) -> Sequence[tuple[Visit, bool]]:
    rows = session.execute(
        select(Visit, VisitInspector.cancelled)
        .join(VisitInspector, VisitInspector.visit_id == Visit.id)
        .where(VisitInspector.person_id == feed.person_id, Visit.ends_at > now - _BACK)
        .options(
            joinedload(Visit.acceptance).joinedload(Acceptance.unit),
            joinedload(Visit.acceptance).joinedload(Acceptance.system),
        )
        .order_by(Visit.starts_at, Visit.id)
        .limit(_MOST)
    )
    return [(visit, not cancelled) for visit, cancelled in rows]


def _own(session: Session, actor: Identity) -> Person:
    if actor.person_id is None:
        raise NotFound()
    require(actor, Permission.CALENDAR_OWN, Scope(person_ids=frozenset({actor.person_id})))
    return session.get_one(Person, actor.person_id, with_for_update=True)


def _end(session: Session, person: Person, *, now: datetime) -> bool:
    feed = session.scalars(
        select(CalendarFeed).where(CalendarFeed.person_id == person.id, CalendarFeed.revoked_at.is_(None))
    ).one_or_none()
    if feed is None:
        return False
    feed.revoked_at = now
    session.flush()
    return True


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _record(session: Session, actor: Identity, tag: str, person: Person, *, now: datetime) -> None:
    record(session, actor=actor.actor, tag=tag, subject=SubjectRef("person", person.id, person.name), now=now)
