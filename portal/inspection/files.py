"""A person's visits as a calendar file (RFC 5545)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import gettext
from icalendar import Calendar, Event

from portal.core.clock import CITY_TZ
from portal.inspection.labels import KIND
from portal.inspection.models import Visit
from portal.inspection.operations.calendars import Diary
from portal.inspection.states import AcceptanceKind, VisitStatus

_AGAIN = timedelta(minutes=30)


def calendar_file(diary: Diary, *, address_of: Callable[[UUID], str], now: datetime) -> bytes:
    """Every visit as an event whose key never changes; one that was called off says so, so that a calendar takes it
    away. Of a secret system neither unit nor place leaves the portal."""
    calendar = Calendar()
    calendar.add("prodid", "-//CCTV registry and oversight portal//visits//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", gettext("Acceptance visits of %(name)s", name=diary.name))
    calendar.add("refresh-interval", _AGAIN, parameters={"value": "DURATION"})
    for visit, goes in diary.visits:
        calendar.add_component(_event(visit, goes=goes, address=address_of(visit.acceptance_id), now=now))
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def _event(visit: Visit, *, goes: bool, address: str, now: datetime) -> Event:
    acceptance, event = visit.acceptance, Event()
    off = not goes or visit.status == VisitStatus.CANCELLED
    kind = str(KIND[AcceptanceKind(acceptance.kind)])
    secret = acceptance.system.secret
    event.add("uid", f"visit-{visit.id}")
    event.add("sequence", visit.sequence)
    event.add("dtstamp", now)
    event.add("dtstart", visit.starts_at.astimezone(CITY_TZ))
    event.add("dtend", visit.ends_at.astimezone(CITY_TZ))
    event.add("summary", kind if secret else gettext("%(kind)s: %(unit)s", kind=kind, unit=acceptance.unit.name))
    event.add("status", "CANCELLED" if off else "CONFIRMED")
    if not secret:
        event.add("location", acceptance.system.address)
        event.add("description", acceptance.system.name)
    event.add("url", address)
    return event
