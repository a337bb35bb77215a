"""Words for the fields of a camera's file, their values, and what can be wrong with them."""

from collections.abc import Mapping
from datetime import date
from enum import Enum
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from portal.core.geometry import Datum
from portal.registry.labels.spots import PLACE_TYPE
from portal.registry.rules import CameraField
from portal.registry.rules.fields import Part, Shape
from portal.registry.states import CameraStatus
from portal.registry.values import (
    CameraType,
    CodeEdition,
    Direction,
    Encoding,
    FillLight,
    FunctionType,
    Maker,
    Networked,
    NetworkMode,
    PatrolMode,
    PlaceType,
    PointType,
    PositionMethod,
    PositionType,
    PowerSource,
    Sector,
)
from portal.web import formats

CAMERA_TYPE: Mapping[CameraType, LazyString] = {
    CameraType.PTZ_DOME: _("PTZ dome"),
    CameraType.HEMISPHERE: _("Hemisphere"),
    CameraType.FIXED_BULLET: _("Fixed bullet"),
    CameraType.REMOTE_BULLET: _("Remote-controlled bullet"),
    CameraType.CHECKPOINT_BULLET: _("Checkpoint bullet"),
    CameraType.UNKNOWN: _("Not stated"),
}

POINT_TYPE: Mapping[PointType, LazyString] = {
    PointType.FIRST: _("First-class point"),
    PointType.SECOND: _("Second-class point"),
    PointType.THIRD: _("Third-class point"),
    PointType.POLICE_INTERNAL: _("Police-internal point"),
    PointType.OTHER: _("Other point"),
}

DATUM: Mapping[Datum, LazyString] = {
    Datum.WGS84: _("WGS-84 (GPS, BeiDou)"),
    Datum.CGCS2000: _("CGCS2000"),
    Datum.GCJ02: _("GCJ-02 (Amap, Tencent)"),
    Datum.BD09: _("BD-09 (Baidu)"),
}

CAMERA_FIELD: Mapping[str, LazyString] = {
    "name": _("Camera name"),
    "gb_code": _("Device code (GB/T 28181)"),
    "code_edition": _("Edition of the code"),
    "popular_name": _("Popular name of the point"),
    "camera_type": _("Camera type"),
    "function_types": _("Functions"),
    "point_type": _("Point class"),
    "status": _("Declared state"),
    "district": _("District"),
    "address": _("Place of installation"),
    "position_types": _("Kind of place watched"),
    "zone": _("Zone"),
    "place_type": _("Kind of spot"),
    "police_organ": _("Competent police organ (12 digits)"),
    "police_beat": _("Police beat or grid"),
    "pole_number": _("Pole number"),
    "qr_number": _("QR code number"),
    "lon": _("Longitude"),
    "lat": _("Latitude"),
    "datum": _("Coordinate datum"),
    "position_method": _("How the position was found"),
    "position_accuracy_m": _("Accuracy of the position"),
    "direction": _("Viewing direction"),
    "azimuth": _("Bearing"),
    "view_angle": _("Horizontal angle of view"),
    "vertical_angle": _("Vertical angle of view"),
    "range_m": _("Range"),
    "faces_homes": _("The view falls into homes"),
    "install_height_m": _("Height above ground"),
    "maker": _("Manufacturer"),
    "manufacturer": _("Manufacturer's name"),
    "model": _("Model"),
    "fill_light": _("Fill light"),
    "resolution": _("Resolution"),
    "installed_on": _("Installed on"),
    "power_source": _("Power supply"),
    "build_phase": _("Building phase or project"),
    "scene_photo": _("Scene photo (address)"),
    "encoding": _("Video encoding"),
    "retention_days": _("Footage kept"),
    "records_audio": _("Sound is recorded"),
    "audio_pickup": _("A microphone is fitted"),
    "osd_text": _("Text shown in the picture"),
    "storage_channel": _("Channel on the recorder"),
    "storage_address": _("Address of the recorder"),
    "networked": _("Networking"),
    "host": _("Device address (IPv4)"),
    "ipv6": _("Device address (IPv6)"),
    "mac": _("MAC address"),
    "network_mode": _("Kind of connection"),
    "city_platform": _("Joined to the city platform"),
    "shared_outward": _("Shared with others"),
    "managing_unit": _("Managing unit"),
    "managing_phone": _("Telephone of the managing unit"),
    "sectors": _("Department or industry"),
    "department": _("Department of the unit"),
    "maintenance_unit": _("Maintenance unit"),
    "maintenance_phone": _("Telephone of the maintenance unit"),
    "key_point": _("Key point"),
    "coverage": _("What the view covers"),
    "key_sections": _("Key sections"),
    "key_hours": _("Key hours"),
    "main_content": _("What is watched for"),
    "patrol_mode": _("Electronic patrol"),
}

