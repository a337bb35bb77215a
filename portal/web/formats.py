"""How values are written: dates, times, numbers, sizes, spans, districts. Registered as template filters."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from flask_babel import get_locale, gettext, ngettext

from portal.core.clock import CITY_TZ
from portal.core.divisions import load_divisions

NOTHING = "—"
_ENGLISH_DISTRICTS = {
    "410500": "Anyang",
    "410502": "Wenfeng",
    "410503": "Beiguan",
    "410505": "Yindu",
    "410506": "Long'an",
    "410522": "Anyang County",
    "410523": "Tangyin",
    "410526": "Hua County",
    "410527": "Neihuang",
    "410581": "Linzhou",
}


def _local(moment: datetime) -> datetime:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(CITY_TZ)


def _day(value: date) -> date:
    return _local(value).date() if isinstance(value, datetime) else value


def date_(value: date | None) -> str:
    """2026-11-20, in the city's time zone."""
    return NOTHING if value is None else _day(value).isoformat()


def datetime_(value: datetime | None) -> str:
    """2026-11-20 09:10."""
    return NOTHING if value is None else f"{_local(value):%Y-%m-%d %H:%M}"


def second(value: datetime | None) -> str:
    """2026-11-20 09:10:42, where seconds are evidence."""
    return NOTHING if value is None else f"{_local(value):%Y-%m-%d %H:%M:%S}"


def daymonth(value: datetime | None) -> str:
    """11-20 09:10, for lists where the year is plain."""
    return NOTHING if value is None else f"{_local(value):%m-%d %H:%M}"


def clocktime(value: datetime | None) -> str:
    """09:10."""
    return NOTHING if value is None else f"{_local(value):%H:%M}"


def longdate(value: date | None) -> str:
    """2026 年 11 月 20 日 星期五, or Friday 20 November 2026."""
    if value is None:
        return NOTHING
    from babel.dates import format_date

    chinese = str(get_locale() or "zh").startswith("zh")
    pattern, locale = ("y 年 M 月 d 日 EEEE", "zh_Hans_CN") if chinese else ("EEEE d MMMM y", "en")
    return format_date(_day(value), pattern, locale=locale)


def relative_day(value: date | None, today: date) -> str:
    """How far a day is away, in words."""
    if value is None:
        return NOTHING
    days = (_day(value) - _day(today)).days
    near = {0: gettext("today"), 1: gettext("tomorrow"), -1: gettext("yesterday")}
    if days in near:
        return near[days]
    if days > 0:
        return ngettext("in %(num)d day", "in %(num)d days", days)
    return ngettext("%(num)d day ago", "%(num)d days ago", -days)


def number(value: float | None, digits: int = 1) -> str:
    """12,486; a fraction keeps at most `digits` places and no trailing zeros."""
    if value is None:
        return NOTHING
    if isinstance(value, int):
        return f"{value:,}"
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if digits else text


def percent(ratio: float | None, digits: int = 1) -> str:
    """0.964 as 96.4%."""
    return NOTHING if ratio is None else f"{ratio * 100:.{digits}f}%"


def filesize(size: int | None) -> str:
    """Bytes in the unit that leaves at most four digits."""
    if size is None:
        return NOTHING
    if size < 1024:
        return ngettext("%(num)d byte", "%(num)d bytes", size)
    amount = float(size)
    for unit in ("KB", "MB", "GB", "TB"):
        amount /= 1024
        if amount < 1000 or unit == "TB":
            break
    return f"{amount:.1f} {unit}" if amount < 100 else f"{amount:.0f} {unit}"


def duration(span: float | timedelta | None) -> str:
    """A span in its two largest units: 6 分 42 秒, 6 min 42 s."""
    if span is None:
        return NOTHING
    seconds = round(span.total_seconds() if isinstance(span, timedelta) else span)
    days, rest = divmod(max(seconds, 0), 86400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = (
        (days, gettext("%(n)d d", n=days)),
        (hours, gettext("%(n)d h", n=hours)),
        (minutes, gettext("%(n)d min", n=minutes)),
        (seconds, gettext("%(n)d s", n=seconds)),
    )
    shown = [text for amount, text in parts if amount][:2]
    return " ".join(shown) or gettext("%(n)d s", n=0)


@lru_cache(maxsize=1)
def _chinese_districts() -> Mapping[str, str]:
    return {shape.code: shape.name for shape in load_divisions("4105")} | {"410500": "安阳市"}


def district(code: str | None) -> str:
    """The name of a district by its GB/T 2260 code; the code itself when it is not one of the city's."""
    return district_in(code, str(get_locale() or "zh")) if code else NOTHING


def district_in(code: str, locale: str) -> str:
    """The name of a district in one language, for what is written without a request."""
    return (_chinese_districts() if locale.startswith("zh") else _ENGLISH_DISTRICTS).get(code, code)


FILTERS: Mapping[str, Callable[..., str]] = {
    "date": date_,
    "datetime": datetime_,
    "second": second,
    "daymonth": daymonth,
    "clocktime": clocktime,
    "longdate": longdate,
    "relative_day": relative_day,
    "number": number,
    "percent": percent,
    "filesize": filesize,
    "duration": duration,
    "district": district,
}
