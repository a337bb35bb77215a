"""Fields whose data are numbers, days, moments and positions."""

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import Field, StringField

from portal.core.clock import CITY_TZ
from portal.core.text import without_unseen
from portal.web.widgets.base import PortalField, plain

LonLat = tuple[float, float]

# Beyond these a day is a slip, and the day before or after it may not exist.
EARLIEST, LATEST = date(1949, 10, 1), date(2099, 12, 31)
_DATE = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_TIME = re.compile(r"(\d{1,2})\s*[:时點点]\s*(\d{1,2})?\s*(?:[:分]\s*(\d{1,2})?\s*秒?)?")


class _Converted(PortalField, Field):
    """A field whose data are not text. What was typed is shown again when it cannot be read."""

    widget = StringField.widget
    max_typed = 60

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the typed text, or say what is wrong with it."""
        self.data = None
        typed = plain(valuelist[0][:400]) if valuelist else ""
        if typed:
            self.data = self.read(typed[: self.max_typed + 1])

    def _value(self) -> str:
        if self.raw_data and self.data is None:
            return without_unseen(str(self.raw_data[0])[:400])
        return "" if self.data is None else self.write(self.data)

    def read(self, typed: str) -> Any:
        """Text to data. Raises ValueError with the sentence to show."""
        raise NotImplementedError

    def write(self, data: Any) -> str:
        """Data to text."""
        return str(data)


class WholeNumber(_Converted):
    """A whole number within bounds."""

    def __init__(self, label: Any = None, *, low: int = 0, high: int = 2_000_000_000, **rest: Any) -> None:
        self.low, self.high = low, high
        super().__init__(label, render_kw={"inputmode": "numeric", "autocomplete": "off"}, **rest)

    def read(self, typed: str) -> int:
        """Thousands separators are fine; anything else than digits is not."""
        digits = re.sub(r"(?<=\d)[,\s](?=\d{3})", "", typed)
        if not re.fullmatch(r"[+-]?[0-9]{1,15}", digits):
            raise ValueError(str(_('"%(field)s" must be a whole number')) % {"field": self.label.text})
        number: int = _within(self, int(digits))
        return number


class DecimalNumber(_Converted):
    """A number with at most `places` decimals, within bounds."""

    def __init__(self, label: Any = None, *, low: str, high: str, places: int = 2, **rest: Any) -> None:
        self.low, self.high, self.places = Decimal(low), Decimal(high), places
        super().__init__(label, render_kw={"inputmode": "decimal", "autocomplete": "off"}, **rest)

    def read(self, typed: str) -> Decimal:
        """Plain decimal notation only."""
        try:
            if not re.fullmatch(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?", typed):
                raise InvalidOperation
            number = Decimal(typed)
        except InvalidOperation:
            raise ValueError(str(_('"%(field)s" must be a number')) % {"field": self.label.text}) from None
        if -number.as_tuple().exponent > self.places:  # type: ignore[operator]
            text = _('"%(field)s": no more than %(places)s decimals')
            raise ValueError(str(text) % {"field": self.label.text, "places": self.places})
        bounded: Decimal = _within(self, number)
        return bounded


def _within(field: Any, number: Any) -> Any:
    if not field.low <= number <= field.high:
        text = _('"%(field)s" must lie between %(low)s and %(high)s')
        raise ValueError(str(text) % {"field": field.label.text, "low": f"{field.low:,}", "high": f"{field.high:,}"})
    return number


class DateText(_Converted):
    """A day, typed as 2026-11-20, 2026/11/2, 20261120 or 2026年11月2日."""

    shape = "date"

    def __init__(self, label: Any = None, *, earliest: date = EARLIEST, latest: date = LATEST, **rest: Any) -> None:
        self.earliest, self.latest = earliest, latest
        rest.setdefault("hint", _("Year-month-day, such as 2026-11-02"))
        super().__init__(label, render_kw={"inputmode": "numeric", "autocomplete": "off"}, **rest)

    def read(self, typed: str) -> date:
        """Any of the usual Chinese ways of writing a day."""
        day = _any_day(typed)
        if day is None:
            raise ValueError(str(_('"%(field)s" is not a day of the calendar')) % {"field": self.label.text})
        if not self.earliest <= day <= self.latest:
            text = _('"%(field)s" must lie between %(low)s and %(high)s')
            raise ValueError(str(text) % {"field": self.label.text, "low": self.earliest, "high": self.latest})
        return day


class MomentText(_Converted):
    """A moment in the city's time: 2026-11-18 21:00, with seconds where they matter."""

    def __init__(self, label: Any = None, *, seconds: bool = False, **rest: Any) -> None:
        self.seconds = seconds
        rest.setdefault("hint", _("Beijing time, such as 2026-11-18 21:00"))
        super().__init__(label, render_kw={"autocomplete": "off"}, **rest)

    def read(self, typed: str) -> datetime:
        """A day and a time of day."""
        found = _DATE.match(typed)
        time = _TIME.fullmatch(typed[found.end() :].strip(" T")) if found else None
        day = read_day(found.group(0)) if found else None
        try:
            if day is None or time is None:
                raise ValueError
            hour, minute, second = (int(part or 0) for part in time.groups())
            return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=CITY_TZ)
        except ValueError:
            raise ValueError(str(_('"%(field)s" is not a day and time')) % {"field": self.label.text}) from None

    def write(self, data: datetime) -> str:
        """As it is typed."""
        return (
            f"{data.astimezone(CITY_TZ):%Y-%m-%d %H:%M:%S}"
            if self.seconds
            else f"{data.astimezone(CITY_TZ):%Y-%m-%d %H:%M}"
        )


def read_day(typed: str) -> date | None:
    """A day in one of the usual notations, or None; also None for one so far off that no clock has its neighbours."""
    day = _any_day(typed)
    return day if day is not None and EARLIEST <= day <= LATEST else None


def _any_day(typed: str) -> date | None:
    found = _DATE.fullmatch(typed) or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", typed)
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None


class MapPoint(_Converted):
    """A position typed or picked on the map: longitude, latitude (WGS-84)."""

    shape = "point"

    def __init__(
        self, label: Any = None, *, bounds: tuple[float, float, float, float] = (73.0, 3.0, 136.0, 54.0), **rest: Any
    ) -> None:
        self.bounds = bounds
        rest.setdefault("hint", _("Longitude, latitude (WGS-84), such as 114.392483, 36.097577"))
        super().__init__(label, render_kw={"inputmode": "text", "autocomplete": "off", "class": "mono"}, **rest)

    def read(self, typed: str) -> LonLat:
        """Two decimal numbers; a swapped pair is pointed out, never guessed."""
        parts = [part for part in re.split(r"[,;\s、]+", typed) if part]
        if len(parts) != 2 or not all(re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{1,12})?", part) for part in parts):
            raise ValueError(
                str(_('"%(field)s": enter longitude and latitude as two numbers')) % {"field": self.label.text}
            )
        lon, lat = float(parts[0]), float(parts[1])
        west, south, east, north = self.bounds
        if west <= lon <= east and south <= lat <= north:
            return round(lon, 7), round(lat, 7)
        if west <= lat <= east and south <= lon <= north:
            raise ValueError(str(_("Longitude comes first: latitude and longitude seem to be swapped")))
        raise ValueError(str(_('"%(field)s" lies outside the area this portal covers')) % {"field": self.label.text})

    def write(self, data: LonLat) -> str:
        """As it is typed."""
        return f"{data[0]}, {data[1]}"
