"""Which findings a paper follows, which papers followed a finding, and what an overdue finding calls for next."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, any_, exists, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.permissions import Permission
from portal.accounts.policy import visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.core.paging import Page, newest_first
from portal.inspection.models import Finding
from portal.inspection.queries import findings_visible_to
from portal.inspection.states import OWED, UNSETTLED
from portal.measures.models import CorrectionOrder, Measure
from portal.measures.queries.corrections import corrections_visible_to
from portal.measures.queries.ladder import measures_visible_to
from portal.measures.rules.ladder import Proposal, Step, step_for
from portal.measures.states import AWAITING_REPLY, BEING_MADE, STANDING, MeasureStatus
from portal.measures.values import MeasureKind
from portal.registry.models import System, Unit

MOST_FOLLOWED = 60


@dataclass(frozen=True, kw_only=True)
class Followed:
    """What was done about a finding, as far as the reader may see it."""

    measures: Sequence[Measure]
    corrections: Sequence[CorrectionOrder]


def findings_to_follow(session: Session, unit_id: UUID) -> Sequence[Finding]:
    """What of a unit's findings is not settled: the longest due first. Those of secret systems are named nowhere."""
    return session.scalars(
        _named().where(Finding.unit_id == unit_id, Finding.status.in_(UNSETTLED)).limit(MOST_FOLLOWED)
    ).all()


def strange_findings(session: Session, finding_ids: Sequence[UUID], unit_id: UUID) -> bool:
    """Whether one of these is no finding of the unit that a paper may name."""
    if not finding_ids:
        return False
    known = _named().where(Finding.id.in_(finding_ids), Finding.unit_id == unit_id).order_by(None)
    return len(session.scalars(known).all()) != len(set(finding_ids))


def findings_followed(session: Session, identity: Identity, finding_ids: Iterable[UUID]) -> Sequence[Finding]:
    """The findings that a paper names, as far as the reader may see them."""
    wanted = list(finding_ids)
    if not wanted:
        return []
    own = findings_visible_to(identity).where(Finding.id.in_(wanted))
    return session.scalars(
        own.options(joinedload(Finding.system), joinedload(Finding.unit)).order_by(Finding.number)
    ).all()


def papers_following(session: Session, identity: Identity, finding_id: UUID) -> Followed:
    """The letters, interviews, circulars and orders that name a finding, the newest first."""
    return Followed(
        measures=session.scalars(
            measures_visible_to(identity).where(Measure.finding_ids.contains([finding_id])).order_by(Measure.id.desc())
        ).all(),
        corrections=session.scalars(
            corrections_visible_to(identity)
            .where(CorrectionOrder.finding_ids.contains([finding_id]))
            .order_by(CorrectionOrder.id.desc())
        ).all(),
    )


def proposal_for(finding: Finding, followed: Followed, *, today: date) -> Proposal | None:
    """What comes next for a finding, where it is owed past its day."""
    if finding.status not in OWED or finding.due_on is None or finding.due_on >= today:
        return None
    return step_for(_step(one, today) for one in followed.measures)


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """What of a unit is overdue without a step under way, since when, and the step it calls for."""

    findings: Sequence[UUID]
    oldest: date
    proposal: Proposal


def waiting_units(session: Session, identity: Identity, *, today: date, after: str | None = None) -> Page[Unit]:
    """Units for which the ladder's first or next step is to be taken."""
    due = _without_step(identity, today).with_only_columns(Finding.unit_id)
    return newest_first(session, select(Unit).where(Unit.id.in_(due)), Unit.id, after=after)


def waiting_findings(
    session: Session, identity: Identity, units: Sequence[UUID], *, today: date
) -> Mapping[UUID, Waiting]:
    """For each of these units, what waits for a step, and which: the one after the highest that stands for any of it."""
    findings: Mapping[UUID, list[UUID]] = defaultdict(list)
    oldest: dict[UUID, date] = {}
    due = _without_step(identity, today).with_only_columns(Finding.id, Finding.unit_id, Finding.due_on)
    for key, unit_id, day in session.execute(
        due.where(Finding.unit_id.in_(units)).order_by(Finding.due_on, Finding.id)
    ):
        findings[unit_id].append(key)
        oldest.setdefault(unit_id, day or today)
    steps: Mapping[UUID, list[Step]] = defaultdict(list)
    for one in session.scalars(select(Measure).where(Measure.unit_id.in_(units), Measure.status.in_(STANDING))):
        if set(one.finding_ids) & set(findings[one.unit_id]):
            steps[one.unit_id].append(_step(one, today))
    return {
        unit_id: Waiting(
            findings=keys[:MOST_FOLLOWED],
            oldest=oldest[unit_id],
            proposal=step_for(steps[unit_id]) or Proposal(kind=MeasureKind.LETTER),
        )
        for unit_id, keys in findings.items()
    }


def _step(measure: Measure, today: date) -> Step:
    return Step(
        id=measure.id,
        kind=MeasureKind(measure.kind),
        status=MeasureStatus(measure.status),
        late=measure.due_on is not None and measure.due_on < today,
    )


def _without_step(identity: Identity, today: date) -> Select[Finding]:
    """Findings owed past their day that no paper in hand names, where the reader may take a step."""
    seen = visibility(identity, Permission.MEASURE_DRAFT)
    in_hand = Measure.status.in_(BEING_MADE) | (
        Measure.status.in_(AWAITING_REPLY) & or_(Measure.due_on.is_(None), Measure.due_on >= today)
    )
    named = exists().where(Measure.unit_id == Finding.unit_id, Finding.id == any_(Measure.finding_ids), in_hand)
    kind = select(Unit.unit_type).where(Unit.id == Finding.unit_id).correlate(Finding).scalar_subquery()
    return select(Finding).where(
        visible(seen, unit=Finding.unit_id, district=Finding.district, kind=kind),
        Finding.status.in_(OWED),
        Finding.due_on < today,
        ~named,
        _not_secret(),
    )


def _named() -> Select[Finding]:
    return (
        select(Finding)
        .where(_not_secret())
        .options(joinedload(Finding.system), joinedload(Finding.unit))
        .order_by(Finding.due_on.nulls_last(), Finding.number, Finding.id)
    )


def _not_secret() -> ColumnElement[bool]:
    """Of an open system, or of the unit as a whole; a secret system's row may be out of the reader's sight."""
    return or_(Finding.system_id.is_(None), exists().where(System.id == Finding.system_id, ~System.secret))
