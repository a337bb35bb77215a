"""The list of cameras. Its columns are those of CAMERA_FIELDS; nothing names the fields a second time."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, case, cast, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from portal.accounts.permissions import Permission
from portal.accounts.policy import visibility
from portal.accounts.values import Identity
from portal.registry.models import Camera, CameraAccess, CameraCount, Site, System, SystemZone, Unit
from portal.registry.queries.cameras import camera_named, first_named, visible_cameras
from portal.registry.queries.lists.spec import (
    Asked,
    Kind,
    ListColumn,
    ListFilter,
    ListSpec,
    Look,
    choice,
    day_range,
    flag,
    in_district,
    row,
)
from portal.registry.rules import CAMERA_FIELDS, CameraField
from portal.registry.rules.fields import Home, Shape
from portal.registry.states import LIVE_CODES, CameraStatus, LiveState
from portal.registry.values import CameraType, Encoding, Maker, Networked, PointType
from portal.regulation.schema.vocabulary import Regime

_LIVE = {str(state): code for state, code in LIVE_CODES.items()}
_SHOWN = frozenset({"name", "district", "retention_days", "gb_code", "point_type"})
_SORTED: dict[str, InstrumentedAttribute[Any]] = {"name": Camera.name, "updated_at": Camera.updated_at}
_LOOK = {Shape.CODE: Look.CODE, Shape.ZONE: Look.ZONE}


# What no index meets in the order of the list.
_WALKED = frozenset({
    "q", "quality", "status", "camera_type", "networked", "maker", "encoding", "regime", "kept_below", "installed_from",
    "installed_until", "key_point", "audio", "incomplete", "failing", "fault", "department", "zone",
})  # fmt: skip


def _signed(column: Any) -> ColumnElement[int]:
    """A small number or a flag as `ix_camera_signature` holds it."""
    return cast(column, Integer)


def of_unit(column: Any) -> ColumnElement[Any]:
    """A column of the camera's unit, looked up for each row that is shown and no other."""
    return select(column).where(Unit.id == Camera.unit_id).scalar_subquery()


def of_system(column: Any) -> ColumnElement[Any]:
    """A column of the camera's system."""
    return select(column).where(System.id == Camera.system_id).scalar_subquery()


def _of_access(column: Any) -> Any:
    return select(column).where(CameraAccess.camera_id == Camera.id).scalar_subquery()


def _value(each: CameraField) -> Any:
    if each.home is Home.SEALED:
        return getattr(Camera, f"{each.key}_masked")
    if each.home is Home.ACCESS:
        return _of_access(getattr(CameraAccess, each.key))
    if each.shape is Shape.ZONE:
        # A zone of the unit's own is called as the unit calls it; the texts' are named by whoever shows them.
        same = (SystemZone.system_id == Camera.system_id, SystemZone.key == Camera.zone)
        own = select(SystemZone.name).where(*same).scalar_subquery()
        return case((Camera.zone.startswith("own-"), func.coalesce(own, Camera.zone)), else_=Camera.zone)
    column = f"declared_{each.key}" if each.shape is Shape.DEGREES else each.key
    return getattr(Camera, column)


def _needs(each: CameraField) -> Permission | None:
    if each.home is Home.ACCESS:
        return Permission.CREDENTIAL_EDIT
    return Permission.MAP_VIEW if each.shape is Shape.DEGREES else None


def _column(each: CameraField) -> ListColumn:
    look = Look.LEAD if each.key == "name" else Look.DISTRICT if each.key == "district" else Look.FIELD
    return ListColumn(
        key=each.key,
        value=_value(each),
        look=_LOOK.get(each.shape, look),
        shown=each.key in _SHOWN,
        needs=_needs(each),
        field=each,
        sort=_SORTED.get(each.key),
    )


# The recorder's address is sealed; only that it is there could be told, which says nothing in a list.
FIELDS = tuple(_column(each) for each in CAMERA_FIELDS if each.key != "storage_address")
_BESIDE = (
    ListColumn(key="unit", value=of_unit(Unit.name), shown=True),
    ListColumn(key="system", value=of_system(System.name), shown=True),
    ListColumn(key="live", value=Camera.live, look=Look.STATUS, shown=True),
)
_AFTER = (
    ListColumn(key="faults", value=Camera.fault_keys, look=Look.FAULTS),
    ListColumn(key="regime", value=of_system(System.regime), look=Look.WORDS),
    ListColumn(key="filed_district", value=Camera.filed_district, look=Look.DISTRICT),
    ListColumn(key="created_at", value=Camera.created_at, look=Look.MOMENT),
    ListColumn(key="updated_at", value=Camera.updated_at, look=Look.MOMENT, sort=Camera.updated_at),
    ListColumn(key="id", value=Camera.id, look=Look.CODE),
)


