"""The important parts of one place with their cameras."""

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.mandates.models import MandatedUnit, PartCover
from portal.mandates.queries.dictionary import dictionary
from portal.mandates.rules.parts import PartCamera, PartCheck, check_parts
from portal.registry.models import Camera, SystemZone, ZoneCamera
from portal.registry.queries.zones import further_zones
from portal.registry.states import CameraStatus

# More cameras in the zones of a part than a person looks through help nobody choose.
MOST_HINTS = 300


def parts_of(session: Session, entry: MandatedUnit, *, on: date) -> tuple[PartCheck, ...]:
    """Each part of the entry's category, checked. The caller has let the reader in; secret cameras are not told."""
    category = dictionary(session, on=on).get(entry.category)
    if category is None or not category.parts:
        return ()
    covers = session.scalars(select(PartCover).where(PartCover.mandated_id == entry.id).order_by(PartCover.id)).all()
    named: dict[str, list] = {}  # type: ignore[type-arg]
    for cover in covers:
        if cover.camera_id is not None:
            named.setdefault(cover.part, []).append(cover.camera_id)
    absent = {cover.part: cover.absent_reason for cover in covers if cover.camera_id is None}
    cameras: list[PartCamera] = []
    if entry.unit_id is not None:
        zones = {zone for part in category.parts for zone in part.zones}
        keys = [cover.camera_id for cover in covers if cover.camera_id is not None]
        # A camera covers its principal zone, and whatever else the coverage matrix says it does.
        further = select(ZoneCamera.camera_id).join(SystemZone, SystemZone.id == ZoneCamera.zone_id)
        also = further.where(SystemZone.unit_id == entry.unit_id, SystemZone.key.in_(zones))
        rows = session.execute(
            select(Camera.id, Camera.name, Camera.zone, Camera.status)
            .where(
                Camera.unit_id == entry.unit_id,
                ~Camera.secret,
                or_(Camera.id.in_(keys), Camera.zone.in_(zones), Camera.id.in_(also)),
            )
            .order_by(Camera.name, Camera.id)
            .limit(MOST_HINTS)
        ).all()
        covers_too = further_zones(session, [row.id for row in rows])
        cameras = [
            PartCamera(
                id=key,
                name=name,
                zones=frozenset({zone or "", *covers_too.get(key, ())}),
                working=status == CameraStatus.IN_USE,
            )
            for key, name, zone, status in rows
        ]
    return check_parts(category.parts, cameras, named, absent)
