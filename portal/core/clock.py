"""The only clock. Edges read it and hand the time inward; nothing else asks what time it is.

Business time may be moved in the check profile (`PORTAL_CLOCK`); tokens and TLS keep real time.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

CITY_TZ = ZoneInfo("Asia/Shanghai")

_shift: dict[str, Callable[[], timedelta]] = {"now": timedelta}


def real_now() -> datetime:
    """Wall time in UTC, never shifted: for session tokens, leases and locks."""
    return datetime.now(UTC)  # noqa: TID251 - the one place that may


def utcnow() -> datetime:
    """Business time in UTC (aware)."""
    return real_now() + _shift["now"]()


def city_day(moment: datetime) -> date:
    """The calendar day of a moment in the city's time zone."""
    return moment.astimezone(CITY_TZ).date()


def install_shift(source: str) -> None:
    """Move business time: `+90d`, `-3600s`, or a path whose text is such an offset, re-read at each call.

    Raises ValueError for a text that is neither.
    """
    if not source:
        _shift["now"] = timedelta
        return
    if source[0] in "+-":
        fixed = _parse_offset(source)
        _shift["now"] = lambda: fixed
        return
    path = Path(source)
    _shift["now"] = lambda: _parse_offset(path.read_text().strip() or "+0s")


def _parse_offset(text: str) -> timedelta:
    units = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
    if len(text) < 3 or text[0] not in "+-" or text[-1] not in units or not text[1:-1].isdigit():
        raise ValueError(f"not a clock offset: {text!r} (for example +90d)")
    span = timedelta(**{units[text[-1]]: int(text[1:-1])})
    return span if text[0] == "+" else -span
