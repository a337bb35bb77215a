"""A request as its page shows it: loaded once, every button decided, nothing for the template to ask the database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import allows
from portal.accounts.values import Identity
from portal.core.clock import city_day
from portal.evidence.labels import CUSTODY, DOSSIER, HOLD, PAPER, PIECE, STATUS, clock_band
from portal.evidence.models import (
    Completeness,
    CustodyEntry,
    DeletionDuty,
    FootageCopy,
    FootageItem,
    FootageManifest,
    FootageRequest,
    Handover,
    MissingFootage,
    PreservationHold,
    RequestDocument,
    UnlockSession,
)
from portal.evidence.operations.copies import OPEN_FOR_COPIES
from portal.evidence.operations.deletion import HANDED, may_state
from portal.evidence.operations.holds import scope_of
from portal.evidence.queries import entries_of, hold_of, may_read_content, siblings_of
from portal.evidence.queries.copies import copies_of, dossier_of
from portal.evidence.queries.execution import handovers_of, items_of, manifest_of, unlocks_of
from portal.evidence.queries.leaks import deletion_of
from portal.evidence.queries.missing import completeness_of, missing_of
from portal.evidence.queries.posts import may_assign
from portal.evidence.rules.copies import Dossier
from portal.evidence.states import EDITABLE, FOOTAGE_SAFE, HoldStatus, RequestAction, RequestStatus, may
from portal.evidence.values import SUBJECT, TAKES_AWAY, ActKind, CaseContent, CustodyAct
from portal.evidence.views.basis import Basis, basis_of
from portal.evidence.views.beside import AskView, asks_view
from portal.evidence.views.breadth import Series, series_shown
from portal.evidence.views.overwriting import clock_of
from portal.evidence.views.printing import by_ticket
from portal.regulation.labels import cite
from portal.workflow.labels import RUN_LABELS, ChainLink, chain_links
from portal.workflow.models import ApprovalRun
from portal.workflow.queries import barriers_for, comment_of, runs_of, waiting_step
from portal.workflow.states import RunStatus
from portal.workflow.values import Barrier

TimelineEntry = dict[str, Any]
# From the first opening on there are papers to be kept.
WITH_DOSSIER = OPEN_FOR_COPIES | {RequestStatus.EXECUTING, RequestStatus.VIEWED, RequestStatus.CLOSED}


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
    copies: list[FootageCopy]
    dossier: list[tuple[LazyString, list[tuple[bool, LazyString]]]]
    deletion: DeletionDuty | None
    siblings: list[FootageRequest]
    completeness: Completeness | None
    missing: list[MissingFootage]
    series: Series | None
    today: date
    asks: AskView
    to_receive: UUID | None = None
    may: dict[str, bool] = field(default_factory=dict)


def request_view(
    session: Session,
    identity: Identity,
    request: FootageRequest,
    *,
    now: datetime,
    content: CaseContent | None = None,
    refused: Mapping[str, Any] | None = None,
) -> RequestView:
    """Load the page. `content` is given when a secret case was opened on purpose just now."""
    hold = hold_of(session, request.id)
    runs = list(runs_of(session, subject_kind=SUBJECT, subject_id=request.id))
    handovers, readable = list(handovers_of(session, request.id)), may_read_content(identity, request)
    content = content if request.secret else _open_content(request)
    current = runs[0] if runs else None
    step = waiting_step(current) if current else None
    clock = clock_of(request, hold, now=now)
    early = hold is None and clock.pressing and RequestStatus(request.status) in EDITABLE
    return RequestView(
        request=request,
        status=STATUS[RequestStatus(request.status)],
        clock=clock_band(clock, now=now),
        hold=hold,
        hold_label=HOLD[HoldStatus(hold.status)] if hold else None,
        content=content,
        content_closed=request.secret and content is None and readable,
        runs=[_shown_run(session, run, readable=content is not None) for run in runs],
        basis=basis_of(request, current),
        papers=list(request.documents) if readable else [],
        barriers=list(barriers_for(current, identity)) if current and step else [],
        step_key=step.key if step else "",
        timeline=_timeline(request, runs, entries_of(session, request.id), hold),
        unlocks=list(unlocks_of(session, request.id)),
        items=list(items_of(session, request.id)),
        manifest=manifest_of(session, request.id),
        handovers=handovers,
        copies=list(copies_of(session, request.id)),
        dossier=_dossiers(session, request),
        deletion=deletion_of(session, request.id),
        siblings=siblings_of(session, identity, request),
        completeness=completeness_of(session, request.id),
        missing=list(missing_of(session, request.id)),
        series=series_shown(session, identity, request),
        today=city_day(now),
        asks=asks_view(session, identity, request, readable=readable, now=now, refused=refused),
        to_receive=next((one.id for one in handovers if _awaits(one, identity)), None),
        may=_buttons(identity, request, current, hold, handovers)
        | {"hold_place": early and request.requester_id == identity.person_id}
        | {"assign": _may_assign(session, identity, request, today=city_day(now))},
    )


def _open_content(request: FootageRequest) -> CaseContent:
    names = ("case_number", "case_name", "summary", "reason", "copy_reason", "necessity")
    return CaseContent(*(getattr(request, name) or "" for name in names))


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
        "recall": own and may(status, RequestAction.RECALL),
        "withdraw": own and may(status, RequestAction.WITHDRAW),
        "decide": run is not None and run.running and not barriers_for(run, identity),
        "execute": assigned and status in {RequestStatus.ASSIGNED, RequestStatus.EXECUTING},
        "refuse_supply": keeps and may(status, RequestAction.CANNOT_SUPPLY),
        "copy": assigned and takes and status in OPEN_FOR_COPIES,
        "hand_over": assigned and takes and may(status, RequestAction.HAND_OVER),
        "receive": any(_awaits(one, identity) for one in handovers),
        "archive": keeps and may(status, RequestAction.ARCHIVE),
        "package": takes
        and status in OPEN_FOR_COPIES | {RequestStatus.CLOSED}
        and may_read_content(identity, request)
        and allows(identity, Permission.PACKAGE_MAKE, scope),
        "purpose_met": status in HANDED and may_state(identity, request),
        "hold_acknowledge": keeps and held is HoldStatus.PLACED,
        "hold_release": own and held in {HoldStatus.PLACED, HoldStatus.ACKNOWLEDGED} and status in FOOTAGE_SAFE,
        "hold_confirm": held is HoldStatus.RELEASE_ASKED
        and hold is not None
        and hold.release_asked_by != identity.person_id
        and allows(identity, Permission.REQUEST_DECIDE, scope),
    }


def _may_assign(session: Session, identity: Identity, request: FootageRequest, *, today: date) -> bool:
    waits = may(RequestStatus(request.status), RequestAction.ASSIGN)
    allowed = waits and allows(identity, Permission.REQUEST_ASSIGN, scope_of(request))
    return allowed and may_assign(session, identity, request, today=today)


def _awaits(handover: Handover, identity: Identity) -> bool:
    """Whether this very person is to acknowledge the copy."""
    return handover.acknowledged_at is None and (handover.receiver_id or handover.witness_id) == identity.person_id


def _dossiers(session: Session, request: FootageRequest) -> list[tuple[LazyString, list[tuple[bool, LazyString]]]]:
    """The two dossiers with their pieces, once something was opened for the request."""
    if RequestStatus(request.status) not in WITH_DOSSIER:
        return []
    items = dossier_of(session, request)
    return [
        (
            DOSSIER[which],
            [
                (item.there, PAPER[item.paper] if item.paper else PIECE[item.piece])
                for item in items
                if item.dossier is which
            ],
        )
        for which in Dossier
    ]


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
        note = " · ".join(part for part in (with_whom, entry.destination, by_ticket(entry)) if part)
        found.append({"kind": kind, "who": entry.operator_name, "what": str(text), "at": entry.at, "note": note})
    return sorted(found, key=lambda entry: entry["at"], reverse=True)
