"""How far back the books are compared with what happened, by the rules of the day. Pure."""

from datetime import datetime, timedelta

from portal.core.clock import city_day
from portal.regulation.engine import city_rules
from portal.regulation.schema.keys import RuleKey


def look_back(now: datetime) -> timedelta:
    """How long ago an opening or a change may lie to be compared with the books."""
    return timedelta(days=city_rules(city_day(now)).integer(RuleKey.BOOKS_LOOK_BACK_DAYS) or 0)


def late_entry(now: datetime) -> timedelta:
    """How long after its ticket's hours a change may be entered in the register."""
    return timedelta(days=city_rules(city_day(now)).integer(RuleKey.BOOKS_LATE_ENTRY_DAYS) or 0)
