"""Inspectors' days in a big city: four visits a weekday, none where they are out already, years filled quickly."""

from collections import Counter
from datetime import date, timedelta

from portal.demo.acceptances import _Diary
from portal.demo.timeline import at

FRIDAY = date(2026, 11, 20)


def test_visits_fill_the_days_backwards_and_leave_alone_what_is_taken() -> None:
    out = [(at(FRIDAY, 10, 40), at(FRIDAY, 12, 40)), (at(date(2026, 11, 18), 9), at(date(2026, 11, 18), 18))]
    diary = _Diary(out)
    booked = [diary.book(FRIDAY) for _ in range(7)]
    assert booked[:2] == [at(FRIDAY, 14), at(FRIDAY, 16)]
    assert {moment.date() for moment in booked[2:6]} == {date(2026, 11, 19)}
    assert booked[6] == at(date(2026, 11, 17), 9)


def test_years_of_visits_never_coincide() -> None:
    diary = _Diary(())
    booked = Counter(diary.book(FRIDAY - timedelta(days=number % 40)) for number in range(6_000))
    assert set(booked.values()) == {1}
    assert all(moment.weekday() < 5 for moment in booked)
