"""Reading acceptances, visits and published results."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Select, or_, select, tuple_
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.accounts import policy
from portal.accounts.models import Membership, Organ, OrganDivision, Person
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity, Role, Scope
from portal.core.errors import NotFound
from portal.core.paging import PAGE_SIZE, Page, capped_count, encode_cursor, newest_first, place_in, tally_of
from portal.inspection.models import (
    Acceptance,
    AcceptanceClock,
    Answer,
    InspectorAbsence,
    InspectorProfile,
    PublishedResult,
    SelfAssessment,
    Visit,
    VisitInspector,
    VisitPhoto,
)
from portal.inspection.rules import Standing, has_standard
from portal.inspection.states import OPEN, PASSED, AcceptanceKind, AcceptanceStatus, VisitStatus
from portal.registry.models import System, Unit
from portal.registry.queries import kind_of
from portal.registry.states import UseStatus
from portal.regulation.effective import EffectiveRules


def acceptance_scope(acceptance: Acceptance, inspectors: Sequence[UUID] = ()) -> Scope:
    """Where an acceptance stands; `inspectors` are the persons assigned to its visit."""
    return Scope(
        unit_ids=frozenset({acceptance.unit_id}),
        districts=frozenset({acceptance.district}),
        organ_ids=frozenset({acceptance.organ_id}),
        person_ids=frozenset(inspectors),
        kind=kind_of(acceptance, acceptance.unit_id),
    )


def handling_scope(acceptance: Acceptance, inspectors: Sequence[UUID] = ()) -> Scope:
    """Who handles an acceptance: a school's standard creation is a matter of the organ it is addressed to alone, and
    not of the police of the place."""
    scope = acceptance_scope(acceptance, inspectors)
    return replace(scope, districts=frozenset()) if acceptance.kind == AcceptanceKind.STANDARD else scope


def require_handling(
    identity: Identity, permission: Permission, acceptance: Acceptance, inspectors: Sequence[UUID] = ()
) -> None:
    """Raise NotFound for whoever may not read the acceptance, NotAllowed for readers who do not handle it."""
    if allows(identity, permission, handling_scope(acceptance, inspectors)):
        return
    require(identity, Permission.ACCEPTANCE_READ, acceptance_scope(acceptance))
    raise policy.refusal_of(identity, permission)


def get_acceptance(session: Session, identity: Identity, acceptance_id: UUID) -> Acceptance:
    """An acceptance with system and unit, if the person may read it. Raises NotFound."""
    statement = (
        select(Acceptance)
        .where(Acceptance.id == acceptance_id)
        .options(joinedload(Acceptance.system), joinedload(Acceptance.unit))
    )
    acceptance = session.scalars(statement).one_or_none()
    if acceptance is None:
        raise NotFound()
    require(identity, Permission.ACCEPTANCE_READ, acceptance_scope(acceptance))
    return acceptance


def get_handled(session: Session, identity: Identity, acceptance_id: UUID, permission: Permission) -> Acceptance:
    """An acceptance for whoever handles it. Raises NotFound or NotAllowed, before anything of a form is judged."""
    acceptance = get_acceptance(session, identity, acceptance_id)
    require_handling(identity, permission, acceptance)
    return acceptance


def lock_acceptance(session: Session, acceptance_id: UUID) -> Acceptance:
    """An acceptance held for change, with system and unit. Raises NotFound."""
    acceptance = session.scalars(
        select(Acceptance)
        .where(Acceptance.id == acceptance_id)
        .options(joinedload(Acceptance.system), joinedload(Acceptance.unit))
        .with_for_update(of=Acceptance)
    ).one_or_none()
    if acceptance is None:
        raise NotFound()
    return acceptance


def acceptances_visible_to(identity: Identity) -> Select[Acceptance]:
    """Every acceptance the person may read."""
    seen = visibility(identity, Permission.ACCEPTANCE_READ)
    return select(Acceptance).where(visible(seen, unit=Acceptance.unit_id, district=Acceptance.district))


@dataclass(frozen=True, kw_only=True)
class AcceptanceFilter:
    """What the list is narrowed to; empty means all."""

    status: AcceptanceStatus | None = None
    kind: AcceptanceKind | None = None
    keyword: str = ""
    district: str = ""
    unit_id: UUID | None = None
    overdue_on: date | None = None


def acceptance_page(
    session: Session, identity: Identity, wanted: AcceptanceFilter, *, after: str | None = None
) -> Page[Acceptance]:
    """Acceptances, newest first."""
    statement = _narrow(acceptances_visible_to(identity), wanted)
    options = (joinedload(Acceptance.system), joinedload(Acceptance.unit))
    return newest_first(session, statement, Acceptance.id, after=after, options=options)


def acceptance_tally(session: Session, identity: Identity, wanted: AcceptanceFilter) -> Mapping[AcceptanceStatus, int]:
    """How many acceptances of the filter stand in each status."""
    narrowed = _narrow(acceptances_visible_to(identity), replace(wanted, status=None))
    return tally_of(session, narrowed, Acceptance.status, AcceptanceStatus)


def _narrow(statement: Select[Acceptance], wanted: AcceptanceFilter) -> Select[Acceptance]:
    if wanted.status is not None:
        statement = statement.where(Acceptance.status == wanted.status)
    if wanted.kind is not None:
        statement = statement.where(Acceptance.kind == wanted.kind)
    if wanted.keyword.strip():
        word = wanted.keyword.strip()
        statement = statement.where(
            Acceptance.unit.has(Unit.name.contains(word, autoescape=True))
            | Acceptance.system.has(System.name.contains(word, autoescape=True))
        )
    if wanted.district:
        statement = statement.where(Acceptance.district == wanted.district)
    if wanted.unit_id is not None:
        statement = statement.where(Acceptance.unit_id == wanted.unit_id)
    if wanted.overdue_on is not None:
        open_states = ("requested", "checked", "scheduled")
        statement = statement.where(Acceptance.status.in_(open_states), Acceptance.due_on < wanted.overdue_on)
    return statement


def visits_of(session: Session, acceptance_id: UUID) -> Sequence[Visit]:
    """An acceptance's visits, newest first, with their inspectors."""
    return session.scalars(
        select(Visit)
        .where(Visit.acceptance_id == acceptance_id)
        .options(selectinload(Visit.inspectors))
        .order_by(Visit.id.desc())
    ).all()


