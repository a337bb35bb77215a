"""The papers officials know: approval slip (F1), viewing record (F2), handover receipt, and the register, as PDF."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.core.clock import city_day
from portal.core.errors import IllegalTransition
from portal.evidence import operations
from portal.evidence.labels import CUSTODY, MEDIUM, PURPOSE
from portal.evidence.models import CustodyEntry, FootageItem, FootageRequest, Handover, RequestCamera
from portal.evidence.queries.execution import handovers_of, items_of, manifest_of, unlocks_of
from portal.evidence.values import SUBJECT, TAKES_AWAY, ActKind, CustodyAct, MediumKind, Purpose
from portal.evidence.views.answers import answer_on_notice, decision_to_individual
from portal.evidence.views.approval_form import approval_form
from portal.evidence.views.filters import span_text
from portal.evidence.views.overwriting import sheet_row
from portal.evidence.views.signatures import signatures
from portal.papers.operations import render
from portal.papers.values import (
    Act,
    HandedFile,
    HandoverReceipt,
    Ledger,
    LedgerColumn,
    Paper,
    SignLine,
    SignState,
    Stamp,
    ViewingRecord,
    ViewingSlip,
    shortened,
)
from portal.regulation.schema import ApprovalStep
from portal.web.formats import datetime_
from portal.workflow.labels import step_title
from portal.workflow.models import ApprovalRun
from portal.workflow.queries import runs_of

# The three lines that the college's printed slip shows to everybody (000 annex 1), whichever the case needs.
SLIP_POSTS = ("public_order_section_chief", "security_director", "school_leader_safety")
APPLICANT_POSTS = frozenset({"department_head", "resident_unit_head"})
LEDGER_PDF_ROWS = 1000
STATUTORY_LANGUAGE = "zh_Hans_CN"


def printed(session: Session, identity: Identity, request: FootageRequest, key: str, *, now: datetime) -> bytes:
    """One form of a request: a paper of Chinese authorities, so in Chinese whatever language its reader has chosen."""
    with force_locale(STATUTORY_LANGUAGE):
        paper = PRINTED[key](session, identity, request, now)
        return render(paper.form, paper, lang=STATUTORY_LANGUAGE)


def ledger_pdf(
    identity: Identity, rows: Sequence[CustodyEntry], *, period: str, organisation: str, lang: str, now: datetime
) -> bytes:
    """The call register as a printed book, its columns those of Decree 799 art. 16 and of the seeds."""
    columns = book_columns()
    paper = Ledger(
        stamp=Stamp(serial="DYTZ", printed_by=identity.name, printed_at=now, issuer=identity.organ_name),
        title=gettext("Register of calls on video image information"),
        organisation=organisation,
        period=period,
        columns=tuple(LedgerColumn(head=head, share=share) for head, share, _text in columns),
        rows=tuple(tuple(shortened(text(entry)) for _head, _share, text in columns) for entry in rows),
    )
    return render(paper.form, paper, lang=lang)


Column = tuple[str, float, Callable[[CustodyEntry], str]]


def book_columns() -> list[Column]:
    """The register's columns where paper is narrow: what belongs together shares one."""
    secret = gettext("Secret case (matter)")

    def reason(entry: CustodyEntry) -> str:
        return secret if entry.secret else f"{PURPOSE[Purpose(entry.purpose)]}：{entry.reason}"

    def content(entry: CustodyEntry) -> str:
        return "" if entry.secret else f"{entry.content} {_span(entry)}"

    return [
        (gettext("Time"), 1.3, lambda entry: datetime_(entry.at)),
        (gettext("Request"), 1.7, lambda entry: entry.request_number),
        (gettext("Way of use"), 1.3, lambda entry: str(CUSTODY[CustodyAct(entry.act)][1])),
        (gettext("Requesting unit"), 1.8, lambda entry: entry.requester_unit),
        (gettext("People"), 1.2, lambda entry: entry.requester_people),
        (gettext("Number of the paper"), 1.5, lambda entry: "" if entry.secret else entry.instrument),
        (gettext("Reason for use"), 2.2, reason),
        (gettext("Content (points)"), 2.4, content),
        (gettext("Managing unit"), 1.8, lambda entry: entry.unit_name),
        (gettext("Operator"), 1.1, lambda entry: "、".join(filter(None, (entry.operator_name, entry.second_name)))),
        (
            gettext("Destination"),
            1.8,
            lambda entry: "" if entry.secret else " ".join(filter(None, (entry.destination, by_ticket(entry)))),
        ),
    ]


