"""Papers of a system, in typed slots with versions: stored, kept, opened by those whose level allows it, verified."""

import hashlib
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.accounts.values import Identity
from portal.audit.values import Outcome
from portal.core.clock import city_day
from portal.core.crypto import CryptoError
from portal.core.errors import NotFound
from portal.core.lifecycle import unchanged
from portal.registry import values
from portal.registry.models import Document
from portal.registry.operations.acts import put
from portal.registry.operations.changes import run_change_clock
from portal.registry.operations.recording import about, note
from portal.registry.queries import lock_system, system_scope
from portal.registry.queries.papers import document_scope
from portal.registry.rules import rules_for
from portal.registry.rules.changes import paper_changes
from portal.registry.rules.papers import OPENS
from portal.registry.values import archive
from portal.vault.queries import content, get_file
from portal.vault.values import Secrecy

KEPT = ("title", "custodian", "place", "secrecy", "expires_on")


def attach_document(
    session: Session,
    *,
    actor: Identity,
    system_id: UUID,
    slot: str,
    title: str,
    stored_file_id: UUID,
    custodian: str = "",
    place: str = "",
    secrecy: Secrecy = Secrecy.INTERNAL,
    expires_on: date | None = None,
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
        place=place,
        secrecy=secrecy,
        expires_on=expires_on,
        uploaded_by=actor.person_id,
        uploaded_at=now,
    )
    session.add(document)
    session.flush()
    rules = rules_for(system.unit, system, on=city_day(now))
    newer = paper_changes(rules, slot=slot, title=title, newer=bool(last))
    run_change_clock(session, system, newer, now=now)
    note(session, actor, values.DOCUMENT_ATTACHED, about(document, document.title), document, now=now)
    return document


def open_document(session: Session, *, actor: Identity, document_id: UUID, now: datetime) -> Document:
    """A document somebody is about to read; the look is recorded, and so is an attempt by who may not.

    Raises NotFound: whoever may not open a paper is told no more of it than that.
    """
    document = session.get(Document, document_id)
    if document is None:
        raise NotFound()
    if not allows(actor, OPENS[Secrecy(document.secrecy)], document_scope(document)):
        seen = allows(actor, Permission.SYSTEM_READ, document_scope(document, listed=True))
        if seen:
            note(
                session,
                actor,
                values.DOCUMENT_READ,
                about(document, document.title),
                document,
                outcome=Outcome.DENIED,
                now=now,
            )
        raise NotFound(commit=seen)
    note(session, actor, values.DOCUMENT_READ, about(document, document.title), document, now=now)
    return document


def keep_document(
    session: Session,
    *,
    actor: Identity,
    document_id: UUID,
    seen_version: int,
    title: str,
    custodian: str,
    place: str,
    secrecy: Secrecy,
    expires_on: date | None,
    now: datetime,
) -> Document:
    """Say who keeps a paper, where, how closely and until when. Only who may open it at its level may change that.

    Raises Stale where somebody else said it meanwhile.
    """
    document = _openable(session, actor, document_id)
    require(actor, Permission.DOCUMENT_UPLOAD, document_scope(document), read=Permission.SYSTEM_READ)
    unchanged(document, seen_version)
    wanted = Document(title=title, custodian=custodian, place=place, secrecy=secrecy, expires_on=expires_on)
    changes = put(document, wanted, KEPT)
    note(session, actor, archive.DOCUMENT_KEPT, about(document, document.title), document, changes=changes, now=now)
    return document


def verify_document(session: Session, *, actor: Identity, document_id: UUID, now: datetime) -> bool:
    """Read what is stored once more, and tell whether it still has the digest it was taken in with."""
    document = _openable(session, actor, document_id)
    stored = get_file(session, document.stored_file_id)
    digest = hashlib.sha256()
    try:
        for piece in content(session, stored, original=True):
            digest.update(piece)
        same = digest.hexdigest() == stored.sha256
    except (CryptoError, NotFound, OSError):  # whatever keeps it from being read is the finding
        same = False
    if same:
        document.verified_at = now
    outcome = Outcome.OK if same else Outcome.FAILED
    note(session, actor, archive.DOCUMENT_VERIFIED, about(document, document.title), document, outcome=outcome, now=now)
    return same


def _openable(session: Session, actor: Identity, document_id: UUID) -> Document:
    document = session.get(Document, document_id, with_for_update=True)
    if document is None:
        raise NotFound()
    require(actor, OPENS[Secrecy(document.secrecy)], document_scope(document))
    return document
