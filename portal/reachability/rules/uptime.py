"""How long a device was live, from the history of its changes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.registry.states import LiveState

LIVE = frozenset({LiveState.ONLINE, LiveState.DEGRADED})
COUNTED = LIVE | {LiveState.OFFLINE, LiveState.UNREACHABLE}


@dataclass(frozen=True, slots=True)
class Outage:
    """A time during which a device did not answer; `end` is None while it lasts."""

    start: datetime
    end: datetime | None


def _spans(
    changes: Sequence[tuple[datetime, LiveState]], *, start: datetime, end: datetime
) -> Iterator[tuple[LiveState, datetime, datetime, bool]]:
    """State, from, to and whether it lasts, cut to the window. `changes` is in order of time."""
    for number, (at, state) in enumerate(changes):
        lasts = number + 1 == len(changes)
        until = end if lasts else changes[number + 1][0]
        first, last = max(at, start), min(until, end)
        if first < last:
            yield state, first, last, lasts


def uptime(changes: Sequence[tuple[datetime, LiveState]], *, start: datetime, end: datetime) -> float | None:
    """The live share of the time during which the state was known; None when it never was."""
    live = known = timedelta(0)
    for state, first, last, _ in _spans(changes, start=start, end=end):
        known += last - first if state in COUNTED else timedelta(0)
        live += last - first if state in LIVE else timedelta(0)
    return live / known if known else None


def outages(changes: Sequence[tuple[datetime, LiveState]], *, start: datetime, end: datetime) -> list[Outage]:
    """The times the device was gone, newest first; offline turning into unreachable is one outage."""
    return list(_merged(_spans(changes, start=start, end=end)))[::-1]


def _merged(spans: Iterable[tuple[LiveState, datetime, datetime, bool]]) -> Iterator[Outage]:
    begun: datetime | None = None
    ended: datetime | None = None
    lasting = False
    for state, first, last, lasts in spans:
        gone = state in COUNTED - LIVE
        if gone and begun is not None and ended == first:
            ended, lasting = last, lasts
        elif gone:
            if begun is not None:
                yield Outage(begun, ended)
            begun, ended, lasting = first, last, lasts
    if begun is not None:
        yield Outage(begun, None if lasting else ended)