def by_ticket(entry: CustodyEntry) -> str:
    """The ticket on which something was destroyed before its time (RET-04)."""
    return gettext("ticket %(number)s", number=entry.ticket) if entry.ticket else ""


def _span(entry: CustodyEntry) -> str:
    return "" if entry.secret else span_text(entry.span_from, entry.span_to)


def _stamp(identity: Identity, request: FootageRequest, now: datetime, kind: str) -> Stamp:
    return Stamp(
        serial=f"{request.number or ''} {kind}".strip(),
        printed_by=identity.name,
        printed_at=now,
        issuer=identity.organ_name,
    )


def _act(request: FootageRequest) -> Act:
    return Act.COPY if ActKind(request.act) in TAKES_AWAY else Act.VIEW


def _places(request: FootageRequest) -> str:
    return "" if request.secret else shortened("、".join(camera.label for camera in request.cameras))


def _slip(session: Session, identity: Identity, request: FootageRequest, now: datetime) -> Paper:
    run = _run(session, request)
    steps = list(run.frozen_chain.steps) if run else []
    signed = signatures(run)
    applicant = next((one for one in steps if one.holder == "requester_organ" or one.post in APPLICANT_POSTS), None)
    rest = [step for step in steps if step is not applicant]
    return ViewingSlip(
        stamp=_stamp(identity, request, now, "F1"),
        number=request.number or "",
        organisation=request.unit.name,
        addressee=gettext("Security department"),
        secret=request.secret,
        reason="" if request.secret else shortened(request.reason or ""),
        act=_act(request),
        begins=request.span_from,
        ends=request.span_to,
        place=_places(request),
        applicant=_applicant_line(steps, applicant, signed),
        handler=_handler(request),
        applied_on=city_day(request.submitted_at) if request.submitted_at else None,
        approvals=tuple(_approval_lines(request, rest, run, signed)),
        archives=(shortened(request.archive_place, 80), shortened(request.archive_place_b, 80)),
    )


def _applicant_line(
    steps: Sequence[ApprovalStep], applicant: ApprovalStep | None, signed: Mapping[str, SignLine]
) -> SignLine:
    """The line of the applying unit's head: not required where the chain has no such step, open before there is a chain."""
    if applicant is not None:
        return _line(applicant, signed)
    return _unneeded("") if steps else SignLine()


def _approval_lines(
    request: FootageRequest, steps: Sequence[ApprovalStep], run: ApprovalRun | None, signed: Mapping[str, SignLine]
) -> list[SignLine]:
    needed = {step.key for step in run.frozen_chain.steps_for(run.facts)} if run else set()
    lines = [
        _line(step, signed) if step.key in needed else _unneeded(step_title(step))
        for step in steps
        if not step.post or step.post not in SLIP_POSTS
    ]
    if "mianyang-college" not in request.unit.house_profiles:
        lines = [_line(step, signed) if step.key in needed else _unneeded(step_title(step)) for step in steps]
        return lines or [SignLine(title=gettext("Approval"))]
    titles = {
        "public_order_section_chief": gettext("Public-order section chief"),
        "security_director": gettext("Security director"),
        "school_leader_safety": gettext("School leader in charge of safety"),
    }
    by_post = {step.post: step for step in steps if step.key in needed}
    fixed = [
        _line(by_post[post], signed, title=titles[post]) if post in by_post else _unneeded(titles[post])
        for post in SLIP_POSTS
    ]
    return [*lines[:2], *fixed]


def _record(session: Session, identity: Identity, request: FootageRequest, now: datetime) -> Paper:
    unlocks = unlocks_of(session, request.id)
    first = request.officers[0] if request.officers else None
    number = (
        operations.reveal_officer(session, actor=identity, request_id=request.id, place=first.place, now=now)
        if first
        else ""
    )
    opened = unlocks[-1] if unlocks else None
    return ViewingRecord(
        stamp=_stamp(identity, request, now, "F2"),
        organisation=request.unit.name,
        issuer=request.unit.name,
        number=request.number or "",
        on=city_day(opened.opened_at) if opened else None,
        unit=request.requester_name,
        handler=first.name if first else "",
        handler_document=number,
        place=_places(request),
        begins=request.span_from,
        ends=request.span_to,
        secret=request.secret,
        summary="" if request.secret else shortened(request.summary or request.reason or ""),
        act=_act(request),
        operator=SignLine(state=SignState.SIGNED, name=opened.executor_name, on=city_day(opened.opened_at))
        if opened
        else SignLine(),
        handler_signature=SignLine(),
    )


