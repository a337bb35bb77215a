"""The authenticated layer: claiming devices whose login is due, opening a login, keeping what was found.

A login is opened here alone, in the workers of `probe.auth` and `probe.now`, for one probe. It is never in a task's
arguments.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.core.addresses import AddressDenied
from portal.core.crypto import CryptoError, row_context
from portal.core.services import services
from portal.reachability.models import DeviceStatus, ProbeTarget
from portal.reachability.operations.rounds import endpoint_of
from portal.reachability.operations.standings import Known, Moved, locked, write
from portal.reachability.probes.base import Credential, DeepResult, Endpoint
from portal.reachability.rules import after_deep, next_deep_at
from portal.registry.models import Camera, CameraAccess
from portal.registry.states import LiveState

log = logging.getLogger(__name__)

# Nobody else asks while one worker does; a killed worker's devices come up again after this.
_LEASE: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class DeepTarget:
    """One device and the login to try, if one is registered and readable."""

    target_id: int
    endpoint: Endpoint
    credential: Credential | None


def claim_deep(session: Session, *, low: int, high: int, now: datetime) -> list[DeepTarget]:
    """Take the devices of a range whose login is due, so that no two workers try one device's password."""
    due = (
        select(ProbeTarget, CameraAccess, Camera.storage_channel)
        .join(DeviceStatus, DeviceStatus.target_id == ProbeTarget.id)
        .join(CameraAccess, CameraAccess.camera_id == ProbeTarget.camera_id)
        .join(Camera, Camera.id == ProbeTarget.camera_id)
        .where(
            ProbeTarget.id >= low,
            ProbeTarget.id < high,
            ProbeTarget.enabled,
            ProbeTarget.denied.is_(None),
            DeviceStatus.deep_due_at <= now,
        )
        .with_for_update(of=DeviceStatus, skip_locked=True)
    )
    claimed, leased, silent = [], [], []
    for target, access, channel in session.execute(due):
        if target.http_port is None:
            silent.append(target.id)
            continue
        leased.append(target.id)
        try:
            endpoint = endpoint_of(session, target, channel=channel)
            claimed.append(DeepTarget(target.id, endpoint, login_of(session, access)))
        except AddressDenied:
            continue  # the next round of quick probes says so; here nothing is asked and no password leaves
    _postpone(session, leased, now + _LEASE)
    _postpone(session, silent, None)
    return claimed


def _postpone(session: Session, target_ids: list[int], until: datetime | None) -> None:
    if target_ids:
        session.execute(update(DeviceStatus).where(DeviceStatus.target_id.in_(target_ids)).values(deep_due_at=until))


def login_of(session: Session, access: CameraAccess) -> Credential | None:
    """Open the sealed login; one that does not open is reported as none and logged without its content."""
    if access.credentials_sealed is None:
        return None
    context = row_context("camera_access", "credentials_sealed", access.camera_id)
    try:
        secret = json.loads(services(session).envelope.open(access.credentials_sealed, context=context))
        return Credential(username=str(secret["user"]), password=str(secret["password"]))
    except (CryptoError, ValueError, KeyError, TypeError) as fault:
        log.error("the login of camera %s cannot be opened: %s", access.camera_id, type(fault).__name__)
        return None


def record_deep(session: Session, *, results: Mapping[int, DeepResult], now: datetime) -> None:
    """Keep what the authenticated layer found, and when to ask again."""
    moved = []
    for known in locked(session, DeviceStatus.target_id.in_(results)) if results else ():
        if known.standing.state is LiveState.DISABLED:
            continue
        moved.append(moved_by(session, known, results[known.target_id], now=now))
    write(session, moved, now=now)
    for one in moved:
        keep_findings(session, one.known, results[one.known.target_id], now=now)


def moved_by(session: Session, known: Known, deep: DeepResult, *, now: datetime) -> Moved:
    """Where the device stands after this answer."""
    standing = after_deep(known.standing, deep, now=now, interval=services(session).probe_interval, spread=known.spread)
    return Moved(known, standing, known.drift_s if deep.drift_s is None else round(deep.drift_s))


def keep_findings(session: Session, known: Known, deep: DeepResult, *, now: datetime) -> None:
    """The details: identity as a digest, profiles, stream, picture, recording span. Unknown ones keep their last value.

    The reason itself is part of the standing: a device that could not be asked keeps the last definite one.
    """
    row = session.get(DeviceStatus, known.target_id)
    if row is None:
        return
    row.deep_at = now
    row.deep_due_at = next_deep_at(deep, now=now, spread=known.spread)
    if deep.identity is not None:
        if row.identity is not None and row.identity != deep.identity:
            row.identity_changed_at = now
            # Another device: what its predecessor's picture was like says nothing of it.
            row.picture_width = row.picture_height = row.picture_at = None
        row.identity, row.open_access = deep.identity, deep.open_access
    if deep.profiles is not None:
        row.profiles = min(deep.profiles, 32_767)
    if deep.streams is not None:
        row.streams = deep.streams
    if deep.recorded_until is not None:
        row.recorded_from, row.recorded_until = deep.recorded_from, deep.recorded_until
    if deep.picture is not None:
        row.picture_width, row.picture_height = deep.picture
        row.picture_at = now
    session.flush()
