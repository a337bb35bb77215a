"""The city's time zone is named once; SQL and Python ask the same clock."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import literal, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.citytime import city_date, city_time


def test_the_city_is_named_in_one_place() -> None:
    root = Path(clock.__file__).parents[1]
    named = [path.name for path in root.rglob("*.py") if "Asia/Shanghai" in path.read_text()]
    assert named == ["clock.py"]


def test_the_database_reads_the_citys_day(session: Session) -> None:
    late = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)  # half past midnight of the second in the city
    day, local = session.execute(select(city_date(literal(late)), city_time(literal(late)))).one()
    assert day == clock.city_day(late)
    assert local == late.astimezone(clock.CITY_TZ).replace(tzinfo=None)
