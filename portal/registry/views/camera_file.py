"""A camera's file as its pages show it: part by part, each field with its value and what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import url_for
from flask_babel import gettext

from portal.registry.labels.camera import CAMERA_FIELD, CAMERA_PART, advice, fault_text, shown
from portal.registry.models import Camera, CameraAccess
from portal.registry.rules import CAMERA_FIELDS, CameraField
from portal.registry.rules.fields import Home, Part, Shape
from portal.web import formats


@dataclass(frozen=True, kw_only=True)
class FileRow:
    """One field on the page."""

    key: str
    label: str
    number: str
    value: str
    faults: Sequence[tuple[str, str]] = ()
    correct_url: str = ""
    reveal_url: str = ""
    copyable: bool = False


@dataclass(frozen=True, kw_only=True)
class FilePart:
    """One part of the file."""

    label: str
    rows: Sequence[FileRow]
    # Fields nobody filled in and nobody asks for: named together, so that they take no room.
    empty: Sequence[str] = field(default=())


def faults_by_field(fault_keys: Sequence[str] | None) -> Mapping[str, list[tuple[str, str]]]:
    """What is wrong in a file and what helps, by the field it stands at."""
    found: dict[str, list[tuple[str, str]]] = {}
    for key in fault_keys or ():
        found.setdefault(key.partition(":")[0], []).append((str(fault_text(key)), str(advice(key))))
    return found


def file_parts(
    camera: Camera,
    access: CameraAccess | None,
    *,
    zone: str,
    may_reveal: bool,
    may_access: bool,
    may_edit: bool = False,
) -> list[FilePart]:
    """The whole file of a camera."""
    faults = faults_by_field(camera.fault_keys)
    values = {each.key: _value(each, camera, access, zone=zone, may_access=may_access) for each in CAMERA_FIELDS}
    parts = []
    for part in Part:
        fields = [each for each in CAMERA_FIELDS if each.part is part]
        rows = [
            FileRow(
                key=each.key,
                label=str(CAMERA_FIELD[each.key]),
                number=each.number,
                value=values[each.key],
                faults=faults.get(each.key, ()),
                correct_url=_correct(each, camera, may_edit=may_edit, may_access=may_access)
                if each.key in faults
                else "",
                reveal_url=_reveal(each, camera) if may_reveal and values[each.key] else "",
                copyable=each.shape is Shape.CODE and bool(values[each.key]),
            )
            for each in fields
            if values[each.key] or each.key in faults
        ]
        named = {row.key for row in rows}
        empty = [str(CAMERA_FIELD[each.key]) for each in fields if each.key not in named]
        parts.append(FilePart(label=str(CAMERA_PART[part]), rows=rows, empty=empty))
    return parts


def _value(each: CameraField, camera: Camera, access: CameraAccess | None, *, zone: str, may_access: bool) -> str:
    if each.home is Home.SEALED:
        return getattr(camera, f"{each.key}_masked") or ""
    if each.home is Home.ACCESS:
        return _access(each, access, may_access=may_access)
    if each.home is Home.DERIVED:
        return f"{formats.district(camera.district)} {camera.district}"
    if each.shape is Shape.DEGREES:
        return str(getattr(camera, f"declared_{each.key}"))
    if each.shape is Shape.ZONE:
        return zone
    return shown(each, getattr(camera, each.key))


def _access(each: CameraField, access: CameraAccess | None, *, may_access: bool) -> str:
    if access is None:
        return ""
    if each.key == "storage_address":
        return gettext("Stored sealed") if access.storage_address_sealed else ""
    value: Any = getattr(access, each.key)
    # A device's address is for those who look after the device; the others see that it is on record.
    return str(value) if may_access or not value else gettext("On record")


def _correct(each: CameraField, camera: Camera, *, may_edit: bool, may_access: bool) -> str:
    """Where a fault is corrected, for whoever may."""
    if each.home is Home.ACCESS:
        return url_for("registry.camera_access", camera_id=camera.id) if may_access else ""
    if not may_edit:
        return ""
    if each.key == "gb_code":
        return url_for("registry.camera_code", camera_id=camera.id)
    return url_for("registry.camera_edit", camera_id=camera.id, _anchor=f"f-{each.key}")


def _reveal(each: CameraField, camera: Camera) -> str:
    if each.home is not Home.SEALED:
        return ""
    return url_for("registry.camera_phone", camera_id=camera.id, which=each.key)
