"""Signs, privacy masks and the standards of a system, each on the unit's word and on record."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.values import FieldChange
from portal.core.clock import city_day
from portal.core.errors import IllegalTransition, Invalid, NotFound, Problem
from portal.core.geometry import BadGeometry, check_lonlat, point, to_element
from portal.registry.models import Camera, PrivacyMask, Sign, SystemStandard, SystemZone
from portal.registry.operations.acts import system_to_change
from portal.registry.operations.recording import about, note
from portal.registry.queries import camera_scope, lock_camera
from portal.registry.queries.zones import standards_of
from portal.registry.values import zones as values
from portal.registry.values.zones import SignParticulars
from portal.regulation.loader import rulebook


def record_sign(
    session: Session,
    *,
    actor: Identity,
    system_id: UUID,
    particulars: SignParticulars,
    photo_file_id: UUID,
    now: datetime,
) -> Sign:
    """Record a sign that hangs: where, since when, with its photograph. Raises Invalid for a zone of another system."""
    system = system_to_change(session, actor, system_id)
    problems = []
    known = session.scalar(
        select(SystemZone.id).where(SystemZone.system_id == system.id, SystemZone.key == particulars.zone_key)
    )
    if particulars.zone_key and known is None:
        problems.append(Problem("zone_key", "invalid"))
    if particulars.put_up_on > city_day(now):
        problems.append(Problem("put_up_on", "sign_in_future"))
    position = None
    if particulars.lon is not None and particulars.lat is not None:
        try:
            check_lonlat(particulars.lon, particulars.lat)
            position = to_element(point(particulars.lon, particulars.lat))
        except BadGeometry as bad:
            problems.append(Problem("position", bad.code))
    if problems:
        raise Invalid(problems)
    sign = Sign(
        system_id=system.id,
        unit_id=system.unit_id,
        district=system.district,
        zone_key=particulars.zone_key,
        place=particulars.place.strip(),
        position=position,
        photo_file_id=photo_file_id,
        put_up_on=particulars.put_up_on,
        recorded_by_name=actor.name[:40],
        recorded_at=now,
    )
    session.add(sign)
    session.flush()
    note(session, actor, values.SIGN_RECORDED, about(sign, sign.place), sign, now=now)
    return sign


def remove_sign(session: Session, *, actor: Identity, system_id: UUID, sign_id: UUID, on: date, now: datetime) -> Sign:
    """Record that a sign was taken down; it stays on record."""
    system = system_to_change(session, actor, system_id)
    sign = session.get(Sign, sign_id, with_for_update=True)
    if sign is None or sign.system_id != system.id:
        raise NotFound()
    if sign.removed_on is not None:
        raise IllegalTransition("sign_gone")
    sign.removed_on = max(on, sign.put_up_on)
    note(session, actor, values.SIGN_REMOVED, about(sign, sign.place), sign, now=now)
    return sign


def record_mask(
    session: Session, *, actor: Identity, camera_id: UUID, masked: str, photo_file_id: UUID, now: datetime
) -> PrivacyMask:
    """Record what of a camera's view is masked, with a picture of the masked view."""
    camera = _maskable(session, actor, camera_id)
    if not masked.strip():
        raise Invalid([Problem("masked", "required")])
    mask = PrivacyMask(
        camera_id=camera.id,
        unit_id=camera.unit_id,
        district=camera.district,
        masked=masked.strip(),
        photo_file_id=photo_file_id,
        recorded_by_name=actor.name[:40],
        recorded_at=now,
    )
    session.add(mask)
    session.flush()
    note(session, actor, values.MASK_RECORDED, about(mask, camera.name), mask, now=now)
    return mask


def remove_mask(session: Session, *, actor: Identity, camera_id: UUID, mask_id: UUID, now: datetime) -> PrivacyMask:
    """Record that a mask was taken off; the view then lacks it again where one is asked for."""
    camera = _maskable(session, actor, camera_id)
    mask = session.get(PrivacyMask, mask_id, with_for_update=True)
    if mask is None or mask.camera_id != camera.id:
        raise NotFound()
    if mask.removed_at is not None:
        raise IllegalTransition("mask_gone")
    mask.removed_at = now
    note(session, actor, values.MASK_REMOVED, about(mask, camera.name), mask, now=now)
    return mask


def name_standards(
    session: Session, *, actor: Identity, system_id: UUID, keys: Collection[str], now: datetime
) -> Sequence[str]:
    """Say which editions of which standards a system is built to. Raises Invalid for one the dictionary does not know."""
    system = system_to_change(session, actor, system_id)
    known = {standard.key for standard in rulebook().reference.standard}
    if set(keys) - known:
        raise Invalid([Problem("standards", "invalid")])
    before, after = set(standards_of(session, system.id)), set(keys)
    session.execute(
        delete(SystemStandard).where(SystemStandard.system_id == system.id, SystemStandard.key.in_(before - after))
    )
    session.add_all(
        SystemStandard(system_id=system.id, key=key, unit_id=system.unit_id, district=system.district, named_at=now)
        for key in sorted(after - before)
    )
    session.flush()
    change = FieldChange(name="standards", old=tuple(sorted(before)), new=tuple(sorted(after)))
    note(
        session,
        actor,
        values.STANDARDS_SET,
        about(system),
        system,
        changes=[change] if before != after else [],
        now=now,
    )
    return sorted(after)


def note_photo(session: Session, *, actor: Identity, row: "Sign | PrivacyMask | SystemZone", now: datetime) -> UUID:
    """The photograph of a sign, a mask or a zone that somebody is about to see; the look is recorded."""
    if row.photo_file_id is None:
        raise NotFound()
    note(session, actor, values.PHOTO_READ, about(row, ""), row, now=now)
    return row.photo_file_id


def _maskable(session: Session, actor: Identity, camera_id: UUID) -> Camera:
    camera = lock_camera(session, camera_id)
    require(actor, Permission.CAMERA_EDIT, camera_scope(camera), read=Permission.CAMERA_READ)
    return camera
