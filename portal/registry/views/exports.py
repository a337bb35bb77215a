"""Taking a list out as a file: the form with its reason, the file at once or from a worker, and long work in general."""

from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.core.clock import utcnow
from portal.core.errors import Invalid, Problem
from portal.registry import operations
from portal.registry.files import FILE_TYPE, Export, file_name, formats_for, write_list
from portal.registry.forms.lists import ExportForm
from portal.registry.labels import LIST_RUN_STATUS
from portal.registry.labels.lists import EXPORT_FORMAT, EXPORT_LAYOUT, LIST_TITLE
from portal.registry.models import ListRun
from portal.registry.operations.exports import MOST_ROWS, NOW_ROWS, RUNNING
from portal.registry.operations.views import kept_query, list_named
from portal.registry.queries.lists import Asked
from portal.registry.queries.views import get_list_run, recent_list_runs
from portal.registry.states import ListRunStatus
from portal.registry.values.lists import ExportFormat, ExportLayout, Wanted
from portal.registry.views.blueprint import bp
from portal.registry.views.lists import asked_now, conditions_in_words, list_url, query_of, wanted_of_query
from portal.vault.queries import blob_store
from portal.vault.sandbox import job_directory
from portal.vault.serving import send_stored_file
from portal.web.i18n import current_locale
from portal.web.problems import say
from portal.web.session import db_session, repeatable


@bp.route("/lists/<name>/export", methods=["GET", "POST"])
@requires(Permission.LIST_EXPORT)
@repeatable("answers with a file, which must not be kept beside the key; every file is recorded anew")
def list_export(name: str) -> ResponseReturnValue:
    """Say what the file is for, and get it: at once when it is small."""
    identity, asked = current_identity(), asked_now()
    spec = list_named(identity, name)
    query = kept_query(spec, request.form.get("query", "") or request.query_string.decode("utf-8", "replace"))
    wanted = wanted_of_query(spec, query)
    form = ExportForm(data={"format": "xlsx", "layout": "shown"})
    form.format.choices = [(str(each), EXPORT_FORMAT[each]) for each in formats_for(identity, spec)]
    if spec.key != "cameras":
        form.layout.choices = [("shown", EXPORT_LAYOUT[ExportLayout.SHOWN])]
    if request.method == "POST" and form.validate():
        format_, layout = form.chosen()
        export = Export(spec=spec, wanted=wanted, format=format_, layout=layout, locale=current_locale())
        try:
            return _take_out(asked, export, form.reason.data or "")
        except Invalid as refusal:
            form.take(refusal)
    page = render_template(
        "registry/list_export.html",
        form=form,
        spec=spec,
        title=LIST_TITLE[name],
        query=query,
        back=list_url(name, query),
        words=conditions_in_words(spec, query),
        rows=operations.rows_to_leave(asked, spec, wanted, most=MOST_ROWS[ExportFormat.XLSX]),
        most=MOST_ROWS[ExportFormat.XLSX],
        at_once=NOW_ROWS,
        runs=[(run, LIST_RUN_STATUS[ListRunStatus(run.status)]) for run in recent_list_runs(asked.session, identity)],
    )
    return page, 422 if form.errors else 200


def _take_out(asked: Asked, export: Export, reason: str) -> ResponseReturnValue:
    session, identity, now = asked.session, asked.identity, utcnow()
    if operations.rows_to_leave(asked, export.spec, export.wanted, most=NOW_ROWS) > NOW_ROWS:
        run = operations.start_export(
            session,
            actor=identity,
            spec=export.spec,
            wanted=export.wanted,
            format_=export.format,
            layout=export.layout,
            locale=export.locale,
            reason=reason,
            now=now,
        )
        return redirect(url_for("registry.list_run", list_run_id=run.id), 303)
    with job_directory(blob_store(session).scratch) as workdir:
        target = workdir / "export"
        rows = write_list(asked, export, target)
        content = target.read_bytes()
    operations.note_export(
        session,
        actor=identity,
        spec=export.spec,
        wanted=export.wanted,
        format_=export.format,
        layout=export.layout,
        columns=len(export.columns(identity)),
        rows=rows,
        reason=reason,
        now=now,
    )
    answer = Response(content, content_type=FILE_TYPE[export.format].media_type)
    if export.format is ExportFormat.CSV_GB:
        answer.headers["Content-Type"] = "text/csv; charset=gb18030"
    answer.headers.set("Content-Disposition", "attachment", filename=file_name(export, now))
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@bp.get("/lists/runs/<uuid:list_run_id>")
@requires(Permission.LIST_EXPORT)
def list_run(list_run_id: UUID) -> ResponseReturnValue:
    """How far one's own long work is, and what came of it; asked again each second while it runs."""
    run = get_list_run(db_session(), current_identity(), list_run_id)
    running = run.status in RUNNING
    part = bool(request.headers.get("HX-Request"))
    if part:
        page = render_template("registry/_list_run.html", run=run, running=running)
        return (page, 200) if running else (page, 286, {"HX-Refresh": "true"})
    return render_template(
        "registry/list_run.html",
        run=run,
        running=running,
        title=LIST_TITLE[run.list_key],
        back=list_url(run.list_key),
        status=LIST_RUN_STATUS[ListRunStatus(run.status)],
        failure=_failure(run),
        words=_asked_for(run),
        format=EXPORT_FORMAT[ExportFormat(run.wanted["format"])] if "format" in run.wanted else "",
    )


def _asked_for(run: ListRun) -> list[str]:
    spec = list_named(current_identity(), run.list_key)
    return conditions_in_words(spec, query_of(spec, Wanted.from_json(run.wanted)))


def _failure(run: ListRun) -> str:
    if not run.failure:
        return ""
    most = MOST_ROWS[ExportFormat(run.wanted["format"])] if "format" in run.wanted else 0
    return say(Problem("", run.failure, {"most": most, "count": ""}))


@bp.post("/lists/runs/<uuid:list_run_id>/cancel")
@requires(Permission.LIST_EXPORT)
def list_run_cancel(list_run_id: UUID) -> ResponseReturnValue:
    """Stop one's own long work."""
    operations.cancel_run(db_session(), actor=current_identity(), run_id=list_run_id, now=utcnow())
    flash(gettext("The work is stopped."), "ok")
    return redirect(url_for("registry.list_run", list_run_id=list_run_id), 303)


@bp.get("/lists/runs/<uuid:list_run_id>/file")
@requires(Permission.LIST_EXPORT)
def list_file(list_run_id: UUID) -> ResponseReturnValue:
    """The file of one's own export, while it is kept; every fetch is recorded."""
    stored = operations.fetch_file(db_session(), actor=current_identity(), run_id=list_run_id, now=utcnow())
    return send_stored_file(db_session(), stored)
