"""The cameras a request may name, with what the rules need to know of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select, true
from sqlalchemy.orm import Session, aliased

from portal.accounts.permissions import Permission
from portal.accounts.policy import visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.evidence.models import PreservationHold, RequestCamera
from portal.evidence.states import HoldStatus
from portal.registry.models import Camera, System, SystemZone, Unit, ZoneCamera
from portal.registry.states import CameraStatus

PICK_LIMIT = 60


@dataclass(frozen=True, slots=True)
class CameraChoice:
    """A camera as the picker shows it and as a request freezes it."""

    id: UUID
    unit_id: UUID
    unit_name: str
    system_id: UUID
    regime: str
    district: str
    label: str
    code: str
    place: str
    zone: str
    declared_days: int | None
    further_zones: Sequence[str] = ()

    @property
    def zones(self) -> Sequence[str]:
        """Every zone it covers, the principal one first; one of no zone covers «nothing that is named»."""
        return (self.zone, *self.further_zones)


def search_cameras(
    session: Session, identity: Identity, *, text: str = "", unit_id: UUID | None = None, limit: int = PICK_LIMIT
) -> Sequence[CameraChoice]:
    """Cameras the person may see whose name, code, address or unit matches; the first `limit` of them."""
    statement = _choices(identity).order_by(Unit.name, Camera.name, Camera.id).limit(limit)
    if unit_id is not None:
        statement = statement.where(Camera.unit_id == unit_id)
    for word in text.split()[:5]:
        like = f"%{word.replace('%', '').replace('_', '')}%"
        statement = statement.where(
            or_(
                Camera.name.ilike(like),
                Camera.address.ilike(like),
                Camera.gb_code.like(like),
                Unit.name.ilike(like),
                Unit.initials.ilike(like),
            )
        )
    return [CameraChoice(*row) for row in session.execute(statement)]


def chosen_cameras(session: Session, identity: Identity, ids: Sequence[UUID]) -> list[CameraChoice]:
    """The chosen ones among the cameras the person may see, by unit and name; what they may not see is left out."""
    if not ids:
        return []
    statement = _choices(identity).where(Camera.id.in_(ids)).order_by(Unit.name, Camera.name, Camera.id)
    return [CameraChoice(*row) for row in session.execute(statement)]


def cameras_near(
    session: Session, identity: Identity, camera_id: UUID, *, metres: int, limit: int
) -> list[CameraChoice]:
    """A camera the person may see with those around it, the nearest first: where something happened, others saw it too."""
    here = aliased(Camera)
    # Metres on the sphere, by the map's own projection: a degree of latitude here is drawn longer than it is.
    drawn = metres / func.cos(func.radians(func.ST_Y(here.position)))
    seen = select(here.id).where(here.id == camera_id, here.id.in_(select(_choices(identity).subquery().c[0])))
    statement = (
        _choices(identity)
        .join(here, func.ST_DWithin(Camera.mercator, here.mercator, drawn))
        .where(here.id.in_(seen))
        .order_by(func.ST_Distance(Camera.mercator, here.mercator), Camera.id)
        .limit(limit)
    )
    return [CameraChoice(*row) for row in session.execute(statement)]


def held_since(session: Session, ids: Sequence[UUID], *, reaching: datetime | None = None) -> dict[UUID, datetime]:
    """For cameras under a hold the unit has confirmed: the oldest moment that is being kept, of holds alone that reach
    beyond a moment."""
    if not ids:
        return {}
    rows = session.execute(
        select(RequestCamera.camera_id, func.min(PreservationHold.span_from))
        .join(PreservationHold, PreservationHold.request_id == RequestCamera.request_id)
        .where(
            RequestCamera.camera_id.in_(ids),
            PreservationHold.status.in_([HoldStatus.ACKNOWLEDGED, HoldStatus.RELEASE_ASKED]),
            PreservationHold.span_to > reaching if reaching is not None else true(),
        )
        .group_by(RequestCamera.camera_id)
    )
    return dict(list(rows))


def units_of(session: Session, identity: Identity) -> Sequence[tuple[UUID, str]]:
    """Units whose footage the person may ask for, for the filter of the picker."""
    statement = select(Unit.id, Unit.name).where(
        visible(visibility(identity, Permission.REQUEST_DRAFT), unit=Unit.id, district=Unit.district)
    )
    return [(unit_id, name) for unit_id, name in session.execute(statement.order_by(Unit.name).limit(200))]


def _choices(identity: Identity) -> Select[*tuple[Any, ...]]:
    declared = func.least(func.coalesce(Camera.retention_days, System.retention_days), System.retention_days)
    further = (
        select(SystemZone.key)
        .join(ZoneCamera, ZoneCamera.zone_id == SystemZone.id)
        .where(ZoneCamera.camera_id == Camera.id)
        .order_by(SystemZone.key)
        .correlate(Camera)
    )
    return (
        select(
            Camera.id,
            Camera.unit_id,
            Unit.name,
            Camera.system_id,
            System.regime,
            Camera.district,
            Camera.name,
            func.coalesce(Camera.gb_code, ""),
            Camera.address,
            func.coalesce(Camera.zone, ""),
            func.coalesce(declared, Camera.retention_days),
            func.array(further.scalar_subquery()),
        )
        .join(Unit, Unit.id == Camera.unit_id)
        .join(System, System.id == Camera.system_id)
        .where(*askable(identity))
    )


def askable(identity: Identity, *, closed_too: bool = False) -> list[ColumnElement[bool]]:
    """Of which cameras a person may ask footage; with those taken down where they are only to be named."""
    seen = visibility(identity, Permission.CAMERA_READ)
    conditions = [
        visible(seen, unit=Camera.unit_id, district=Camera.district, filed=Camera.filed_district),
        # A secret camera is asked for by its own unit only; to others it does not exist.
        or_(~Camera.secret, Camera.unit_id.in_(seen.units)),
    ]
    return conditions if closed_too else [Camera.status != CameraStatus.DISMANTLED, *conditions]
