"""Plays many stories in one order of time, so that the audit log and every timeline read as if they had happened.

A story is a generator: it yields the moment of its next act and acts when it is woken. Stories that wait for one
another need no more than that, because the player always wakes the one whose moment comes first.
"""

import heapq
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta

from portal.core.clock import CITY_TZ

Story = Iterator[datetime]


def play(stories: Sequence[Story], *, until: datetime) -> int:
    """Wake the stories by time until each has ended; the number of acts. What lies after `until` does not happen."""
    waiting: list[tuple[datetime, int, Story]] = []
    for number, story in enumerate(stories):
        _wait(waiting, number, story)
    acts = 0
    while waiting:
        moment, number, story = heapq.heappop(waiting)
        if moment > until:
            continue
        acts += 1
        _wait(waiting, number, story)
    return acts


def _wait(waiting: list[tuple[datetime, int, Story]], number: int, story: Story) -> None:
    moment = next(story, None)
    if moment is not None:
        heapq.heappush(waiting, (moment, number, story))


def at(day: date, hour: int = 9, minute: int = 0) -> datetime:
    """A moment in the city's time."""
    return datetime.combine(day, time(hour, minute), CITY_TZ)


def days_ago(today: date, days: int, hour: int = 9, minute: int = 0) -> datetime:
    """A moment some days before today, city time."""
    return at(today - timedelta(days=days), hour, minute)
