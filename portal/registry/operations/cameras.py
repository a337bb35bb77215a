"""Cameras by form, and how each is reached."""

import json
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Division
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import FieldChange, SubjectRef
from portal.core.addresses import AddressDenied, AddressPolicy, Denial
from portal.core.crypto import row_context
from portal.core.db import told_apart
from portal.core.errors import Invalid, NotFound, Problem, Stale
from portal.core.geometry import BadGeometry, point, to_element, to_wgs84
from portal.core.services import services
from portal.registry import values
from portal.registry.models import Camera, CameraAccess
from portal.registry.queries import camera_scope, lock_system, system_scope
from portal.registry.rules import camera_problems
from portal.registry.values import AccessParticulars, CameraParticulars

FIELDS = (
    "name",
    "gb_code",
    "address",
    "datum",
    "camera_type",
    "point_type",
    "zone",
    "azimuth",
    "view_angle",
    "range_m",
    "resolution",
    "manufacturer",
    "model",
    "records_audio",
    "retention_days",
    "installed_on",
)
TAKEN = {"uq_camera_gb_code": Problem("gb_code", "gb_code_taken")}


def add_camera(
    session: Session, *, actor: Identity, system_id: UUID, particulars: CameraParticulars, now: datetime
) -> Camera:
    """Enter one camera. Raises Invalid naming each bad field: code, position outside the city, angles."""
    system = lock_system(session, system_id)
    require(actor, Permission.CAMERA_EDIT, system_scope(system), read=Permission.SYSTEM_READ)
    camera = Camera(system_id=system.id, unit_id=system.unit_id, created_at=now, updated_at=now)
    with told_apart(session, TAKEN):
        _fill(session, camera, particulars)
        session.add(camera)
    _record(session, actor, values.CAMERA_CREATED, camera, now=now)
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
    """Change one camera, with the reason. Raises Stale, Invalid or NotFound."""
    camera = _locked(session, camera_id)
    require(actor, Permission.CAMERA_EDIT, camera_scope(camera), read=Permission.CAMERA_READ)
    if camera.version != seen_version:
        raise Stale("changed_meanwhile")
    before = {name: getattr(camera, name) for name in (*FIELDS, "declared_lon", "declared_lat")}
    with told_apart(session, TAKEN):
        _fill(session, camera, particulars)
        camera.updated_at = now
    changes = [
        FieldChange(name=name, old=old, new=getattr(camera, name))
        for name, old in before.items()
        if old != getattr(camera, name)
    ]
    _record(session, actor, values.CAMERA_CHANGED, camera, changes=changes, reason=reason, now=now)
    return camera


def set_access(
    session: Session, *, actor: Identity, camera_id: UUID, access: AccessParticulars, now: datetime
) -> CameraAccess:
    """Store how a camera is reached. User and password are sealed under the camera's id and never shown again;
    another address takes them away.

    Raises Invalid for an address or a port that the operator does not let the portal reach.
    """
    camera = _locked(session, camera_id)
    require(actor, Permission.CREDENTIAL_EDIT, camera_scope(camera), read=Permission.CAMERA_READ)
    _check_reach(services(session).address_policy, access)
    row = session.get(CameraAccess, camera.id, with_for_update=True)
    if row is None:
        row = CameraAccess(camera_id=camera.id, unit_id=camera.unit_id, district=camera.district)
        session.add(row)
    if access.host != row.host:
        # A login typed for one address is never sent to another: whoever may change the address would read it there.
        row.credentials_sealed = None
    row.host, row.rtsp_port, row.onvif_port, row.updated_at = access.host, access.rtsp_port, access.onvif_port, now
    if access.password:
        secret = json.dumps({"user": access.user, "password": access.password}).encode()
        context = row_context("camera_access", "credentials_sealed", camera.id)
        row.credentials_sealed = services(session).envelope.seal(secret, context=context)
    changes = [
        FieldChange(name="host", new=access.host),
        FieldChange(name="credentials", new=bool(access.password), sensitive=True),
    ]
    _record(session, actor, values.ACCESS_CHANGED, camera, changes=changes, now=now)
    return row


def _check_reach(policy: AddressPolicy, access: AccessParticulars) -> None:
    """Every forbidden field at once. Probing asks the policy again: the operator's list may change."""
    problems = []
    for name, ports in (("host", ()), ("rtsp_port", (access.rtsp_port,)), ("onvif_port", (access.onvif_port,))):
        try:
            policy.check(access.host, *ports)
        except AddressDenied as denied:
            if name == "host" or denied.denial is Denial.PORT:
                problems.append(Problem(name, f"address_{denied.denial}"))
    if problems:
        raise Invalid(problems)


def _locked(session: Session, camera_id: UUID) -> Camera:
    camera = session.get(Camera, camera_id, with_for_update=True)
    if camera is None:
        raise NotFound()
    return camera


def _fill(session: Session, camera: Camera, particulars: CameraParticulars) -> None:
    problems = camera_problems(particulars)
    try:
        element = to_element(point(*to_wgs84(particulars.lon, particulars.lat, particulars.datum)))
    except BadGeometry as bad:
        named = any(problem.field == "lon" for problem in problems)
        raise Invalid(problems if named else [*problems, Problem("lon", bad.code)]) from bad
    district = session.scalar(
        select(Division.code).where(Division.level == "district", Division.outline.ST_Contains(element)).limit(1)
    )
    if district is None:
        problems.append(Problem("lon", "outside_city"))
    if particulars.gb_code:
        taken = select(Camera.id).where(Camera.gb_code == particulars.gb_code, Camera.id != camera.id)
        if session.scalar(taken) is not None:
            problems.append(Problem("gb_code", "gb_code_taken"))
    if problems or district is None:
        raise Invalid(problems)
    for name in FIELDS:
        setattr(camera, name, getattr(particulars, name))
    camera.position = element
    camera.district = district
    camera.declared_lon, camera.declared_lat = str(particulars.lon), str(particulars.lat)


def _record(
    session: Session,
    actor: Identity,
    tag: str,
    camera: Camera,
    *,
    changes: list[FieldChange] | None = None,
    reason: str | None = None,
    now: datetime,
) -> None:
    record(
        session,
        actor=actor.actor,
        tag=tag,
        subject=SubjectRef("camera", camera.id, camera.name),
        unit_id=camera.unit_id,
        district=camera.district,
        changes=changes or (),
        reason=reason,
        now=now,
    )
