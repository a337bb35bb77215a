"""When footage is lost, and where to look for it on a camera's own clock. Pure.

A recorder writes over its oldest footage, so what is kept of a camera is what its shortest limit leaves: what the filing
declares, what the camera's file says, what is set on the recorder, what was measured. The least counts.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil

from portal.core.clock import city_day
from portal.evidence.values.overwriting import STATED, CameraClock, ClockOffset, KeptBy, Said
from portal.regulation.engine import city_rules
from portal.regulation.schema.keys import RuleKey

_DAY = timedelta(days=1)
# Recorders close their files by the hour: a span measured an hour short of a day is that day.
_FILE = timedelta(hours=1)
# A device tells whole seconds and is compared in whole seconds: half of one each, and the way there and back.
_READ_MARGIN = 1.0
# An ordinary quartz strays 25 parts in a million, some two seconds a day, from the moment it was compared.
_STRAYS_PER_DAY = 2.16

# Between two files of one recording lie a few seconds; more than this was not recorded, or not handed out.
LEAST_GAP = timedelta(seconds=10)

_ORDER = {source: place for place, source in enumerate(KeptBy)}


def measured_days(
    recorded_from: datetime, *, measured_at: datetime, alive_since: datetime | None, drift_s: int | None = None
) -> Said:
    """How far back a recorder's footage reached when it was asked.

    It decides only once older footage must have been written over: a recorder that is still filling its disks has
    nothing older, however long it will keep it.
    """
    oldest = recorded_from - timedelta(seconds=drift_s or 0)
    days = max(0, (measured_at - oldest + _FILE) // _DAY)
    full = alive_since is not None and oldest - alive_since >= _DAY
    return Said(KeptBy.MEASURED, days, measured_at, counts=full)


def all_said(said: Sequence[Said], *, required: int) -> tuple[Said, ...]:
    """The statements with what the rules require: that counts only where nobody states anything.

    A limit nobody declared is never taken as endless.
    """
    stated = any(one.source in STATED for one in said)
    ordered = sorted(said, key=lambda one: _ORDER[one.source])
    return (*ordered, Said(KeptBy.REQUIRED, required, counts=not stated))


def deciding(said: Sequence[Said]) -> Said:
    """The least number that counts; of equal ones the first in order."""
    return min((one for one in said if one.counts), key=lambda one: (one.days, _ORDER[one.source]))


def valid_days(said: Sequence[Said]) -> int:
    """The valid period of keeping, as stated or else required. A measurement shortens the clock, not the period:
    what it says is gone may be asked for, so that the unit says in writing what became of it."""
    return min(one.days for one in said if one.counts and one.source is not KeptBy.MEASURED)


def camera_clock(
    span_from: datetime, span_to: datetime, said: Sequence[Said], *, offset: ClockOffset | None = None
) -> CameraClock:
    """When this camera's part of the span begins to be lost and is lost altogether."""
    decided = deciding(said)
    keeps = timedelta(days=decided.days)
    return CameraClock(span_from + keeps, span_to + keeps, decided, tuple(said), offset)


def short_of(said: Sequence[Said]) -> list[Said]:
    """Which statements and measurements stay below what the rules require."""
    required = max((one.days for one in said if one.source is KeptBy.REQUIRED), default=0)
    return [one for one in said if one.source is not KeptBy.REQUIRED and one.counts and one.days < required]


def offset_of(drift_s: int, rtt_ms: int | None, *, at: datetime) -> ClockOffset:
    """A measured drift with its margin when it was measured."""
    return ClockOffset(drift_s, ceil(_READ_MARGIN + (rtt_ms or 0) / 2000), at)


def margin_at(offset: ClockOffset, moment: datetime) -> int:
    """How far off the measured offset may be at another moment: clocks stray between."""
    apart = abs(moment - offset.at) / _DAY
    return ceil(offset.margin + apart * _STRAYS_PER_DAY)


def window_on_clock(span_from: datetime, span_to: datetime, offset: ClockOffset) -> tuple[datetime, datetime, int]:
    """Where a span of Beijing time lies on a camera's own clock, and the margin: widened by it at both ends."""
    margin = max(margin_at(offset, span_from), margin_at(offset, span_to))
    ahead, slack = timedelta(seconds=offset.seconds), timedelta(seconds=margin)
    return span_from + ahead - slack, span_to + ahead + slack, margin


def pressing_within(now: datetime) -> timedelta:
    """How long before it is lost footage is pressing, by the rules of the day."""
    return timedelta(days=city_rules(city_day(now)).integer(RuleKey.EVIDENCE_LOST_SOON_DAYS) or 0)


def near_expiry(lost_at: datetime | None, *, now: datetime) -> bool:
    """Whether footage goes within days: then a hold is offered before anything is submitted."""
    return lost_at is not None and lost_at - now <= pressing_within(now)


def expired(span_to: datetime, days: int, *, held: bool, now: datetime) -> bool:
    """Whether the whole span lies beyond its valid period, so that it may no longer be viewed (000 art. 10(3)).

    A hold that stands keeps it valid, confirmed or not: no clock ends a hold, and a unit's silence does not either.
    """
    return not held and span_to + timedelta(days=days) <= now


def gaps_within(
    span_from: datetime, span_to: datetime, pieces: Sequence[tuple[datetime, datetime]], *, least: timedelta
) -> list[tuple[datetime, datetime]]:
    """What of a span no piece covers, in order; holes shorter than `least` lie between two files of one recording."""
    found, reached = [], span_from
    for begins, ends in sorted(pieces):
        if begins - reached >= least:
            found.append((reached, min(begins, span_to)))
        reached = max(reached, ends)
    if span_to - reached >= least:
        found.append((reached, span_to))
    return [(begins, ends) for begins, ends in found if ends > begins]


def was_owed(span_to: datetime, required: int, *, overwritten: bool, held: bool, now: datetime) -> bool:
    """Whether missing footage ought to have been there: under a hold, or within the days the rules require.

    What was never recorded, not usable or cut was owed from the first, wherever any keeping is required.
    """
    if held:
        return True
    return now < span_to + timedelta(days=required) if overwritten else required > 0
