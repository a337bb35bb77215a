"""Who may be sent to a visit and when: profiles, absences, interests and the visits planned already.

Nobody reads all of that in his own scope: a unit never sees other units' visits, an organ not the absences of another's
people. What is read here is used to find a time and never shown.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from portal.accounts.models import Membership
from portal.accounts.values import Identity
from portal.core.clock import city_day
from portal.core.db import narrow
from portal.core.errors import NotAllowed, PortalError, Problem
from portal.core.geometry import LonLat, lonlat
from portal.core.scope import EVERYTHING
from portal.inspection.models import (
    Acceptance,
    InspectorAbsence,
    InspectorConflict,
    InspectorProfile,
    Visit,
    VisitInspector,
)
from portal.inspection.queries import inspectors_for
from portal.inspection.rules import checklist_for
from portal.inspection.rules.slots import Asked, Candidate, Stop, Window, misfits, team_misfits
from portal.inspection.rules.ways import Travel
from portal.inspection.states import AcceptanceKind
from portal.registry.models import Site, System, Unit
from portal.regulation.calendar import WorkCalendar
from portal.regulation.effective import EffectiveRules
from portal.regulation.schema.keys import RuleKey
from portal.regulation.schema.values import Span

# The one objection that nobody can go on in spite of, beside a double booking.
BARRED = "inspector_barred"
_OBJECTIONS: Mapping[str, str] = {
    "conflict_of_interest": BARRED,
    "inspector_off_hours": "inspector_off_hours",
    "inspector_away": "inspector_away",
    "double_booked": "double_booked",
    "inspector_full": "inspector_full",
    "no_time_to_travel": "no_time_to_travel",
}
# A time around the window in which a neighbouring visit or absence may still matter.
_AROUND = timedelta(hours=24)


@contextmanager
def every_diary(session: Session) -> Iterator[None]:
    """Read whatever a time and a team hang on, whoever asks."""
    own = session.info["scope"]
    narrow(session, EVERYTHING)
    try:
        yield
    except PortalError:
        narrow(session, own)
        raise
    except BaseException:
        # The transaction may be beyond any statement; the next one begins in its own scope.
        session.info["scope"] = own
        raise
    narrow(session, own)


def window_of(acceptance: Acceptance, rules: EffectiveRules, *, calendar: WorkCalendar, now: datetime) -> Window:
    """When the visit of an acceptance may begin: after the notice, within the days offered, not after the time limit to
    decide, unless that is over already."""
    last = city_day(now) + timedelta(days=_number(rules, RuleKey.VISIT_BOOK_AHEAD_DAYS))
    if acceptance.due_on is not None and city_day(now) <= acceptance.due_on < last:
        last = acceptance.due_on
    opens = now + timedelta(hours=_number(rules, RuleKey.VISIT_NOTICE_HOURS))
    return Window(opens=opens, last_day=last, works=calendar.works)


def asked_of(acceptance: Acceptance, rules: EffectiveRules, *, at: LonLat | None) -> Asked:
    """What the visit of an acceptance asks of a team. The groups and the share of experts are those of the acceptance of
    works; a school's scored list knows neither."""
    listed = {group.key for group in checklist_for(rules, AcceptanceKind(acceptance.kind)).checklist.groups}
    groups = listed & set(rules.terms(RuleKey.ACCEPTANCE_GROUPS))
    share = rules.decimal(RuleKey.INSPECTION_EXPERT_SHARE) if groups else None
    hours = rules.hours(RuleKey.VISIT_HOURS)
    if hours is None:
        raise LookupError("no rule says when visits take place")
    return Asked(
        at=at,
        lasts=timedelta(minutes=_number(rules, RuleKey.VISIT_DURATION_MINUTES)),
        least=rules.integer(RuleKey.INSPECTION_MIN_INSPECTORS) or 1,
        groups=frozenset(groups),
        expert_share=share or Asked.expert_share,
        hours=hours,
        travel=travel_of(rules),
    )


