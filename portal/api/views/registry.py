"""Units, systems and cameras for programs.

Whether the row is there for whoever asks is settled before the body is read: a faulty body must not tell that it is.
"""

from uuid import UUID

from flask import url_for
from flask.typing import ResponseReturnValue

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import TOKEN_SCOPES, Permission
from portal.accounts.policy import may_ever, require
from portal.accounts.queries import divisions
from portal.api import labels, queries
from portal.api.bodies import (
    CameraChanged,
    CameraEntered,
    CamerasAsked,
    CameraShown,
    CamerasListed,
    SystemChanged,
    SystemEntered,
    SystemsAsked,
    SystemShown,
    SystemsListed,
    UnitsAsked,
    UnitShown,
    UnitsListed,
    WhoAmI,
    camera_particulars,
    system_particulars,
)
from portal.api.shapes import (
    camera_shown,
    particulars_of_system,
    system_shown,
    unit_shown,
)
from portal.api.views.blueprint import ROOT, body_of, bp, held_system, query_of, reply, wanted
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid, Problem
from portal.registry import operations
from portal.registry import queries as registry
from portal.registry.models import System
from portal.registry.rules import rules_for
from portal.web.openapi import answers
from portal.web.session import db_session


@bp.get(f"{ROOT}/me")
@requires(Permission.TOKEN_OWN)
@answers(labels.ME, WhoAmI, also=labels.REFUSALS)
def me() -> ResponseReturnValue:
    """Whom the token stands for."""
    identity = current_identity()
    scopes = [str(scope) for scope in TOKEN_SCOPES if may_ever(identity, scope)]
    return reply(WhoAmI(name=identity.name, organ=identity.organ_name, roles=sorted(identity.roles), scopes=scopes))


@bp.get(f"{ROOT}/units")
@requires(Permission.UNIT_READ)
@answers(labels.UNITS, UnitsListed, asks=UnitsAsked, also=labels.REFUSALS)
def units() -> ResponseReturnValue:
    """Units the person may read."""
    page = queries.units_page(db_session(), current_identity(), wanted(query_of(UnitsAsked)))
    return reply(UnitsListed(items=list(map(unit_shown, page.items)), next=page.next_cursor))


@bp.get(f"{ROOT}/units/<uuid:unit_id>")
@requires(Permission.UNIT_READ)
@answers(labels.UNIT, UnitShown, also=labels.REFUSALS)
def unit(unit_id: UUID) -> ResponseReturnValue:
    """One unit."""
    return reply(unit_shown(registry.get_unit(db_session(), current_identity(), unit_id)))


@bp.get(f"{ROOT}/systems")
@requires(Permission.SYSTEM_READ)
@answers(labels.SYSTEMS, SystemsListed, asks=SystemsAsked, also=labels.REFUSALS)
def systems() -> ResponseReturnValue:
    """Systems the person may read."""
    page = queries.systems_page(db_session(), current_identity(), wanted(query_of(SystemsAsked)))
    return reply(SystemsListed(items=list(map(system_shown, page.items)), next=page.next_cursor))


@bp.get(f"{ROOT}/systems/<uuid:system_id>")
@requires(Permission.SYSTEM_READ)
@answers(labels.SYSTEM, SystemShown, also=labels.REFUSALS)
def system(system_id: UUID) -> ResponseReturnValue:
    """One system."""
    found = registry.get_system(db_session(), current_identity(), system_id)
    queries.stays_inside(current_identity(), Permission.SYSTEM_READ, found)
    return reply(system_shown(found))


@bp.post(f"{ROOT}/units/<uuid:unit_id>/systems")
@requires(Permission.SYSTEM_EDIT)
@answers(labels.SYSTEM_NEW, SystemShown, takes=SystemEntered, status=201, also=labels.REFUSALS)
def system_new(unit_id: UUID) -> ResponseReturnValue:
    """Enter a system."""
    session, identity = db_session(), current_identity()
    owner = registry.lock_unit(session, unit_id)
    require(identity, Permission.SYSTEM_EDIT, registry.unit_scope(owner), read=Permission.UNIT_READ)
    particulars = system_particulars(body_of(SystemEntered))
    _known_district(particulars.district)
    entered = operations.create_system(session, actor=identity, unit_id=unit_id, particulars=particulars, now=utcnow())
    return reply(system_shown(entered), status=201, location=url_for("api.system", system_id=entered.id))


