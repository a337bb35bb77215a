"""Who is not to be commended, and until when (003 §4.4): reckoned from the papers, never set by hand."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Select, cast, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.core.divisions import CITY
from portal.core.paging import Page, newest_first
from portal.inspection.models import Acceptance, Finding
from portal.inspection.states import OWED
from portal.measures.models import CorrectionOrder, FineProposal, Measure, RefusalFinding
from portal.measures.queries.plans import failed_since
from portal.measures.states import RUNNING, STANDING, FineStatus, MeasureStatus, RefusalStatus
from portal.measures.values import MeasureKind
from portal.registry.models import Unit
from portal.registry.queries import units_visible_to
from portal.regulation.engine import effective_rules
from portal.regulation.schema.keys import RuleKey
from portal.regulation.values import RuleContext


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


def barred_units(session: Session, identity: Identity, *, on: date, after: str | None = None) -> Page[Unit]:
    """Units in reach that something bars on a day."""
    barred = select(_bars(on).c.unit_id)
    return newest_first(session, units_visible_to(identity).where(Unit.id.in_(barred)), Unit.id, after=after)


def _bars(on: date) -> Any:
    """All reasons the rules count on a day, as one relation."""
    rules = effective_rules(RuleContext(on=on, division_code=CITY))
    counted, months = rules.terms(RuleKey.COMMENDATION_BARS), rules.integer(RuleKey.COMMENDATION_BAR_MONTHS) or 0
    reasons = {**_standing(on), **_lasting(on, months)}
    return union_all(*(statement for reason, statement in reasons.items() if reason in counted)).subquery("bars")


def _standing(on: date) -> Mapping[str, Select[Any]]:
    """What bars as long as it stands."""
    failed_on = cast(func.timezone("Asia/Shanghai", Acceptance.concluded_at), Date)
    number = func.coalesce(Measure.number, "")
    return {
        "failed_acceptance": _one("failed_acceptance", Acceptance, failed_on, "", None, kind="acceptance").where(
            failed_since(), failed_on <= on
        ),
        "open_circular": _one("open_circular", Measure, Measure.served_on, number, None, kind="measure").where(
            Measure.kind == MeasureKind.CIRCULAR, Measure.status.in_(STANDING), Measure.served_on <= on
        ),
        "overdue_correction": _one(
            "overdue_correction",
            CorrectionOrder,
            CorrectionOrder.due_on,
            CorrectionOrder.number,
            None,
            kind="correction",
        ).where(CorrectionOrder.status.in_(RUNNING), CorrectionOrder.due_on < on),
        "overdue_findings": _one("overdue_findings", Finding, Finding.due_on, "", None, kind="finding").where(
            Finding.status.in_(OWED), Finding.due_on < on
        ),
    }


def _lasting(on: date, months: int) -> Mapping[str, Select[Any]]:
    """What bars for so many months after it was over or decided."""
    refused_on = cast(func.timezone("Asia/Shanghai", RefusalFinding.decided_at), Date)
    ended = _until(Measure.closed_on, months)
    refused, fined = _until(refused_on, months), _until(FineProposal.decided_on, months)
    number = func.coalesce(RefusalFinding.number, "")
    return {
        "recent_circular": _one(
            "recent_circular", Measure, Measure.closed_on, func.coalesce(Measure.number, ""), ended, kind="measure"
        ).where(Measure.kind == MeasureKind.CIRCULAR, Measure.status == MeasureStatus.CLOSED, ended > on),
        "refusal": _one(
            "refusal", RefusalFinding, refused_on, number, refused, kind="correction", key=RefusalFinding.order_id
        ).where(RefusalFinding.status == RefusalStatus.CONFIRMED, refused > on),
        "fine": _one(
            "fine", FineProposal, FineProposal.decided_on, FineProposal.number, fined, kind="correction", key=FineProposal.order_id
        ).where(FineProposal.status == FineStatus.IMPOSED, fined > on),
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