def travel_of(rules: EffectiveRules) -> Travel:
    """How ways are reckoned. Raises LookupError where no text says so."""
    detour = rules.decimal(RuleKey.VISIT_TRAVEL_DETOUR)
    if detour is None:
        raise LookupError("no rule says how ways are reckoned")
    return Travel(
        kmh=_number(rules, RuleKey.VISIT_TRAVEL_KMH),
        detour=detour,
        fixed=timedelta(minutes=_number(rules, RuleKey.VISIT_TRAVEL_FIXED_MINUTES)),
    )


def _number(rules: EffectiveRules, key: RuleKey) -> int:
    number = rules.integer(key)
    if number is None:
        raise LookupError(f"no rule says {key}")
    return number


def place_of(session: Session, acceptance: Acceptance) -> LonLat | None:
    """Where the system of an acceptance stands: its own position, else its site's, else its unit's."""
    system = acceptance.system
    found = system.position
    if found is None and system.site_id is not None:
        found = session.scalar(select(Site.position).where(Site.id == system.site_id))
    found = acceptance.unit.position if found is None else found
    return None if found is None else lonlat(found)


def candidates_for(
    session: Session, acceptance: Acceptance, window: Window, asked: Asked, *, moving: UUID | None = None
) -> Sequence[Candidate]:
    """Everybody who covers the place, nearest first, with what is known of their time. `moving` is the visit that is to
    be moved, which stands in nobody's way. Read inside `every_diary`."""
    people = inspectors_for(session, acceptance, today=city_day(window.opens))
    keys = [key for key, _, _ in people]
    until = window.opens + timedelta(days=(window.last_day - city_day(window.opens)).days + 1)
    span = Range(window.opens - _AROUND, until + _AROUND)
    profiles = {
        row.person_id: row
        for row in session.scalars(
            select(InspectorProfile)
            .where(InspectorProfile.person_id.in_(keys))
            .execution_options(populate_existing=True)
        )
    }
    stops, away = _stops(session, keys, span, moving), _away(session, keys, span)
    barred = _barred(session, keys, acceptance.unit_id)
    found = [
        _profiled(
            Candidate(
                person_id=key,
                name=name,
                stops=stops.get(key, ()),
                away=away.get(key, ()),
                barred=barred.get(key, ()),
            ),
            profiles.get(key),
        )
        for key, name, _ in people
    ]
    return sorted(found, key=lambda one: (asked.travel.takes(one.base, asked.at), one.name, str(one.person_id)))


def _profiled(bare: Candidate, profile: InspectorProfile | None) -> Candidate:
    if profile is None:
        return bare
    return replace(
        bare,
        groups=frozenset(profile.groups),
        expert=profile.expert,
        hours=week_of(profile.weekly_hours),
        base=lonlat(profile.base) if profile.base is not None else None,
        most_per_day=profile.most_per_day,
    )


def week_of(stored: Mapping[str, Sequence[Sequence[str]]] | None) -> Mapping[int, Sequence[Span]] | None:
    """Weekly hours as they are kept, as spans by weekday."""
    if stored is None:
        return None
    return {
        int(day): tuple(Span.model_validate({"begins": begins, "ends": ends}) for begins, ends in spans)
        for day, spans in stored.items()
    }


def _stops(
    session: Session, people: Sequence[UUID], span: Range[datetime], moving: UUID | None
) -> Mapping[UUID, Sequence[Stop]]:
    at = func.coalesce(System.position, Site.position, Unit.position, type_=System.position.type)
    rows = session.execute(
        select(
            VisitInspector.person_id,
            func.lower(VisitInspector.period),
            func.upper(VisitInspector.period),
            VisitInspector.visit_id,
            at,
        )
        .join(Visit, Visit.id == VisitInspector.visit_id)
        .join(Acceptance, Acceptance.id == Visit.acceptance_id)
        .join(System, System.id == Acceptance.system_id)
        .join(Unit, Unit.id == System.unit_id)
        .outerjoin(Site, Site.id == System.site_id)
        .where(VisitInspector.person_id.in_(people), ~VisitInspector.cancelled, VisitInspector.period.overlaps(span))
    )
    found: dict[UUID, list[Stop]] = {}
    for person, begins, ends, visit, place in rows:
        if visit != moving:
            stop = Stop(
                begins=begins,
                ends=ends,
                at=lonlat(place) if place is not None else None,
            )
            found.setdefault(person, []).append(stop)
    return found


