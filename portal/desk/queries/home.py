"""The four numbers, the trend and the breakdown of the home page."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, cast, func, select
from sqlalchemy.orm import Session

from portal.accounts.models import Account, AccountProposal, Division, Notice, Organ
from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever
from portal.accounts.values import Identity
from portal.campaigns.models import Campaign
from portal.connections.models import ConnectionOrder
from portal.core.citytime import city_time
from portal.core.paging import capped_count
from portal.core.prepared import PREPARED
from portal.desk.values import Figure
from portal.evidence.models import EquipmentUse, FootageCopy, FootageRequest, LeakCase
from portal.inspection.models import Acceptance, Finding
from portal.inspection.queries import acceptances_visible_to
from portal.inspection.states import OPEN as OPEN_ACCEPTANCES
from portal.mandates.models import InstallOrder, OwnerComplaint
from portal.measures.models import CorrectionOrder, Measure
from portal.registry.models import Camera, Filing, FilingClock, System, Unit
from portal.registry.queries import filings_visible_to, units_visible_to, visible_cameras
from portal.registry.queries.duties import LAPSES, Lapse, clocks_visible_to
from portal.registry.states import DOWN, LIVE_CODES, FilingStatus

WEEKS = 8


def figures(session: Session, identity: Identity, *, today: date, now: datetime) -> list[Figure]:
    """At most four numbers for this person's roles, each with the list behind it."""
    found: list[Figure] = []
    if may_ever(identity, Permission.FILING_READ):
        found += _filing_figures(session, identity, today)
    if may_ever(identity, Permission.ACCEPTANCE_READ):
        found.append(_acceptance_figure(session, identity, today))
    if may_ever(identity, Permission.CAMERA_READ):
        found.append(_camera_figure(session, identity))
    if not found and may_ever(identity, Permission.ACCOUNT_READ):
        found += _account_figures(session, now)
    return found[:4]


def _filing_figures(session: Session, identity: Identity, today: date) -> list[Figure]:
    seen = filings_visible_to(identity)
    # By the limits, not by the filings: who never began one is late, too.
    late = _count(session, clocks_visible_to(identity).where(*_overdue(today)))
    waiting = _count(session, seen.where(Filing.status == FilingStatus.SUBMITTED))
    return [
        Figure(key="filings_waiting", count=waiting, query={"status": "submitted"}),
        Figure(key="filings_overdue", count=late, query={"lapse": str(Lapse.FILING)}, late=late),
    ]


def _overdue(today: date) -> tuple[ColumnElement[bool], ...]:
    """Limits for filing a system that have run out."""
    kinds = [kind for kind, lapse in LAPSES.items() if lapse is Lapse.FILING]
    return FilingClock.ended_on.is_(None), FilingClock.kind.in_(kinds), FilingClock.due_on < today


def _acceptance_figure(session: Session, identity: Identity, today: date) -> Figure:
    seen = acceptances_visible_to(identity).where(Acceptance.status.in_([str(state) for state in OPEN_ACCEPTANCES]))
    late = _count(session, seen.where(Acceptance.due_on < today))
    return Figure(key="acceptances_open", count=_count(session, seen), late=late)


def _camera_figure(session: Session, identity: Identity) -> Figure:
    seen = visible_cameras(identity).where(Camera.live.in_([LIVE_CODES[state] for state in DOWN]))
    count, capped = capped_count(session, seen)
    return Figure(key="cameras_offline", count=count, capped=capped, query={"live": ",".join(DOWN)})


def _account_figures(session: Session, now: datetime) -> list[Figure]:
    proposals = session.scalar(select(func.count()).where(AccountProposal.status == "proposed")) or 0
    locked = session.scalar(select(func.count()).select_from(Account).where(Account.locked_until > now)) or 0
    accounts = session.scalar(select(func.count()).select_from(Account).where(Account.disabled_at.is_(None))) or 0
    return [
        Figure(key="proposals_waiting", count=proposals),
        Figure(key="accounts_locked", count=locked, late=locked),
        Figure(key="accounts_open", count=accounts),
    ]


def _count(session: Session, statement: Select[Any]) -> int:
    return session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0


