"""Probes somebody asked for."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.core.errors import NotFound
from portal.reachability.models import ProbeRun
from portal.registry.queries import get_camera, ground_scope


def latest_run(session: Session, camera_id: UUID) -> ProbeRun | None:
    """The newest asked probe of a camera."""
    return session.scalars(
        select(ProbeRun).where(ProbeRun.camera_id == camera_id).order_by(ProbeRun.asked_at.desc()).limit(1)
    ).one_or_none()


def get_run(session: Session, identity: Identity, run_id: UUID) -> ProbeRun:
    """An asked probe, if the reader may see its camera. Raises NotFound."""
    run = session.get(ProbeRun, run_id, populate_existing=True)
    if run is None:
        raise NotFound()
    camera = get_camera(session, identity, run.camera_id)
    require(identity, Permission.REACH_READ, ground_scope(camera))
    return run
