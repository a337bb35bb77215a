"""From rows to what a program is given, and from rows back to what an operation is handed."""

import dataclasses
from typing import Any

from geoalchemy2 import WKBElement

from portal.api.bodies import (
    CAMERA_SHOWN,
    CameraShown,
    FilingShown,
    Place,
    Shown,
    SystemShown,
    UnitShown,
)
from portal.core.geometry import lonlat
from portal.registry.models import Camera, Filing, System, Unit
from portal.registry.rules.fields import CameraField, Home, Shape
from portal.registry.states import LIVE_CODES
from portal.registry.values import PartyRole, SystemParticulars

_LIVE = {code: state for state, code in LIVE_CODES.items()}


def place_of(position: WKBElement | None) -> Place | None:
    """A position as two numbers."""
    if position is None:
        return None
    lon, lat = lonlat(position)
    return Place(lon=round(lon, 7), lat=round(lat, 7))


def unit_shown(unit: Unit) -> UnitShown:
    """A unit; telephone numbers masked."""
    return UnitShown(**_plain(UnitShown, unit, "position"), position=place_of(unit.position))


def system_shown(system: System) -> SystemShown:
    """A system; its parties by role."""
    parties = {PartyRole(role): name for role, name in system.party_names.items()}
    return SystemShown(**_plain(SystemShown, system, "parties"), parties=parties)


def camera_shown(camera: Camera) -> Shown:
    """A camera's file; the coordinates as they were declared, and as they stand on the map."""
    names = ("id", "unit_id", "system_id", "fault_keys", "created_at", "updated_at", "version")
    values = {name: getattr(camera, name) for name in names}
    for each in CAMERA_SHOWN:
        values[f"{each.key}_masked" if each.home is Home.SEALED else each.key] = _shown(each, camera)
    shown: Shown = CameraShown(**values, position=place_of(camera.position), live=_LIVE[camera.live])
    return shown


def _shown(each: CameraField, camera: Camera) -> Any:
    if each.home is Home.SEALED:
        return getattr(camera, f"{each.key}_masked")
    value = getattr(camera, f"declared_{each.key}" if each.shape is Shape.DEGREES else each.key)
    if each.shape is Shape.MANY:
        return list(value or ())
    return value


def filing_shown(filing: Filing) -> FilingShown:
    """A filing with the names of its system and unit."""
    values = _plain(FilingShown, filing, "system_name", "unit_name")
    return FilingShown(**values, system_name=filing.system.name, unit_name=filing.unit.name)


def _plain(model: type[Shown], row: object, *besides: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in model.model_fields if name not in besides}


def particulars_of_system(system: System) -> SystemParticulars:
    """What is on record, as the form would have it typed."""
    hints = {each.name for each in dataclasses.fields(SystemParticulars)} - {"parties", "lon", "lat"}
    lon, lat = (None, None) if system.position is None else lonlat(system.position)
    parties = {PartyRole(role): name for role, name in system.party_names.items()}
    return SystemParticulars(**{name: getattr(system, name) for name in hints}, parties=parties, lon=lon, lat=lat)