def _judged(table: Any) -> ColumnElement[Any]:
    """pass, fail, or nothing for a camera that is gone."""
    return case((table.status == CameraStatus.DISMANTLED, None), (table.passes, "pass"), else_="fail")


def _failing(_asked: Asked) -> ColumnElement[bool]:
    return ~Camera.passes & (Camera.status != CameraStatus.DISMANTLED)


def _with_fault(_asked: Asked, keys: Sequence[str]) -> ColumnElement[bool]:
    return ~Camera.passes & (Camera.status != CameraStatus.DISMANTLED) & Camera.fault_keys.contains([keys[0]])


def _judged_so(_asked: Asked, chosen: Sequence[str]) -> ColumnElement[bool]:
    wanted = [
        (~Camera.passes if one == "fail" else Camera.passes) & (Camera.status != CameraStatus.DISMANTLED)
        for one in chosen
    ]
    return or_(*wanted)


def _open_or_own(identity: Identity) -> ColumnElement[bool]:
    """What a file may hold: what is secret, or of a secret system, leaves with its own unit's people only."""
    own = visibility(identity, Permission.CAMERA_READ).units
    return or_(Camera.unit_id.in_(own), ~Camera.secret)


CAMERAS = ListSpec(
    key="cameras",
    permission=Permission.CAMERA_READ,
    model=Camera,
    rows=visible_cameras,
    columns=(FIELDS[0], *_BESIDE, *FIELDS[1:], *_AFTER),
    filters=(
        ListFilter(key="q", kind=Kind.WORD, where=lambda asked, words: camera_named(words[0], by_index=asked.by_index)),
        ListFilter(
            key="live",
            kind=Kind.CHOICE,
            values=tuple(str(state) for state in LiveState),
            read=lambda text: _LIVE[text],
            where=lambda _asked, codes: Camera.live.in_(codes),
            facet=lambda table: table.live,
        ),
        in_district(Camera.district),
        replace(
            choice("point_type", Camera.point_type, PointType),
            where=lambda _asked, kinds: Camera.point_type.in_(kinds) & _signed(Camera.point_type).in_(kinds),
        ),
        ListFilter(
            key="quality",
            kind=Kind.CHOICE,
            values=("pass", "fail"),
            where=_judged_so,
            facet=_judged,
        ),
        choice("status", Camera.status, CameraStatus),
        choice("camera_type", Camera.camera_type, CameraType),
        choice("networked", Camera.networked, Networked, asked_as=_signed(Camera.networked)),
        choice("maker", Camera.maker, Maker, facet=False, asked_as=_signed(Camera.maker)),
        choice("encoding", Camera.encoding, Encoding, facet=False, asked_as=_signed(Camera.encoding)),
        ListFilter(
            key="regime",
            kind=Kind.CHOICE,
            values=tuple(str(each) for each in Regime),
            where=lambda _asked, chosen: Camera.system_id.in_(select(System.id).where(System.regime.in_(chosen))),
        ),
        ListFilter(
            key="kept_below",
            kind=Kind.BELOW,
            read=lambda text: _whole(text, most=3650),
            where=lambda _asked, days: Camera.retention_days < days[0],
        ),
        *day_range("installed_from", "installed_until", Camera.installed_on),
        flag("key_point", lambda _asked: _signed(Camera.key_point) == 1),
        flag("audio", lambda _asked: _signed(or_(Camera.records_audio, Camera.audio_pickup)) == 1),
        flag("incomplete", lambda _asked: or_(Camera.azimuth.is_(None), Camera.zone.is_(None))),
        flag("across", lambda _asked: Camera.filed_district.is_not(None)),
        flag("failing", _failing, offered=False),
        ListFilter(key="fault", kind=Kind.EXACT, where=_with_fault, offered=False),
        ListFilter(
            key="department",
            kind=Kind.EXACT,
            longest=80,
            where=lambda _asked, names: Camera.department == names[0],
            offered=False,
        ),
        ListFilter(
            key="zone", kind=Kind.EXACT, where=lambda _asked, zones: Camera.zone == zones[0], offered=False
        ),
        row("unit", Camera.unit_id, (Unit.id, Unit.name)),
        row("system", Camera.system_id, (System.id, System.name)),
        ListFilter(
            key="site",
            kind=Kind.ROW,
            read=UUID,
            where=lambda _asked, sites: Camera.system_id.in_(select(System.id).where(System.site_id.in_(sites))),
            names=(Site.id, Site.name),
            offered=False,
        ),
    ),
    reach={"unit": Camera.unit_id, "district": Camera.district, "filed": Camera.filed_district},
    leaves=_open_or_own,
    fast=CameraCount,
    walked=_WALKED,
    near=frozenset({"unit", "system", "site"}),
    first_named=first_named,
    position=Camera.position,
    descending=frozenset({"updated_at"}),
)  # fmt: skip


def _whole(text: str, *, most: int) -> int:
    number = int(text)
    if not 0 <= number <= most:
        raise ValueError(text)
    return number
