"""Cameras by form: entered, changed with a reason, given their codes; their telephone numbers shown on record."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.accounts.models import Organ
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.operations import record_and_seal, speak_for
from portal.audit.values import FieldChange, FieldValue, SubjectRef
from portal.core.codes import masked_phone
from portal.core.crypto import Envelope, row_context
from portal.core.db import told_apart
from portal.core.errors import Invalid, NotFound, Problem
from portal.core.geometry import BadGeometry, Datum, LonLat, lonlat, point, to_element, to_wgs84
from portal.core.ids import new_id
from portal.core.lifecycle import unchanged
from portal.core.services import services
from portal.registry import values
from portal.registry.models import Camera, System
from portal.registry.operations.changes import run_change_clock
from portal.registry.operations.codes import refusals_counted
from portal.registry.operations.quality import recheck
from portal.registry.operations.recording import about, note
from portal.registry.operations.reviews import look_over
from portal.registry.queries import (
    camera_scope,
    district_at,
    is_code_taken,
    is_filed,
    lock_camera,
    lock_system,
    system_scope,
)
from portal.registry.rules import COLUMNS, CodeParts, build_code, camera_problems, column_value, parts_problems
from portal.registry.rules.changes import camera_changes, cameras_came
from portal.registry.rules.codes import SERIALS
from portal.registry.rules.fields import CameraField, Shape
from portal.registry.rules.moves import moves_without_order
from portal.registry.values import CameraParticulars, SystemKind
from portal.registry.values.zones import ReviewSource

TAKEN = {"uq_camera_gb_code": Problem("gb_code", "gb_code_taken")}
PHONES = ("managing_phone", "maintenance_phone")


def add_camera(
    session: Session, *, actor: Identity, system_id: UUID, particulars: CameraParticulars, now: datetime
) -> Camera:
    """Enter one camera. Raises Invalid naming each bad field: code, position outside the city, numbers out of bounds.

    What a unit rarely says otherwise follows from where the camera hangs: competent organ, managing unit, department.
    """
    system = lock_system(session, system_id)
    require(actor, Permission.CAMERA_EDIT, system_scope(system), read=Permission.SYSTEM_READ)
    camera = Camera(id=new_id(), system_id=system.id, unit_id=system.unit_id, created_at=now, updated_at=now)
    camera.secret = camera.secret_inherited = system.secret
    with refusals_counted(session, actor=actor, system=system, code=particulars.gb_code, now=now):
        _fill(session, camera, particulars, system)
        recheck(session, camera, system, now=now)
        with told_apart(session, TAKEN):
            session.add(camera)
    run_change_clock(session, system, cameras_came(1, subject=_openly(camera)), now=now)
    note(session, actor, values.CAMERA_CREATED, about(camera), camera, now=now)
    look_over(session, [camera], actor=actor.actor, source=ReviewSource.ENTRY, now=now)
    return camera


def edit_camera(
    session: Session,
    *,
    actor: Identity,
    camera_id: UUID,
    seen_version: int,
    particulars: CameraParticulars,
    reason: str,
    now: datetime,
) -> Camera:
    """Change one camera; where its system is filed, the reason must be told. Raises Stale, Invalid or NotFound."""
    camera = lock_camera(session, camera_id)
    require(actor, Permission.CAMERA_EDIT, camera_scope(camera), read=Permission.CAMERA_READ)
    unchanged(camera, seen_version)
    must_say_why(reason, filed=is_filed(session, system_id=camera.system_id))
    before, hung = _told(camera), _hangs_publicly(camera)
    speak_for(session, actor.actor, reason)
    # One statement writes it all: what is written twice would be kept as two versions.
    code = particulars.gb_code if particulars.gb_code != camera.gb_code else None
    counted = refusals_counted(session, actor=actor, system=camera.system, code=code, now=now)
    with counted, session.no_autoflush, told_apart(session, TAKEN):
        _fill(session, camera, particulars, camera.system)
        if hung is not None and moves_without_order(hung, lonlat(camera.position)):
            raise Invalid([Problem("lon", "public_move_needs_order")])
        camera.updated_at = now
        recheck(session, camera, camera.system, now=now)
    after = _told(camera)
    pairs = {name: (old, after[name]) for name, old in before.items() if old != after[name]}
    changes = [FieldChange(name=name, old=old, new=new) for name, (old, new) in pairs.items()]
    run_change_clock(session, camera.system, camera_changes(pairs, subject=_openly(camera)), now=now)
    note(session, actor, values.CAMERA_CHANGED, about(camera), camera, changes=changes, reason=reason, now=now)
    look_over(session, [camera], actor=actor.actor, source=ReviewSource.ENTRY, now=now)
    return camera


def _openly(camera: Camera) -> str:
    """What a limit calls a camera: more people read a limit than a secret camera's file."""
    return "" if camera.secret else camera.name


