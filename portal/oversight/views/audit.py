"""The audit log: list, one record, its proof, and the sealed reason of a secret act. Each look is itself recorded."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.accounts.guards import current_identity, requires
from portal.accounts.labels import ROLE_LABELS
from portal.accounts.models import ApiToken
from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever
from portal.accounts.queries import divisions
from portal.accounts.values import Role
from portal.audit.labels import OUTCOME, act_choices, act_label, actor_label, kind_label
from portal.audit.operations import record, record_and_seal
from portal.audit.queries import reader
from portal.audit.queries.export import entry_proof
from portal.audit.queries.reader import LogDetail
from portal.audit.values import ENTRY_READ, LOG_READ, PROOF_DOWNLOAD, REASON_REVEALED, LogFilter, Outcome, SubjectRef
from portal.core.clock import utcnow
from portal.core.crypto import row_context
from portal.core.db import narrow
from portal.core.errors import Invalid, NotFound, Problem
from portal.core.scope import EVERYTHING
from portal.core.services import services
from portal.oversight.queries import unit_names
from portal.oversight.views.blueprint import bp
from portal.web.formats import district as district_name
from portal.web.problems import say
from portal.web.session import db_session, repeatable
from portal.web.widgets import read_day

CONDITIONS = ("q", "act", "subject", "kind", "district", "outcome", "from", "to", "person", "unit")
SUBJECT_PAGES = {
    "unit": ("registry.unit", "unit_id"),
    "system": ("registry.system", "system_id"),
    "camera": ("registry.camera", "camera_id"),
    "filing": ("registry.filing", "filing_id"),
}


def log_session() -> Session:
    """The request's session over the whole log: this permission reaches the city whatever organ the reader sits in."""
    session = db_session()
    narrow(session, EVERYTHING)
    return session


@bp.app_template_filter("act")
def _act(tag: str) -> str:
    return act_label(tag)


@bp.app_template_filter("subject_kind")
def _subject_kind(kind: str) -> str:
    return kind_label(kind)


@bp.app_template_filter("actor_name")
def _actor_name(name: str) -> str:
    return actor_label(name)


@bp.app_template_filter("audit_outcome")
def _outcome(outcome: str) -> tuple[str, str]:
    kind, text = OUTCOME[Outcome(outcome)]
    return kind, str(text)


@bp.get("/audit")
@requires(Permission.AUDIT_READ)
def audit_log() -> ResponseReturnValue:
    """Acts by filter, newest first. Faulty conditions are said and left out; what was typed stays."""
    session, identity = log_session(), current_identity()
    wanted, problems = _wanted(request.args)
    page = reader.page_of(session, wanted, after=request.args.get("after"))
    subject = SubjectRef("audit_log", None, ", ".join(f"{name}={value}" for name, value in wanted.asked().items()))
    record(session, actor=identity.actor, tag=LOG_READ, subject=subject, now=utcnow())
    return render_template(
        "oversight/audit_log.html",
        page=page,
        wanted=wanted,
        typed={name: request.args.get(name, "") for name in CONDITIONS},
        problems=[say(problem) for problem in problems],
        signed=reader.signed_size(session),
        units=unit_names(session, [row.record.unit_id for row in page.items] + [wanted.unit_id]),
        acts=act_choices(),
        outcomes=[(str(key), text) for key, (_, text) in OUTCOME.items()],
        districts=[(row.code, district_name(row.code)) for row in divisions(session)],
        filtered=bool(wanted.asked()),
        may_export=may_ever(identity, Permission.AUDIT_EXPORT),
    ), (422 if problems else 200)


@bp.get("/audit/<uuid:record_id>")
@requires(Permission.AUDIT_READ)
def audit_record(record_id: UUID) -> ResponseReturnValue:
    """One record beside its sealed bytes."""
    session = log_session()
    found = reader.detail_of(session, record_id)
    _note(session, found, tag=ENTRY_READ)
    return _record_page(session, found)


@bp.post("/audit/<uuid:record_id>/reason")
@requires(Permission.AUDIT_REVEAL)
@repeatable("a remembered answer would keep the secret readable; each look is recorded anew")
def audit_reason(record_id: UUID) -> ResponseReturnValue:
    """Show a sealed reason, after the look itself is sealed."""
    session = log_session()
    found = reader.detail_of(session, record_id)
    sealed = found.record.reason_sealed
    if sealed is None:
        raise NotFound
    subject = _subject(found)
    record_and_seal(session, actor=current_identity().actor, tag=REASON_REVEALED, subject=subject, now=utcnow())
    context = row_context("audit_stage", "reason", record_id)
    reason = services(session).envelope.open(sealed, context=context).decode()
    if request.headers.get("HX-Request"):
        return render_template("oversight/_reason.html", reason=reason)
    return _record_page(session, found, reason=reason)


