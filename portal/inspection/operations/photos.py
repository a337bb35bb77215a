"""Photos taken on site: attached to an item of the checklist while the visit lasts, fixed with its conclusion."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.values import Identity
from portal.audit.values import FieldChange
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, NotFound, Problem
from portal.inspection import values
from portal.inspection.models import Acceptance, Visit, VisitPhoto
from portal.inspection.operations.recording import record_act
from portal.inspection.operations.visiting import visit_under_way
from portal.inspection.queries import get_acceptance, lock_acceptance, sees_within
from portal.inspection.rules import FrozenList
from portal.inspection.values import MOST_PHOTOS
from portal.vault.models import StoredFile
from portal.vault.operations import erase_file


def visit_to_photograph(
    session: Session, *, actor: Identity, acceptance_id: UUID, item: str
) -> tuple[Acceptance, Visit]:
    """The acceptance and its visit under way, held for change; asked before a photo's bytes are examined.

    Raises NotAllowed for whoever is not sent there, Invalid when the item has as many photos as it may.
    """
    acceptance = lock_acceptance(session, acceptance_id)
    visit = visit_under_way(session, actor, acceptance, Permission.VISIT_SCORE)
    frozen = FrozenList.from_json(acceptance.checklist or {})
    if all(known.key != item for known in frozen.checklist.items):
        raise Invalid([Problem("photo", "unknown_item")])
    there = select(func.count()).where(VisitPhoto.visit_id == visit.id, VisitPhoto.item == item)
    if (session.scalar(there) or 0) >= MOST_PHOTOS:
        raise Invalid([Problem("photo", "photos_full", {"most": MOST_PHOTOS})])
    return acceptance, visit


def attach_photo(
    session: Session,
    *,
    actor: Identity,
    acceptance: Acceptance,
    visit: Visit,
    item: str,
    stored: StoredFile,
    now: datetime,
) -> VisitPhoto:
    """Keep a photo with its item."""
    photo = VisitPhoto(
        visit_id=visit.id,
        item=item,
        unit_id=acceptance.unit_id,
        district=acceptance.district,
        stored_file_id=stored.id,
        taken_by=actor.person_id,
        taken_at=now,
    )
    session.add(photo)
    changes = [FieldChange(name="item", new=item), FieldChange(name="sha256", new=stored.sha256)]
    record_act(session, actor, values.PHOTO_ADDED, acceptance, acceptance.system, changes=changes, now=now)
    session.flush()
    return photo


def remove_photo(session: Session, *, actor: Identity, acceptance_id: UUID, photo_id: UUID, now: datetime) -> str:
    """Take a photo off again while the visit lasts (the wrong one was chosen); its item. What is sealed stays."""
    acceptance = lock_acceptance(session, acceptance_id)
    visit = visit_under_way(session, actor, acceptance, Permission.VISIT_SCORE)
    photo = session.get(VisitPhoto, photo_id)
    if photo is None or photo.visit_id != visit.id:
        raise NotFound()
    if photo.entry_id is not None:
        raise IllegalTransition("photo_sealed", status=visit.status)
    item, stored = photo.item, photo.stored_file_id
    session.delete(photo)
    record_act(
        session,
        actor,
        values.PHOTO_REMOVED,
        acceptance,
        acceptance.system,
        changes=[FieldChange(name="item", old=item)],
        now=now,
    )
    session.flush()
    erase_file(session, actor=actor.actor, file_id=stored, reason="photo taken off the checklist", now=now)
    return item


def photo_to_show(session: Session, *, actor: Identity, acceptance_id: UUID, photo_id: UUID, now: datetime) -> UUID:
    """The file of a photo, for whoever may see the place from within; the look is recorded. Raises NotFound, or NotAllowed
    for other readers of the acceptance."""
    photo = session.get(VisitPhoto, photo_id)
    visit = session.get(Visit, photo.visit_id) if photo is not None else None
    if photo is None or visit is None or visit.acceptance_id != acceptance_id:
        raise NotFound()
    acceptance = get_acceptance(session, actor, acceptance_id)
    if not sees_within(actor, acceptance):
        raise NotAllowed("permission", permission=str(Permission.SCENE_READ))
    changes = [FieldChange(name="item", new=photo.item)]
    record_act(session, actor, values.PHOTO_READ, acceptance, acceptance.system, changes=changes, now=now)
    return photo.stored_file_id