def _away(
    session: Session, people: Sequence[UUID], span: Range[datetime]
) -> Mapping[UUID, Sequence[tuple[datetime, datetime]]]:
    found: dict[UUID, list[tuple[datetime, datetime]]] = {}
    for person, begins, ends in session.execute(
        select(
            InspectorAbsence.person_id, func.lower(InspectorAbsence.period), func.upper(InspectorAbsence.period)
        ).where(
            InspectorAbsence.person_id.in_(people), ~InspectorAbsence.withdrawn, InspectorAbsence.period.overlaps(span)
        )
    ):
        found.setdefault(person, []).append((begins, ends))
    return found


def _barred(
    session: Session, people: Sequence[UUID], unit_id: UUID
) -> Mapping[UUID, Sequence[tuple[date, date | None]]]:
    found: dict[UUID, list[tuple[date, date | None]]] = {}
    for person, since, until in session.execute(
        select(InspectorConflict.person_id, InspectorConflict.since, InspectorConflict.until).where(
            InspectorConflict.unit_id == unit_id, InspectorConflict.person_id.in_(people)
        )
    ):
        found.setdefault(person, []).append((since, until))
    # Who belongs or belonged to the unit never inspects it.
    for person in session.scalars(
        select(Membership.person_id).where(Membership.unit_id == unit_id, Membership.person_id.in_(people))
    ):
        found.setdefault(person, []).append((date.min, None))
    return found


def interested(session: Session, people: Mapping[UUID, str], unit_id: UUID, *, on: date) -> Sequence[str]:
    """Who of these people has an interest in a unit on a day, by name. Read whoever asks."""
    with every_diary(session):
        spans = _barred(session, list(people), unit_id)
    return sorted(
        people[key]
        for key, found in spans.items()
        if any(since <= on and (until is None or on <= until) for since, until in found)
    )


def refuse_interested(session: Session, actor: Identity, unit_id: UUID, *, on: date) -> None:
    """Raise NotAllowed for whoever would decide on a unit in which he has an interest (GB 50348 ch. 10)."""
    if actor.person_id is not None and interested(session, {actor.person_id: actor.name}, unit_id, on=on):
        raise NotAllowed("own_interest")


def moves_of(session: Session, acceptance_id: UUID) -> int:
    """How often the unit has moved or called off visits of an acceptance."""
    return int(
        session.scalar(select(func.coalesce(func.sum(Visit.unit_moves), 0)).where(Visit.acceptance_id == acceptance_id))
        or 0
    )


def objections_to(
    session: Session,
    acceptance: Acceptance,
    people: Mapping[UUID, str],
    begins: datetime,
    ends: datetime,
    *,
    rules: EffectiveRules,
) -> list[Problem]:
    """What speaks against sending these people at a time, by the same rules as for the times that units choose; whoever
    has an interest in the unit first. They are held until the end of the transaction, so that nothing else is planned
    for them in between."""
    for key in sorted(people):
        hold_person(session, key)
    window = Window(opens=begins, last_day=city_day(begins), works=WorkCalendar().works)
    with every_diary(session):
        asked = replace(asked_of(acceptance, rules, at=place_of(session, acceptance)), lasts=ends - begins)
        known = {one.person_id: one for one in candidates_for(session, acceptance, window, asked)}
    team = [known[key] for key in people if key in known]
    by_code: dict[str, list[str]] = {}
    for one in team:
        for code in misfits(one, begins, asked):
            by_code.setdefault(code, []).append(one.name)
    found = [Problem("inspectors", _OBJECTIONS[code], {"who": "、".join(who)}) for code, who in by_code.items()]
    found += [Problem("inspectors", code, {"least": asked.least}) for code in team_misfits(team, asked)]
    if not window.works(window.last_day):
        found.append(Problem("starts_at", "no_working_day"))
    return sorted(found, key=lambda one: one.code != BARRED)


def hold_person(session: Session, person_id: UUID) -> None:
    """Wait until nobody else plans with a person; several are held in the order of their ids by all."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"visit:{person_id}", 0))))
