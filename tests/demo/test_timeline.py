"""Stories are played in one order of time."""

from collections.abc import Generator
from datetime import UTC, date, datetime, timedelta

from portal.demo.timeline import at, days_ago, play

START = datetime(2025, 6, 1, tzinfo=UTC)


def _story(log: list[str], name: str, *days: int) -> Generator[datetime]:
    for day in days:
        yield START + timedelta(days=day)
        log.append(f"{name}{day}")


def test_acts_of_different_stories_interleave_by_time():
    log: list[str] = []
    acts = play([_story(log, "a", 1, 5, 9), _story(log, "b", 2, 4), _story(log, "c")], until=START + timedelta(days=99))
    assert log == ["a1", "b2", "b4", "a5", "a9"]
    assert acts == 5


def test_what_lies_in_the_future_has_not_happened():
    log: list[str] = []
    play([_story(log, "a", 1, 50, 51), _story(log, "b", 2)], until=START + timedelta(days=10))
    assert log == ["a1", "b2"]


def test_at_the_same_moment_the_first_story_acts_first():
    log: list[str] = []
    play([_story(log, "a", 1), _story(log, "b", 1)], until=START + timedelta(days=10))
    assert log == ["a1", "b1"]


def test_moments_are_in_the_citys_time():
    assert at(date(2025, 6, 1), 9).astimezone(UTC) == datetime(2025, 6, 1, 1, tzinfo=UTC)
    assert days_ago(date(2025, 6, 3), 2) == at(date(2025, 6, 1), 9)
