"""What waits for this very person: each feature's open work, in one list sorted by its due day."""

from datetime import date, datetime, time

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from portal.accounts.models import AccountProposal
from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.core.clock import CITY_TZ, city_day
from portal.desk.queries.books import books_waiting
from portal.desk.queries.campaigns import campaigns_waiting
from portal.desk.queries.connections import connections_waiting
from portal.desk.queries.copies import copies_waiting
from portal.desk.queries.delegations import delegations_held
from portal.desk.queries.dues import dues
from portal.desk.queries.equipment import equipment_waiting
from portal.desk.queries.findings import findings
from portal.desk.queries.footage import footage_going
from portal.desk.queries.measures import measures_waiting
from portal.desk.queries.missing import missing_waiting
from portal.desk.queries.owed import owed_waiting
from portal.desk.values import Todo
from portal.evidence.models import FootageRequest
from portal.evidence.queries.requests import todo as waits_for
from portal.evidence.queries.requests import visible_requests
from portal.inspection.models import Acceptance, ConclusionOverride, Visit, VisitInspector
from portal.inspection.queries import handled_by, override_pending
from portal.inspection.states import AcceptanceStatus, VisitStatus
from portal.registry.models import Filing, System
from portal.registry.queries.duties import lapsed_of_organs
from portal.registry.states import FilingStatus
from portal.regulation.engine import city_rules
from portal.regulation.schema.keys import RuleKey

EACH = 12

FAR = date.max


def todos(session: Session, identity: Identity, *, today: date, now: datetime | None = None) -> list[Todo]:
    """At most EACH things of every kind, soonest due first. Limits in hours go by `now`, or by the beginning of the day."""
    now = now or datetime.combine(today, time.min, CITY_TZ)
    found = [
        *_filings(session, identity, today),
        *_lapses(session, identity, today),
        *_acceptances(session, identity, today),
        *_visits(session, identity),
        *findings(session, identity, today=today, most=EACH),
        *_requests(session, identity),
        *_proposals(session, identity),
        *footage_going(session, identity, now=now),
        *missing_waiting(session, identity, most=EACH),
        *copies_waiting(session, identity, today=today, most=EACH),
        *dues(session, identity, today=today, most=EACH),
        *measures_waiting(session, identity, today=today, most=EACH),
        *campaigns_waiting(session, identity, today=today, most=EACH),
        *connections_waiting(session, identity, today=today, most=EACH),
        *owed_waiting(session, identity, now=now, most=EACH),
        *delegations_held(session, identity, today=today, most=EACH),
        *equipment_waiting(session, identity, now=now, most=EACH),
        *books_waiting(session, identity, now=now, most=EACH),
    ]
    return sorted(found, key=lambda item: (not item.late, item.due or FAR))


def _reach(statement: Select[Filing], identity: Identity, permission: Permission) -> Select[Filing]:
    seen = visibility(identity, permission)
    return statement.where(visible(seen, unit=Filing.unit_id, district=Filing.district))


def _filings(session: Session, identity: Identity, today: date) -> list[Todo]:
    wanted: list[tuple[Permission, tuple[FilingStatus, ...], str]] = [
        (Permission.FILING_SUBMIT, (FilingStatus.DRAFT, FilingStatus.RETURNED), "filing_submit"),
        (Permission.FILING_DECIDE, (FilingStatus.SUBMITTED,), "filing_decide"),
    ]
    found = []
    for permission, states, kind in wanted:
        if not may_ever(identity, permission):
            continue
        statement = _reach(select(Filing), identity, permission).where(Filing.status.in_(states))
        rows = session.scalars(
            statement.options(joinedload(Filing.system)).order_by(Filing.due_on.nulls_last(), Filing.id).limit(EACH)
        )
        found += [
            Todo(
                kind=kind,
                id=row.id,
                text=row.system.name,
                due=row.due_on,
                late=kind == "filing_submit" and row.due_on is not None and row.due_on < today,
            )
            for row in rows
        ]
    return found


