"""The court package: everything a court asks of a piece of footage, as an archive that proves itself offline."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext
from sqlalchemy.orm import Session

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.rules.canonical import utc_text
from portal.core.clock import utcnow
from portal.core.errors import IllegalTransition, NotAllowed
from portal.evidence import operations, queries
from portal.evidence.forms.packages import PackageForm
from portal.evidence.labels import (
    ACT,
    COPY_STATUS,
    CUSTODY,
    INSTRUMENT,
    MEDIUM,
    OUTCOME,
    PURPOSE,
    REQUESTER,
)
from portal.evidence.models import CustodyEntry, FootageManifest, FootageRequest
from portal.evidence.operations.holds import scope_of
from portal.evidence.queries.copies import copies_of
from portal.evidence.queries.execution import handovers_of, items_of, manifest_of
from portal.evidence.queries.packages import packages_of
from portal.evidence.rules.packing import PROGRAM, README, json_part
from portal.evidence.states import CopyStatus
from portal.evidence.values import (
    SUBJECT,
    ActKind,
    CaseContent,
    CustodyAct,
    InstrumentKind,
    MediumKind,
    Outcome,
    Purpose,
    RequesterKind,
)
from portal.evidence.views.blueprint import bp
from portal.evidence.views.filters import span_text
from portal.evidence.views.overwriting import clock_statement, completeness_statement, sheet_row
from portal.evidence.views.printing import printed
from portal.papers.operations import render
from portal.papers.values import CourtPackage, PackageSection, Stamp, shortened
from portal.regulation.labels import cite
from portal.web.formats import datetime_
from portal.web.session import db_session, repeatable
from portal.workflow.labels import VERDICT_LABELS, signed_by, step_title, void_since
from portal.workflow.models import ApprovalDecision, ApprovalRun
from portal.workflow.queries import comment_of, runs_of
from portal.workflow.states import PASSING, Verdict

Rows = Sequence[Sequence[str]]


@bp.route("/evidence/requests/<uuid:request_id>/package", methods=["GET", "POST"])
@requires(Permission.PACKAGE_MAKE)
@repeatable("hands out evidence: the answer must not be kept; each package has its own serial and its own record")
def package(request_id: UUID) -> ResponseReturnValue:
    """Make the package for one recipient; of a secret case for those alone who may know its content."""
    session, identity, now, form = db_session(), current_identity(), utcnow(), PackageForm()
    found = queries.get_request(session, identity, request_id)
    require(identity, Permission.PACKAGE_MAKE, scope_of(found), read=Permission.REQUEST_READ)
    if not queries.may_read_content(identity, found):
        raise NotAllowed("evidence.readers_only")
    if manifest_of(session, found.id) is None:
        raise IllegalTransition("evidence.not_sealed", status=found.status)
    if request.method == "POST" and form.validate():
        made, archive = operations.make_package(
            session,
            actor=identity,
            request_id=request_id,
            recipient=form.recipient.data or "",
            parts=lambda serial, recipient: _parts(
                session, identity, found, serial=serial, recipient=recipient, now=now
            ),
            now=now,
        )
        answer = Response(archive, mimetype="application/zip")
        answer.headers.set("Content-Disposition", "attachment", filename=f"{made.serial}.zip")
        answer.headers["Cache-Control"] = "private, no-store"
        return answer
    page = render_template(
        "evidence/package.html", request_=found, form=form, packages=packages_of(session, request_id)
    )
    return page, 422 if form.errors else 200


@bp.get("/evidence/verify.py")
@requires(Permission.PACKAGE_MAKE)
def package_program() -> Response:
    """The program that checks a package without the portal, to be read and kept."""
    heads = {"Content-Disposition": 'attachment; filename="verify.py"'}
    return Response(PROGRAM.read_text("utf-8"), content_type="text/x-python; charset=utf-8", headers=heads)


def _parts(
    session: Session, identity: Identity, found: FootageRequest, *, serial: str, recipient: str, now: datetime
) -> dict[str, bytes]:
    """Every part in the order in which it stands in the archive."""
    content = operations.open_content(session, actor=identity, request=found, now=now) or CaseContent()
    runs = list(runs_of(session, subject_kind=SUBJECT, subject_id=found.id))
    lines = queries.entries_of(session, found.id)
    lang = str(get_locale())
    overview = CourtPackage(
        stamp=Stamp(
            serial=serial,
            printed_by=identity.name,
            printed_at=now,
            issuer=found.unit.name,
            # Every page says which package it is of and whom it was made for, wherever a copy of it turns up.
            watermark=shortened(f"{serial} {recipient}", 80),
        ),
        number=found.number or "",
        serial=serial,
        recipient=recipient,
        digest=_sealed(session, found.id).digest,
        sections=_sections(session, found, content, runs, lines),
    )
    parts = {
        "00-README.txt": README.read_text("utf-8").format(serial=serial).encode(),
        "01-request.json": json_part(_request(found, content)),
        "02-approvals.json": json_part([_run(session, run) for run in runs]),
        "03-cameras.json": json_part([_camera(camera) for camera in found.cameras]),
        "04-files.json": json_part(_files(session, found)),
        "04-completeness.json": json_part(completeness_statement(session, found)),
        "04-clocks.json": json_part([clock_statement(found, camera) for camera in found.cameras]),
        "05-custody.json": json_part({"lines": [_line(line) for line in lines]}),
        "06-copies.json": json_part(_copies(session, found.id)),
        "papers/overview.pdf": render(overview.form, overview, lang=lang),
        "papers/slip.pdf": printed(session, identity, found, "slip", now=now),
    }
    if handovers_of(session, found.id):
        parts["papers/receipt.pdf"] = printed(session, identity, found, "receipt", now=now)
    return {**parts, "verify.py": PROGRAM.read_bytes()}


def _request(found: FootageRequest, content: CaseContent) -> dict[str, Any]:
    plain = (
        "requester_kind", "requester_name", "instrument_kind", "instrument_number", "purpose", "act", "secret",
        "urgent_by_phone", "custodian_name", "archive_place", "archive_place_b",
    )  # fmt: skip
    moments = (
        "span_from",
        "span_to",
        "supply_due",
        "submitted_at",
        "undertaking_at",
        "approved_at",
        "assigned_at",
        "closed_at",
    )
    return {
        "number": found.number,
        "status": found.status,
        "unit": found.unit.name,
        **{name: getattr(found, name) for name in plain},
        **{name: _moment(getattr(found, name)) for name in moments},
        "case": asdict(content),
        "officers": [
            {"place": one.place, "name": one.name, "paper": one.id_kind, "number": one.number_masked}
            for one in found.officers
        ],
        "papers": [
            {"kind": one.kind, "title": one.title, "attached_at": _moment(one.uploaded_at)} for one in found.documents
        ],
        "rules": found.rules_used,
    }


def _run(session: Session, run: ApprovalRun) -> dict[str, Any]:
    steps = {step.key: step for step in run.frozen_chain.steps}
    return {
        "chain": run.chain_key,
        "chain_sha256": run.chain_digest,
        "article": run.frozen_chain.citation.model_dump(mode="json"),
        "status": run.status,
        "started_at": _moment(run.started_at),
        "ended_at": _moment(run.ended_at),
        "void": run.voided,
        "decisions": [
            {
                "step": one.step_key,
                "post": one.post,
                "person": one.person_name,
                "on_behalf_of": one.behalf_name or None,
                "signed_with": one.signed_with,
                "verdict": one.verdict,
                "comment": comment_of(session, one),
                "decided_at": _moment(one.decided_at),
                "article": steps[one.step_key].article.model_dump(mode="json") if one.step_key in steps else None,
            }
            for one in run.decisions
        ],
    }


def _camera(camera: Any) -> dict[str, Any]:
    names = ("label", "code", "place", "zone", "retention_days", "outcome", "outcome_note")
    return {**{name: getattr(camera, name) for name in names}, "lost_at": _moment(camera.lost_at)}


def _files(session: Session, found: FootageRequest) -> dict[str, Any]:
    """The sealed set line by line as its digest covers it, and how each recorder's clock stood."""
    manifest = _sealed(session, found.id)
    items = items_of(session, found.id)
    return {
        "digest": manifest.digest,
        "sealed_by": manifest.sealed_name,
        "sealed_at": _moment(manifest.sealed_at),
        "files": queries.sealed_lines(manifest),
        "clock": [{"name": item.name, "recorder_minus_beijing_seconds": item.clock_offset_seconds} for item in items],
    }