def planned_visit(session: Session, acceptance_id: UUID) -> Visit | None:
    """The visit that is to come, or under way."""
    return session.scalars(
        select(Visit)
        .where(Visit.acceptance_id == acceptance_id, Visit.status == VisitStatus.PLANNED)
        .options(selectinload(Visit.inspectors))
    ).one_or_none()


def get_own_visit(
    session: Session, identity: Identity, acceptance_id: UUID, permission: Permission
) -> tuple[Acceptance, Visit]:
    """An acceptance and its visit to come, for the inspectors it is assigned to. Raises NotAllowed for other readers."""
    acceptance = get_acceptance(session, identity, acceptance_id)
    visit = planned_visit(session, acceptance_id)
    assigned = [place.person_id for place in visit.inspectors if not place.cancelled] if visit else []
    require_handling(identity, permission, acceptance, assigned)
    if visit is None:
        raise NotFound()
    return acceptance, visit


def answers_of(session: Session, visit_id: UUID) -> Mapping[str, Answer]:
    """A visit's answers by item."""
    return {row.item: row for row in session.scalars(select(Answer).where(Answer.visit_id == visit_id))}


def photos_of(session: Session, visit_id: UUID) -> Mapping[str, Sequence[VisitPhoto]]:
    """A visit's photos by item, in the order they were taken."""
    found: dict[str, list[VisitPhoto]] = {}
    for photo in session.scalars(select(VisitPhoto).where(VisitPhoto.visit_id == visit_id).order_by(VisitPhoto.id)):
        found.setdefault(photo.item, []).append(photo)
    return found


