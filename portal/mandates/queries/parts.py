"""The important parts of one place with their cameras."""

from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.mandates.models import MandatedUnit, PartCover
from portal.mandates.queries.dictionary import dictionary
from portal.mandates.rules.parts import PartCamera, PartCheck, check_parts
from portal.registry.models import Camera
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
        rows = session.execute(
            select(Camera.id, Camera.name, Camera.zone, Camera.status)
            .where(
                Camera.unit_id == entry.unit_id,
                ~Camera.secret,
                or_(Camera.id.in_(keys), Camera.zone.in_(zones)),
            )
            .order_by(Camera.name, Camera.id)
            .limit(MOST_HINTS)
        )
        cameras = [
            PartCamera(id=key, name=name, zone=zone or "", working=status == CameraStatus.IN_USE)
            for key, name, zone, status in rows
        ]
    return check_parts(category.parts, cameras, named, absent)