def _line(line: CustodyEntry) -> dict[str, Any]:
    names = (
        "seq", "act", "unit_name", "request_number", "requester_unit", "requester_people", "instrument", "purpose",
        "reason", "content", "operator_name", "second_name", "destination", "note", "ticket",
    )  # fmt: skip
    return {**{name: getattr(line, name) for name in names}, "at": _moment(line.at)}


def _copies(session: Session, request_id: UUID) -> dict[str, Any]:
    handed = [
        {
            "serial": one.copy_serial, "digest": one.manifest_digest, "giver": one.giver_name,
            "receiver": one.receiver_name, "witness": one.witness_name, "medium": one.medium,
            "medium_serial": one.medium_serial, "destination": one.destination, "given_at": _moment(one.given_at),
            "acknowledged_by": one.acknowledged_name, "acknowledged_at": _moment(one.acknowledged_at),
        }
        for one in handovers_of(session, request_id)
    ]  # fmt: skip
    names = ("serial", "role", "status", "medium", "medium_serial", "receiver_name", "destination", "undertaking")
    copies = [
        {**{name: getattr(one, name) for name in names}, "made_by": one.made_name, "made_at": _moment(one.made_at)}
        for one in copies_of(session, request_id)
    ]
    return {"handovers": handed, "copies": copies}