def _hangs_publicly(camera: Camera) -> LonLat | None:
    """Where a city public camera hangs; such a one is moved by order only."""
    return lonlat(camera.position) if camera.system.kind == SystemKind.PUBLIC else None


def next_serial(session: Session, parts: CodeParts) -> int:
    """The first serial that nobody holds under these fourteen digits, gaps included. Raises Invalid for bad parts."""
    problems = parts_problems(parts)
    if problems:
        raise Invalid(problems)
    serial = session.scalar(select(func.portal_next_serial(parts.prefix)))
    if serial is None or serial > SERIALS:
        raise Invalid([Problem("network", "serials_used_up")])
    return int(serial)


def assign_code(
    session: Session,
    *,
    actor: Identity,
    camera_id: UUID,
    seen_version: int,
    parts: CodeParts,
    reason: str,
    now: datetime,
) -> Camera:
    """Give a camera the next free code of its parts. Two at once get two codes: the prefix is locked until the end."""
    camera = lock_camera(session, camera_id)
    require(actor, Permission.CAMERA_EDIT, camera_scope(camera), read=Permission.CAMERA_READ)
    unchanged(camera, seen_version)
    must_say_why(reason, filed=is_filed(session, system_id=camera.system_id))
    session.execute(text("select pg_advisory_xact_lock(hashtextextended(:prefix, 28181))"), {"prefix": parts.prefix})
    code = build_code(parts, next_serial(session, parts))
    old = camera.gb_code
    speak_for(session, actor.actor, reason)
    with session.no_autoflush, told_apart(session, TAKEN):
        camera.gb_code, camera.code_edition, camera.updated_at = code, parts.edition, now
        recheck(session, camera, camera.system, now=now)
    changes = [FieldChange(name="gb_code", old=old, new=code)]
    note(session, actor, values.CODE_ASSIGNED, about(camera), camera, changes=changes, reason=reason, now=now)
    return camera


def reveal_camera_phone(session: Session, *, actor: Identity, camera_id: UUID, which: str, now: datetime) -> str:
    """The full number of `managing_phone` or `maintenance_phone`; the look stands sealed and signed first."""
    camera = session.get(Camera, camera_id)
    if camera is None or which not in PHONES:
        raise NotFound()
    require(actor, Permission.CONTACT_REVEAL, camera_scope(camera), read=Permission.CAMERA_READ)
    column = f"{which}_sealed"
    sealed: str | None = getattr(camera, column)
    if sealed is None:
        raise NotFound()
    record_and_seal(
        session,
        actor=actor.actor,
        tag=values.CONTACT_REVEALED,
        subject=SubjectRef("camera", camera.id, camera.name),
        unit_id=camera.unit_id,
        district=camera.district,
        now=now,
    )
    return services(session).envelope.open(sealed, context=row_context("camera", column, camera.id)).decode()


def must_say_why(reason: str, *, filed: bool) -> None:
    """Raise Invalid where a filed object is changed without a reason."""
    if filed and not reason.strip():
        raise Invalid([Problem("reason", "change_reason_needed")])


def camera_values(particulars: CameraParticulars) -> Mapping[str, Any]:
    """The columns a camera's particulars fill, but for its place, its codes' owners and what is sealed."""
    plain = {each.key: column_value(each, getattr(particulars, each.key)) for each in COLUMNS}
    return plain | {"declared_lon": raw_degrees(particulars.lon), "declared_lat": raw_degrees(particulars.lat)}


