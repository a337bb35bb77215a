"""REG-08: relocation orders, from proposal over approval to the cameras at their new places; moves without one."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.queries import competent_police
from portal.accounts.values import Identity
from portal.audit.values import FieldChange
from portal.core.clock import city_day
from portal.core.errors import IllegalTransition, Invalid, NotFound, Problem
from portal.core.geometry import LonLat, lonlat, point, to_element
from portal.core.lifecycle import unchanged
from portal.mandates import values
from portal.mandates.models import PublicMove, RelocationCamera, RelocationOrder
from portal.mandates.operations.numbering import take_number
from portal.mandates.queries.projects import lock_relocation, place_of, project_of_camera
from portal.mandates.states import RelocationAction, RelocationStatus, next_relocation_status
from portal.mandates.values import MOST_CAMERAS, NumberKind, RelocationKind, RelocationParticulars
from portal.registry.models import Camera, System, Unit
from portal.registry.operations import move_camera
from portal.registry.operations.recording import about, note
from portal.registry.queries import camera_scope
from portal.registry.values import SystemKind


def propose_relocation(
    session: Session,
    *,
    actor: Identity,
    particulars: RelocationParticulars,
    places: Mapping[UUID, LonLat],
    now: datetime,
) -> RelocationOrder:
    """Propose new positions (WGS-84) for public cameras of one unit. The project is the one that paid for the first.

    Raises Invalid: no camera, a camera that is not public or out of reach, cameras of two units, no payer.
    """
    cameras = _to_be_moved(session, actor, particulars, places)
    unit = session.get_one(Unit, cameras[0].unit_id)
    organ = competent_police(session, unit.district)
    project = project_of_camera(session, cameras[0].id)
    order = RelocationOrder(
        number=take_number(session, NumberKind.RELOCATION, organ, city_day(now).year),
        project_id=project.id if project else None,
        unit_id=unit.id,
        district=unit.district,
        organ_id=organ.id,
        organ_name=organ.name,
        kind=particulars.kind,
        cause=particulars.cause.strip(),
        cause_number=particulars.cause_number.strip(),
        cost=particulars.cost,
        payer=particulars.payer.strip(),
        planned_on=particulars.planned_on,
        note=particulars.note.strip(),
        proposed_by=actor.person_id,
        proposed_by_name=actor.name,
        proposed_at=now,
    )
    order.cameras = [_line(camera, places[camera.id]) for camera in cameras]
    session.add(order)
    session.flush()
    changes = [FieldChange(name="cameras", new=tuple(camera.name for camera in cameras))]
    tag = values.RELOCATION_PROPOSED
    note(session, actor, tag, about(order, order.number), order, changes=changes, now=now)
    return order


def _to_be_moved(
    session: Session, actor: Identity, particulars: RelocationParticulars, places: Mapping[UUID, LonLat]
) -> Sequence[Camera]:
    """The cameras, all public, of one unit and in the actor's reach. Raises Invalid or NotFound."""
    problems = []
    if not places:
        problems.append(Problem("cameras", "cameras_needed"))
    if len(places) > MOST_CAMERAS:
        problems.append(Problem("cameras", "too_many_cameras", {"most": MOST_CAMERAS}))
    if particulars.kind is not RelocationKind.CORRECTION and not particulars.payer.strip():
        problems.append(Problem("payer", "payer_needed"))
    if problems:
        raise Invalid(problems)
    cameras = session.scalars(
        select(Camera)
        .join(System, System.id == Camera.system_id)
        .where(Camera.id.in_(places), System.kind == SystemKind.PUBLIC)
        .order_by(Camera.id)
    ).all()
    if len(cameras) != len(places) or len({camera.unit_id for camera in cameras}) != 1:
        raise Invalid([Problem("cameras", "not_public_camera")])
    for camera in cameras:
        require(actor, Permission.PROJECT_EDIT, camera_scope(camera), read=Permission.CAMERA_READ)
    return cameras


def _line(camera: Camera, place: LonLat) -> RelocationCamera:
    return RelocationCamera(
        camera_id=camera.id,
        unit_id=camera.unit_id,
        district=camera.district,
        old_position=camera.position,
        new_position=to_element(point(*place)),
    )