@bp.get("/audit/<uuid:record_id>/proof")
@requires(Permission.AUDIT_READ)
def audit_proof(record_id: UUID) -> ResponseReturnValue:
    """The proof that the record is in the signed log, for the stand-alone verifier."""
    session = log_session()
    found = reader.detail_of(session, record_id)
    if found.seq is None:
        raise Invalid("audit_not_signed_yet")
    document = entry_proof(session.connection(), seq=found.seq)
    _note(session, found, tag=PROOF_DOWNLOAD)
    name = f"audit-proof-{found.seq}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(document, content_type="application/json", headers=headers)


def _record_page(session: Session, found: LogDetail, *, reason: str = "") -> str:
    stored = found.record
    trail = []
    if stored.subject_id:
        trail = list(reader.trail_for(session, kind=stored.subject_kind, subject_id=stored.subject_id, limit=12))
    return render_template(
        "oversight/audit_record.html",
        found=found,
        record=stored,
        unit=unit_names(session, [stored.unit_id]).get(stored.unit_id) if stored.unit_id else None,
        roles=[str(ROLE_LABELS[Role(role)]) if role in set(Role) else role for role in stored.actor_roles],
        changes=[_change(change) for change in stored.changes or []],
        trail=trail,
        reason=reason,
        sealed_text=_pretty(found.body),
        may_reveal=may_ever(current_identity(), Permission.AUDIT_REVEAL),
        subject_page=_subject_page(stored.subject_kind, stored.subject_id),
        token=session.get(ApiToken, stored.session_id) if stored.session_id else None,
    )


def _subject(found: LogDetail) -> SubjectRef:
    label = f"{found.seq or ''} {act_label(found.record.tag)}".strip()
    return SubjectRef("audit_record", found.record.id, label)


def _note(session: Session, found: LogDetail, *, tag: str) -> None:
    record(session, actor=current_identity().actor, tag=tag, subject=_subject(found), now=utcnow())


def _change(change: Mapping[str, Any]) -> tuple[str, str | None, str | None, str]:
    """Field, before, after, and how the values are kept."""

    def shown(value: Any) -> str | None:
        if value is None:
            return None
        return ", ".join(map(str, value)) if isinstance(value, list) else str(value)

    return change["field"], shown(change["old"]), shown(change["new"]), change["type"]


def _pretty(body: bytes | None) -> str:
    return "" if body is None else json.dumps(json.loads(body), ensure_ascii=False, indent=1)


def _subject_page(kind: str, key: str | None) -> str:
    endpoint, name = SUBJECT_PAGES.get(kind, ("", ""))
    if not endpoint or not key:
        return ""
    try:
        values: dict[str, Any] = {name: UUID(key)}
        return url_for(endpoint, **values)
    except (ValueError, LookupError):
        return ""


def _wanted(args: Mapping[str, str]) -> tuple[LogFilter, list[Problem]]:
    """The conditions of the address. A faulty one becomes a problem and narrows nothing."""
    problems: list[Problem] = []

    def text(name: str, limit: int = 100) -> str:
        return args.get(name, "").strip()[:limit]

    def key(name: str) -> UUID | None:
        try:
            return UUID(text(name)) if text(name) else None
        except ValueError:
            problems.append(Problem(name, "invalid"))
            return None

    def day(name: str) -> date | None:
        found = read_day(text(name, 20))
        if text(name) and found is None:
            problems.append(Problem(name, "audit_day", {"text": text(name, 20)}))
        return found

    first, last = day("from"), day("to")
    if first and last and first > last:
        problems.append(Problem("from", "audit_days_backwards"))
        first = last = None
    return LogFilter(
        person_id=key("person"),
        person_name=text("q"),
        tag=text("act"),
        subject_kind=text("kind", 40),
        subject=text("subject"),
        unit_id=key("unit"),
        district=text("district", 12),
        outcome=Outcome(text("outcome")) if text("outcome") in set(Outcome) else None,
        first_day=first,
        last_day=last,
    ), problems
