"""Photos sealed on site arrive after their entry, and are held against the digest that was sealed."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.audit.values import FieldChange
from portal.core.errors import IllegalTransition, NotFound
from portal.inspection import values
from portal.inspection.models import Acceptance, SealedEntry, VisitPhoto
from portal.inspection.operations.recording import record_act
from portal.inspection.queries import field_visit
from portal.inspection.states import VisitStatus
from portal.vault.models import StoredFile


def photo_expected(
    session: Session, *, actor: Identity, visit_id: UUID, sha256: str, arrived: str
) -> tuple[Acceptance, SealedEntry, VisitPhoto | None]:
    """The entry in which the person sealed a photo, held for change, and the picture already kept for it, if any.

    After the conclusion a true picture is still taken, for its digest stands in the record; another one is not.
    Raises NotFound when no such photo was sealed.
    """
    acceptance, visit = field_visit(session, actor, visit_id, lock=True)
    entry = session.scalars(
        select(SealedEntry)
        .where(
            SealedEntry.visit_id == visit.id,
            SealedEntry.person_id == actor.person_id,
            SealedEntry.photos.contains([sha256]),
        )
        .order_by(SealedEntry.received_at, SealedEntry.id)
        .limit(1)
    ).one_or_none()
    if entry is None:
        raise NotFound()
    altered = arrived != sha256
    if altered and visit.status != VisitStatus.PLANNED:
        raise IllegalTransition("visit_over", status=visit.status)
    return acceptance, entry, _kept(session, entry, sha256, altered=altered)


def _kept(session: Session, entry: SealedEntry, sha256: str, *, altered: bool) -> VisitPhoto | None:
    return session.scalars(
        select(VisitPhoto).where(
            VisitPhoto.entry_id == entry.id, VisitPhoto.sealed_sha256 == sha256, VisitPhoto.altered.is_(altered)
        )
    ).one_or_none()


def keep_sealed_photo(
    session: Session,
    *,
    actor: Identity,
    acceptance: Acceptance,
    entry: SealedEntry,
    sha256: str,
    stored: StoredFile,
    now: datetime,
) -> VisitPhoto:
    """Keep a picture with the entry that sealed it: as proof when it is the very one, otherwise marked as altered."""
    altered = stored.sha256 != sha256
    photo = VisitPhoto(
        visit_id=entry.visit_id,
        item=entry.item,
        unit_id=entry.unit_id,
        district=entry.district,
        stored_file_id=stored.id,
        taken_by=entry.person_id,
        taken_at=entry.captured_at,
        entry_id=entry.id,
        sealed_sha256=sha256,
        altered=altered,
    )
    session.add(photo)
    changes = [FieldChange(name="item", new=entry.item), FieldChange(name="sha256", old=sha256, new=stored.sha256)]
    tag = values.PHOTO_ALTERED if altered else values.PHOTO_ADDED
    record_act(session, actor, tag, acceptance, acceptance.system, changes=changes, now=now)
    session.flush()
    return photo