def decide_relocation(
    session: Session,
    *,
    actor: Identity,
    relocation_id: UUID,
    seen_version: int,
    approved: bool,
    opinion: str,
    now: datetime,
) -> RelocationOrder:
    """A leader approves or refuses; never whoever proposed it."""
    order = _open(session, actor, relocation_id, seen_version, Permission.RELOCATION_DECIDE)
    if order.proposed_by is not None and order.proposed_by == actor.person_id:
        raise IllegalTransition("decider_is_proposer")
    if not opinion.strip():
        raise Invalid([Problem("note", "required")])
    action = RelocationAction.APPROVE if approved else RelocationAction.REFUSE
    order.status = next_relocation_status(RelocationStatus(order.status), action)
    order.decided_by, order.decided_by_name, order.decided_at = actor.person_id, actor.name, now
    order.decision_note = opinion.strip()
    changes = [FieldChange(name="decision", new=str(action))]
    note(
        session, actor, values.RELOCATION_DECIDED, about(order, order.number), order,
        reason=opinion, changes=changes, now=now,
    )  # fmt: skip
    return order


def carry_out_relocation(
    session: Session, *, actor: Identity, relocation_id: UUID, seen_version: int, done_on: date, now: datetime
) -> RelocationOrder:
    """The cameras hang at their new places: each position changes, and each camera's history names the order."""
    order = _open(session, actor, relocation_id, seen_version, Permission.PROJECT_EDIT)
    if done_on > city_day(now):
        raise Invalid([Problem("done_on", "in_the_future")])
    order.status = next_relocation_status(RelocationStatus(order.status), RelocationAction.CARRY_OUT)
    order.carried_out_on = done_on
    session.flush()
    for line in order.cameras:
        move_camera(
            session,
            actor=actor,
            camera_id=line.camera_id,
            to=lonlat(line.new_position),
            order_id=order.id,
            reason=f"{order.number} {order.cause}",
            now=now,
        )
    changes = [FieldChange(name="done_on", new=done_on), FieldChange(name="cameras", new=len(order.cameras))]
    tag = values.RELOCATION_DONE
    note(session, actor, tag, about(order, order.number), order, changes=changes, now=now)
    return order


def cancel_relocation(
    session: Session, *, actor: Identity, relocation_id: UUID, seen_version: int, reason: str, now: datetime
) -> RelocationOrder:
    """It is not to happen after all."""
    order = _open(session, actor, relocation_id, seen_version, Permission.PROJECT_EDIT)
    if not reason.strip():
        raise Invalid([Problem("reason", "required")])
    order.status = next_relocation_status(RelocationStatus(order.status), RelocationAction.CANCEL)
    order.decision_note = order.decision_note or reason.strip()
    tag = values.RELOCATION_CANCELLED
    note(session, actor, tag, about(order, order.number), order, reason=reason, now=now)
    return order


def _open(
    session: Session, actor: Identity, relocation_id: UUID, seen_version: int, permission: Permission
) -> RelocationOrder:
    order = lock_relocation(session, relocation_id)
    require(actor, permission, place_of(order), read=Permission.PROJECT_READ)
    unchanged(order, seen_version)
    return order


def explain_move(session: Session, *, actor: Identity, move_id: UUID, explanation: str, now: datetime) -> PublicMove:
    """What was found out about a move that nobody ordered; the move itself stays on record."""
    move = session.get(PublicMove, move_id, with_for_update=True)
    if move is None:
        raise NotFound()
    require(actor, Permission.PROJECT_EDIT, place_of(move), read=Permission.PROJECT_READ)
    if move.order_id is not None or move.explained_at is not None:
        raise IllegalTransition("illegal_transition")
    if not explanation.strip():
        raise Invalid([Problem("explanation", "required")])
    move.explanation = explanation.strip()
    move.explained_by_name, move.explained_at = actor.name, now
    note(
        session, actor, values.MOVE_EXPLAINED, about(move, str(move.camera_id)), move, reason=explanation, now=now
    )  # fmt: skip
    return move