FIELD_HINT: Mapping[str, LazyString] = {
    "name": _("Place, direction and type, such as 南门入口-向北-球机"),
    "gb_code": _("Twenty digits; leave empty to have one built afterwards"),
    "address": _("Township, street and house number"),
    "police_organ": _("Left empty: the organ the system is filed with"),
    "lon": _("Degrees with six decimals or more"),
    "lat": _("Degrees with six decimals or more"),
    "azimuth": _("0 is north, 90 is east"),
    "direction": _("Where the camera looks to"),
    "manufacturer": _("Needed when the manufacturer is none of those listed"),
    "managing_unit": _("Left empty: the unit itself"),
    "department": _("Left empty: the department in charge of the system"),
    "key_point": _("A key point must say what is watched, when and how"),
    "place_type": _("Say truly what the spot is: some places are closed to cameras by law"),
    "faces_homes": _("Windows, balconies or yards of homes; a privacy mask must then be recorded"),
    "key_hours": _("For example: 07:00–08:30, 16:30–18:00"),
    "audio_pickup": _("Whoever records sound must declare it"),
}

UNIT_OF_MEASURE: Mapping[str, LazyString] = {"m": _("m"), "days": _("days"), "°": _("°")}

CAMERA_PART: Mapping[Part, LazyString] = {
    Part.IDENTITY: _("Camera"),
    Part.PLACE: _("Location"),
    Part.VIEW: _("Position and view"),
    Part.DEVICE: _("Device"),
    Part.RECORDING: _("Recording"),
    Part.NETWORK: _("Network connection"),
    Part.MANAGEMENT: _("Management"),
    Part.DUTY: _("What it is watched for"),
}

