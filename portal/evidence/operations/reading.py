"""Reads that must leave a trace: a secret case's content, the number on somebody's paper, a printed form."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.audit.operations import record, record_and_seal
from portal.audit.values import AuditTag, FieldChange, SubjectRef
from portal.core.errors import NotFound
from portal.evidence import values
from portal.evidence.models import FootageRequest, LeakCase
from portal.evidence.queries import content_of, get_request, may_read_content, number_of, particulars_of
from portal.evidence.queries.leaks import texts_of
from portal.evidence.values import CaseContent, RequestParticulars
from portal.evidence.values.leaks import LEAK_READ, LeakTexts


def open_request(session: Session, *, actor: Identity, request_id: UUID, now: datetime) -> FootageRequest:
    """The request for its page; that it was opened is recorded."""
    request = get_request(session, actor, request_id)
    record_read(session, actor=actor, request=request, tag=values.REQUEST_READ, now=now)
    return request


def open_content(session: Session, *, actor: Identity, request: FootageRequest, now: datetime) -> CaseContent | None:
    """What the case is about, or None for those whom a secret case does not name; opening a secret one is recorded."""
    if not may_read_content(actor, request):
        return None
    if request.secret:
        _seal_read(session, actor, request, values.SECRET_READ, now=now)
    return content_of(session, request)


def open_particulars(
    session: Session, *, actor: Identity, request: FootageRequest, now: datetime
) -> RequestParticulars:
    """The whole request for its writer's form; opening a secret one is recorded."""
    if request.secret:
        _seal_read(session, actor, request, values.SECRET_READ, now=now)
    return particulars_of(session, request)


def reveal_officer(session: Session, *, actor: Identity, request_id: UUID, place: int, now: datetime) -> str:
    """The full number on one person's paper, recorded before it is shown."""
    request = get_request(session, actor, request_id)
    officer = next((one for one in request.officers if one.place == place), None)
    if officer is None:
        raise NotFound()
    _seal_read(session, actor, request, values.OFFICER_READ, now=now, what=officer.name)
    return number_of(session, officer)


def open_leak(session: Session, *, actor: Identity, leak: LeakCase, now: datetime) -> LeakTexts | None:
    """What is written about a leak, or None for those whom a secret case does not name; opening a secret one is
    recorded as opening the case is."""
    if not may_read_content(actor, leak.request):
        return None
    if leak.request.secret:
        _seal_read(session, actor, leak.request, LEAK_READ, now=now, what=leak.number)
    return texts_of(session, leak)


def record_read(
    session: Session, *, actor: Identity, request: FootageRequest, tag: AuditTag, now: datetime, what: str = ""
) -> None:
    """One sensitive read of a request."""
    record(
        session,
        actor=actor.actor,
        tag=tag,
        subject=SubjectRef(values.SUBJECT, request.id, request.called),
        unit_id=request.unit_id,
        changes=[FieldChange(name="what", new=what)] if what else None,
        now=now,
    )


def _seal_read(
    session: Session, actor: Identity, request: FootageRequest, tag: AuditTag, *, now: datetime, what: str = ""
) -> None:
    """A reveal: its record stands sealed and signed outside before the first secret byte is decrypted."""
    record_and_seal(
        session,
        actor=actor.actor,
        tag=tag,
        subject=SubjectRef(values.SUBJECT, request.id, request.called),
        unit_id=request.unit_id,
        changes=[FieldChange(name="what", new=what)] if what else None,
        now=now,
    )
