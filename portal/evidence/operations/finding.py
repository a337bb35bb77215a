"""Searches for cameras by place are acts: each is recorded with its extent and what it found."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import FieldChange, SubjectRef
from portal.evidence.queries import chosen_cameras
from portal.evidence.queries.finding import Found, cameras_within
from portal.evidence.values.breadth import CAMERAS_SOUGHT, Drawn


def find_cameras(
    session: Session, *, actor: Identity, drawn: Drawn, room: int, by: Connection | None, now: datetime
) -> Found:
    """The cameras in or along a shape; none of them where they are more than there is room for. `by` is the map role's
    connection, for a reader of districts."""
    require(actor, Permission.REQUEST_DRAFT)
    found = cameras_within(by or session, actor, drawn, room=room)
    seen: list[UUID] = [camera.id for camera in chosen_cameras(session, actor, list(found.ids))]
    west, east = (edge(lon for ring in drawn.rings for lon, _lat in ring) for edge in (min, max))
    south, north = (edge(lat for ring in drawn.rings for _lon, lat in ring) for edge in (min, max))
    record(
        session,
        actor=actor.actor,
        tag=CAMERAS_SOUGHT,
        subject=SubjectRef("area", None, f"{west:.4f},{south:.4f},{east:.4f},{north:.4f}"),
        changes=[FieldChange(name="found", new=found.total)],
        now=now,
    )
    return Found(ids=seen, total=found.total)
