"""A change of what was filed starts the time for reporting it: the one way, whoever changed it and by which door."""

import json
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session, joinedload

from portal.core.clock import CITY_TZ, city_day
from portal.registry.models import Filing, FilingClock, FilingRevision, System, Unit
from portal.registry.operations.clocks import end_clocks, start_clock
from portal.registry.operations.frozen import content_of
from portal.registry.queries import standing_filing
from portal.registry.rules import compare, rules_for
from portal.registry.rules.changes import FiledChange, noted, unreported
from portal.registry.states import STANDING, FilingStatus, UseStatus
from portal.registry.values import ClockKind
from portal.regulation.calendar import WorkCalendar
from portal.regulation.schema.keys import RuleKey

# What a submission under review says is filed as much as what was accepted: a change after it was handed in is one too;
# and what moved to another organ is still to be told there.
_FILED = (*STANDING, FilingStatus.SUBMITTED, FilingStatus.MOVED)


def run_change_clock(session: Session, system: System, changes: Iterable[FiledChange], *, now: datetime) -> None:
    """Filed facts of a system (held with its unit) changed: where the governing text sets a time for reporting that, it
    begins, and its working names the changes. One that runs already takes them in and keeps its day."""
    told = list(changes)
    if not told or system.use_status == UseStatus.DISMANTLED:
        return
    counted = rules_for(system.unit, system, on=city_day(now)).deadline(
        RuleKey.FILING_CHANGE_DUE, start=city_day(now), calendar=WorkCalendar()
    )
    filed = exists().where(Filing.system_id == system.id, Filing.status.in_(_FILED))
    if counted is None or not session.scalar(select(filed)):
        return
    clock = start_clock(session, system, ClockKind.CHANGE, counted)
    # A system that moved is another organ's now, and so is what it still has to report.
    clock.unit_id, clock.district, clock.organ_id = system.unit_id, system.district, system.organ_id
    clock.why = {**clock.why, "changes": noted(clock.why.get("changes", ()), told, now=now)}


def run_change_clocks_of(session: Session, unit: Unit, changes: Iterable[FiledChange], *, now: datetime) -> None:
    """The same for a fact that every filing of a unit states."""
    told = list(changes)
    if not told:
        return
    filed = exists().where(Filing.system_id == System.id, Filing.status.in_(_FILED))
    systems = select(System).where(System.unit_id == unit.id, filed).options(joinedload(System.unit))
    for system in session.scalars(systems.order_by(System.id).with_for_update(of=System)):
        run_change_clock(session, system, told, now=now)


def settle_if_as_filed(session: Session, system: System, *, now: datetime) -> None:
    """What was changed was put back: where everything reads as it was filed, nothing is left to be reported."""
    filing = standing_filing(session, system.id)
    if filing is None:
        return
    statement = select(FilingRevision.content).where(FilingRevision.filing_id == filing.id)
    filed = session.scalar(statement.order_by(FilingRevision.revision.desc()).limit(1))
    if filed is not None and compare(json.loads(filed), content_of(session, filing, system)).same:
        end_clocks(session, system.id, (ClockKind.CHANGE,), on=city_day(now))


def settle_changes(session: Session, system: System, *, submitted_at: datetime, now: datetime) -> None:
    """A submission was accepted: what it reports is reported. What changed after it was handed in runs on by itself."""
    running = session.scalars(
        select(FilingClock).where(
            FilingClock.system_id == system.id, FilingClock.kind == ClockKind.CHANGE, FilingClock.ended_on.is_(None)
        )
    ).one_or_none()
    if running is None:
        return
    left = unreported(running.why.get("changes", ()), submitted_at=submitted_at)
    end_clocks(session, system.id, (ClockKind.CHANGE,), on=city_day(submitted_at))
    session.flush()
    if not left:
        return
    since = min(datetime.fromisoformat(str(one["at"])) for one in left).astimezone(CITY_TZ).date()
    counted = rules_for(system.unit, system, on=city_day(now)).deadline(
        RuleKey.FILING_CHANGE_DUE, start=since, calendar=WorkCalendar()
    )
    if counted is not None:
        clock = start_clock(session, system, ClockKind.CHANGE, counted)
        clock.why = {**clock.why, "changes": left}