def particulars_of(camera: Camera) -> CameraParticulars:
    """A camera as its form would yield it unchanged: to change a part and keep the rest. Sealed numbers stay sealed."""
    given = {each.key: _typed(each, camera) for each in COLUMNS}
    if camera.declared_lon and camera.declared_lat:
        return CameraParticulars(lon=Decimal(camera.declared_lon), lat=Decimal(camera.declared_lat), **given)
    # Older than the keeping of what was declared: the position, which was converted once and must not be again.
    lon, lat = (Decimal(str(round(degrees, 8))) for degrees in lonlat(camera.position))
    return CameraParticulars(lon=lon, lat=lat, **given | {"datum": Datum.WGS84})


def _typed(each: CameraField, camera: Camera) -> Any:
    value = getattr(camera, each.key)
    if each.kind is None or value is None:
        return value
    return tuple(map(each.kind, value)) if each.shape is Shape.MANY else each.kind(value)


def raw_degrees(value: Any) -> str:
    """A number of degrees as it was given, in at most twenty characters."""
    return f"{value:f}"[:20] if "e" in str(value).lower() else str(value)[:20]


def sealed_phones(envelope: Envelope, key: UUID, particulars: CameraParticulars) -> Mapping[str, str]:
    """The sealed and the masked form of each telephone number given."""
    sealed: dict[str, str] = {}
    for name in PHONES:
        phone: str = getattr(particulars, name)
        if phone:
            sealed |= sealed_phone(envelope, key, name, phone)
    return sealed


def sealed_phone(envelope: Envelope, key: UUID, name: str, phone: str) -> Mapping[str, str]:
    """The sealed and the masked form of one of a camera's telephone numbers."""
    column = f"{name}_sealed"
    sealed = envelope.seal(phone.encode(), context=row_context("camera", column, key))
    return {column: sealed, f"{name}_masked": masked_phone(phone)}


def given_by(session: Session, system: System) -> Mapping[str, str]:
    """What is taken from where a camera hangs, when nothing else is said of it."""
    organ = session.get(Organ, system.organ_id)
    return {
        "police_organ": organ.code if organ else "",
        "managing_unit": system.unit.name,
        "department": system.department,
    }


def _fill(session: Session, camera: Camera, particulars: CameraParticulars, system: System) -> None:
    problems = camera_problems(particulars)
    if problems:
        raise Invalid(problems)
    # The declared pair is converted from what was given, each time anew, and never from what was converted before.
    lon, lat = float(particulars.lon), float(particulars.lat)
    try:
        element = to_element(point(*to_wgs84(lon, lat, particulars.datum)))
        district = district_at(session, lon=lon, lat=lat, datum=particulars.datum)
    except BadGeometry as bad:
        raise Invalid([Problem("lon", bad.code)]) from bad
    if district is None:
        problems.append(Problem("lon", "outside_city"))
    if particulars.gb_code and is_code_taken(session, particulars.gb_code, besides=camera.id):
        problems.append(Problem("gb_code", "gb_code_taken"))
    if problems or district is None:
        raise Invalid(problems)
    for name, value in camera_values(particulars).items():
        setattr(camera, name, value)
    for name, value in given_by(session, system).items():
        setattr(camera, name, getattr(camera, name) or value)
    for name, value in sealed_phones(services(session).envelope, camera.id, particulars).items():
        setattr(camera, name, value)
    camera.position = element
    camera.hang_in(district, system)


def _told(camera: Camera) -> Mapping[str, FieldValue]:
    """What the log says of a camera: every plain column, and telephone numbers masked."""
    names = [each.key for each in COLUMNS]
    names += ["declared_lon", "declared_lat", *(f"{phone}_masked" for phone in PHONES)]
    told = {name: getattr(camera, name) for name in names}
    return {name: tuple(map(str, value)) if isinstance(value, list) else value for name, value in told.items()}