def inspectors_for(session: Session, acceptance: Acceptance, *, today: date) -> Sequence[tuple[UUID, str, str]]:
    """Who may be sent: inspectors who cover the district, or for a standard creation the assessors of the organ that
    was applied to. Person id, name, organ."""
    standard = acceptance.kind == AcceptanceKind.STANDARD
    covers = or_(Organ.citywide, OrganDivision.division_code == acceptance.district)
    rows = session.execute(
        select(Person.id, Person.name, Organ.name)
        .join(Membership, Membership.person_id == Person.id)
        .join(Organ, Organ.id == Membership.organ_id)
        .outerjoin(OrganDivision, OrganDivision.organ_id == Organ.id)
        .where(
            Membership.role == (Role.SECTOR_SUPERVISOR if standard else Role.INSPECTOR),
            Membership.valid_from <= today,
            or_(Membership.valid_to.is_(None), Membership.valid_to >= today),
            Organ.id == acceptance.organ_id if standard else covers,
        )
        .distinct()
        .order_by(Person.name, Person.id)
    )
    return [(person_id, name, organ) for person_id, name, organ in rows]


def booked_then(session: Session, people: Sequence[UUID], period: Range[datetime]) -> Sequence[VisitInspector]:
    """The places these people hold in other visits that overlap a time, the earliest first."""
    return session.scalars(
        select(VisitInspector)
        .where(
            VisitInspector.person_id.in_(people),
            ~VisitInspector.cancelled,
            VisitInspector.period.overlaps(period),
        )
        .order_by(VisitInspector.period, VisitInspector.name)
    ).all()


def latest_acceptance(session: Session, system_id: UUID, kind: AcceptanceKind | None = None) -> Acceptance | None:
    """The newest acceptance of a system, of one kind or of any."""
    statement = select(Acceptance).where(Acceptance.system_id == system_id)
    if kind is not None:
        statement = statement.where(Acceptance.kind == kind)
    return session.scalars(statement.order_by(Acceptance.id.desc()).limit(1)).one_or_none()


def standing_of(session: Session, system: System, rules: EffectiveRules) -> Standing:
    """What counts when the unit asks for an acceptance of this system."""
    rows = session.execute(
        select(Acceptance.kind, Acceptance.status).where(Acceptance.system_id == system.id).distinct()
    ).all()
    return Standing(
        use_status=UseStatus(system.use_status),
        accepted=any(kind != AcceptanceKind.STANDARD and status in PASSED for kind, status in rows),
        open_kinds=frozenset(AcceptanceKind(kind) for kind, status in rows if status in OPEN),
        has_standard=has_standard(rules),
    )


def draft_assessment(session: Session, system_id: UUID) -> SelfAssessment | None:
    """The self-assessment of a system that is not signed yet."""
    return session.scalars(
        select(SelfAssessment).where(SelfAssessment.system_id == system_id, SelfAssessment.signed_at.is_(None))
    ).one_or_none()


def assessment_to_apply_with(session: Session, system_id: UUID) -> SelfAssessment | None:
    """The newest signed self-assessment of a system that no application has used."""
    return session.scalars(
        select(SelfAssessment)
        .where(
            SelfAssessment.system_id == system_id,
            SelfAssessment.signed_at.is_not(None),
            ~select(Acceptance.id).where(Acceptance.self_assessment_id == SelfAssessment.id).exists(),
        )
        .order_by(SelfAssessment.id.desc())
        .limit(1)
    ).one_or_none()


def lock_assessment(session: Session, assessment_id: UUID) -> SelfAssessment:
    """A self-assessment held for change, with its system and unit. Raises NotFound."""
    found = session.scalars(
        select(SelfAssessment)
        .where(SelfAssessment.id == assessment_id)
        .options(joinedload(SelfAssessment.system), joinedload(SelfAssessment.unit))
        .with_for_update(of=SelfAssessment)
    ).one_or_none()
    if found is None:
        raise NotFound()
    return found


def assessment_of(session: Session, acceptance: Acceptance) -> SelfAssessment | None:
    """The self-assessment an application was made with."""
    return session.get(SelfAssessment, acceptance.self_assessment_id) if acceptance.self_assessment_id else None


def supervisor_of(session: Session, unit: Unit, district: str) -> UUID | None:
    """The organ that supervises this kind of unit in a district: its own before the whole city's."""
    return session.scalar(
        select(Organ.id)
        .outerjoin(OrganDivision, OrganDivision.organ_id == Organ.id)
        .where(Organ.sectors.contains([unit.unit_type]), or_(Organ.citywide, OrganDivision.division_code == district))
        .order_by(Organ.citywide, Organ.code)
        .limit(1)
    )


