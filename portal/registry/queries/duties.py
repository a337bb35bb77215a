"""Running time limits by organ, and what belongs to one filing or system: confirmations, findings, parts, what is seen."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import Session, contains_eager

from portal.accounts.models import Organ
from portal.accounts.permissions import Permission
from portal.accounts.policy import visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.core.errors import NotFound
from portal.core.paging import PAGE_SIZE, encode_cursor, place_in
from portal.registry.models import (
    Camera,
    FilingClock,
    FilingConfirmation,
    FilingFinding,
    System,
    SystemComponent,
    Unit,
)
from portal.registry.rules import Seen
from portal.registry.states import LIVE_CODES, CameraStatus, LiveState, UseStatus
from portal.registry.values import ClockKind, FunctionType


class Standing(StrEnum):
    """How a running limit stands today. WAITED is due promptly, and has not been met for long."""

    OVERDUE = "overdue"
    SOON = "soon"
    LATER = "later"
    PROMPT = "prompt"
    WAITED = "waited"


class Lapse(StrEnum):
    """What a unit failed to do in time, as its organ counts it."""

    FILING = "filing"
    CHANGE = "change"
    CONFIRMATION = "confirmation"
    CORRECTION = "correction"


LAPSES: Mapping[ClockKind, Lapse] = {
    ClockKind.NEW: Lapse.FILING,
    ClockKind.EXISTING: Lapse.FILING,
    ClockKind.CHANGE: Lapse.CHANGE,
    ClockKind.CONFIRMATION: Lapse.CONFIRMATION,
    ClockKind.CORRECTION: Lapse.CORRECTION,
}


@dataclass(frozen=True, kw_only=True)
class ClockFilter:
    """What the list of limits is narrowed to; empty means all. `soon_days` is what counts as soon, `waits_days` for how
    long something due promptly may wait."""

    standing: Standing | None = None
    lapse: Lapse | None = None
    kind: str = ""
    organ_id: UUID | None = None
    keyword: str = ""
    soon_days: int = 0
    waits_days: int = 0


@dataclass(frozen=True, kw_only=True)
class ClockPage:
    """One page of limits, the longest overdue first."""

    items: Sequence[FilingClock]
    next_cursor: str | None


def clocks_visible_to(identity: Identity) -> Select[FilingClock]:
    """Every running limit of a system whose filing the person may read."""
    seen = visibility(identity, Permission.FILING_READ)
    return select(FilingClock).where(
        FilingClock.ended_on.is_(None), visible(seen, unit=FilingClock.unit_id, district=FilingClock.district)
    )


def clock_page(
    session: Session, identity: Identity, wanted: ClockFilter, *, today: date, after: str | None = None
) -> ClockPage:
    """Running limits with system and unit, by their last day; those without one come last."""
    statement = (
        _narrow(clocks_visible_to(identity), wanted, today)
        .join(FilingClock.system)
        .join(System.unit)
        .options(contains_eager(FilingClock.system).contains_eager(System.unit))
    )
    due = func.coalesce(FilingClock.due_on, date.max)
    if after:
        day, key = place_in(after, date.fromisoformat, UUID)
        statement = statement.where((due > day) | and_(due == day, FilingClock.id > key))
    rows = session.scalars(statement.order_by(due, FilingClock.id).limit(PAGE_SIZE + 1)).all()
    shown = rows[:PAGE_SIZE]
    last = shown[-1] if len(rows) > PAGE_SIZE else None
    cursor = encode_cursor([(last.due_on or date.max).isoformat(), str(last.id)]) if last else None
    return ClockPage(items=shown, next_cursor=cursor)


def clock_tally(session: Session, identity: Identity, wanted: ClockFilter, *, today: date) -> Mapping[Standing, int]:
    """How many limits of the filter stand how."""
    narrowed = _narrow(clocks_visible_to(identity), replace(wanted, standing=None), today)
    standing = _standing(today, wanted)
    sub = narrowed.with_only_columns(standing.label("standing")).subquery()
    rows = session.execute(select(sub.c.standing, func.count()).group_by(sub.c.standing))
    found: dict[str, int] = {str(row[0]): row[1] for row in rows}
    return {one: found.get(str(one), 0) for one in Standing}


def clocks_by_organ(session: Session, identity: Identity, *, today: date) -> Sequence[tuple[UUID, str, int, int]]:
    """For each organ: limits overdue, limits running."""
    overdue = func.count().filter(FilingClock.due_on < today)
    rows = session.execute(
        clocks_visible_to(identity)
        .join(Organ, Organ.id == FilingClock.organ_id)
        .with_only_columns(Organ.id, Organ.name, overdue, func.count())
        .group_by(Organ.id, Organ.name)
        .order_by(overdue.desc(), Organ.name)
    ).all()
    return [(key, name, late, running) for key, name, late, running in rows]


def lapsed_of_organs(
    session: Session, organs: Collection[UUID], *, today: date, waits_days: int
) -> Mapping[UUID, Mapping[Lapse, int]]:
    """For each of these organs, what units failed to do in time: file, report a change, confirm, correct."""
    longest = today - timedelta(days=waits_days)
    late = or_(FilingClock.due_on < today, FilingClock.due_on.is_(None) & (FilingClock.started_on < longest))
    rows = session.execute(
        select(FilingClock.organ_id, FilingClock.kind, func.count())
        .where(FilingClock.ended_on.is_(None), FilingClock.organ_id.in_(organs), late)
        .group_by(FilingClock.organ_id, FilingClock.kind)
    )
    found: dict[UUID, dict[Lapse, int]] = {}
    for organ_id, kind, count in rows:
        lapse, of_organ = LAPSES[ClockKind(kind)], found.setdefault(organ_id, {})
        of_organ[lapse] = of_organ.get(lapse, 0) + count
    return found


def stalled_systems(session: Session, identity: Identity, *, before: date, limit: int = 50) -> Sequence[System]:
    """Systems under construction since before a day, the oldest first (REG-03)."""
    seen = visibility(identity, Permission.SYSTEM_READ)
    return session.scalars(
        select(System)
        .join(System.unit)
        .where(
            visible(seen, unit=System.unit_id, district=System.district),
            System.use_status == UseStatus.UNDER_CONSTRUCTION,
            System.construction_began_on < before,
        )
        .options(contains_eager(System.unit))
        .order_by(System.construction_began_on, System.id)
        .limit(limit)
    ).all()


def _standing(today: date, wanted: ClockFilter) -> ColumnElement[str]:
    prompt = FilingClock.due_on.is_(None)
    return case(
        (prompt & (FilingClock.started_on < today - timedelta(days=wanted.waits_days)), Standing.WAITED),
        (prompt, Standing.PROMPT),
        (FilingClock.due_on < today, Standing.OVERDUE),
        (FilingClock.due_on <= today + timedelta(days=wanted.soon_days), Standing.SOON),
        else_=Standing.LATER,
    )


def _narrow(statement: Select[FilingClock], wanted: ClockFilter, today: date) -> Select[FilingClock]:
    if wanted.standing is not None:
        statement = statement.where(_standing(today, wanted) == wanted.standing)
    if wanted.kind:
        statement = statement.where(FilingClock.kind == wanted.kind)
    if wanted.lapse is not None:
        late = _standing(today, wanted).in_((Standing.OVERDUE, Standing.WAITED))
        kinds = [kind for kind, lapse in LAPSES.items() if lapse is wanted.lapse]
        statement = statement.where(FilingClock.kind.in_(kinds), late)
    if wanted.organ_id is not None:
        statement = statement.where(FilingClock.organ_id == wanted.organ_id)
    if wanted.keyword.strip():
        word = wanted.keyword.strip()
        statement = statement.where(
            FilingClock.system.has(
                System.name.contains(word, autoescape=True) | System.unit.has(Unit.name.contains(word, autoescape=True))
            )
        )
    return statement


# -- of one system or filing: for callers already let in to it ------------------------------------------------------


def running_clocks(session: Session, system_id: UUID) -> Sequence[FilingClock]:
    """The limits that run for a system, the nearest first."""
    statement = select(FilingClock).where(FilingClock.system_id == system_id, FilingClock.ended_on.is_(None))
    return session.scalars(statement.order_by(FilingClock.due_on.nulls_last(), FilingClock.id)).all()


def clock_of(session: Session, system_id: UUID, clock_id: UUID) -> FilingClock:
    """One running limit of a system. Raises NotFound."""
    clock = session.get(FilingClock, clock_id)
    if clock is None or clock.system_id != system_id or clock.ended_on is not None:
        raise NotFound()
    return clock


def confirmations_of(session: Session, filing_id: UUID) -> Sequence[FilingConfirmation]:
    """The yearly confirmations of a filing, newest first."""
    statement = select(FilingConfirmation).where(FilingConfirmation.filing_id == filing_id)
    return session.scalars(statement.order_by(FilingConfirmation.id.desc())).all()


def findings_of(session: Session, filing_id: UUID) -> Sequence[FilingFinding]:
    """What was found to be false in a filing, newest first."""
    statement = select(FilingFinding).where(FilingFinding.filing_id == filing_id)
    return session.scalars(statement.order_by(FilingFinding.id.desc())).all()


def finding_of(session: Session, filing_id: UUID, finding_id: UUID) -> FilingFinding:
    """One finding of a filing. Raises NotFound."""
    finding = session.get(FilingFinding, finding_id)
    if finding is None or finding.filing_id != filing_id:
        raise NotFound()
    return finding


def components_of(session: Session, system_id: UUID) -> Sequence[SystemComponent]:
    """The equipment and software of a system, part by part."""
    statement = select(SystemComponent).where(SystemComponent.system_id == system_id)
    return session.scalars(statement.order_by(SystemComponent.part, SystemComponent.id)).all()


def seen_of(session: Session, system_id: UUID) -> Seen:
    """What the files and the last probes of a system's cameras tell."""
    analysing = [int(one) for one in FunctionType if one.name in _ANALYSING]
    rows = session.execute(
        select(
            Camera.camera_type,
            Camera.live,
            func.count(),
            func.count().filter(Camera.records_audio),
            func.count().filter(Camera.function_types.overlap(analysing)),
            func.min(Camera.retention_days),
        )
        .where(Camera.system_id == system_id, Camera.status != CameraStatus.DISMANTLED)
        .group_by(Camera.camera_type, Camera.live)
    ).all()
    names = {code: state for state, code in LIVE_CODES.items()}
    by_type: dict[str, int] = {}
    live: dict[str, int] = {}
    for kind, code, count, *_ in rows:
        by_type[kind] = by_type.get(kind, 0) + count
        state = str(names.get(code, LiveState.UNKNOWN))
        live[state] = live.get(state, 0) + count
    kept = [least for *_, least in rows if least is not None]
    return Seen(
        by_type=by_type,
        live=live,
        with_sound=sum(row[3] for row in rows),
        with_analysis=sum(row[4] for row in rows),
        shortest_retention=min(kept, default=None),
    )


_ANALYSING = frozenset({"VEHICLE_CHECKPOINT", "PERSON_CHECKPOINT", "FEATURE"})
