"""How the registry's values read on a page."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import url_for
from flask_babel import get_locale, gettext, ngettext
from flask_babel.speaklater import LazyString
from werkzeug.routing import BuildError

from portal.registry.labels import CAMERA_FIELD, PARTY, SHORTFALL
from portal.registry.labels.archive import GAP
from portal.registry.labels.changes import change_words
from portal.registry.labels.past import device_words
from portal.registry.labels.zones import PREMISES, zone_words
from portal.registry.models import System
from portal.registry.rules import deadline_of
from portal.registry.values import PartyRole, Shortfall
from portal.registry.views.blueprint import bp
from portal.regulation.deadlines import Deadline, StepCode
from portal.regulation.schema.base import Text
from portal.web import formats
from portal.web.links import url_with

# The field of the system's form that a shortfall is cured in; a missing party is its own field.
CURED_IN = {
    "retention_missing": "retention_days",
    "retention_short": "retention_days",
    "address_missing": "address",
    "in_use_in_future": "in_use_on",
    "construction_missing": "construction_began_on",
}
# Shortfalls that have a page of their own under the system.
PAGES = {
    "zones": "registry.zones",
    "signs": "registry.privacy",
    "points": "registry.privacy",
    "standards": "registry.standards",
}


@bp.app_template_filter("shortfall")
def shortfall(item: Shortfall) -> str:
    """What is missing, in words."""
    data: dict[str, object] = {}
    for name, value in item.data.items():
        if isinstance(value, Text):
            data[name] = value.in_language(str(get_locale()))
        elif name == "party":
            data[name] = PARTY[PartyRole(str(value))]
        elif name == "zones" and isinstance(value, list):
            data[name] = gettext(", ").join(zone.in_language(str(get_locale())) for zone in value)
        elif name == "camera" and not value:
            data[name] = gettext("Secret point")
        elif isinstance(value, date):
            data[name] = formats.date_(value)
        else:
            data[name] = value
    return str(SHORTFALL.get(item.code) or PREMISES.get(item.code) or GAP[item.code]) % data


@bp.app_template_global("cure_of")
def cure_of(item: Shortfall, system: System, *, may_edit: bool, may_upload: bool) -> tuple[str, str] | None:
    """Where a shortfall is put right, and what that is called; nothing for a reader who may not do it."""
    if item.code == "document_missing":
        slot = item.data["slot"]
        return (
            (url_for("registry.document_new", system_id=system.id, slot=slot), gettext("Upload"))
            if may_upload
            else None
        )
    if may_edit and item.where in PAGES:
        return url_for(PAGES[item.where], system_id=system.id), gettext("Put right")
    return _cure(item, system) if may_edit else None


def _cure(item: Shortfall, system: System) -> tuple[str, str]:
    if item.code == "no_cameras":
        return url_for("registry.import_new", system_id=system.id), gettext("Import from a sheet")
    if item.where == "cameras":
        short = "1" if item.code == "cameras_incomplete" else None
        return url_for("registry.cameras", system=system.id, incomplete=short), gettext("Show")
    if item.code == "party_missing":
        return url_for("registry.party_new", system_id=system.id, role=item.data["party"]), gettext("Fill in")
    if item.code == "no_round_the_clock":
        return url_for("registry.system_contact", system_id=system.id), gettext("Fill in")
    if item.code in GAP:
        return url_for(f"registry.system_{item.where}", system_id=system.id), gettext("Show")
    field = CURED_IN[item.code]
    return url_for("registry.system_edit", system_id=system.id, _anchor=f"f-{field}"), gettext("Fill in")


@bp.app_template_filter("field_label")
def field_label(key: str) -> str:
    """The name of a field of a camera's file."""
    return str(CAMERA_FIELD[key])


@bp.app_template_filter("kept_deadline")
def kept_deadline(why: Mapping[str, Any] | None) -> Deadline | None:
    """A stored deadline, as the macros of the law take it."""
    return deadline_of(why)


@bp.app_template_filter("kept_changes")
def kept_changes(why: Mapping[str, Any] | None) -> list[str]:
    """The changes a running limit is about, in words."""
    return change_words((why or {}).get("changes", ()))


bp.add_app_template_filter(device_words, "device_words")


@bp.app_template_filter("deadline_rule")
def deadline_rule(deadline: Deadline) -> str:
    """What is counted from when, in one sentence."""
    starts = next((step.day for step in deadline.steps if step.code is StepCode.STARTS), None)
    for step in deadline.steps:
        if step.code is StepCode.WORKING_DAYS:
            count = ngettext("%(num)s working day", "%(num)s working days", step.number)
        elif step.code is StepCode.CALENDAR_DAYS:
            count = ngettext("%(num)s calendar day", "%(num)s calendar days", step.number)
        else:
            continue
        return gettext("%(count)s, counted from %(day)s.", count=count, day=formats.date_(starts))
    return ""


@bp.app_template_global("url_for_known")
def url_for_known(endpoint: str, **values: Any) -> str:
    """The address of an endpoint, or nothing where its package is not part of this portal."""
    try:
        return url_for(endpoint, **values)
    except BuildError as missing:
        if missing.suggested is not None and missing.suggested.endpoint == endpoint:
            return "#"
        return ""


@bp.app_template_filter("zone_word")
def zone_word(key: str) -> str:
    """A zone that the system has no row of, by the dictionary's word."""
    return zone_words(key, "", "")


@bp.app_template_filter("review_count")
def review_count(
    shown: tuple[Any, tuple[str, LazyString]], tally: Mapping[Any, int], wanted: Any
) -> tuple[int, LazyString, str, str, bool]:
    """One state of a strip of counts: how many, its words and its glyph, the address that narrows to it."""
    state, (kind, label) = shown
    return tally.get(state, 0), label, kind, url_with(status=str(state), after=None), wanted.status == state
