"""The list of acceptances."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from portal.accounts.values import Identity
from portal.core.citytime import city_date
from portal.core.paging import Page, newest_first, tally_of
from portal.inspection.models import Acceptance, AcceptanceClock, ConclusionOverride, Visit, VisitInspector
from portal.inspection.queries.access import acceptances_visible_to
from portal.inspection.states import (
    CONCLUDED,
    AcceptanceKind,
    AcceptanceStatus,
    ClockKind,
    OverrideState,
    VisitStatus,
)
from portal.registry.models import System, Unit


@dataclass(frozen=True, kw_only=True)
class AcceptanceFilter:
    """What the list is narrowed to; empty means all."""

    status: AcceptanceStatus | None = None
    kind: AcceptanceKind | None = None
    keyword: str = ""
    district: str = ""
    unit_id: UUID | None = None
    overdue_on: date | None = None
    override: OverrideState | None = None
    concluded_from: date | None = None
    concluded_until: date | None = None
    first_try: bool | None = None
    clock: ClockKind | None = None
    late: bool = False
    visited_by: UUID | None = None


def acceptance_page(
    session: Session, identity: Identity, wanted: AcceptanceFilter, *, after: str | None = None
) -> Page[Acceptance]:
    """Acceptances, newest first."""
    statement = narrow_acceptances(acceptances_visible_to(identity), wanted)
    options = (joinedload(Acceptance.system), joinedload(Acceptance.unit))
    return newest_first(session, statement, Acceptance.id, after=after, options=options)


def acceptance_tally(session: Session, identity: Identity, wanted: AcceptanceFilter) -> Mapping[AcceptanceStatus, int]:
    """How many acceptances of the filter stand in each status."""
    narrowed = narrow_acceptances(acceptances_visible_to(identity), replace(wanted, status=None))
    return tally_of(session, narrowed, Acceptance.status, AcceptanceStatus)


def overridden() -> ColumnElement[bool]:
    """Whether another result was set than the arithmetic gave."""
    return _asked_otherwise(ConclusionOverride.approved.is_(True))


def override_pending() -> ColumnElement[bool]:
    """Whether another result is asked for and nobody has decided; nothing of it is published meanwhile."""
    return _asked_otherwise(ConclusionOverride.approved.is_(None))


def _asked_otherwise(how: ColumnElement[bool]) -> ColumnElement[bool]:
    return (
        select(ConclusionOverride.id)
        .where(ConclusionOverride.acceptance_id == Acceptance.id, how)
        .correlate(Acceptance)
        .exists()
    )


def narrow_acceptances(statement: Select[Any], wanted: AcceptanceFilter) -> Select[Any]:
    """The acceptances of a statement that a filter asks for."""
    if wanted.status is not None:
        statement = statement.where(Acceptance.status == wanted.status)
    if wanted.kind is not None:
        statement = statement.where(Acceptance.kind == wanted.kind)
    if wanted.keyword.strip():
        unit, system = aliased(Unit), aliased(System)
        statement = statement.join(unit, unit.id == Acceptance.unit_id).join(system, system.id == Acceptance.system_id)
        statement = statement.where(
            or_(*(row.name.contains(wanted.keyword.strip(), autoescape=True) for row in (unit, system)))
        )
    if wanted.district:
        statement = statement.where(Acceptance.district == wanted.district)
    if wanted.unit_id is not None:
        statement = statement.where(Acceptance.unit_id == wanted.unit_id)
    if wanted.overdue_on is not None:
        statement = statement.where(Acceptance.due_on < wanted.overdue_on)
    if wanted.override is not None:
        statement = statement.where(overridden() if wanted.override is OverrideState.APPROVED else override_pending())
    return _of_figures(statement, wanted)


def _of_figures(statement: Select[Any], wanted: AcceptanceFilter) -> Select[Any]:
    """What a figure counts: concluded in a period, of a first or a later try; with a time limit of the organ that ended
    in it; visited by somebody in it."""
    since, until = wanted.concluded_from or date.min, wanted.concluded_until or date.max
    if wanted.first_try is not None:
        statement = statement.where(Acceptance.attempt == 1 if wanted.first_try else Acceptance.attempt > 1)
    if wanted.clock is not None:
        ended = select(AcceptanceClock.id).where(
            AcceptanceClock.acceptance_id == Acceptance.id,
            AcceptanceClock.kind == wanted.clock,
            AcceptanceClock.ended_on.between(since, until),
        )
        statement = statement.where((ended.where(AcceptanceClock.late_days > 0) if wanted.late else ended).exists())
    elif wanted.visited_by is not None:
        went = (
            select(VisitInspector.visit_id)
            .join(Visit, Visit.id == VisitInspector.visit_id)
            .where(
                Visit.acceptance_id == Acceptance.id,
                Visit.status == VisitStatus.DONE,
                VisitInspector.person_id == wanted.visited_by,
                ~VisitInspector.cancelled,
                city_date(Visit.starts_at).between(since, until),
            )
        )
        statement = statement.where(went.exists())
    elif wanted.concluded_from is not None or wanted.concluded_until is not None:
        statement = statement.where(
            Acceptance.status.in_([str(status) for status in CONCLUDED]),
            city_date(Acceptance.concluded_at).between(since, until),
        )
    return statement
