"""The log's own health: what is signed, what waits, verification on demand, exports for the stand-alone verifier."""

from uuid import UUID

from flask import Response, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever
from portal.audit.labels import finding_label
from portal.audit.operations import record
from portal.audit.operations.running import request_export, request_verification
from portal.audit.queries.outside import outside_of
from portal.audit.queries.runs import get_run, recent_runs, run_file
from portal.audit.queries.status import LogStatus, status_of
from portal.audit.rules.checkpoint import code_words
from portal.audit.values import EXPORT_DOWNLOAD, SubjectRef
from portal.core.clock import real_now, utcnow
from portal.core.db import undone_if_refused
from portal.core.errors import Invalid, NotFound
from portal.core.services import services
from portal.oversight.forms import ExportForm
from portal.oversight.views.audit import log_session
from portal.oversight.views.blueprint import bp

FINISHED = 286  # htmx stops asking


@bp.app_template_filter("finding")
def _finding(problem: str) -> str:
    return finding_label(problem)


@bp.get("/audit/verification")
@requires(Permission.AUDIT_VERIFY)
def audit_verification() -> ResponseReturnValue:
    """Where the log stands, and the latest verifications."""
    session = log_session()
    note, words = _newest_note(session)
    status = _status(session)
    return render_template(
        "oversight/audit_verification.html",
        status=status,
        late=status.is_late(real_now()),
        now=real_now(),
        note=note,
        words=words,
        runs=recent_runs(session, kind="verify"),
        may_export=may_ever(current_identity(), Permission.AUDIT_EXPORT),
    )


@bp.post("/audit/verification")
@requires(Permission.AUDIT_VERIFY)
def audit_verify() -> ResponseReturnValue:
    """Ask for a verification of the whole log."""
    run = request_verification(log_session(), actor=current_identity().actor, now=utcnow())
    return redirect(url_for("oversight.audit_run", run_id=run.id), 303)


@bp.get("/audit/runs/<uuid:run_id>")
@requires(Permission.AUDIT_VERIFY)
def audit_run(run_id: UUID) -> ResponseReturnValue:
    """How far a verification or an export is, and its result; asked again every second while it runs."""
    session = log_session()
    run = get_run(session, run_id)
    on_disk = run_file(run, services(session).data_dir) is not None
    if run.kind == "export":
        g.nav_endpoint = "oversight.audit_export"
    part = bool(request.headers.get("HX-Request"))
    template = "oversight/_run.html" if part else "oversight/audit_run.html"
    page = render_template(template, run=run, on_disk=on_disk)
    return (page, FINISHED) if part and run.finished_at else (page, 200)


@bp.route("/audit/export", methods=["GET", "POST"])
@requires(Permission.AUDIT_EXPORT)
def audit_export() -> ResponseReturnValue:
    """Ask for a part of the log as a file. Nobody exports without a reason."""
    form, session = ExportForm(), log_session()
    if request.method == "POST" and form.validate():
        try:
            with undone_if_refused(session):
                run = request_export(
                    session,
                    actor=current_identity().actor,
                    first=form.first.data,
                    last=form.last.data,
                    reason=form.reason.data,
                    now=utcnow(),
                )
        except Invalid as refusal:
            form.take(refusal)
        else:
            return redirect(url_for("oversight.audit_run", run_id=run.id), 303)
    session = log_session()
    runs = recent_runs(session, kind="export")
    page = render_template("oversight/audit_export.html", form=form, runs=runs, status=_status(session))
    return page, 422 if form.errors else 200


@bp.get("/audit/runs/<uuid:run_id>/file")
@requires(Permission.AUDIT_EXPORT)
def audit_file(run_id: UUID) -> ResponseReturnValue:
    """The file of an export, while it is kept."""
    session = log_session()
    run = get_run(session, run_id)
    path = run_file(run, services(session).data_dir)
    if path is None:
        raise NotFound
    subject = SubjectRef("audit_run", run.id, f"{run.first}–{run.last}")
    record(session, actor=current_identity().actor, tag=EXPORT_DOWNLOAD, subject=subject, now=utcnow())
    name = f"audit-{run.first}-{run.last}.jsonl"
    return send_file(path, mimetype="application/jsonl", as_attachment=True, download_name=name, max_age=0)


@bp.get("/audit/checkpoint")
@requires(Permission.AUDIT_VERIFY)
def audit_checkpoint() -> ResponseReturnValue:
    """The newest signed checkpoint as it stands outside the database."""
    note, _ = _newest_note(log_session())
    if not note:
        raise NotFound
    return _text(note, "checkpoint.txt")


@bp.get("/audit/key")
@requires(Permission.AUDIT_VERIFY)
def audit_key() -> ResponseReturnValue:
    """The published key. An auditor compares it with the copy received when the portal was set up."""
    _, key = outside_of(services(log_session()))
    return _text(key.text + "\n", "audit.pub")


def _status(session: Session) -> LogStatus:
    places, key = outside_of(services(session))
    return status_of(session, places, key)


def _newest_note(session: Session) -> tuple[str, tuple[str, ...]]:
    places, key = outside_of(services(session))
    notes = [note for place in places if (note := place.newest_note(key))]
    if not notes:
        return "", ()
    note = max(notes, key=lambda text: int(text.split("\n")[1]))
    return note, code_words(note)


def _text(content: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, content_type="text/plain; charset=utf-8", headers=headers)
