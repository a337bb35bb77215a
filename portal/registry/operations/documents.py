"""Papers of a system, in typed slots with versions."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import SubjectRef
from portal.core.errors import NotFound
from portal.registry import values
from portal.registry.models import Document
from portal.registry.queries import lock_system, system_scope


def attach_document(
    session: Session,
    *,
    actor: Identity,
    system_id: UUID,
    slot: str,
    title: str,
    stored_file_id: UUID,
    custodian: str = "",
    now: datetime,
) -> Document:
    """Put a stored file into a slot as its next version; earlier versions stay."""
    system = lock_system(session, system_id)
    require(actor, Permission.DOCUMENT_UPLOAD, system_scope(system), read=Permission.SYSTEM_READ)
    last = session.scalar(
        select(func.max(Document.version_no)).where(Document.system_id == system.id, Document.slot == slot)
    )
    document = Document(
        system_id=system.id,
        unit_id=system.unit_id,
        district=system.district,
        slot=slot,
        version_no=(last or 0) + 1,
        title=title,
        stored_file_id=stored_file_id,
        custodian=custodian,
        uploaded_by=actor.person_id,
        uploaded_at=now,
    )
    session.add(document)
    session.flush()
    _record(session, actor, values.DOCUMENT_ATTACHED, document, now=now)
    return document


def open_document(session: Session, *, actor: Identity, document_id: UUID, now: datetime) -> Document:
    """A document somebody is about to read; the look is recorded."""
    document = session.get(Document, document_id)
    if document is None:
        raise NotFound()
    system = lock_system(session, document.system_id)
    require(actor, Permission.DOCUMENT_READ, system_scope(system))
    _record(session, actor, values.DOCUMENT_READ, document, now=now)
    return document


def _record(session: Session, actor: Identity, tag: str, document: Document, *, now: datetime) -> None:
    record(
        session,
        actor=actor.actor,
        tag=tag,
        subject=SubjectRef("document", document.id, document.title),
        unit_id=document.unit_id,
        district=document.district,
        now=now,
    )
