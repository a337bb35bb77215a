"""Who is not to be commended, and until when (003 §4.4): reckoned from the papers, never set by hand."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, cast, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.core.citytime import city_date
from portal.core.paging import Page, newest_first
from portal.inspection.models import Acceptance, Finding
from portal.inspection.states import OWED
from portal.measures.models import CorrectionOrder, FineProposal, Measure, RefusalFinding
from portal.measures.queries.plans import failed_since
from portal.measures.states import RUNNING, STANDING, FineStatus, MeasureStatus, RefusalStatus
from portal.measures.values import MeasureKind
from portal.registry.models import Unit
from portal.regulation.engine import city_rules
from portal.regulation.schema.keys import RuleKey


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One reason why a unit is not commended: since when, until when (open-ended while the matter stands), which paper."""

    reason: str
    since: date
    until: date | None
    paper: str
    kind: str
    paper_id: UUID


def bar_of(session: Session, unit: Unit, on: date) -> Sequence[Bar]:
    """Every reason that bars a unit on a day; nothing: it may be commended."""
    return bars_of(session, [unit.id], on=on).get(unit.id, [])


def bars_of(session: Session, unit_ids: Sequence[UUID], *, on: date) -> Mapping[UUID, Sequence[Bar]]:
    """The reasons that bar each of these units on a day, the oldest first."""
    bars = _bars(on)
    rows = session.execute(select(bars).where(bars.c.unit_id.in_(unit_ids)).order_by(bars.c.since, bars.c.paper))
    found: Mapping[UUID, list[Bar]] = defaultdict(list)
    for row in rows:
        found[row.unit_id].append(
            Bar(
                reason=row.reason,
                since=row.since,
                until=row.until,
                paper=row.paper,
                kind=row.kind,
                paper_id=row.paper_id,
            )
        )
    return found


@dataclass(frozen=True, kw_only=True)
class CommendationFilter:
    """The list of one year: who may be commended, or who may not, narrowed by name and district."""

    year: int
    barred: bool
    keyword: str = ""
    district: str = ""


def day_of_year(year: int, *, today: date) -> date:
    """The day on which a year is judged: its last, or today while it runs."""
    return min(today, date(year, 12, 31))


def commendable_units(identity: Identity, wanted: CommendationFilter, *, today: date) -> Select[Unit]:
    """Units in reach that something bars in a year, or nothing."""
    barred = Unit.id.in_(select(_bars(day_of_year(wanted.year, today=today)).c.unit_id))
    seen = visibility(identity, Permission.COMMENDATION_READ)
    statement = select(Unit).where(visible(seen, unit=Unit.id, district=Unit.district, kind=Unit.unit_type))
    statement = statement.where(barred if wanted.barred else ~barred)
    if wanted.keyword.strip():
        statement = statement.where(Unit.name.contains(wanted.keyword.strip(), autoescape=True))
    return statement.where(Unit.district == wanted.district) if wanted.district else statement


def commendation_page(
    session: Session, identity: Identity, wanted: CommendationFilter, *, today: date, after: str | None = None
) -> Page[Unit]:
    """One page of them."""
    return newest_first(session, commendable_units(identity, wanted, today=today), Unit.id, after=after)


def commendation_counts(
    session: Session, identity: Identity, wanted: CommendationFilter, *, today: date
) -> Mapping[bool, int]:
    """How many units of the filter are barred, and how many are not."""
    found = {}
    for barred in (True, False):
        statement = commendable_units(identity, replace(wanted, barred=barred), today=today)
        found[barred] = session.scalar(select(func.count()).select_from(statement.order_by(None).subquery())) or 0
    return found


def commendable_rows(
    session: Session, identity: Identity, wanted: CommendationFilter, *, today: date, most: int
) -> Sequence[Unit]:
    """All of them by district and name, counted no further than one beyond `most`."""
    statement = commendable_units(identity, wanted, today=today)
    return session.scalars(statement.order_by(Unit.district, Unit.name, Unit.id).limit(most + 1)).all()


def _bars(on: date) -> Any:
    """All reasons the rules count, as they stood on a day, as one relation."""
    rules = city_rules(on)
    counted, months = rules.terms(RuleKey.COMMENDATION_BARS), rules.integer(RuleKey.COMMENDATION_BAR_MONTHS) or 0
    reasons = {**_standing(on), **_lasting(on, months)}
    return union_all(*(statement for reason, statement in reasons.items() if reason in counted)).subquery("bars")


def _standing(on: date) -> Mapping[str, Select[Any]]:
    """What bars as long as it stands."""
    number = func.coalesce(Measure.number, "")
    order = CorrectionOrder
    return {
        "failed_acceptance": _one(
            "failed_acceptance", Acceptance, city_date(Acceptance.concluded_at), "", None, kind="acceptance"
        ).where(failed_since(until=on), city_date(Acceptance.concluded_at) <= on),
        "open_circular": _one("open_circular", Measure, Measure.served_on, number, None, kind="measure").where(
            Measure.kind == MeasureKind.CIRCULAR,
            Measure.served_on <= on,
            Measure.status.in_(STANDING) | (Measure.closed_on > on),
        ),
        "overdue_correction": _one(
            "overdue_correction", order, order.due_on, order.number, None, kind="correction"
        ).where(order.due_on < on, order.status.in_(RUNNING) | (order.corrected_on > on)),
        "overdue_findings": _one("overdue_findings", Finding, Finding.due_on, "", None, kind="finding").where(
            Finding.due_on < on, Finding.status.in_(OWED) | (Finding.closed_on > on)
        ),
    }


def _lasting(on: date, months: int) -> Mapping[str, Select[Any]]:
    """What bars for so many months after it was over or decided."""
    refused_on = city_date(RefusalFinding.decided_at)
    ended = _until(Measure.closed_on, months)
    refused, fined = _until(refused_on, months), _until(FineProposal.decided_on, months)
    number = func.coalesce(RefusalFinding.number, "")
    return {
        "recent_circular": _one(
            "recent_circular", Measure, Measure.closed_on, func.coalesce(Measure.number, ""), ended, kind="measure"
        ).where(
            Measure.kind == MeasureKind.CIRCULAR,
            Measure.status == MeasureStatus.CLOSED,
            Measure.closed_on <= on,
            ended > on,
        ),
        "refusal": _one(
            "refusal", RefusalFinding, refused_on, number, refused, kind="correction", key=RefusalFinding.order_id
        ).where(RefusalFinding.status == RefusalStatus.CONFIRMED, refused_on <= on, refused > on),
        "fine": _one(
            "fine", FineProposal, FineProposal.decided_on, FineProposal.number, fined, kind="correction", key=FineProposal.order_id
        ).where(FineProposal.status == FineStatus.IMPOSED, FineProposal.decided_on <= on, fined > on),
    }  # fmt: skip


def _until(day: Any, months: int) -> ColumnElement[date]:
    return cast(day + func.make_interval(0, months), Date)


def _one(reason: str, model: Any, since: Any, paper: Any, until: Any, *, kind: str, key: Any = None) -> Select[Any]:
    return select(
        model.unit_id.label("unit_id"),
        literal(reason).label("reason"),
        since.label("since"),
        (cast(null(), Date) if until is None else until).label("until"),
        (literal(paper) if isinstance(paper, str) else paper).label("paper"),
        literal(kind).label("kind"),
        (model.id if key is None else key).label("paper_id"),
    )
