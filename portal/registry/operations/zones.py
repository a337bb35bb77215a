"""Zones: laid from the template of the rules, the unit's own beside them, said to be absent, covered by cameras."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, joinedload

from portal.accounts.values import Identity
from portal.audit.operations import record, speak_for
from portal.audit.values import Actor, FieldChange, SubjectRef
from portal.core.clock import city_day
from portal.core.db import Database
from portal.core.errors import IllegalTransition, Invalid, NotFound, Problem
from portal.core.ids import new_id
from portal.core.lifecycle import unchanged
from portal.registry.models import Camera, System, SystemZone, ZoneCamera
from portal.registry.operations.acts import system_to_change
from portal.registry.operations.cameras import must_say_why
from portal.registry.operations.changes import run_change_clock
from portal.registry.operations.quality import ask_recheck
from portal.registry.queries import is_filed
from portal.registry.queries.cameras import visible_cameras
from portal.registry.queries.zones import further_zones
from portal.registry.rules import rules_for
from portal.registry.rules.changes import FiledChange
from portal.registry.rules.zones import assignment, every_zone_name, template_of
from portal.registry.states import UseStatus
from portal.registry.values import zones as values
from portal.registry.values.zones import TemplateZone, ZoneParticulars

BATCH = 500
OWN_ZONES = 40  # beside the template: more would be a list of cameras, not of zones
_COPIED = ("profile", "number", "required", "full_coverage", "if_present")


def lay_zones(session: Session, *, actor: Identity, system_id: UUID, now: datetime) -> int:
    """Lay a system's zones from the template of its rules, on the unit's word; how many are new."""
    system = system_to_change(session, actor, system_id)
    laid = _lay(session, [system], now=now)
    _record(session, actor.actor, values.ZONES_LAID, system, now=now, count=laid)
    return laid


def lay_all(database: Database, *, now: datetime, unit_id: UUID | None = None, system_id: UUID | None = None) -> int:
    """Lay the zones of every system that the rules name any for, and follow the texts where they changed."""
    laid, after = 0, UUID(int=0)
    while True:
        with database.transaction() as session:
            statement = select(System).where(System.id > after, System.use_status != UseStatus.DISMANTLED)
            if unit_id is not None:
                statement = statement.where(System.unit_id == unit_id)
            if system_id is not None:
                statement = statement.where(System.id == system_id)
            systems = session.scalars(statement.options(joinedload(System.unit)).order_by(System.id).limit(BATCH)).all()
            if not systems:
                return laid
            laid += lay_for(session, systems, now=now)
            after = systems[-1].id


def lay_for(session: Session, systems: Sequence[System], *, now: datetime) -> int:
    """Lay the zones of these systems, their units loaded, on the portal's own account; how many are new."""
    new = _lay(session, systems, now=now)
    if new:
        subject = SubjectRef("system_zone", None, str(new))
        record(session, actor=Actor(name="system:zones"), tag=values.ZONES_LAID, subject=subject, now=now)
    return new


def _lay(session: Session, systems: Sequence[System], *, now: datetime) -> int:
    """Insert what is missing and copy what the texts say; the unit's own word (absent, blind spots, photo) stays.

    A zone that no text names any more is kept as the unit's own, since cameras name it.
    """
    wanted: dict[UUID, list[TemplateZone]] = {
        system.id: template_of(rules_for(system.unit, system, on=city_day(now))) for system in systems
    }
    held: dict[UUID, dict[str, SystemZone]] = {}
    for old in session.scalars(select(SystemZone).where(SystemZone.system_id.in_(wanted))):
        held.setdefault(old.system_id, {})[old.key] = old
    rows: list[dict[str, object]] = []
    for system in systems:
        known = held.get(system.id, {})
        for each in wanted[system.id]:
            copied = {
                "profile": each.profile,
                "number": each.number,
                "required": each.required,
                "full_coverage": each.full,
                "if_present": each.if_present,
            }
            zone = known.pop(each.key) if each.key in known else None
            if zone is None:
                place = {"system_id": system.id, "unit_id": system.unit_id, "district": system.district}
                rows.append({"id": new_id(), **place, "key": each.key, **copied, "created_at": now, "updated_at": now})
            elif any(getattr(zone, name) != copied[name] for name in _COPIED):
                for name in _COPIED:
                    setattr(zone, name, copied[name])
                zone.updated_at = now
        for left in known.values():
            if left.profile and left.required:
                left.required, left.updated_at = False, now
    if rows:
        session.execute(insert(SystemZone).on_conflict_do_nothing(), rows)
    session.flush()
    return len(rows)


