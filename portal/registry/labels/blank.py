"""What a blank sheet of cameras says of each field to whoever fills it in: what is meant, what may stand there, an example."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from portal.core.geometry import Datum
from portal.registry.labels.camera import CAMERA_FIELD, CAMERA_OPTION, CAMERA_PART, FIELD_HINT, UNIT_OF_MEASURE
from portal.registry.rules import CameraField
from portal.registry.rules.fields import Need, Shape
from portal.registry.rules.sheets import REQUIRED
from portal.registry.states import CameraStatus
from portal.registry.values import CameraType, CodeEdition, Encoding, Networked, PointType, PositionMethod, PositionType

_NEEDED: Mapping[Need, LazyString] = {
    Need.ALWAYS: _("Needed for the filing"),
    Need.FILED: _("Needed for the filing"),
    Need.PUBLIC: _("For first- and second-class points"),
    Need.NETWORKED: _("For networked cameras"),
    Need.KEY_POINT: _("For key points"),
    Need.NO: _("May be left empty"),
}

# Where a value's name does not say what the field wants, and the page's own hint says nothing.
_MEANING: Mapping[str, LazyString] = {
    "code_edition": _("By which edition of GB/T 28181 the code was made"),
    "popular_name": _("What people call the place"),
    "function_types": _("What the camera is for beside watching"),
    "point_type": _("The class that the point was given when it was planned"),
    "status": _("In use, under repair or dismantled, as its unit declares it"),
    "position_types": _("What surroundings the camera watches"),
    "zone": _("The zone of the premises that the rules of this system name"),
    "datum": _("Left empty: the datum chosen when the sheet is uploaded"),
    "position_accuracy_m": _("How far off the position may be"),
    "range_m": _("How far a person can still be made out"),
    "retention_days": _("How many days recordings are kept before they are overwritten"),
    "storage_channel": _("The channel of the recorder that the camera stands on"),
    "scene_photo": _("Name or address of the picture of the scene"),
    "networked": _("Whether the camera is joined to a network, and to which"),
    "host": _("Kept apart, shown to few; read only from sheets of those who may set it"),
    "managing_phone": _("Kept sealed, shown masked; a masked number in a sheet changes nothing"),
    "maintenance_phone": _("Kept sealed, shown masked; a masked number in a sheet changes nothing"),
    "coverage": _("What can be seen in the picture"),
    "patrol_mode": _("How the pictures are gone through"),
}

_EXAMPLE: Mapping[str, LazyString | str] = {
    "name": _("East gate - looking east - bullet"),
    "gb_code": "41050200001320000011",
    "popular_name": _("East gate"),
    "address": _("No. 1 Wenfeng Avenue, east gate"),
    "police_organ": "410502000000",
    "police_beat": _("Beat 3"),
    "pole_number": "D-01",
    "qr_number": "QR-0001",
    "lon": "114.392500",
    "lat": "36.097700",
    "position_accuracy_m": "2.5",
    "azimuth": "90",
    "view_angle": "80",
    "vertical_angle": "45",
    "range_m": "30",
    "install_height_m": "3.5",
    "manufacturer": _("Hikvision"),
    "model": "DS-2CD3T47",
    "resolution": "1920x1080",
    "installed_on": "2026-03-01",
    "build_phase": _("Phase two"),
    "scene_photo": "DM-0001.jpg",
    "retention_days": "90",
    "osd_text": _("East gate 01"),
    "storage_channel": "1",
    "storage_address": "10.41.2.2",
    "host": "10.41.2.15",
    "ipv6": "fd00:41::15",
    "mac": "3C:1A:CC:02:7F:10",
    "managing_unit": _("Security office"),
    "managing_phone": "13800138000",
    "department": _("Security office"),
    "maintenance_unit": _("Firm of the maintenance contract"),
    "maintenance_phone": "0372-2965110",
    "coverage": _("East gate and the pavement before it"),
    "key_sections": _("Gate"),
    "key_hours": "07:00-08:30",
    "main_content": _("People and vehicles going in and out"),
}
# Of a vocabulary the value that most cameras have; otherwise the first.
_PICKED: Mapping[type[Enum], Enum] = {
    CameraType: CameraType.FIXED_BULLET,
    CameraStatus: CameraStatus.IN_USE,
    CodeEdition: CodeEdition.Y2022,
    Datum: Datum.WGS84,
    Encoding: Encoding.H265,
    Networked: Networked.YES,
    PointType: PointType.THIRD,
    PositionMethod: PositionMethod.GPS,
    PositionType: PositionType.CAMPUS,
}


@dataclass(frozen=True, kw_only=True)
class BlankField:
    """One column of a blank sheet. `choices` are its values in words; `several` of them may stand in one cell."""

    field: CameraField
    header: str
    needed: str
    meaning: str
    allowed: str
    example: str
    choices: tuple[str, ...] = ()
    several: bool = False


def blank_field(each: CameraField, zones: Mapping[str, str]) -> BlankField:
    """A field as a blank sheet has it, in the language of this request; `zones` are those of its system, by key."""
    label, must = str(CAMERA_FIELD[each.key]), each.key in REQUIRED
    choices = _choices(each, zones)
    return BlankField(
        field=each,
        header=f"{label}*" if must else label,
        needed=gettext("For the import") if must else str(_NEEDED[each.need]),
        meaning=str(FIELD_HINT.get(each.key) or _MEANING.get(each.key) or CAMERA_PART[each.part]),
        allowed=_allowed(each, choices),
        example=_example(each, choices),
        choices=choices,
        several=each.shape is Shape.MANY,
    )


def _choices(each: CameraField, zones: Mapping[str, str]) -> tuple[str, ...]:
    if each.kind is not None:
        return tuple(str(text) for text in CAMERA_OPTION[each.kind].values())
    if each.shape is Shape.FLAG:
        return gettext("Yes"), gettext("No")
    return tuple(zones.values()) if each.shape is Shape.ZONE else ()


def _allowed(each: CameraField, choices: tuple[str, ...]) -> str:
    if choices:
        values = gettext("; ").join(choices)
        several = each.shape is Shape.MANY
        return gettext("One or several, parted by “/”: %(values)s", values=values) if several else values
    unit = str(UNIT_OF_MEASURE[each.unit]) if each.unit else ""
    bounds: dict[str, Any] = {"low": f"{each.low:g}", "high": f"{each.high:g}", "unit": unit}
    text = gettext("A text of at most %(count)s characters", count=each.longest) if each.longest else gettext("A text")
    said = {
        Shape.WHOLE: gettext("A whole number from %(low)s to %(high)s %(unit)s", **bounds),
        Shape.DECIMAL: gettext("A number from %(low)s to %(high)s %(unit)s", **bounds),
        Shape.DEGREES: gettext("A number from %(low)s to %(high)s %(unit)s", **bounds),
        Shape.DAY: gettext("A day: year-month-day"),
        Shape.CODE: gettext("Twenty digits"),
        Shape.PHONE: gettext("A mobile number, a line with its area code, or a 400 or 800 number"),
    }
    return said.get(each.shape, text).strip()


def _example(each: CameraField, choices: tuple[str, ...]) -> str:
    if each.shape is Shape.FLAG:
        return gettext("No")
    if each.kind is not None:
        words = CAMERA_OPTION[each.kind]
        return str(words[_PICKED.get(each.kind, next(iter(words)))])
    return str(_EXAMPLE.get(each.key, "")) or (choices[0] if choices else "")


def explained(fields: list[BlankField]) -> list[list[str]]:
    """The sheet that explains the columns, its header first."""
    head = [
        gettext("Field"),
        gettext("No. of the 28 fields"),
        gettext("When it is needed"),
        gettext("Meaning"),
        gettext("Allowed values"),
        gettext("Example"),
    ]
    rows = [[one.header, one.field.number, one.needed, one.meaning, one.allowed, one.example] for one in fields]
    return [head, *rows]
