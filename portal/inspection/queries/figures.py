"""The figures of inspections: how long they take, how many pass at once, what falls short, who goes where.

Every number has its list: what a query counts here, `AcceptanceFilter` and `FindingFilter` narrow to there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, extract, func, select
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.core.clock import CITY_TZ
from portal.inspection.models import Acceptance, AcceptanceClock, Finding, Visit, VisitInspector
from portal.inspection.states import CONCLUDED, AcceptanceKind, AcceptanceStatus, ClockKind, VisitStatus
from portal.regulation.schema.base import Text

MOST_ITEMS = 12
MOST_PEOPLE = 50


@dataclass(frozen=True, kw_only=True)
class Period:
    """What the figures are of: days, both included, a kind, a district."""

    since: date
    until: date
    kind: AcceptanceKind | None = None
    district: str = ""

    @property
    def moments(self) -> tuple[datetime, datetime]:
        """The first moment of the period and the first after it."""
        begins = datetime.combine(self.since, time(), tzinfo=CITY_TZ)
        return begins, datetime.combine(self.until, time(), tzinfo=CITY_TZ) + timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Wait:
    """How long one of the organ's time limits took, in calendar days."""

    kind: ClockKind
    count: int
    median: float
    ninth: float
    late: int


@dataclass(frozen=True, kw_only=True)
class Passes:
    """How conclusions came out, of first tries or of later ones."""

    first: bool
    by_status: Mapping[AcceptanceStatus, int]

    @property
    def count(self) -> int:
        """All conclusions."""
        return sum(self.by_status.values())

    @property
    def rate(self) -> float | None:
        """The share that simply passed."""
        return self.by_status[AcceptanceStatus.PASSED] / self.count if self.count else None


@dataclass(frozen=True, kw_only=True)
class MissedItem:
    """An item of a list with how often it fell short."""

    list_key: str
    item: str
    asks: Text
    count: int
    major: int


@dataclass(frozen=True, kw_only=True)
class Load:
    """An inspector's visits."""

    person_id: UUID
    name: str
    visits: int
    hours: float


@dataclass(frozen=True, kw_only=True)
class DistrictFigures:
    """One district beside the others."""

    district: str
    concluded: int
    first: int
    first_passed: int
    days: float | None
    late: int


def _of(identity: Identity, period: Period, model: Any = Acceptance) -> list[ColumnElement[bool]]:
    """The rows of the reader's reach that the period speaks of, but for its days."""
    seen = visibility(identity, Permission.FIGURES_READ)
    found = [visible(seen, unit=model.unit_id, district=model.district)]
    if period.district:
        found.append(model.district == period.district)
    if period.kind is not None:
        found.append(Acceptance.kind == period.kind)
    return found


def _concluded(identity: Identity, period: Period) -> list[ColumnElement[bool]]:
    begins, ends = period.moments
    return [
        *_of(identity, period),
        Acceptance.status.in_([str(status) for status in CONCLUDED]),
        Acceptance.concluded_at >= begins,
        Acceptance.concluded_at < ends,
    ]


def waits(session: Session, identity: Identity, period: Period) -> Sequence[Wait]:
    """Both time limits that ended in the period: median, the ninth of ten, how many were missed."""
    days = AcceptanceClock.ended_on - AcceptanceClock.started_on
    rows = session.execute(
        select(
            AcceptanceClock.kind,
            func.count(),
            func.percentile_cont(0.5).within_group(days),
            func.percentile_cont(0.9).within_group(days),
            func.count().filter(AcceptanceClock.late_days > 0),
        )
        .join(Acceptance, Acceptance.id == AcceptanceClock.acceptance_id)
        .where(
            *_of(identity, period, AcceptanceClock),
            AcceptanceClock.kind.in_([ClockKind.REVIEW, ClockKind.DECISION]),
            AcceptanceClock.ended_on.between(period.since, period.until),
        )
        .group_by(AcceptanceClock.kind)
    )
    found = {ClockKind(kind): numbers for kind, *numbers in rows}
    return [
        Wait(kind=kind, count=found[kind][0], median=found[kind][1], ninth=found[kind][2], late=found[kind][3])
        for kind in (ClockKind.REVIEW, ClockKind.DECISION)
        if kind in found
    ]