def _receipt(session: Session, identity: Identity, request: FootageRequest, now: datetime) -> Paper:
    manifest, handovers = manifest_of(session, request.id), handovers_of(session, request.id)
    if manifest is None or not handovers:
        raise IllegalTransition("evidence.not_sealed", status=request.status)
    last, unlocks = handovers[-1], unlocks_of(session, request.id)
    cameras = {camera.camera_id: camera for camera in request.cameras}
    items = items_of(session, request.id)
    return HandoverReceipt(
        stamp=_stamp(identity, request, now, last.copy_serial),
        number=last.copy_serial,
        request_number=request.number or "",
        notice_number=request.instrument_number,
        unit_name=request.unit.name,
        receiving_organ=request.requester_name,
        act=_act(request),
        medium=str(MEDIUM[MediumKind(last.medium)]),
        medium_serial=last.medium_serial,
        original_kept_at=request.unit.name,
        method=gettext("Exported in the recorder's native format under two keys; SHA-256 taken at export"),
        clock_offset=_offsets(items),
        files=tuple(_handed(item, cameras[item.camera_id]) for item in items),
        manifest_sha256=manifest.digest,
        operator=_signed(manifest.sealed_name, manifest.sealed_at),
        second_person=_signed(unlocks[-1].second_name, unlocks[-1].opened_at) if unlocks else SignLine(),
        giver=_signed(last.giver_name, last.given_at),
        receivers=(_received(last),),
        witness=_signed(last.witness_name, last.given_at),
        handed_at=last.given_at,
    )


def _sheet(_session: Session, identity: Identity, request: FootageRequest, now: datetime) -> Paper:
    """The sheet the custodian searches by: each camera's window on its own clock, and until when its footage is there."""
    heads = (
        (gettext("Camera"), 2.0),
        (gettext("Window on the camera's own clock"), 2.6),
        (gettext("Offset and margin, when measured"), 2.4),
        (gettext("Lost from, wholly by"), 2.2),
        (gettext("Whose word decided"), 2.0),
        (gettext("Found, file, signature"), 1.6),
    )
    return Ledger(
        stamp=_stamp(identity, request, now, "F2-1"),
        title=gettext("Retrieval sheet"),
        organisation=request.unit.name,
        period=f"{request.number or ''} {span_text(request.span_from, request.span_to)}".strip(),
        columns=tuple(LedgerColumn(head=head, share=share) for head, share in heads),
        rows=tuple(sheet_row(request, camera) for camera in request.cameras),
    )


PRINTED: Mapping[str, Callable[[Session, Identity, FootageRequest, datetime], Paper]] = {
    "slip": _slip,
    "record": _record,
    "receipt": _receipt,
    "sheet": _sheet,
    "answer": answer_on_notice,
    "decision": decision_to_individual,
    "approval": approval_form,
}


def _run(session: Session, request: FootageRequest) -> ApprovalRun | None:
    runs = runs_of(session, subject_kind=SUBJECT, subject_id=request.id)
    return runs[0] if runs else None


def _line(step: ApprovalStep, signed: Mapping[str, SignLine], *, title: str = "") -> SignLine:
    return signed.get(step.key, SignLine()).model_copy(update={"title": title or step_title(step)})


def _unneeded(title: str) -> SignLine:
    return SignLine(title=title, state=SignState.NOT_REQUIRED)


def _signed(name: str, moment: datetime) -> SignLine:
    return SignLine(state=SignState.SIGNED, name=name, on=city_day(moment))


def _handler(request: FootageRequest) -> SignLine:
    if not request.officers or request.undertaking_at is None:
        return SignLine()
    return _signed(request.officers[0].name, request.undertaking_at)


def _received(handover: Handover) -> SignLine:
    if handover.acknowledged_at is None:
        return SignLine(title=handover.receiver_name)
    return _signed(handover.receiver_name, handover.acknowledged_at)


def _offsets(items: Sequence[FootageItem]) -> str:
    offsets = sorted({item.clock_offset_seconds for item in items})
    return "、".join(f"{offset:+d} s" for offset in offsets[:8])


def _handed(item: FootageItem, camera: RequestCamera) -> HandedFile:
    return HandedFile(
        name=item.name,
        camera=camera.label,
        begins=item.span_from,
        ends=item.span_to,
        container=item.format,
        size=item.size,
        sha256=item.sha256,
    )
