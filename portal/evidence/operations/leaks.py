"""A leak reported against the copy it came from, contained, and closed by somebody else."""

import json
from dataclasses import asdict, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import AuditTag, SubjectRef
from portal.core.clock import city_day
from portal.core.errors import Invalid, NotAllowed, Problem
from portal.core.ids import new_id
from portal.core.outbox import TaskName, enqueue
from portal.core.services import services
from portal.evidence.models import FootageRequest, LeakCase, LeakMeasure
from portal.evidence.operations.holds import scope_of
from portal.evidence.queries import lock_request, may_read_content
from portal.evidence.queries.copies import lock_copy
from portal.evidence.queries.leaks import (
    copy_by_serial,
    get_leak,
    leak_context,
    leaks_of,
    lock_leak,
    measure_context,
    texts_of,
)
from portal.evidence.states import LeakAction, LeakStatus, next_leak_status
from portal.evidence.values.leaks import LEAK_CLOSED, LEAK_CONTAINED, LEAK_REPORTED, LEAK_SUBJECT, LeakTexts
from portal.registry.rules import rules_for, working_of
from portal.regulation.calendar import WorkCalendar
from portal.regulation.schema.keys import RuleKey


def report_leak(
    session: Session, *, actor: Identity, serial: str, found_on: date, found: str, now: datetime
) -> LeakCase:
    """Open a case by the serial that was read off what leaked. Raises Invalid for a serial of no copy in reach."""
    known = copy_by_serial(session, actor, serial)
    if known is None:
        raise Invalid([Problem("serial", "evidence.no_such_copy")])
    request = lock_request(session, actor, known.request_id)
    require(actor, Permission.LEAK_REPORT, scope_of(request), read=Permission.REQUEST_READ)
    _named(actor, request)
    today = city_day(now)
    problems = [] if found.strip() else [Problem("found", "required")]
    if found_on > today:
        problems.append(Problem("found_on", "evidence.day_is_future"))
    if problems or actor.person_id is None:
        raise Invalid(problems or "evidence.no_person")
    copy = lock_copy(session, request.id, known.id)
    counted = rules_for(request.unit, None, on=today).deadline(
        RuleKey.EVIDENCE_LEAK_MEASURES_WITHIN, start=today, calendar=WorkCalendar()
    )
    leak = LeakCase(
        id=new_id(),
        request_id=request.id,
        copy_id=copy.id,
        number=f"{copy.serial}-L{len(leaks_of(session, copy.id)) + 1}",
        status=LeakStatus.REPORTED,
        found_on=found_on,
        due_on=counted.due if counted else None,
        due_why=working_of(counted),
        reported_by=actor.person_id,
        reported_name=actor.name,
        reported_at=now,
    )
    _write(session, leak, LeakTexts(found=found.strip()), secret=request.secret)
    session.add(leak)
    _tell(session, actor, request, leak, LEAK_REPORTED, now=now)
    return leak


def contain_leak(
    session: Session, *, actor: Identity, leak_id: UUID, measures: str, liable: str, now: datetime
) -> LeakCase:
    """Add one measure, a row of its own that nobody changes, and who is liable once that is known."""
    leak, request = _held(session, actor, leak_id)
    status = next_leak_status(LeakStatus(leak.status), LeakAction.CONTAIN)
    if not measures.strip():
        raise Invalid([Problem("measures", "required")])
    texts = texts_of(session, leak)
    _write(session, leak, replace(texts, liable=liable.strip() or texts.liable), secret=request.secret)
    measure = _measure(session, actor, leak, measures.strip(), secret=request.secret, now=now)
    leak.status = status
    if leak.measures_at is None:
        leak.measures_name, leak.measures_at = actor.name, now
    _tell(session, actor, request, leak, LEAK_CONTAINED, now=now, news=measure.id)
    return leak


def _measure(
    session: Session, actor: Identity, leak: LeakCase, text: str, *, secret: bool, now: datetime
) -> LeakMeasure:
    measure = LeakMeasure(
        id=new_id(),
        leak_id=leak.id,
        request_id=leak.request_id,
        taken_by=actor.person_id,
        taken_name=actor.name,
        taken_at=now,
    )
    if secret:
        measure.sealed = services(session).envelope.seal(text.encode(), context=measure_context(measure.id))
    else:
        measure.text = text
    session.add(measure)
    return measure


def close_leak(session: Session, *, actor: Identity, leak_id: UUID, outcome: str, now: datetime) -> LeakCase:
    """End the case: who is liable and what came of it stands. Never by whoever reported it or received the copy."""
    leak, request = _held(session, actor, leak_id)
    status = next_leak_status(LeakStatus(leak.status), LeakAction.CLOSE)
    if actor.person_id == leak.reported_by:
        raise NotAllowed("evidence.second_person_needed")
    texts = texts_of(session, leak)
    problems = [] if outcome.strip() else [Problem("outcome", "required")]
    if not texts.liable:
        problems.append(Problem("outcome", "evidence.liable_first"))
    if problems:
        raise Invalid(problems)
    _write(session, leak, replace(texts, outcome=outcome.strip()), secret=request.secret)
    leak.status, leak.closed_by, leak.closed_name, leak.closed_at = status, actor.person_id, actor.name, now
    _tell(session, actor, request, leak, LEAK_CLOSED, now=now)
    return leak


def _held(session: Session, actor: Identity, leak_id: UUID) -> tuple[LeakCase, FootageRequest]:
    seen = get_leak(session, actor, leak_id)
    request = lock_request(session, actor, seen.request_id)
    require(actor, Permission.LEAK_HANDLE, scope_of(request), read=Permission.REQUEST_READ)
    _named(actor, request)
    copy = lock_copy(session, request.id, seen.copy_id)
    if actor.person_id == copy.receiver_id:
        raise NotAllowed("evidence.own_leak")
    return lock_leak(session, leak_id), request


def _named(actor: Identity, request: FootageRequest) -> None:
    """Of a secret case nobody writes about a leak but who may read its content."""
    if not may_read_content(actor, request):
        raise NotAllowed("evidence.readers_only")


def _write(session: Session, leak: LeakCase, texts: LeakTexts, *, secret: bool) -> None:
    plain = asdict(texts)
    for name in ("found", "liable", "outcome"):
        setattr(leak, name, None if secret else (plain[name] or None))
    leak.sealed = None
    if secret:
        sealed = json.dumps(plain, ensure_ascii=False).encode()
        leak.sealed = services(session).envelope.seal(sealed, context=leak_context(leak.id))


def _tell(
    session: Session,
    actor: Identity,
    request: FootageRequest,
    leak: LeakCase,
    tag: AuditTag,
    *,
    now: datetime,
    news: UUID | None = None,
) -> None:
    session.flush()
    record(
        session,
        actor=actor.actor,
        tag=tag,
        subject=SubjectRef(LEAK_SUBJECT, leak.id, leak.number),
        unit_id=request.unit_id,
        now=now,
    )
    enqueue(session, TaskName.EVIDENCE_NOTIFY_LEAK, dedupe=f"leak:{leak.id}:{news or leak.version}", leak_id=leak.id)
