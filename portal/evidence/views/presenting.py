"""A request as its page shows it: loaded once, every button decided, nothing for the template to ask the database."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from flask_babel import gettext
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import allows
from portal.accounts.values import Identity
from portal.core.clock import city_day
from portal.evidence.labels import CUSTODY, HOLD, STATUS, clock_band
from portal.evidence.models import (
    CustodyEntry,
    FootageItem,
    FootageManifest,
    FootageRequest,
    Handover,
    PreservationHold,
    RequestDocument,
    UnlockSession,
)
from portal.evidence.operations.holds import scope_of
from portal.evidence.queries import entries_of, hold_of, may_read_content, siblings_of
from portal.evidence.queries.execution import handovers_of, items_of, manifest_of, unlocks_of
from portal.evidence.rules import overwrite_clock
from portal.evidence.states import EDITABLE, FOOTAGE_SAFE, HoldStatus, RequestAction, RequestStatus, may
from portal.evidence.values import SUBJECT, TAKES_AWAY, ActKind, CaseContent, CustodyAct
from portal.evidence.views.basis import Basis, basis_of
from portal.regulation.labels import cite
from portal.workflow.labels import RUN_LABELS, ChainLink, chain_links
from portal.workflow.models import ApprovalRun
from portal.workflow.queries import barriers_for, comment_of, runs_of, waiting_step
from portal.workflow.states import RunStatus
from portal.workflow.values import Barrier

TimelineEntry = dict[str, Any]


@dataclass(frozen=True)
class RequestView:
    """Everything the page of one request shows."""

    request: FootageRequest
    status: tuple[str, LazyString]
    clock: tuple[str, str, str] | None
    hold: PreservationHold | None
    hold_label: tuple[str, LazyString] | None
    content: CaseContent | None
    content_closed: bool
    runs: list[tuple[tuple[str, LazyString], list[ChainLink], datetime]]
    basis: Basis | None
    papers: list[RequestDocument]
    barriers: list[Barrier]
    step_key: str
    timeline: list[TimelineEntry]
    unlocks: list[UnlockSession]
    items: list[FootageItem]
    manifest: FootageManifest | None
    handovers: list[Handover]
    siblings: list[FootageRequest]
    today: date
    may: dict[str, bool] = field(default_factory=dict)


def request_view(
    session: Session, identity: Identity, request: FootageRequest, *, now: datetime, content: CaseContent | None = None
) -> RequestView:
    """Load the page. `content` is given when a secret case was opened on purpose just now."""
    hold = hold_of(session, request.id)
    runs = list(runs_of(session, subject_kind=SUBJECT, subject_id=request.id))
    entries = entries_of(session, request.id)
    handovers = list(handovers_of(session, request.id))
    readable = may_read_content(identity, request)
    if not request.secret:
        content = CaseContent(
            *(getattr(request, name) or "" for name in ("case_number", "case_name", "summary", "reason", "copy_reason"))
        )
    current = runs[0] if runs else None
    step = waiting_step(current) if current else None
    kept = hold is not None and hold.status in {HoldStatus.ACKNOWLEDGED, HoldStatus.RELEASE_ASKED}
    clock = overwrite_clock(
        request.span_from,
        {camera.label: camera.retention_days for camera in request.cameras} if request.act != ActKind.LIVE else {},
        now=now,
        held=kept,
        safe=RequestStatus(request.status) in FOOTAGE_SAFE,
    )
    return RequestView(
        request=request,
        status=STATUS[RequestStatus(request.status)],
        clock=clock_band(clock, now=now),
        hold=hold,
        hold_label=HOLD[HoldStatus(hold.status)] if hold else None,
        content=content,
        content_closed=request.secret and content is None and readable,
        runs=[_shown_run(session, run, readable=readable) for run in runs],
        basis=basis_of(request, current),
        papers=list(request.documents) if readable else [],
        barriers=list(barriers_for(current, identity)) if current and step else [],
        step_key=step.key if step else "",
        timeline=_timeline(request, runs, entries, hold),
        unlocks=list(unlocks_of(session, request.id)),
        items=list(items_of(session, request.id)),
        manifest=manifest_of(session, request.id),
        handovers=handovers,
        siblings=siblings_of(session, identity, request),
        today=city_day(now),
        may=_buttons(identity, request, current, hold, handovers),
    )


def _shown_run(
    session: Session, run: ApprovalRun, *, readable: bool
) -> tuple[tuple[str, LazyString], list[ChainLink], datetime]:
    comments = {str(one.id): comment_of(session, one) for one in run.decisions} if readable else {}
    sources = {step.key: cite(step.article) for step in run.frozen_chain.steps}
    return RUN_LABELS[RunStatus(run.status)], chain_links(run, comments, sources), run.started_at


def _buttons(
    identity: Identity,
    request: FootageRequest,
    run: ApprovalRun | None,
    hold: PreservationHold | None,
    handovers: list[Handover],
) -> dict[str, bool]:
    scope, status = scope_of(request), RequestStatus(request.status)
    own = request.requester_id == identity.person_id
    assigned = request.custodian_id == identity.person_id and allows(identity, Permission.REQUEST_EXECUTE, scope)
    keeps = allows(identity, Permission.REQUEST_ACKNOWLEDGE, scope)
    held = HoldStatus(hold.status) if hold else None
    takes = ActKind(request.act) in TAKES_AWAY
    return {
        "edit": own and status in EDITABLE,
        "submit": own and may(status, RequestAction.SUBMIT),
        "withdraw": own and may(status, RequestAction.WITHDRAW),
        "decide": run is not None and run.running and not barriers_for(run, identity),
        "assign": allows(identity, Permission.REQUEST_ASSIGN, scope) and may(status, RequestAction.ASSIGN),
        "execute": assigned and status in {RequestStatus.ASSIGNED, RequestStatus.EXECUTING},
        "refuse_supply": keeps and may(status, RequestAction.CANNOT_SUPPLY),
        "hand_over": assigned and takes and status is RequestStatus.SEALED,
        "receive": any(
            one.acknowledged_at is None and (one.receiver_id or one.witness_id) == identity.person_id
            for one in handovers
        ),
        "archive": keeps and may(status, RequestAction.ARCHIVE),
        "hold_acknowledge": keeps and held is HoldStatus.PLACED,
        "hold_release": own and held in {HoldStatus.PLACED, HoldStatus.ACKNOWLEDGED} and status in FOOTAGE_SAFE,
        "hold_confirm": held is HoldStatus.RELEASE_ASKED
        and hold is not None
        and hold.release_asked_by != identity.person_id
        and allows(identity, Permission.REQUEST_DECIDE, scope),
    }


def _timeline(
    request: FootageRequest, runs: list[ApprovalRun], entries: list[CustodyEntry], hold: PreservationHold | None
) -> list[TimelineEntry]:
    """What happened, the newest first: submissions, the hold, the assignment, and every line of custody."""
    found: list[TimelineEntry] = [
        {"kind": "info", "who": request.requester_name, "what": gettext("submitted the request"), "at": run.started_at}
        for run in runs
    ]
    if hold is not None and hold.acknowledged_at is not None:
        kept = gettext("confirmed that the footage is kept")
        found.append({"kind": "ok", "who": hold.acknowledged_name, "what": kept, "at": hold.acknowledged_at})
    if request.assigned_at is not None:
        found.append(
            {"kind": "info", "who": request.custodian_name, "what": gettext("was assigned"), "at": request.assigned_at}
        )
    for entry in entries:
        kind, text = CUSTODY[CustodyAct(entry.act)]
        with_whom = gettext("second person %(name)s", name=entry.second_name) if entry.second_name else ""
        note = " · ".join(part for part in (with_whom, entry.destination) if part)
        found.append({"kind": kind, "who": entry.operator_name, "what": str(text), "at": entry.at, "note": note})
    return sorted(found, key=lambda entry: entry["at"], reverse=True)
