"""The running time limits of systems: begun, kept in step with the rules, ended, put off by a decision."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.orm import Session, joinedload

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity, Scope
from portal.audit.operations import record
from portal.audit.values import SubjectRef
from portal.core.clock import city_day
from portal.core.errors import Invalid, NotFound, Problem
from portal.registry import values
from portal.registry.models import Filing, FilingClock, FilingConfirmation, System
from portal.registry.queries import kind_of, lock_system
from portal.registry.rules import CHANGES, Standing, clocks_of, deadline_of, is_extended, rules_for, working_of
from portal.registry.states import STANDING, FilingStatus, UseStatus
from portal.registry.values import ClockKind
from portal.regulation.calendar import WorkCalendar
from portal.regulation.deadlines import Deadline, extended

# Kept in step with the rules by this module alone; the others begin with an act and end with one.
SETTLED = (ClockKind.NEW, ClockKind.EXISTING, ClockKind.CONFIRMATION)
MOST_EXTENSION_DAYS = 365


def settle_clocks(session: Session, systems: Sequence[System], *, calendar: WorkCalendar, now: datetime) -> int:
    """Begin, correct and end the clocks of these systems as the rules of today have it; how many rows changed.

    The systems come with their units. A day that somebody put off is left as it was decided.
    """
    session.flush()
    today, keys = city_day(now), [system.id for system in systems]
    filed, reviewed = _filings(session, keys)
    confirmed = _confirmations(session, [filing.id for filing in filed.values()])
    running = _running(session, keys)
    changed = 0
    for system in systems:
        filing = filed.get(system.id)
        at = Standing(
            use_status=UseStatus(system.use_status),
            filed=FilingStatus(filing.status) if filing else None,
            filed_on=city_day(filing.decided_at) if filing and filing.decided_at else None,
            confirmed_on=confirmed.get(filing.id) if filing else None,
            under_review=system.id in reviewed,
        )
        wanted = clocks_of(rules_for(system.unit, system, on=today), at, calendar=calendar)
        met_on = city_day(filing.submitted_at) if filing and filing.submitted_at else reviewed.get(system.id, today)
        changed += _settle(session, system, running.get(system.id, {}), wanted, met_on=met_on)
    session.flush()
    return changed


def _settle(
    session: Session,
    system: System,
    running: Mapping[ClockKind, FilingClock],
    wanted: Mapping[ClockKind, Deadline],
    *,
    met_on: date,
) -> int:
    changed = 0
    for kind, clock in running.items():
        if kind not in wanted:
            _end(clock, on=max(met_on, clock.started_on))
            changed += 1
    for kind, counted in wanted.items():
        clock = running.get(kind) or FilingClock(system_id=system.id, kind=kind)
        if kind in running and is_extended(deadline_of(clock.why)):
            continue
        changed += clock.due_on != counted.due or kind not in running
        clock.unit_id, clock.district, clock.organ_id = system.unit_id, system.district, system.organ_id
        if clock.due_on != counted.due or kind not in running:
            clock.started_on, clock.due_on, clock.why = counted.steps[0].day, counted.due, working_of(counted) or {}
        if kind not in running:
            session.add(clock)
    return changed


def _filings(session: Session, keys: Collection[UUID]) -> tuple[dict[UUID, Filing], dict[UUID, date]]:
    """The filing that stands for each system, and the day a filing under review was handed in.

    What moved elsewhere was filed once: at its new place a change is owed, not a first filing with its old day.
    """
    standing = session.scalars(
        select(Filing)
        .where(Filing.system_id.in_(keys), Filing.status.in_((*STANDING, FilingStatus.MOVED)))
        .ext(distinct_on(Filing.system_id))
        .order_by(Filing.system_id, Filing.id.desc())
    )
    reviewed = session.execute(
        select(Filing.system_id, Filing.submitted_at).where(
            Filing.system_id.in_(keys), Filing.status == FilingStatus.SUBMITTED, Filing.submitted_at.is_not(None)
        )
    )
    return {filing.system_id: filing for filing in standing}, {key: city_day(at) for key, at in reviewed if at}


def _confirmations(session: Session, filing_ids: Collection[UUID]) -> dict[UUID, date]:
    rows = session.execute(
        select(FilingConfirmation.filing_id, func.max(FilingConfirmation.confirmed_at))
        .where(FilingConfirmation.filing_id.in_(filing_ids))
        .group_by(FilingConfirmation.filing_id)
    )
    return {key: city_day(at) for key, at in rows}


def _running(session: Session, keys: Collection[UUID]) -> dict[UUID, dict[ClockKind, FilingClock]]:
    found: dict[UUID, dict[ClockKind, FilingClock]] = {}
    for clock in session.scalars(
        select(FilingClock).where(
            FilingClock.system_id.in_(keys), FilingClock.ended_on.is_(None), FilingClock.kind.in_(SETTLED)
        )
    ):
        found.setdefault(clock.system_id, {})[ClockKind(clock.kind)] = clock
    return found


def _end(clock: FilingClock, *, on: date) -> None:
    clock.ended_on = on
    clock.late_days = max(0, (on - clock.due_on).days) if clock.due_on else 0


def end_clocks(session: Session, system_id: UUID, kinds: Iterable[ClockKind], *, on: date) -> None:
    """End the running clocks of some kinds."""
    for clock in session.scalars(
        select(FilingClock).where(
            FilingClock.system_id == system_id, FilingClock.ended_on.is_(None), FilingClock.kind.in_(list(kinds))
        )
    ):
        _end(clock, on=max(on, clock.started_on))


def start_clock(session: Session, system: System, kind: ClockKind, counted: Deadline) -> FilingClock:
    """Begin a clock of a kind unless one runs already; the one that runs, held for change."""
    session.flush()
    # Two people change two cameras of one system at once: the second waits here and finds the first one's clock.
    session.execute(
        insert(FilingClock)
        .values(
            system_id=system.id,
            unit_id=system.unit_id,
            district=system.district,
            organ_id=system.organ_id,
            kind=kind,
            started_on=counted.steps[0].day,
            due_on=counted.due,
            why=working_of(counted) or {},
        )
        .on_conflict_do_nothing(index_elements=["system_id", "kind"], index_where=FilingClock.ended_on.is_(None))
    )
    return session.scalars(
        select(FilingClock)
        .where(FilingClock.system_id == system.id, FilingClock.kind == kind, FilingClock.ended_on.is_(None))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()


def take_running_clock(session: Session, filing: Filing) -> None:
    """Let a filing show the limit that runs for it: one for reporting a change, or a day that was put off."""
    kind = ClockKind.CHANGE if filing.kind in CHANGES else filing.kind
    clock = session.scalars(
        select(FilingClock).where(
            FilingClock.system_id == filing.system_id, FilingClock.kind == kind, FilingClock.ended_on.is_(None)
        )
    ).one_or_none()
    if clock is not None and (filing.kind in CHANGES or is_extended(deadline_of(clock.why))):
        filing.due_on, filing.due_why = clock.due_on, clock.why


def extend_clock(
    session: Session, *, actor: Identity, clock_id: UUID, days: int, reason: str, now: datetime
) -> FilingClock:
    """Put off the last day of a running limit, by decision of the competent organ, with the reason in its working."""
    system_id = session.scalar(select(FilingClock.system_id).where(FilingClock.id == clock_id))
    if system_id is None:
        raise NotFound()
    lock_system(session, system_id)
    clock = session.get_one(
        FilingClock, clock_id, options=[joinedload(FilingClock.system)], with_for_update={"of": FilingClock}
    )
    scope = Scope(
        unit_ids=frozenset({clock.unit_id}), districts=frozenset({clock.district}), kind=kind_of(clock, clock.unit_id)
    )
    require(actor, Permission.FILING_DECIDE, scope, read=Permission.FILING_READ)
    kept = deadline_of(clock.why)
    problems = [] if reason.strip() else [Problem("reason", "required")]
    if not 0 < days <= MOST_EXTENSION_DAYS:
        problems.append(Problem("days", "out_of_range", {"low": 1, "high": MOST_EXTENSION_DAYS}))
    if kept is None or kept.due is None or clock.ended_on is not None:
        problems.append(Problem("days", "nothing_to_extend"))
    if problems or kept is None:
        raise Invalid(problems)
    counted = extended(kept, days=days, note=f"{actor.organ_name or actor.name}：{reason.strip()}"[:200])
    clock.due_on, clock.why = counted.due, {**clock.why, **(working_of(counted) or {})}
    for filing in session.scalars(
        select(Filing).where(
            Filing.system_id == clock.system_id,
            Filing.kind == clock.kind,
            Filing.status.in_((FilingStatus.DRAFT, FilingStatus.RETURNED)),
        )
    ):
        filing.due_on, filing.due_why = clock.due_on, clock.why
    record(
        session,
        actor=actor.actor,
        tag=values.FILING_EXTENDED,
        subject=SubjectRef("system", clock.system_id, clock.system.name),
        unit_id=clock.unit_id,
        district=clock.district,
        reason=reason.strip(),
        now=now,
    )
    return clock
