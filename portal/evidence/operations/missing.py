"""Missing footage: found when a request is carried out, explained by the unit, closed by another (001 art. 25)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import AuditTag, SubjectRef
from portal.core.errors import Invalid, NotAllowed, Problem
from portal.evidence.models import Completeness, FootageItem, FootageRequest, MissingFootage, RequestCamera
from portal.evidence.operations.holds import scope_of
from portal.evidence.operations.reckoning import gaps_in, supplied_of
from portal.evidence.queries import hold_of, lock_request
from portal.evidence.queries.missing import get_missing, lock_missing, missing_of
from portal.evidence.rules.overwriting import was_owed
from portal.evidence.states import HoldStatus, MissingAction, MissingStatus, next_missing_status
from portal.evidence.values import Outcome
from portal.evidence.values.missing import (
    CAUSES,
    MISSING_CLOSED,
    MISSING_FOUND,
    MISSING_STATED,
    MISSING_SUBJECT,
    Consequence,
    MissingCause,
)
from portal.evidence.values.overwriting import KeptBy

Span = tuple[datetime, datetime]


def find_missing(
    session: Session,
    request: FootageRequest,
    *,
    actor: Identity,
    gaps: Sequence[tuple[RequestCamera, Span]] = (),
    now: datetime,
) -> list[MissingFootage]:
    """Open a finding for each camera whose footage is missing and for each gap in what is supplied. To be called where a
    request's outcomes become final; its lock is held, so that the numbers run on."""
    whole: Span = (request.span_from, request.span_to)
    lost = [(camera, CAUSES[Outcome(camera.outcome)], whole) for camera in request.cameras if camera.outcome in CAUSES]
    lost += [(camera, MissingCause.GAP, span) for camera, span in gaps]
    hold = hold_of(session, request.id)
    held = hold is not None and hold.status != HoldStatus.RELEASED
    before = len(missing_of(session, request.id))
    found = []
    for place, (camera, cause, span) in enumerate(lost, start=before + 1):
        required = max((one["days"] for one in camera.kept_said if one["source"] == KeptBy.REQUIRED), default=0)
        one = MissingFootage(
            request_id=request.id,
            unit_id=request.unit_id,
            camera_id=camera.camera_id,
            number=f"{request.number}-Q{place:02d}",
            cause=cause,
            label=camera.label,
            span_from=span[0],
            span_to=span[1],
            note=camera.outcome_note if cause is not MissingCause.GAP else "",
            required_days=required,
            was_owed=was_owed(span[1], required, overwritten=cause is MissingCause.OVERWRITTEN, held=held, now=now),
            held=held,
            kept_said=camera.kept_said,
            found_by=actor.person_id,
            found_name=actor.name,
            found_at=now,
        )
        session.add(one)
        session.flush()
        _record(session, actor, one, MISSING_FOUND, now=now)
        found.append(one)
    return found


def state_completeness(
    session: Session, request: FootageRequest, items: Sequence[FootageItem], *, actor: Identity, now: datetime
) -> Completeness:
    """Say of a set being sealed what of the asked span it does not hold (004 art. 12(1)); each gap is found missing."""
    by_id = {camera.camera_id: camera for camera in request.cameras}
    reckoned = gaps_in(request, supplied_of(request, items))
    gaps = [(by_id[gap.camera_id], (gap.begins, gap.ends)) for gap in reckoned]
    said = Completeness(
        request_id=request.id,
        gaps=[_as_json(camera, span) for camera, span in gaps],
        stated_by=actor.person_id,
        stated_name=actor.name,
        stated_at=now,
    )
    session.add(said)
    find_missing(session, request, actor=actor, gaps=gaps, now=now)
    return said


def state_missing(
    session: Session, *, actor: Identity, missing_id: UUID, responsible: str, statement: str, now: datetime
) -> MissingFootage:
    """The unit names who is responsible for its footage there, and says why it is missing."""
    found, request = _held(session, actor, missing_id)
    require(actor, Permission.REQUEST_ACKNOWLEDGE, scope_of(request), read=Permission.REQUEST_READ)
    status = next_missing_status(MissingStatus(found.status), MissingAction.STATE)
    given = {"responsible": responsible, "statement": statement}
    problems = [Problem(name, "required") for name, value in given.items() if not value.strip()]
    if problems:
        raise Invalid(problems)
    found.status, found.responsible, found.statement = status, responsible.strip()[:80], statement.strip()[:2000]
    found.stated_by, found.stated_name, found.stated_at = actor.person_id, actor.name, now
    _record(session, actor, found, MISSING_STATED, now=now)
    return found


def close_missing(
    session: Session, *, actor: Identity, missing_id: UUID, consequence: Consequence, result: str, now: datetime
) -> MissingFootage:
    """Say what follows. Where an organ asked, the unit does not close what is held against it."""
    found, request = _held(session, actor, missing_id)
    require(actor, Permission.LEAK_HANDLE, scope_of(request), read=Permission.REQUEST_READ)
    status = next_missing_status(MissingStatus(found.status), MissingAction.CLOSE)
    if not may_close(actor, found, request):
        raise NotAllowed("evidence.own_statement")
    if not result.strip():
        raise Invalid([Problem("result", "required")])
    found.status, found.consequence, found.result = status, consequence, result.strip()[:2000]
    found.closed_by, found.closed_name, found.closed_at = actor.person_id, actor.name, now
    _record(session, actor, found, MISSING_CLOSED, now=now)
    return found


def may_close(actor: Identity, found: MissingFootage, request: FootageRequest) -> bool:
    """Whether a person stands far enough from the unit's statement to close the finding."""
    own_unit = request.requester_organ_id is not None and request.unit_id in actor.unit_ids
    return not own_unit and actor.person_id not in (None, found.stated_by)


def _as_json(camera: RequestCamera, span: Span) -> dict[str, Any]:
    return {
        "camera": camera.label,
        "camera_id": str(camera.camera_id),
        "from": span[0].isoformat(),
        "to": span[1].isoformat(),
    }


def _held(session: Session, actor: Identity, missing_id: UUID) -> tuple[MissingFootage, FootageRequest]:
    seen = get_missing(session, actor, missing_id)
    request = lock_request(session, actor, seen.request_id)
    return lock_missing(session, missing_id), request


def _record(session: Session, actor: Identity, found: MissingFootage, tag: AuditTag, *, now: datetime) -> None:
    session.flush()
    subject = SubjectRef(MISSING_SUBJECT, found.id, found.number)
    record(session, actor=actor.actor, tag=tag, subject=subject, unit_id=found.unit_id, now=now)