CAMERA_OPTION: Mapping[type[Enum], Mapping[Enum, LazyString]] = {
    CameraType: {key: CAMERA_TYPE[key] for key in CAMERA_TYPE},
    PointType: {key: POINT_TYPE[key] for key in POINT_TYPE},
    Datum: {key: DATUM[key] for key in DATUM},
    CodeEdition: {CodeEdition.Y2022: _("GB/T 28181-2022"), CodeEdition.Y2016: _("GB/T 28181-2016")},
    Maker: {
        Maker.HIKVISION: _("Hikvision"),
        Maker.DAHUA: _("Dahua"),
        Maker.TIANDY: _("Tiandy"),
        Maker.KEDACOM: _("Kedacom"),
        Maker.AXIS: _("Axis"),
        Maker.BOSCH: _("Bosch"),
        Maker.YAAN: _("Yaan"),
        Maker.INFINOVA: _("Infinova"),
        Maker.UNIVIEW: _("Uniview"),
        Maker.HISENSE: _("Hisense"),
        Maker.VIMICRO: _("Vimicro"),
        Maker.MINGJING: _("Mingjing"),
        Maker.LENOVO: _("Lenovo"),
        Maker.ZTE: _("ZTE"),
        Maker.HUAWEI: _("Huawei"),
        Maker.OTHER: _("Another manufacturer"),
    },
    FunctionType: {
        FunctionType.VEHICLE_CHECKPOINT: _("Vehicle checkpoint"),
        FunctionType.PERSON_CHECKPOINT: _("Person checkpoint"),
        FunctionType.MICRO_CHECKPOINT: _("Micro-checkpoint"),
        FunctionType.FEATURE: _("Feature camera"),
        FunctionType.ORDINARY: _("Ordinary watching"),
        FunctionType.LOOKOUT: _("High-altitude lookout"),
        FunctionType.OTHER: _("Another function"),
    },
    FillLight: {
        FillLight.NONE: _("No fill light"),
        FillLight.INFRARED: _("Infrared"),
        FillLight.WHITE: _("White light"),
        FillLight.LASER: _("Laser (2022 edition)"),
        FillLight.OTHER: _("Another light"),
    },
    Encoding: {
        Encoding.MPEG4: _("MPEG-4"),
        Encoding.H264: _("H.264"),
        Encoding.SVAC: _("SVAC"),
        Encoding.H265: _("H.265"),
    },
    PositionType: {
        PositionType.PROVINCE_CHECKPOINT: _("Inter-provincial checkpoint"),
        PositionType.GOVERNMENT: _("Party or government organ"),
        PositionType.STATION: _("Station or wharf"),
        PositionType.SQUARE: _("Central square"),
        PositionType.STADIUM: _("Stadium"),
        PositionType.COMMERCE: _("Commercial centre"),
        PositionType.RELIGION: _("Religious place"),
        PositionType.CAMPUS: _("Surroundings of a campus"),
        PositionType.COMPLEX_ORDER: _("Area of complex public order"),
        PositionType.ARTERY: _("Traffic artery"),
        PositionType.HOSPITAL: _("Surroundings of a hospital"),
        PositionType.FINANCE: _("Surroundings of a financial institution"),
        PositionType.DANGEROUS_GOODS: _("Surroundings of dangerous goods"),
        PositionType.EXHIBITION: _("Museum or exhibition"),
        PositionType.WATERS: _("Key waters or waterway"),
        PositionType.CITY_CHECKPOINT: _("Inter-city checkpoint"),
        PositionType.FOREIGN: _("Foreign-related place"),
        PositionType.BORDER: _("Border line"),
        PositionType.TOURISM: _("Tourist site"),
    },
    Direction: {
        Direction.EAST: _("East (from west to east)"),
        Direction.WEST: _("West (from east to west)"),
        Direction.SOUTH: _("South (from north to south)"),
        Direction.NORTH: _("North (from south to north)"),
        Direction.SOUTHEAST: _("South-east"),
        Direction.NORTHEAST: _("North-east"),
        Direction.SOUTHWEST: _("South-west"),
        Direction.NORTHWEST: _("North-west"),
        Direction.ROUND: _("All round"),
    },
    Networked: {Networked.YES: _("Networked"), Networked.NO: _("Not networked")},
    CameraStatus: {
        CameraStatus.IN_USE: _("In use"),
        CameraStatus.REPAIR: _("Under repair"),
        CameraStatus.DISMANTLED: _("Dismantled"),
    },
    Sector: {
        Sector.POLICE: _("Police"),
        Sector.ENVIRONMENT: _("Environment"),
        Sector.CULTURE: _("Culture and heritage"),
        Sector.MEDICAL: _("Medical"),
        Sector.TOURISM: _("Tourism"),
        Sector.PRESS: _("Press and broadcasting"),
        Sector.FOOD_DRUG: _("Food and drugs"),
        Sector.EDUCATION: _("Education"),
        Sector.PROCURATORATE: _("Procuratorates"),
        Sector.COURT: _("Courts"),
        Sector.FINANCE: _("Financial sector"),
        Sector.TRANSPORT: _("Transport"),
        Sector.HOUSING: _("Housing and building"),
        Sector.WATER: _("Water"),
        Sector.FORESTRY: _("Forestry"),
        Sector.WORK_SAFETY: _("Work safety"),
        Sector.CITY_APPEARANCE: _("City appearance"),
        Sector.LAND: _("Land"),
    },
    PlaceType: {key: PLACE_TYPE[key] for key in PLACE_TYPE},
    PositionMethod: {
        PositionMethod.GPS: _("Hand-held GPS or BeiDou"),
        PositionMethod.MAP_PICK: _("Picked on the map"),
        PositionMethod.GEOCODE: _("Found by address"),
        PositionMethod.SURVEY: _("Surveyed"),
        PositionMethod.UNKNOWN: _("Not known"),
    },
    PowerSource: {
        PowerSource.MAINS: _("Mains"),
        PowerSource.POE: _("Over the network cable"),
        PowerSource.SOLAR: _("Solar"),
        PowerSource.BATTERY: _("Battery"),
        PowerSource.OTHER: _("Another supply"),
    },
    NetworkMode: {
        NetworkMode.FIBRE: _("Optical fibre"),
        NetworkMode.CABLE: _("Cable"),
        NetworkMode.MOBILE: _("Mobile network"),
        NetworkMode.RADIO: _("Radio link"),
        NetworkMode.OTHER: _("Another connection"),
    },
    PatrolMode: {
        PatrolMode.CONTINUOUS: _("Watched in real time"),
        PatrolMode.TIMED: _("Rounds by the clock"),
        PatrolMode.RANDOM: _("Rounds at random"),
        PatrolMode.ON_ALARM: _("On alarm"),
        PatrolMode.AFTERWARDS: _("Looked through afterwards"),
    },
}

