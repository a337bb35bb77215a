"""What runs out and when: pure rules over days."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Protocol

from portal.registry.values.archive import Validity

# How early the portal warns is its own service.
WARN_BEFORE = timedelta(days=30)
REMIND_AT = (timedelta(days=30), timedelta(days=7), timedelta(0))


class Lasts(Protocol):
    """Anything that holds from a day until a day, both included."""

    @property
    def valid_from(self) -> date | None:
        """The first day, when it is known."""

    @property
    def valid_to(self) -> date | None:
        """The last day, when there is one."""


def holds(each: Lasts, on: date) -> bool:
    """Whether a day lies within it."""
    return (each.valid_from is None or each.valid_from <= on) and (each.valid_to is None or on <= each.valid_to)


def validity(until: date | None, on: date) -> Validity:
    """How something stands whose last day is `until`; without one it does not run out."""
    if until is None or until - WARN_BEFORE > on:
        return Validity.VALID
    return Validity.EXPIRING if until >= on else Validity.EXPIRED


def overlaps(one: Lasts, other: Lasts) -> bool:
    """Whether two periods share a day."""
    return _before(one.valid_from, other.valid_to) and _before(other.valid_from, one.valid_to)


def _before(start: date | None, end: date | None) -> bool:
    return start is None or end is None or start <= end


def covers(certificates: Iterable[Lasts], work: Lasts, *, on: date) -> bool:
    """Whether certificates, one after the other, hold for every day of a work, as far as it has come by a day.

    A work whose beginning nobody told is judged by its last day alone.
    """
    end = min(work.valid_to or on, on)
    day = work.valid_from or end
    if day > end:
        return True
    for each in sorted(certificates, key=lambda each: each.valid_from or date.min):
        if holds(each, day):
            if each.valid_to is None or each.valid_to >= end:
                return True
            day = each.valid_to + timedelta(days=1)
    return False


def qualification_of(certificates: Sequence[Lasts], work: Lasts, *, on: date) -> Validity:
    """How a firm stands for a work: what is over is judged by the days it lasted, what goes on by today."""
    if not certificates:
        return Validity.MISSING
    over = work.valid_to is not None and work.valid_to < on
    if over:
        return Validity.VALID if covers(certificates, work, on=on) else Validity.EXPIRED
    current = [each for each in certificates if holds(each, on)]
    if not current:
        return Validity.EXPIRED
    ends = [each.valid_to for each in current]
    return validity(None if None in ends else max(end for end in ends if end), on)


def remind_today(until: date, on: date) -> timedelta | None:
    """The reminder that is due: the nearest one whose day has come; none before the first."""
    left = until - on
    due = [each for each in REMIND_AT if left <= each]
    return min(due) if due else None


def gaps(periods: Sequence[Lasts], *, since: date | None, on: date) -> list[tuple[date, date]]:
    """The days up to today, from `since`, on which no period held: first and last of each gap."""
    day = since or min((each.valid_from for each in periods if each.valid_from), default=on)
    found = []
    for each in sorted(periods, key=lambda each: each.valid_from or date.min):
        start = each.valid_from or date.min
        if start > day and day <= on:
            found.append((day, min(start - timedelta(days=1), on)))
        if each.valid_to is None:
            return [gap for gap in found if gap[0] <= gap[1]]
        day = max(day, each.valid_to + timedelta(days=1))
    if day <= on:
        found.append((day, on))
    return [gap for gap in found if gap[0] <= gap[1]]
