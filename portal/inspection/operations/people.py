"""What is kept of inspectors: what they stand for and when they work, their absences, their interests in units."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from portal.accounts.models import Membership, Person
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity, Role, Scope
from portal.audit.operations import record
from portal.audit.values import SubjectRef
from portal.core.clock import CITY_TZ, city_day
from portal.core.errors import Invalid, NotFound, Problem
from portal.core.geometry import LonLat, point, to_element
from portal.core.lifecycle import unchanged
from portal.inspection import values
from portal.inspection.models import InspectorAbsence, InspectorConflict, InspectorProfile, VisitInspector
from portal.inspection.operations.diary import every_diary, hold_person
from portal.regulation.schema.values import Span


@dataclass(frozen=True, kw_only=True)
class Particulars:
    """What the organ says of an inspector; no week of his own leaves the working hours to the rule."""

    groups: Set[str]
    expert: bool
    week: Mapping[int, Sequence[Span]] | None = None
    base: LonLat | None = None
    most_per_day: int | None = None


def keep_inspector(
    session: Session,
    *,
    actor: Identity,
    person_id: UUID,
    organ_id: UUID,
    particulars: Particulars,
    seen_version: int | None,
    now: datetime,
) -> InspectorProfile:
    """Enter or change what an inspector stands for and when he works. Raises Invalid for whoever is no inspector of the
    organ, Stale when somebody else changed it meanwhile."""
    require(actor, Permission.INSPECTOR_KEEP, inspector_scope(person_id, organ_id), read=Permission.INSPECTOR_READ)
    person = _inspector(session, person_id, organ_id, today=city_day(now))
    profile = session.get(InspectorProfile, person_id, with_for_update=True)
    if profile is None:
        profile = InspectorProfile(person_id=person_id)
        session.add(profile)
    elif seen_version is not None:
        unchanged(profile, seen_version)
    profile.organ_id = organ_id
    profile.groups, profile.expert = sorted(particulars.groups), particulars.expert
    profile.weekly_hours = _stored(particulars.week)
    profile.base = to_element(point(*particulars.base)) if particulars.base else None
    profile.most_per_day, profile.updated_at = particulars.most_per_day, now
    session.flush()
    _record(session, actor, values.PROFILE_KEPT, person, now=now)
    return profile


def enter_absence(
    session: Session,
    *,
    actor: Identity,
    person_id: UUID,
    organ_id: UUID,
    begins: datetime,
    ends: datetime,
    reason: str,
    now: datetime,
) -> InspectorAbsence:
    """An inspector is away for a time. Raises Invalid when he has a visit in it, or is away already."""
    require(actor, Permission.ABSENCE_ENTER, inspector_scope(person_id, organ_id), read=Permission.INSPECTOR_READ)
    person = _inspector(session, person_id, organ_id, today=city_day(now))
    if ends <= begins:
        raise Invalid([Problem("ends_at", "ends_before_start")])
    if ends <= now:
        raise Invalid([Problem("ends_at", "in_the_past")])
    # The lock that a booking takes: no visit is planned between the look and the entry.
    hold_person(session, person_id)
    period = Range(begins, ends, bounds="[)")
    _no_visit_in(session, person_id, period)
    twice = select(InspectorAbsence.id).where(
        InspectorAbsence.person_id == person_id, ~InspectorAbsence.withdrawn, InspectorAbsence.period.overlaps(period)
    )
    if session.scalar(twice.limit(1)):
        raise Invalid([Problem("starts_at", "absence_twice")])
    absence = InspectorAbsence(
        person_id=person_id,
        organ_id=organ_id,
        period=period,
        reason=reason.strip(),
        entered_by=actor.person_id,
        entered_at=now,
    )
    session.add(absence)
    session.flush()
    _record(session, actor, values.ABSENCE_ENTERED, person, reason=_when(period), now=now)
    return absence


def withdraw_absence(session: Session, *, actor: Identity, absence_id: UUID, now: datetime) -> InspectorAbsence:
    """An absence does not come about; the time is free again."""
    absence = session.get(InspectorAbsence, absence_id, with_for_update=True)
    if absence is None:
        raise NotFound()
    scope = inspector_scope(absence.person_id, absence.organ_id)
    require(actor, Permission.ABSENCE_ENTER, scope, read=Permission.INSPECTOR_READ)
    if not absence.withdrawn:
        absence.withdrawn = True
        person = session.get_one(Person, absence.person_id)
        _record(session, actor, values.ABSENCE_WITHDRAWN, person, reason=_when(absence.period), now=now)
    return absence


def enter_conflict(
    session: Session,
    *,
    actor: Identity,
    person_id: UUID,
    organ_id: UUID,
    unit_id: UUID,
    since: date,
    until: date | None,
    reason: str,
    now: datetime,
) -> InspectorConflict:
    """An inspector has an interest in a unit and is not sent there (GB 50348 ch. 10)."""
    require(actor, Permission.INSPECTOR_KEEP, inspector_scope(person_id, organ_id), read=Permission.INSPECTOR_READ)
    person = _inspector(session, person_id, organ_id, today=city_day(now))
    if until is not None and until < since:
        raise Invalid([Problem("until", "ends_before_start")])
    if not reason.strip():
        raise Invalid([Problem("reason", "required")])
    conflict = InspectorConflict(
        person_id=person_id,
        organ_id=organ_id,
        unit_id=unit_id,
        since=since,
        until=until,
        reason=reason.strip(),
        entered_by=actor.person_id,
        entered_at=now,
    )
    session.add(conflict)
    session.flush()
    _record(session, actor, values.CONFLICT_ENTERED, person, now=now)
    return conflict


def end_conflict(
    session: Session, *, actor: Identity, conflict_id: UUID, until: date, now: datetime
) -> InspectorConflict:
    """An interest ends on a day; from the next one on the inspector may be sent there."""
    conflict = session.get(InspectorConflict, conflict_id, with_for_update=True)
    if conflict is None:
        raise NotFound()
    scope = inspector_scope(conflict.person_id, conflict.organ_id)
    require(actor, Permission.INSPECTOR_KEEP, scope, read=Permission.INSPECTOR_READ)
    if until < conflict.since:
        raise Invalid([Problem("until", "ends_before_start")])
    conflict.until = until
    _record(session, actor, values.CONFLICT_ENDED, session.get_one(Person, conflict.person_id), now=now)
    return conflict


def inspector_scope(person_id: UUID, organ_id: UUID) -> Scope:
    """Where what is kept of an inspector stands: with his organ and himself."""
    return Scope(organ_ids=frozenset({organ_id}), person_ids=frozenset({person_id}))


def _inspector(session: Session, person_id: UUID, organ_id: UUID, *, today: date) -> Person:
    found = session.scalars(
        select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Person.id == person_id,
            Membership.organ_id == organ_id,
            Membership.role == Role.INSPECTOR,
            Membership.valid_from <= today,
            Membership.valid_to.is_(None) | (Membership.valid_to >= today),
        )
        .limit(1)
    ).one_or_none()
    if found is None:
        raise Invalid([Problem("person", "not_an_inspector")])
    return found


def _no_visit_in(session: Session, person_id: UUID, period: Range[datetime]) -> None:
    with every_diary(session):
        taken = session.scalar(
            select(VisitInspector.period)
            .where(
                VisitInspector.person_id == person_id,
                ~VisitInspector.cancelled,
                VisitInspector.period.overlaps(period),
            )
            .order_by(VisitInspector.period)
            .limit(1)
        )
    if taken is not None:
        raise Invalid([Problem("starts_at", "absence_over_visit", {"when": _when(taken)})])


def _stored(week: Mapping[int, Sequence[Span]] | None) -> dict[str, list[list[str]]] | None:
    if week is None:
        return None
    return {
        str(day): [[f"{span.begins:%H:%M}", f"{span.ends:%H:%M}"] for span in spans]
        for day, spans in sorted(week.items())
    }


def _when(period: Range[datetime]) -> str:
    ends = [moment.astimezone(CITY_TZ) for moment in (period.lower, period.upper) if moment]
    return "–".join(f"{moment:%Y-%m-%d %H:%M}" for moment in ends)


def _record(
    session: Session, actor: Identity, tag: str, person: Person, *, reason: str | None = None, now: datetime
) -> None:
    record(
        session,
        actor=actor.actor,
        tag=tag,
        subject=SubjectRef("person", person.id, person.name),
        reason=reason,
        now=now,
    )