@bp.patch(f"{ROOT}/systems/<uuid:system_id>")
@requires(Permission.SYSTEM_EDIT)
@answers(labels.SYSTEM_CHANGE, SystemShown, takes=SystemChanged, also=labels.REFUSALS)
def system_change(system_id: UUID) -> ResponseReturnValue:
    """Change a system."""
    session, identity = db_session(), current_identity()
    found = held_system(system_id, Permission.SYSTEM_EDIT)
    asked = body_of(SystemChanged)
    particulars = system_particulars(asked, particulars_of_system(found))
    _known_district(particulars.district)
    changed = operations.edit_system(
        session,
        actor=identity,
        system_id=system_id,
        seen_version=asked.version,  # type: ignore[attr-defined]
        particulars=particulars,
        reason=asked.reason,  # type: ignore[attr-defined]
        now=utcnow(),
    )
    session.flush()
    return reply(system_shown(changed))


@bp.get(f"{ROOT}/cameras")
@requires(Permission.CAMERA_READ)
@answers(labels.CAMERAS, CamerasListed, asks=CamerasAsked, also=labels.REFUSALS)
def cameras() -> ResponseReturnValue:
    """Cameras the person may read."""
    asked = query_of(CamerasAsked)
    narrowed = wanted(asked, "live", "failing")
    page = queries.cameras_page(db_session(), current_identity(), narrowed, live=asked.live, failing=asked.failing)
    return reply(CamerasListed(items=list(map(camera_shown, page.items)), next=page.next_cursor))


@bp.get(f"{ROOT}/cameras/<uuid:camera_id>")
@requires(Permission.CAMERA_READ)
@answers(labels.CAMERA, CameraShown, also=labels.REFUSALS)
def camera(camera_id: UUID) -> ResponseReturnValue:
    """One camera, one file."""
    found = registry.get_camera(db_session(), current_identity(), camera_id)
    queries.stays_inside(current_identity(), Permission.CAMERA_READ, found.system)
    return reply(camera_shown(found))


@bp.post(f"{ROOT}/systems/<uuid:system_id>/cameras")
@requires(Permission.CAMERA_EDIT)
@answers(labels.CAMERA_NEW, CameraShown, takes=CameraEntered, status=201, also=labels.REFUSALS)
def camera_new(system_id: UUID) -> ResponseReturnValue:
    """Enter a camera."""
    session, identity = db_session(), current_identity()
    found = held_system(system_id, Permission.CAMERA_EDIT)
    queries.stays_inside(identity, Permission.CAMERA_EDIT, found)
    particulars = camera_particulars(body_of(CameraEntered))
    _known_zone(found, particulars.zone)
    entered = operations.add_camera(session, actor=identity, system_id=system_id, particulars=particulars, now=utcnow())
    session.flush()
    return reply(camera_shown(entered), status=201, location=url_for("api.camera", camera_id=entered.id))


@bp.patch(f"{ROOT}/cameras/<uuid:camera_id>")
@requires(Permission.CAMERA_EDIT)
@answers(labels.CAMERA_CHANGE, CameraShown, takes=CameraChanged, also=labels.REFUSALS)
def camera_change(camera_id: UUID) -> ResponseReturnValue:
    """Change a camera."""
    session, identity = db_session(), current_identity()
    found = registry.lock_camera(session, camera_id)
    require(identity, Permission.CAMERA_EDIT, registry.camera_scope(found), read=Permission.CAMERA_READ)
    queries.stays_inside(identity, Permission.CAMERA_EDIT, found.system)
    asked = body_of(CameraChanged)
    particulars = camera_particulars(asked, operations.particulars_of(found))
    if particulars.zone != found.zone:
        _known_zone(found.system, particulars.zone)
    changed = operations.edit_camera(
        session,
        actor=identity,
        camera_id=camera_id,
        seen_version=asked.version,  # type: ignore[attr-defined]
        particulars=particulars,
        reason=asked.reason,  # type: ignore[attr-defined]
        now=utcnow(),
    )
    session.flush()
    return reply(camera_shown(changed))


def _known_district(district: str) -> None:
    """The form offers the city's districts; a program may write anything."""
    if district not in {each.code for each in divisions(db_session())}:
        raise Invalid([Problem("district", "api_district")])


def _known_zone(of: System, zone: str | None) -> None:
    zones = {cited.zone.key for cited in rules_for(of.unit, of, on=city_day(utcnow())).zones()}
    if zone and zone not in zones:
        raise Invalid([Problem("zone", "api_zone")])
