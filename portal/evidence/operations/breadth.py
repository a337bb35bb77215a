"""Measuring an ask together with what it was split from, and keeping what was measured."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.core.clock import city_day
from portal.evidence.models import FootageRequest, RequestBreadth
from portal.evidence.queries import CameraChoice
from portal.evidence.queries.breadth import case_key, counting, kin_of, limits_of, part_asked, parts_of, series_of
from portal.evidence.rules.breadth import breadth_of, class_of, judged
from portal.evidence.values import RequestParticulars
from portal.evidence.values.breadth import Breadth, Judged, Measure
from portal.registry.models import Unit
from portal.registry.rules import rules_for


@dataclass(frozen=True, slots=True)
class Measured:
    """What an ask comes to with those it counts with, and in which series they are."""

    breadth: Breadth
    parts: int
    series: frozenset[UUID]


def measure_ask(
    session: Session,
    actor: Identity,
    asked: RequestParticulars,
    cameras: Sequence[CameraChoice],
    unit: Unit,
    *,
    request: FootageRequest | None = None,
    now: datetime,
) -> Measured:
    """The whole ask with every request it is one with: what is typed counts as typed, the others as they stand."""
    how = counting(unit, on=city_day(now))
    others = series_of(session, kin_of(session, actor, asked, cameras, request), now=now, window_days=how.window_days)
    parts = [part_asked(session, asked, cameras), *parts_of(session, others)]
    units = {camera.unit_id for camera in cameras}
    return Measured(
        breadth=breadth_of(parts, reach_m=how.reach_m, now=now),
        parts=len(others) + max(len(units), 1),
        series=frozenset(row.series_id for row in others),
    )


def lock_series(session: Session, request: FootageRequest) -> None:
    """One submission of an organ, or at a unit's counter, at a time: two halves never both count without the other."""
    who = f"organ:{request.requester_organ_id}" if request.requester_organ_id else f"unit:{request.unit_id}"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"footage_series:{who}", 0))))


def write_breadth(session: Session, request: FootageRequest, asked: RequestParticulars) -> None:
    """Keep by what a draft is counted. Its series is its ask until it is submitted."""
    kept = session.get(RequestBreadth, request.id)
    if kept is None:
        kept = RequestBreadth(request_id=request.id, series_id=request.ask_id)
        session.add(kept)
    kept.case_class = class_of(asked.requester_kind, asked.purpose, grave=asked.grave)
    kept.grave, kept.case_key = asked.grave, case_key(session, asked.content.case_number)
    kept.drawn = [one.as_json() for one in asked.drawn]


def join_series(session: Session, request: FootageRequest, measured: Measured | None, found: Judged | None) -> None:
    """Freeze what was measured, and count the request with its series from now on; series it links become one.

    Written out before the request is submitted: afterwards the database refuses a change of it.
    """
    kept = session.get(RequestBreadth, request.id)
    if kept is None or measured is None or found is None:
        return
    everyone = measured.series | {kept.series_id}
    kept.judged, kept.beyond = found.as_json(), bool(found.beyond)
    kept.series_id = min(everyone)
    session.flush()
    session.execute(
        update(RequestBreadth)
        .where(RequestBreadth.series_id.in_(everyone), RequestBreadth.series_id != kept.series_id)
        .values(series_id=kept.series_id)
    )


def judge_draft(
    session: Session,
    actor: Identity,
    asked: RequestParticulars,
    cameras: Sequence[CameraChoice],
    *,
    now: datetime,
) -> Judged | None:
    """What an ask that is being typed comes to against the narrowest limits of the units it concerns."""
    units = session.scalars(select(Unit).where(Unit.id.in_({camera.unit_id for camera in cameras}))).all()
    if not units:
        return None
    measured = measure_ask(session, actor, asked, cameras, units[0], now=now)
    case_class = class_of(asked.requester_kind, asked.purpose, grave=asked.grave)
    facts = {"case_class": str(case_class)}
    each = [limits_of(rules_for(unit, None, on=city_day(now), facts=facts)) for unit in units]
    limits = {
        measure: min((limit for one in each if (limit := one[measure]) is not None), default=None)
        for measure in Measure
    }
    return judged(measured.breadth, case_class, limits, parts=measured.parts)
