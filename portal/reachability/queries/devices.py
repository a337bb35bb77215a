"""The list of probed devices: by keyset, newest change first, tallied without touching the cameras."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session, joinedload

from portal.accounts.permissions import Permission
from portal.accounts.policy import visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.core.paging import PAGE_SIZE, Page, capped_count, encode_cursor, place_in
from portal.reachability.models import DeviceStatus
from portal.reachability.values import DeviceFilter
from portal.registry.models import Camera
from portal.registry.queries import camera_named, cameras_on_ground
from portal.registry.states import LiveState


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One line of the list."""

    status: DeviceStatus
    camera: Camera


def _seen_by(identity: Identity) -> ColumnElement[bool]:
    """The same rule as for cameras, on this table's own columns: the tally of a million devices joins nothing."""
    seen = visibility(identity, Permission.REACH_READ)
    within = visible(seen, unit=DeviceStatus.unit_id, district=DeviceStatus.district)
    return and_(within, or_(~DeviceStatus.secret, DeviceStatus.unit_id.in_(seen.units)))


def _conditions(wanted: DeviceFilter) -> list[ColumnElement[bool]]:
    """The filter, but for the state, which the tally leaves open."""
    conditions: list[ColumnElement[bool]] = []
    for column, value in (
        (DeviceStatus.reason, wanted.reason),
        (DeviceStatus.district, wanted.district),
        (DeviceStatus.unit_id, wanted.unit_id),
        (DeviceStatus.system_id, wanted.system_id),
    ):
        if value:
            conditions.append(column == value)
    if wanted.flapping:
        conditions.append(DeviceStatus.flapping.is_(True))
    if wanted.keyword:
        named = select(Camera.id).where(camera_named(wanted.keyword.strip()))
        conditions.append(DeviceStatus.camera_id.in_(named))
    return conditions


def device_page(
    session: Session, identity: Identity, wanted: DeviceFilter, *, after: str | None = None
) -> Page[DeviceRow]:
    """Probed devices, latest change first, with camera and unit loaded. Raises Invalid for a foreign cursor."""
    statement = select(DeviceStatus).where(_seen_by(identity), *_conditions(wanted))
    if wanted.state is not None:
        statement = statement.where(DeviceStatus.state == wanted.state)
    total, capped = capped_count(session, statement)
    if after:
        statement = statement.where(
            tuple_(DeviceStatus.since, DeviceStatus.target_id) < tuple_(*place_in(after, datetime.fromisoformat, int))
        )
    ordered = statement.order_by(DeviceStatus.since.desc(), DeviceStatus.target_id.desc()).limit(PAGE_SIZE + 1)
    found = session.scalars(ordered).all()
    shown = found[:PAGE_SIZE]
    cameras = _cameras(session, [status.camera_id for status in shown])
    cursor = None
    if len(found) > PAGE_SIZE:
        cursor = encode_cursor([shown[-1].since.isoformat(), shown[-1].target_id])
    items = [DeviceRow(status, cameras[status.camera_id]) for status in shown if status.camera_id in cameras]
    return Page(items=items, next_cursor=cursor, total=total, total_capped=capped)


def _cameras(session: Session, camera_ids: Sequence[UUID]) -> Mapping[UUID, Camera]:
    rows = session.scalars(select(Camera).where(Camera.id.in_(camera_ids)).options(joinedload(Camera.unit)))
    return {camera.id: camera for camera in rows}


def device_tally(session: Session, identity: Identity, wanted: DeviceFilter) -> Mapping[LiveState, int]:
    """How many devices of the filter stand in each state."""
    statement = (
        select(DeviceStatus.state, func.count().label("devices"))
        .where(_seen_by(identity), *_conditions(wanted))
        .group_by(DeviceStatus.state)
    )
    found = {row.state: row.devices for row in session.execute(statement)}
    return {state: found.get(str(state), 0) for state in LiveState}


def reasons_in_use(session: Session, identity: Identity) -> Mapping[str, int]:
    """Reasons other than "ok" with their counts: what the filter offers."""
    statement = (
        select(DeviceStatus.reason, func.count().label("devices"))
        .where(_seen_by(identity), DeviceStatus.state != LiveState.ONLINE, DeviceStatus.reason.is_not(None))
        .group_by(DeviceStatus.reason)
        .order_by(func.count().desc())
    )
    return {str(row.reason): row.devices for row in session.execute(statement)}


def without_access(session: Session, identity: Identity) -> tuple[int, bool]:
    """How many cameras on the reader's ground cannot be probed for want of access data; whether the count was capped."""
    known = select(DeviceStatus.camera_id).where(DeviceStatus.camera_id == Camera.id)
    return capped_count(session, cameras_on_ground(identity).where(~known.exists()))


def status_of(session: Session, camera_id: UUID) -> DeviceStatus | None:
    """Where one camera's device stands; the caller has shown that the reader may see the camera."""
    return session.scalars(select(DeviceStatus).where(DeviceStatus.camera_id == camera_id)).one_or_none()