def passes(session: Session, identity: Identity, period: Period) -> Sequence[Passes]:
    """How first and later tries came out."""
    first = Acceptance.attempt == 1
    rows = session.execute(
        select(first, Acceptance.status, func.count())
        .where(*_concluded(identity, period))
        .group_by(first, Acceptance.status)
    )
    counts = {(bool(is_first), AcceptanceStatus(status)): count for is_first, status, count in rows}
    order = (AcceptanceStatus.PASSED, AcceptanceStatus.BASICALLY_PASSED, AcceptanceStatus.FAILED)
    return [
        Passes(first=one, by_status={status: counts.get((one, status), 0) for status in order}) for one in (True, False)
    ]


def missed_items(session: Session, identity: Identity, period: Period) -> Sequence[MissedItem]:
    """What falls short most."""
    statement: Select[Any] = select(
        Finding.list_key,
        Finding.item,
        func.min(Finding.asked["zh"].astext),
        func.min(Finding.asked["en"].astext),
        func.count(),
        func.count().filter(Finding.severity != "minor"),
    )
    if period.kind is not None:
        statement = statement.join(Acceptance, Acceptance.id == Finding.acceptance_id)
    rows = session.execute(
        statement.where(*_of(identity, period, Finding), Finding.stated_on.between(period.since, period.until))
        .group_by(Finding.list_key, Finding.item)
        .order_by(func.count().desc(), Finding.list_key, Finding.item)
        .limit(MOST_ITEMS)
    )
    return [
        MissedItem(list_key=list_key, item=item, asks=Text(zh=zh, en=en), count=count, major=major)
        for list_key, item, zh, en, count, major in rows
    ]


def loads(session: Session, identity: Identity, period: Period) -> Sequence[Load]:
    """Who made how many visits, and how many hours they were planned at."""
    begins, ends = period.moments
    hours = func.sum(extract("epoch", Visit.ends_at - Visit.starts_at)) / 3600.0
    rows = session.execute(
        select(VisitInspector.person_id, func.max(VisitInspector.name), func.count(), hours)
        .join(Visit, Visit.id == VisitInspector.visit_id)
        .join(Acceptance, Acceptance.id == Visit.acceptance_id)
        .where(
            *_of(identity, period),
            Visit.status == VisitStatus.DONE,
            ~VisitInspector.cancelled,
            Visit.starts_at >= begins,
            Visit.starts_at < ends,
        )
        .group_by(VisitInspector.person_id)
        .order_by(func.count().desc(), func.max(VisitInspector.name))
        .limit(MOST_PEOPLE)
    )
    return [
        Load(person_id=person_id, name=name, visits=visits, hours=float(worked))
        for person_id, name, visits, worked in rows
    ]


def by_district(session: Session, identity: Identity, period: Period) -> Sequence[DistrictFigures]:
    """The districts side by side: conclusions, first tries that passed, days and delays of the decision."""
    first = Acceptance.attempt == 1
    decided = and_(AcceptanceClock.acceptance_id == Acceptance.id, AcceptanceClock.kind == ClockKind.DECISION)
    whole = func.count(Acceptance.id.distinct())
    rows = session.execute(
        select(
            Acceptance.district,
            whole,
            whole.filter(first),
            whole.filter(first, Acceptance.status == AcceptanceStatus.PASSED),
            func.percentile_cont(0.5).within_group(
                case((decided, AcceptanceClock.ended_on - AcceptanceClock.started_on))
            ),
            whole.filter(AcceptanceClock.late_days > 0),
        )
        .outerjoin(AcceptanceClock, and_(decided, AcceptanceClock.ended_on.is_not(None)))
        .where(*_concluded(identity, period))
        .group_by(Acceptance.district)
        .order_by(Acceptance.district)
    )
    return [
        DistrictFigures(district=district, concluded=concluded, first=tries, first_passed=passed, days=days, late=late)
        for district, concluded, tries, passed, days, late in rows
    ]
