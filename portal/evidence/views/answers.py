"""The unit's answers on paper: on a notice of retrieval, with what was supplied and what not; to an individual."""

from datetime import datetime

from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.core.clock import city_day
from portal.core.errors import IllegalTransition
from portal.evidence import operations
from portal.evidence.labels import OUTCOME
from portal.evidence.labels.asks import COMPLETENESS
from portal.evidence.models import FootageRequest, RequestCamera
from portal.evidence.queries.asks import supply_of, viewing_of
from portal.evidence.queries.execution import items_of, manifest_of
from portal.evidence.queries.facts import facts_of
from portal.evidence.states import RequestStatus
from portal.evidence.values import SUBJECT, Outcome
from portal.evidence.values.asks import Completeness
from portal.papers.values import Paper, RetrievalReceipt, SignLine, SignState, Stamp, ViewingDecision, shortened
from portal.regulation.labels import cite
from portal.workflow.models import ApprovalRun
from portal.workflow.queries import comment_of, runs_of

UNDECIDED = frozenset({RequestStatus.DRAFT, RequestStatus.IN_APPROVAL, RequestStatus.RETURNED, RequestStatus.WITHDRAWN})


def answer_on_notice(session: Session, identity: Identity, request: FootageRequest, now: datetime) -> Paper:
    """The receipt of the notice as it stands: served, acknowledged, supplied, or why not."""
    duty = supply_of(session, request.id)
    if duty is None:
        raise IllegalTransition("evidence.no_notice", status=request.status)
    run = _run(session, request)
    manifest = manifest_of(session, request.id)
    given = [camera for camera in request.cameras if camera.outcome == Outcome.SUPPLIED]
    withheld = [camera for camera in request.cameras if camera.outcome not in (Outcome.SUPPLIED, Outcome.PENDING)]
    named = "" if request.secret else facts_of(session, request).items
    return RetrievalReceipt(
        stamp=_stamp(identity, request, now, "TZ"),
        organ=request.requester_name,
        notice_number=request.instrument_number or gettext("(number follows)"),
        addressee=request.unit.name,
        basis=cite(run.frozen_chain.citation) if run else "",
        case_name=gettext("Secret case (matter)")
        if request.secret
        else (request.case_name or request.case_number or "—"),
        evidence=named or _listed([camera.label for camera in request.cameras], request),
        due=duty.due_at,
        served_at=duty.served_at,
        provided=_supplied(len(given), len(items_of(session, request.id)), duty.completeness),
        refusal=shortened("；".join(_why_not(request, camera) for camera in withheld)),
        unit_handler=_signed(duty.acknowledged_name, duty.acknowledged_at),
        officers=tuple(SignLine() for _ in request.officers[:4]) or (SignLine(),),
        integrity=f"SHA-256 {manifest.digest}" if manifest else "",
    )


def decision_to_individual(session: Session, identity: Identity, request: FootageRequest, now: datetime) -> Paper:
    """The decision on an individual's request, with the reason, the appointment and the remedy."""
    viewing, run = viewing_of(session, request.id), _run(session, request)
    if viewing is None or run is None or not run.decisions or RequestStatus(request.status) in UNDECIDED:
        raise IllegalTransition("evidence.not_decided", status=request.status)
    last = run.decisions[-1]
    # Of a secret case the words stand on the paper of those alone who may know them, and they open them by it.
    readable = operations.open_content(session, actor=identity, request=request, now=now) is not None
    return ViewingDecision(
        stamp=_stamp(identity, request, now, "DF"),
        number=request.number or "",
        unit=request.unit.name,
        applicant=request.requester_name,
        applied_on=city_day(request.submitted_at or request.created_at),
        place=shortened("、".join(camera.label for camera in request.cameras)),
        begins=request.span_from,
        ends=request.span_to,
        consents=request.status != RequestStatus.REFUSED,
        reason=comment_of(session, last) if readable else "",
        appointed_for=viewing.appointed_for,
        appointed_place=viewing.place,
        supervisor=viewing.supervisor_name,
        decided_on=city_day(last.decided_at),
    )


def _supplied(cameras: int, files: int, completeness: str | None) -> str:
    if not cameras or completeness is None:
        return ""
    whole = gettext("%(cameras)s cameras, %(files)s files", cameras=cameras, files=files)
    return f"{COMPLETENESS[Completeness(completeness)][1]}：{whole}"


def _why_not(request: FootageRequest, camera: RequestCamera) -> str:
    """What became of a camera; of a secret case neither which nor why in words."""
    outcome = str(OUTCOME[Outcome(camera.outcome)][1])
    if request.secret:
        return outcome
    return f"{camera.label}：{outcome}" + (f"（{camera.outcome_note}）" if camera.outcome_note else "")


def _listed(names: list[str], request: FootageRequest) -> str:
    if request.secret:
        return gettext("Secret case (matter)")
    return "、".join(names)[:1000]


def _run(session: Session, request: FootageRequest) -> ApprovalRun | None:
    runs = runs_of(session, subject_kind=SUBJECT, subject_id=request.id)
    return runs[0] if runs else None


def _signed(name: str, at: datetime | None) -> SignLine:
    return SignLine(state=SignState.SIGNED, name=name, on=city_day(at)) if name and at else SignLine()


def _stamp(identity: Identity, request: FootageRequest, now: datetime, kind: str) -> Stamp:
    return Stamp(
        serial=f"{request.number or ''} {kind}".strip(),
        printed_by=identity.name,
        printed_at=now,
        issuer=request.unit.name,
    )