def _lapses(session: Session, identity: Identity, today: date) -> list[Todo]:
    """What units of the person's organ failed to do in time: one line a kind, with how many, that opens the list."""
    if not identity.organ_ids or not may_ever(identity, Permission.FILING_DECIDE):
        return []
    rules = city_rules(today)
    waits = rules.integer(RuleKey.FILING_CHANGE_WAITS_DAYS) or 0
    found = lapsed_of_organs(session, identity.organ_ids, today=today, waits_days=waits)
    return [
        Todo(
            kind=f"lapse_{lapse}",
            id=None,
            text="",
            count=count,
            query={"organ": str(organ_id), "lapse": str(lapse)},
            late=True,
        )
        for organ_id, lapses in found.items()
        for lapse, count in lapses.items()
    ]


def _acceptances(session: Session, identity: Identity, today: date) -> list[Todo]:
    wanted = [
        (Permission.ACCEPTANCE_APPLY, AcceptanceStatus.RETURNED, "acceptance_papers"),
        (Permission.ACCEPTANCE_CHECK, AcceptanceStatus.REQUESTED, "acceptance_check"),
        (Permission.VISIT_SCHEDULE, AcceptanceStatus.CHECKED, "acceptance_schedule"),
    ]
    found = []
    for permission, status, kind in wanted:
        if not may_ever(identity, permission):
            continue
        rows = session.scalars(
            select(Acceptance)
            .where(handled_by(identity, permission), Acceptance.status == status)
            .options(joinedload(Acceptance.system))
            .order_by(Acceptance.due_on.nulls_last(), Acceptance.id)
            .limit(EACH)
        )
        found += [
            Todo(
                kind=kind,
                id=row.id,
                text=row.system.name,
                due=row.due_on,
                late=row.due_on is not None and row.due_on < today,
            )
            for row in rows
        ]
    return found + _publications(session, identity)


def _publications(session: Session, identity: Identity) -> list[Todo]:
    """Results to publish. While another conclusion is asked for, nothing can be: that line is the leader's who decides,
    and who asked is told that it waits for somebody else."""
    if not may_ever(identity, Permission.RESULT_PUBLISH):
        return []
    asked_oneself = exists().where(
        ConclusionOverride.acceptance_id == Acceptance.id,
        ConclusionOverride.approved.is_(None),
        ConclusionOverride.asked_by == identity.person_id,
    )
    rows = session.execute(
        select(Acceptance, override_pending())
        .join(System, System.id == Acceptance.system_id)
        .where(
            handled_by(identity, Permission.RESULT_PUBLISH),
            Acceptance.concluded_at.is_not(None),
            Acceptance.published_at.is_(None),
            ~System.secret,
            ~override_pending() | asked_oneself,
        )
        .options(contains_eager(Acceptance.system))
        .order_by(Acceptance.id)
        .limit(EACH)
    )
    return [
        Todo(kind="override_waits" if waits else "result_publish", id=row.id, text=row.system.name)
        for row, waits in rows
    ]


def _visits(session: Session, identity: Identity) -> list[Todo]:
    if not may_ever(identity, Permission.VISIT_SCORE):
        return []
    rows = session.execute(
        select(Visit.acceptance_id, Visit.starts_at, Acceptance)
        .join(VisitInspector, VisitInspector.visit_id == Visit.id)
        .join(Acceptance, Acceptance.id == Visit.acceptance_id)
        .where(VisitInspector.person_id == identity.person_id, Visit.status == VisitStatus.PLANNED)
        .options(joinedload(Acceptance.system))
        .order_by(Visit.starts_at)
        .limit(EACH)
    )
    return [
        Todo(kind="visit", id=key, text=acceptance.system.name, due=city_day(starts_at))
        for key, starts_at, acceptance in rows
    ]


def _requests(session: Session, identity: Identity) -> list[Todo]:
    """Footage requests by their number alone: what they are about stays on their own page."""
    if not may_ever(identity, Permission.REQUEST_READ):
        return []
    rows = session.execute(
        select(FootageRequest.id, FootageRequest.number)
        .where(visible_requests(identity), waits_for(identity))
        .order_by(FootageRequest.id.desc())
        .limit(EACH)
    )
    return [Todo(kind="request", id=key, text=number or "") for key, number in rows]


def _proposals(session: Session, identity: Identity) -> list[Todo]:
    if not may_ever(identity, Permission.ACCOUNT_DECIDE):
        return []
    rows = session.scalars(
        select(AccountProposal).where(AccountProposal.status == "proposed").order_by(AccountProposal.id).limit(EACH)
    )
    return [Todo(kind="proposal", id=row.id, text=row.login) for row in rows]