# A fault is `field:what`; its sentence stands under the whole key, or under `what` where that says enough.
FAULT: Mapping[str, LazyString] = {
    "missing": _("Not filled in"),
    "malformed": _("Not of the right form"),
    "coarse": _("Fewer than six decimals: the position is too coarse"),
    "future": _("Lies in the future"),
    "gb_code:malformed": _("The code is no device code of GB/T 28181"),
    "gb_code:division": _("The code names another district than the one the camera stands in"),
    "gb_code:type": _("The type in the code (digits 11 to 13) does not fit the camera type"),
    "gb_code:industry": _("The industry in the code (digits 9 and 10) does not fit the kind of unit"),
    "gb_code:network": _("The network digit (digit 14) is reserved in the edition stated"),
    "lon:duplicate": _("Another camera has the same position and direction"),
    "host:duplicate": _("Another camera has the same device address and channel"),
    "host:missing": _("Networked, but no IPv4, IPv6 or MAC address is on record"),
    "direction:azimuth": _("The direction and the bearing contradict each other"),
    "direction:view_angle": _("All round is stated, but the angle of view is narrow"),
    "fill_light:edition": _("Laser light is unknown to the 2016 edition of the code"),
    "function_types:camera_type": _("A checkpoint camera without a checkpoint function"),
    "point_type:system_kind": _("A first-class point belongs to a city public system"),
    "point_type:unit_type": _("A police-internal point in a unit that is no police organ"),
    "records_audio:undeclared": _("A microphone is fitted, but sound is not declared"),
    "records_audio:system": _("Sound is recorded here, but the system declares none"),
}

# What helps, under the whole key; a field that is merely empty wants nothing but to be filled in.
ADVICE: Mapping[str, LazyString] = {
    "gb_code:missing": _("Have a code built: the free serial is found for you."),
    "gb_code:malformed": _("Have a new code built."),
    "gb_code:division": _("If the position is right, have a new code built; otherwise correct the position."),
    "gb_code:type": _("Correct the camera type, or have a new code built."),
    "gb_code:industry": _("Have a new code built with an industry that fits the unit."),
    "gb_code:network": _("Have a new code built, or correct the edition it was made by."),
    "lon:coarse": _("Take the position again on the spot, or pick it on the map."),
    "lat:coarse": _("Take the position again on the spot, or pick it on the map."),
    "lon:duplicate": _("Correct one of the two; declare dismantled what no longer hangs there."),
    "host:duplicate": _("Correct the address or the channel of one of the two."),
    "host:missing": _("Enter the address with the device access, or correct the networking."),
    "managing_phone:missing": _("Enter a number here, or once for all with the unit."),
    "manufacturer:missing": _("Write who made it: the list has no name for it."),
    "direction:azimuth": _("Compare with the picture and correct whichever is wrong."),
    "direction:view_angle": _("State where it mostly looks to, or the true angle."),
    "fill_light:edition": _("Correct the kind of light, or the edition of the code."),
    "function_types:camera_type": _("Tick the checkpoint function, or correct the camera type."),
    "installed_on:future": _("Enter the day it was mounted."),
    "police_organ:malformed": _("Enter the twelve digits, or leave it empty: the organ of the system is taken."),
    "point_type:system_kind": _("Choose the second or third class, or correct the kind of the system."),
    "point_type:unit_type": _("Choose another class, or correct the kind of unit."),
    "records_audio:undeclared": _("Declare the sound, or have the microphone taken out."),
    "records_audio:system": _("Declare sound for the system too, or correct it here."),
}


def fault_text(key: str) -> LazyString:
    """What is wrong, in words that stand beside the field's name."""
    return FAULT.get(key) or FAULT[key.partition(":")[2]]


def advice(key: str) -> LazyString | str:
    """What helps against a fault; nothing where the fault says it."""
    return ADVICE.get(key, "")


def option(kind: type[Enum], value: Any) -> str:
    """One value of an enumeration in words; what no edition knows is shown as it is."""
    try:
        return str(CAMERA_OPTION[kind][kind(value)])
    except (ValueError, KeyError):
        return str(value)


def shown(each: CameraField, value: Any) -> str:
    """A field's value in words; nothing for nothing."""
    if value is None or value in ("", []):
        return ""
    if each.kind is not None:
        values = value if each.shape is Shape.MANY else [value]
        return gettext(", ").join(option(each.kind, one) for one in values)
    if each.shape is Shape.FLAG:
        return gettext("Yes") if value else gettext("No")
    if each.shape is Shape.DAY:
        return formats.date_(value if isinstance(value, date) else date.fromisoformat(value))
    return _measured(each, value)


def _measured(each: CameraField, value: Any) -> str:
    if each.unit == "days":
        return gettext("%(days)s days", days=value)
    return f"{value}{'' if each.unit in ('', '°') else ' '}{UNIT_OF_MEASURE.get(each.unit, '')}"
