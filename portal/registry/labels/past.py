"""How past versions read: the name of each column of a camera, system or unit, and its value in words."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from portal.registry.labels import PARTY, REGIME, STORAGE, SYSTEM_KIND, UNIT_TYPE, USE_STATUS
from portal.registry.labels.archive import FUNDING
from portal.registry.labels.camera import CAMERA_FIELD, CAMERA_TYPE, shown
from portal.registry.rules import BY_KEY
from portal.registry.states import UseStatus
from portal.registry.values import CameraType, HistoryKind
from portal.regulation.labels import fact_value, said, term
from portal.regulation.loader import rulebook
from portal.web import formats

SYSTEM_FIELD: Mapping[str, LazyString] = {
    "name": _("System name"),
    "kind": _("Kind of system"),
    "regime": _("Where it stands"),
    "use_status": _("State of use"),
    "district": _("District"),
    "address": _("Place of installation"),
    "purpose": _("Purpose"),
    "department": _("Department in charge"),
    "position": _("Position (WGS-84)"),
    "declared_devices": _("Cameras declared, by type"),
    "construction_began_on": _("Construction begun"),
    "construction_finished_on": _("Construction finished"),
    "in_use_on": _("In use since"),
    "retention_days": _("Footage kept"),
    "storage_kind": _("Storage"),
    "software": _("Control software and version"),
    "records_audio": _("Sound is recorded"),
    "has_analytics": _("Faces, persons or vehicles are analysed"),
    "networked": _("Connected to a police platform"),
    "funding": _("Source of funds"),
    "secret": _("Secret"),
    **{f"party_{role}": text for role, text in PARTY.items()},
}

UNIT_FIELD: Mapping[str, LazyString] = {
    "name": _("Unit name"),
    "uscc": _("Unified social credit code"),
    "unit_type": _("Kind of unit"),
    "category": _("Category"),
    "district": _("District"),
    "address": _("Address"),
    "position": _("Position (WGS-84)"),
    "principal_name": _("Principal person"),
    "security_head_name": _("Head of security"),
    "contact_name": _("Contact person"),
    "contact_phone_masked": _("Contact telephone"),
    "duty_phone_masked": _("Round-the-clock telephone"),
    "counter_terror_target": _("Key target of counter-terrorism"),
    "house_profiles": _("House rules"),
}

CAMERA_COLUMN: Mapping[str, LazyString] = {
    **{each: text for each, text in CAMERA_FIELD.items() if each not in ("lon", "lat")},
    "declared_lon": CAMERA_FIELD["lon"],
    "declared_lat": CAMERA_FIELD["lat"],
    "position": _("Position (WGS-84)"),
    "managing_phone_masked": CAMERA_FIELD["managing_phone"],
    "maintenance_phone_masked": CAMERA_FIELD["maintenance_phone"],
    "scene_file_id": _("Scene photo"),
    "secret": _("Secret"),
}

COLUMNS: Mapping[HistoryKind, Mapping[str, LazyString]] = {
    HistoryKind.CAMERA: CAMERA_COLUMN,
    HistoryKind.SYSTEM: SYSTEM_FIELD,
    HistoryKind.UNIT: UNIT_FIELD,
}


def told(kind: HistoryKind, content: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Every labelled column of a version: its key, its name and its value in words, in the order of the labels."""
    for key, label in COLUMNS[kind].items():
        if key.startswith("party_"):
            value = (content.get("party_names") or {}).get(key.removeprefix("party_"))
        elif key in content:
            value = content[key]
        else:
            continue
        yield key, str(label), _words(kind, key, value)


def differences(kind: HistoryKind, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """What changed from one version to the next: name, old value, new value."""
    old, new = ({key: (label, text) for key, label, text in told(kind, content)} for content in (before, after))
    return [
        (label, text, new[key][1] if key in new else "")
        for key, (label, text) in old.items()
        if text != (new[key][1] if key in new else "")
    ]


def _words(kind: HistoryKind, key: str, value: Any) -> str:
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if key == "position":
        lon, lat = value["coordinates"]
        return f"{lon:.6f}, {lat:.6f}"
    if key == "district":
        return formats.district(value)
    if kind is HistoryKind.CAMERA and key in BY_KEY and key != "zone":
        return shown(BY_KEY[key], value)
    return _choice(key, value)


def _zone(value: str) -> str:
    """What a text calls a zone, or the dictionary of places; the key itself once neither knows it any more."""
    texts = (said(zone.text) for profile in rulebook().profiles for zone in profile.zones if zone.key == value)
    return next(texts, None) or term("place_zone", value)


def _house_rules(value: list[str]) -> str:
    shorts = {profile.instrument: said(profile.short) for profile in rulebook().profiles}
    return gettext(", ").join(shorts.get(one, one) for one in value)


def device_words(devices: Mapping[str, int]) -> str:
    """Numbers by type of camera, in words."""
    named = (f"{CAMERA_TYPE[CameraType(kind)]} {count}" for kind, count in devices.items() if kind in set(CameraType))
    return gettext(", ").join(named)


# How a column's value is told, where it is more than a text or a number.
_TOLD: Mapping[str, Callable[[Any], Any]] = {
    "kind": lambda value: SYSTEM_KIND.get(value, value),
    "regime": lambda value: REGIME.get(value, value),
    "storage_kind": lambda value: STORAGE.get(value, value),
    "funding": lambda value: FUNDING.get(value, value),
    "unit_type": lambda value: UNIT_TYPE.get(value, value),
    "category": lambda value: fact_value("category", value),
    "zone": _zone,
    "house_profiles": _house_rules,
    "use_status": lambda value: USE_STATUS[UseStatus(value)][1],
    "retention_days": lambda value: gettext("%(days)s days", days=value),
    "declared_devices": device_words,
    "in_use_on": lambda value: formats.date_(date.fromisoformat(value)),
    "construction_began_on": lambda value: formats.date_(date.fromisoformat(value)),
    "construction_finished_on": lambda value: formats.date_(date.fromisoformat(value)),
    # Pictures are told apart, not shown: the present one alone is kept.
    "scene_file_id": lambda value: gettext("Photo %(number)s", number=str(value)[-6:]),
}


def _choice(key: str, value: Any) -> str:
    if key in _TOLD:
        return str(_TOLD[key](value))
    return gettext(", ").join(map(str, value)) if isinstance(value, list) else str(value)


__all__ = ["COLUMNS", "device_words", "differences", "told"]
