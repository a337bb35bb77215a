"""Plays many stories in one order of time, so that the audit log and every timeline read as if they had happened.

A story is a generator: it yields the moment of its next act and acts when it is woken. Stories that wait for one
another need no more than that, because the player always wakes the one whose moment comes first.
"""

import heapq
from collections.abc import Generator, Sequence
from datetime import date, datetime, time, timedelta

from portal.core.clock import CITY_TZ
from portal.core.errors import PortalError

Story = Generator[datetime]


class StoryFailed(RuntimeError):
    """A story asked for something its feature refuses: the story is wrong, or the feature has changed."""


def play(stories: Sequence[Story], *, until: datetime) -> int:
    """Wake the stories by time until each has ended; the number of acts. What lies after `until` does not happen.

    Raises StoryFailed, naming the story and the moment, when an act is refused.
    """
    waiting: list[tuple[datetime, int, Story]] = []
    for number, story in enumerate(stories):
        _wait(waiting, number, story)
    acts = 0
    while waiting:
        moment, number, story = heapq.heappop(waiting)
        if moment > until:
            continue
        acts += 1
        try:
            _wait(waiting, number, story)
        except PortalError as refusal:
            raise StoryFailed(f"story {number} ({story}) at {moment}: {told(refusal)}") from refusal
    return acts


def told(refusal: PortalError) -> str:
    """What a refusal says to whoever wrote the story."""
    problems = getattr(refusal, "problems", ())
    return f"{refusal.code} {dict(refusal.data)} {[(p.field, p.code, dict(p.data)) for p in problems]}"


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
