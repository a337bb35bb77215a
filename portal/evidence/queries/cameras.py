"""The cameras a request may name, with what the rules need to know of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

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


def held_since(session: Session, ids: Sequence[UUID]) -> dict[UUID, datetime]:
    """For cameras under a hold the unit has confirmed: the oldest moment that is being kept."""
    if not ids:
        return {}
    rows = session.execute(
        select(RequestCamera.camera_id, func.min(PreservationHold.span_from))
        .join(PreservationHold, PreservationHold.request_id == RequestCamera.request_id)
        .where(
            RequestCamera.camera_id.in_(ids),
            PreservationHold.status.in_([HoldStatus.ACKNOWLEDGED, HoldStatus.RELEASE_ASKED]),
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
    seen = visibility(identity, Permission.CAMERA_READ)
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
        .where(
            Camera.status != CameraStatus.DISMANTLED,
            visible(seen, unit=Camera.unit_id, district=Camera.district, filed=Camera.filed_district),
            # A secret camera is asked for by its own unit only; to others it does not exist.
            or_(~Camera.secret, Camera.unit_id.in_(seen.units)),
        )
    )
