"""The city's clock in SQL: moments are stored in UTC, while days and hours are the city's."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Date, Function, cast, func
from sqlalchemy.sql.elements import Cast

from portal.core.clock import CITY_TZ


def city_time(moment: Any) -> Function[datetime]:
    """A moment as clocks in the city show it, without a zone; and of such a reading, the moment."""
    return func.timezone(str(CITY_TZ), moment)


def city_date(moment: Any) -> Cast[date]:
    """The calendar day of a moment in the city."""
    return cast(city_time(moment), Date)