def _sections(
    session: Session,
    found: FootageRequest,
    content: CaseContent,
    runs: Sequence[ApprovalRun],
    lines: Sequence[CustodyEntry],
) -> tuple[PackageSection, ...]:
    """The package for people: the same facts, one paper."""
    return (
        PackageSection(title=gettext("Request and authority"), facts=_facts(found, content)),
        _table(gettext("Approval"), _decided(runs), gettext("Approval step"), gettext("Person"), gettext("Decision"),
               gettext("Time"), gettext("Basis")),
        _table(gettext("What became of each camera"), _outcomes(found), gettext("Camera"), gettext("Place"),
               gettext("Outcome"), gettext("Explanation")),
        _table(gettext("Clock statement"), _clocks(found), gettext("Camera"), gettext("Window on the camera's own clock"),
               gettext("Offset and margin, when measured"), gettext("Lost from, wholly by"), gettext("Whose word decided")),
        _table(gettext("Exported files"), _exported(session, found.id), gettext("File name"), gettext("Begins, ends"),
               gettext("Recorder minus Beijing time"), "SHA-256 / SM3"),
        _table(gettext("Custody"), _custody(lines), gettext("No."), gettext("Time"), gettext("Way of use"),
               gettext("Operator"), gettext("Destination")),
        _table(gettext("Copies and media"), _where(session, found.id), gettext("Copy number"), gettext("Medium"),
               gettext("Who answers for it"), gettext("State")),
    )  # fmt: skip


def _facts(found: FootageRequest, content: CaseContent) -> tuple[tuple[str, str], ...]:
    said: Mapping[str, object] = {
        gettext("Managing unit"): found.unit.name,
        gettext("Requester"): REQUESTER[RequesterKind(found.requester_kind)],
        gettext("Requesting unit or person"): found.requester_name,
        gettext("Paper it rests on"): INSTRUMENT[InstrumentKind(found.instrument_kind)],
        gettext("Number of the paper"): found.instrument_number,
        gettext("Way of use"): ACT[ActKind(found.act)],
        gettext("Purpose"): PURPOSE[Purpose(found.purpose)],
        gettext("Case number"): content.case_number,
        gettext("Case name"): content.case_name,
        gettext("Why this footage is needed"): content.reason,
        gettext("Time span"): span_text(found.span_from, found.span_to),
        gettext("People who come for the footage"): "、".join(
            f"{one.name} {one.number_masked}" for one in found.officers
        ),
        gettext("Footage custodian"): found.custodian_name,
    }
    return tuple((label, shortened(str(value))) for label, value in said.items() if str(value))


def _decided(runs: Sequence[ApprovalRun]) -> Rows:
    rows = []
    for run in runs:
        steps = {step.key: step for step in run.frozen_chain.steps}
        for one in run.decisions:
            step = steps.get(one.step_key)
            title, basis = (step_title(step), cite(step.article)) if step else (one.step_key, "")
            rows.append((title, signed_by(one), _verdict(run, one), datetime_(one.decided_at), basis))
    return rows


def _verdict(run: ApprovalRun, decision: ApprovalDecision) -> str:
    """The verdict, and of an approval that counts no more since when."""
    void = void_since(run) if decision.verdict in PASSING else ""
    return " · ".join(part for part in (str(VERDICT_LABELS[Verdict(decision.verdict)]), void) if part)


def _outcomes(found: FootageRequest) -> Rows:
    return [
        (camera.label, camera.place, str(OUTCOME[Outcome(camera.outcome)][1]), camera.outcome_note)
        for camera in found.cameras
    ]


def _clocks(found: FootageRequest) -> Rows:
    return [sheet_row(found, camera)[:-1] for camera in found.cameras]


def _exported(session: Session, request_id: UUID) -> Rows:
    return [
        (
            f"{one.name} · {one.format}" + (f" · {one.player}" if one.player else ""),
            span_text(one.span_from, one.span_to),
            f"{one.clock_offset_seconds:+d} s",
            f"SHA-256 {one.sha256}" + (f" SM3 {one.sm3}" if one.sm3 else ""),
        )
        for one in items_of(session, request_id)
    ]


def _custody(lines: Sequence[CustodyEntry]) -> Rows:
    return [
        (
            str(one.seq),
            datetime_(one.at),
            str(CUSTODY[CustodyAct(one.act)][1]),
            "、".join(filter(None, (one.operator_name, one.second_name))),
            one.destination,
        )
        for one in lines
    ]


def _where(session: Session, request_id: UUID) -> Rows:
    return [
        (
            one.serial,
            f"{MEDIUM[MediumKind(one.medium)]} {one.medium_serial}",
            one.receiver_name or one.keeper_name,
            str(COPY_STATUS[CopyStatus(one.status)][1]),
        )
        for one in copies_of(session, request_id)
    ]


def _table(title: str, rows: Rows, *heads: str) -> PackageSection:
    cells = tuple(tuple(shortened(text) for text in row) for row in rows[:1000])
    return PackageSection(title=title, heads=heads, rows=cells)


def _sealed(session: Session, request_id: UUID) -> FootageManifest:
    found = manifest_of(session, request_id)
    if found is None:
        raise IllegalTransition("evidence.not_sealed", status="")
    return found


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else utc_text(moment)