def add_zone(
    session: Session, *, actor: Identity, system_id: UUID, particulars: ZoneParticulars, now: datetime
) -> SystemZone:
    """Add a zone of the unit's own."""
    system = system_to_change(session, actor, system_id)
    own = session.scalars(select(SystemZone).where(SystemZone.system_id == system.id, SystemZone.profile == "")).all()
    name = particulars.name.strip()
    problems = []
    if not name:
        problems.append(Problem("name", "required"))
    # A file names zones: one of the unit's own under the name of a text's would be read back as that one.
    if name in {zone.name for zone in own} | {known for _, known in every_zone_name()}:
        problems.append(Problem("name", "zone_named_twice"))
    if len(own) >= OWN_ZONES:
        problems.append(Problem("name", "zones_too_many", {"most": OWN_ZONES}))
    if problems:
        raise Invalid(problems)
    zone = SystemZone(
        system_id=system.id,
        unit_id=system.unit_id,
        district=system.district,
        key=f"own-{secrets.token_hex(4)}",
        name=name,
        required=particulars.required,
        created_at=now,
        updated_at=now,
    )
    session.add(zone)
    session.flush()
    _record(session, actor.actor, values.ZONE_ADDED, system, zone=zone, now=now)
    return zone


def edit_zone(
    session: Session,
    *,
    actor: Identity,
    system_id: UUID,
    zone_id: UUID,
    seen_version: int,
    particulars: ZoneParticulars,
    photo_file_id: UUID | None,
    now: datetime,
) -> SystemZone:
    """Say that a zone is not there and why, where its cameras do not see, and show how it is covered.

    Raises Invalid where the texts ask for the zone everywhere, or while cameras cover what is said to be absent.
    """
    system = system_to_change(session, actor, system_id)
    zone = _lock_zone(session, system, zone_id)
    unchanged(zone, seen_version)
    problems = []
    if particulars.absent:
        if not particulars.absent_reason.strip():
            problems.append(Problem("absent_reason", "required"))
        if zone.profile and zone.required and not zone.if_present:
            problems.append(Problem("absent", "zone_everywhere"))
        if covered := _covered_by(session, zone):
            problems.append(Problem("absent", "zone_has_cameras", {"count": covered}))
    if not zone.profile and not particulars.name.strip():
        problems.append(Problem("name", "required"))
    if problems:
        raise Invalid(problems)
    before = {name: getattr(zone, name) for name in ("name", "required", "absent", "absent_reason", "blind_spots")}
    if not zone.profile:
        zone.name, zone.required = particulars.name.strip(), particulars.required
    zone.absent = particulars.absent
    zone.absent_reason = particulars.absent_reason.strip() if particulars.absent else ""
    zone.blind_spots = "" if particulars.absent else particulars.blind_spots.strip()
    zone.photo_file_id, zone.updated_at = photo_file_id or zone.photo_file_id, now
    changes = [
        FieldChange(name=name, old=old, new=getattr(zone, name))
        for name, old in before.items()
        if old != getattr(zone, name)
    ]
    session.flush()
    _record(session, actor.actor, values.ZONE_CHANGED, system, zone=zone, changes=changes, now=now)
    return zone


def remove_zone(session: Session, *, actor: Identity, system_id: UUID, zone_id: UUID, now: datetime) -> None:
    """Take a zone of the unit's own away; one that cameras cover stays."""
    system = system_to_change(session, actor, system_id)
    zone = _lock_zone(session, system, zone_id)
    if zone.profile or _covered_by(session, zone):
        raise IllegalTransition("zone_in_use")
    session.delete(zone)
    session.flush()
    _record(session, actor.actor, values.ZONE_REMOVED, system, zone=zone, now=now)