def clocks_of(session: Session, acceptance_id: UUID) -> Sequence[AcceptanceClock]:
    """Every time limit of an acceptance, in the order they ran."""
    return session.scalars(
        select(AcceptanceClock).where(AcceptanceClock.acceptance_id == acceptance_id).order_by(AcceptanceClock.id)
    ).all()


def published_page(
    session: Session, *, keyword: str = "", district: str = "", after: str | None = None
) -> Page[PublishedResult]:
    """Published results, by the day they were published, newest first; anyone may read them."""
    statement = select(PublishedResult)
    if keyword.strip():
        statement = statement.where(PublishedResult.unit_name.contains(keyword.strip(), autoescape=True))
    if district:
        statement = statement.where(PublishedResult.district == district)
    total, capped = capped_count(session, statement)
    place = tuple_(PublishedResult.published_on, PublishedResult.id)
    if after:
        statement = statement.where(place < tuple_(*place_in(after, date.fromisoformat, UUID)))
    order = (PublishedResult.published_on.desc(), PublishedResult.id.desc())
    rows = session.scalars(statement.order_by(*order).limit(PAGE_SIZE + 1)).all()
    last = rows[PAGE_SIZE - 1] if len(rows) > PAGE_SIZE else None
    cursor = encode_cursor([last.published_on.isoformat(), str(last.id)]) if last else None
    return Page(items=rows[:PAGE_SIZE], next_cursor=cursor, total=total, total_capped=capped)


def published_of(session: Session, acceptance_id: UUID) -> PublishedResult | None:
    """The publication of one acceptance."""
    return session.scalars(select(PublishedResult).where(PublishedResult.acceptance_id == acceptance_id)).one_or_none()


@dataclass(frozen=True)
class BoardRow:
    """An inspector's week: what he stands for, his visits and his absences."""

    person_id: UUID
    name: str
    organ_id: UUID
    organ: str
    profile: InspectorProfile | None
    visits: Sequence[Visit] = ()
    absences: Sequence[InspectorAbsence] = ()


def week_board(session: Session, identity: Identity, week: Range[datetime], *, today: date) -> Sequence[BoardRow]:
    """The week of everybody who inspects for the reader's organs, by organ and name."""
    seen = visibility(identity, Permission.INSPECTOR_READ)
    people = session.execute(
        select(Person.id, Person.name, Organ.id, Organ.name)
        .join(Membership, Membership.person_id == Person.id)
        .join(Organ, Organ.id == Membership.organ_id)
        .where(
            Membership.role == Role.INSPECTOR,
            Membership.valid_from <= today,
            or_(Membership.valid_to.is_(None), Membership.valid_to >= today),
            visible(seen, organ=Organ.id),
        )
        .distinct()
        .order_by(Organ.name, Person.name, Person.id)
    ).all()
    keys = [row[0] for row in people]
    profiles = {
        row.person_id: row
        for row in session.scalars(select(InspectorProfile).where(InspectorProfile.person_id.in_(keys)))
    }
    visits: dict[UUID, list[Visit]] = {}
    for person, visit in session.execute(
        select(VisitInspector.person_id, Visit)
        .join(Visit, Visit.id == VisitInspector.visit_id)
        .where(VisitInspector.person_id.in_(keys), ~VisitInspector.cancelled, VisitInspector.period.overlaps(week))
        .order_by(Visit.starts_at)
        .options(joinedload(Visit.acceptance).joinedload(Acceptance.unit))
    ):
        visits.setdefault(person, []).append(visit)
    absences: dict[UUID, list[InspectorAbsence]] = {}
    for absence in session.scalars(
        select(InspectorAbsence)
        .where(
            InspectorAbsence.person_id.in_(keys), ~InspectorAbsence.withdrawn, InspectorAbsence.period.overlaps(week)
        )
        .order_by(InspectorAbsence.period)
    ):
        absences.setdefault(absence.person_id, []).append(absence)
    return [BoardRow(*row, profiles.get(row[0]), visits.get(row[0], ()), absences.get(row[0], ())) for row in people]