def weekly_filings(session: Session, identity: Identity, *, today: date) -> list[tuple[date, int]]:
    """Filings accepted in each of the last WEEKS weeks, by the Monday that begins it."""
    monday = today - timedelta(days=today.weekday())
    first = monday - timedelta(weeks=WEEKS - 1)
    week: ColumnElement[date] = cast(func.date_trunc("week", city_time(Filing.decided_at)), Date)
    rows = session.execute(
        filings_visible_to(identity)
        .with_only_columns(week, func.count())
        .where(Filing.number.is_not(None), Filing.decided_at >= first)
        .group_by(week)
    )
    counted: dict[date, int] = dict(rows.all())
    return [(first + timedelta(weeks=n), counted.get(first + timedelta(weeks=n), 0)) for n in range(WEEKS)]


def by_district(session: Session, identity: Identity, *, today: date) -> list[tuple[str, int, int]]:
    """For each district: units in reach, and how many of them have a filing overdue."""
    units = units_visible_to(identity).subquery()
    late = select(FilingClock.unit_id).where(*_overdue(today)).distinct().subquery()
    rows = session.execute(
        select(Division.name, func.count(units.c.id), func.count(late.c.unit_id))
        .select_from(units)
        .join(Division, Division.code == units.c.district)
        .outerjoin(late, late.c.unit_id == units.c.id)
        .group_by(Division.code, Division.name)
        .order_by(Division.code)
    )
    return [(name, count, overdue) for name, count, overdue in rows]


def subjects_of(session: Session, notices: Sequence[Notice]) -> dict[UUID, str]:
    """The names of the systems and units, or the numbers of the papers, that notices speak of, by the notices' subjects."""
    wanted = {notice.subject_id for notice in notices}
    names: dict[UUID, str] = {}
    for matter in (Filing, Acceptance):
        rows = select(matter.id, System.name).join(System, System.id == matter.system_id).where(matter.id.in_(wanted))
        names |= dict(session.execute(rows).all()) if wanted else {}
    # What a routine visit found is of no system, but of the unit.
    findings = select(Finding.id, func.coalesce(System.name, Unit.name)).join(Unit, Unit.id == Finding.unit_id)
    findings = findings.outerjoin(System, System.id == Finding.system_id).where(Finding.id.in_(wanted))
    names |= dict(session.execute(findings).all()) if wanted else {}
    for paper in (
        InstallOrder,
        OwnerComplaint,
        Measure,
        CorrectionOrder,
        ConnectionOrder,
        LeakCase,
        FootageRequest,
        EquipmentUse,
    ):
        numbered: Any = select(paper.id, paper.number).where(paper.id.in_(wanted), paper.number.is_not(None))
        names |= dict(session.execute(numbered).all()) if wanted else {}
    campaigns = select(Campaign.id, Campaign.title).where(Campaign.id.in_(wanted))
    names |= dict(session.execute(campaigns).all()) if wanted else {}
    copies = select(FootageCopy.id, FootageCopy.serial).where(FootageCopy.id.in_(wanted))
    names |= dict(session.execute(copies).all()) if wanted else {}
    organs = select(Organ.id, Organ.name).where(Organ.id.in_(wanted))
    names |= dict(session.execute(organs).all()) if wanted else {}
    systems = select(System.id, System.name).where(System.id.in_(wanted))
    units = select(Unit.id, Unit.name).where(Unit.id.in_(wanted))
    names |= dict(session.execute(systems.union_all(units)).all()) if wanted else {}
    return names


def count_unread(session: Session, identity: Identity, *, most: int = 100) -> int:
    """How many notices the person has not opened, counted no further than `most`: every page asks."""
    unread = select(Notice.id).where(Notice.person_id == identity.person_id, Notice.read_at.is_(None)).limit(most)
    counted = select(func.count()).select_from(unread.subquery())
    return session.scalar(counted, execution_options=PREPARED) or 0


def unread_notices(session: Session, identity: Identity, *, limit: int = 20) -> Sequence[Notice]:
    """What the person was told and has not opened, newest first."""
    return session.scalars(
        select(Notice)
        .where(Notice.person_id == identity.person_id, Notice.read_at.is_(None))
        .order_by(Notice.id.desc())
        .limit(limit)
    ).all()


def one_a_matter(notices: Sequence[Notice]) -> list[tuple[Notice, int]]:
    """The newest notice of each kind and subject, with how many there are of it: six papers that run out are one line."""
    matters: dict[tuple[str, UUID], list[Notice]] = {}
    for notice in notices:
        matters.setdefault((notice.kind, notice.subject_id), []).append(notice)
    return [(same[0], len(same)) for same in matters.values()]