def assign_cameras(
    session: Session,
    *,
    actor: Identity,
    system_id: UUID,
    zone_id: UUID,
    shown: Collection[UUID],
    ticked: Collection[UUID],
    reason: str,
    now: datetime,
) -> int:
    """Make exactly the ticked ones of the cameras shown cover a zone; how many changed.

    A camera's principal zone stands in its file: where that changes after filing, the reason must be told.
    """
    system = system_to_change(session, actor, system_id)
    zone = _lock_zone(session, system, zone_id)
    if zone.absent and ticked:
        raise Invalid([Problem("cameras", "zone_is_absent")])
    cameras = session.scalars(
        visible_cameras(actor).where(Camera.system_id == system.id, Camera.id.in_(shown)).with_for_update()
    ).all()
    if len(cameras) != len(set(shown)):
        raise NotFound()
    further = further_zones(session, list(shown))
    change = assignment(
        zone=zone.key,
        principal={camera.id: camera.zone for camera in cameras},
        further=further,
        ticked=set(ticked) & set(shown),
    )
    if change.principal:
        must_say_why(reason, filed=is_filed(session, system_id=system.id))
    _move(session, actor, system, change.principal, reason=reason, now=now)
    for camera in cameras:
        session.expire(camera, ["zone", "version", "updated_at"])
    if change.added:
        place = {"unit_id": system.unit_id, "district": system.district}
        rows = [{"zone_id": zone.id, "camera_id": key, **place} for key in sorted(change.added)]
        session.execute(insert(ZoneCamera).on_conflict_do_nothing(), rows)
    if change.removed:
        session.execute(
            delete(ZoneCamera).where(ZoneCamera.zone_id == zone.id, ZoneCamera.camera_id.in_(change.removed))
        )
    changed = len(change.principal) + len(change.added) + len(change.removed - change.principal.keys())
    if changed:
        _record(
            session, actor.actor, values.ZONE_ASSIGNED, system, zone=zone, reason=reason or None, now=now, count=changed
        )
    return changed


def _move(
    session: Session,
    actor: Identity,
    system: System,
    principal: Mapping[UUID, str | None],
    *,
    reason: str,
    now: datetime,
) -> None:
    """Write new principal zones; a further zone that moved up is no further one any more."""
    if not principal:
        return
    speak_for(session, actor.actor, reason)
    by_key: dict[str | None, list[UUID]] = {}
    for camera_id, key in principal.items():
        by_key.setdefault(key, []).append(camera_id)
    for key, cameras in by_key.items():
        session.execute(
            update(Camera)
            .where(Camera.id.in_(cameras))
            .values(zone=key, updated_at=now, version=Camera.version + 1)
            .execution_options(synchronize_session=False)
        )
        if key is not None:
            own = select(SystemZone.id).where(SystemZone.system_id == system.id, SystemZone.key == key)
            session.execute(delete(ZoneCamera).where(ZoneCamera.zone_id.in_(own), ZoneCamera.camera_id.in_(cameras)))
    run_change_clock(session, system, [FiledChange(fact="camera.zone", count=len(principal))], now=now)
    ask_recheck(session, occasion=f"zones:{system.id}:{now.isoformat()}", system_id=system.id)


def _covered_by(session: Session, zone: SystemZone) -> int:
    principal = session.scalars(
        select(Camera.id).where(
            Camera.system_id == zone.system_id, Camera.zone == zone.key, Camera.status != "dismantled"
        )
    ).all()
    further = session.scalars(select(ZoneCamera.camera_id).where(ZoneCamera.zone_id == zone.id)).all()
    return len({*principal, *further})


def _lock_zone(session: Session, system: System, zone_id: UUID) -> SystemZone:
    zone = session.get(SystemZone, zone_id, with_for_update=True)
    if zone is None or zone.system_id != system.id:
        raise NotFound()
    return zone


def _record(
    session: Session,
    actor: Actor,
    tag: str,
    system: System,
    *,
    zone: SystemZone | None = None,
    changes: Sequence[FieldChange] = (),
    count: int | None = None,
    reason: str | None = None,
    now: datetime,
) -> None:
    if count is not None:
        changes = [*changes, FieldChange(name="count", new=count)]
    label = (zone.name or zone.key) if zone else system.name
    record(
        session,
        actor=actor,
        tag=tag,
        subject=SubjectRef("system_zone", zone.id, label) if zone else SubjectRef("system", system.id, label),
        unit_id=system.unit_id,
        district=system.district,
        changes=list(changes),
        reason=reason,
        now=now,
    )
