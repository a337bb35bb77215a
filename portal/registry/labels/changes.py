"""How the changes that a running limit is about read."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext, ngettext

from portal.core.clock import city_day
from portal.registry.labels import PARTY
from portal.registry.labels.past import CAMERA_COLUMN, SYSTEM_FIELD, UNIT_FIELD
from portal.registry.values import PartyRole
from portal.web import formats

_TABLES: Mapping[str, Mapping[str, Any]] = {"camera": CAMERA_COLUMN, "system": SYSTEM_FIELD, "unit": UNIT_FIELD}


def change_words(kept: Iterable[Mapping[str, Any]]) -> list[str]:
    """Each change as the day, what it is of, and what is another now."""
    return [_line(one) for one in kept]


def _line(one: Mapping[str, Any]) -> str:
    what, subject, count = _fact(str(one["fact"])), str(one["subject"]), int(one["count"])
    day = formats.date_(city_day(datetime.fromisoformat(str(one["at"]))))
    if subject:
        return gettext("%(day)s · %(subject)s: %(what)s", day=day, subject=subject, what=what)
    if count > 1:
        at = ngettext("%(num)s camera", "%(num)s cameras", count)
        return gettext("%(day)s · %(subject)s: %(what)s", day=day, subject=at, what=what)
    return gettext("%(day)s · %(what)s", day=day, what=what)


def _fact(fact: str) -> str:
    part, _dot, name = fact.partition(".")
    whole = {
        "camera.came": gettext("camera added"),
        "camera.went": gettext("camera removed"),
        "component": gettext("equipment or software"),
        "document.newer": gettext("newer version of the paper"),
    }
    if fact in whole:
        return whole[fact]
    if part == "party":
        return str(PARTY[PartyRole(name)])
    return str(_TABLES[part][name])
