"""Importing cameras from a sheet: upload, progress, negotiating about faults, loading, undoing."""

from collections.abc import Sequence
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.core.clock import utcnow
from portal.core.errors import Invalid, NotFound
from portal.core.geometry import Datum
from portal.core.paging import PAGE_SIZE
from portal.registry import operations, queries
from portal.registry.forms import ImportForm, UndoForm
from portal.registry.labels import CAMERA_FIELD, CAMERA_OPTION, CAMERA_TYPE
from portal.registry.labels.imports import (
    IMPORT_STATUS,
    ROW_OUTCOME,
    ROW_STAGE,
    cure_text,
    fault_sentence,
    field_name,
    kind_sentence,
    row_changes,
    tie_text,
)
from portal.registry.labels.sheets import spoken
from portal.registry.models import CameraImport, System
from portal.registry.operations.imports import RUNNING
from portal.registry.queries.imports import (
    fault_kinds,
    fault_page,
    get_import,
    imports_of,
    in_the_way,
    row_page,
    rows_named,
    to_take_out,
)
from portal.registry.rules.sheets import KEEPABLE
from portal.registry.states import ImportStatus
from portal.registry.values import Direction
from portal.registry.values.rows import FaultDecision, RowOutcome
from portal.registry.views.blanks import fields_read
from portal.registry.views.blueprint import bp
from portal.registry.views.cameras import zone_choices
from portal.registry.views.documents import UPLOAD_BYTES
from portal.vault.operations import store_upload
from portal.vault.values import FileKind
from portal.web.links import asked
from portal.web.problems import sentence
from portal.web.security import accepts_upload
from portal.web.session import db_session


@bp.get("/systems/<uuid:system_id>/imports")
@requires(Permission.CAMERA_IMPORT)
def import_list(system_id: UUID) -> ResponseReturnValue:
    """The imports of a system, newest first."""
    session, identity = db_session(), current_identity()
    system = queries.get_system(session, identity, system_id)
    require(identity, Permission.CAMERA_IMPORT, queries.system_scope(system), read=Permission.SYSTEM_READ)
    page = imports_of(session, identity, system, after=request.args.get("after"))
    return render_template("registry/imports.html", system=system, page=page, status=IMPORT_STATUS)


@bp.route("/systems/<uuid:system_id>/imports/new", methods=["GET", "POST"])
@requires(Permission.CAMERA_IMPORT)
@accepts_upload(UPLOAD_BYTES)
def import_new(system_id: UUID) -> ResponseReturnValue:
    """Upload a sheet of cameras."""
    session, identity, now = db_session(), current_identity(), utcnow()
    system = queries.get_system(session, identity, system_id)
    require(identity, Permission.CAMERA_IMPORT, queries.system_scope(system), read=Permission.SYSTEM_READ)
    form = ImportForm()
    if request.method == "POST" and form.validate():
        try:
            stored = store_upload(
                session,
                actor=identity.actor,
                stream=form.file.data.stream,
                filename=form.file.data.filename,
                kind=FileKind.SHEET,
                unit_id=system.unit_id,
                district=system.district,
                now=now,
            )
            run = operations.start_import(
                session,
                actor=identity,
                system_id=system_id,
                stored_file_id=stored.id,
                datum=Datum(form.datum.data),
                preview_first=bool(form.preview_first.data),
                reason=form.reason.data or "",
                now=now,
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            return redirect(url_for("registry.import_run", import_id=run.id), 303)
    zones = [label for _key, label in zone_choices(system)]
    fields = [(each.key, CAMERA_FIELD[each.key]) for each in fields_read(system)]
    filed = queries.is_filed(session, system_id=system_id)
    page = render_template(
        "registry/import_form.html", form=form, system=system, fields=fields, zones=zones, filed=filed
    )
    return page, 422 if form.errors else 200


@bp.get("/imports/<uuid:import_id>")
@requires(Permission.CAMERA_IMPORT)
def import_run(import_id: UUID) -> ResponseReturnValue:
    """How far an import is; its faults by kind and one by one."""
    run, system = get_import(db_session(), current_identity(), import_id)
    return _run_page(run, system)


def _run_page(run: CameraImport, system: System, problems: Sequence[str] = ()) -> str:
    session, running = db_session(), run.status in RUNNING
    kind = tuple(asked("kind", 120).split("|")) if asked("kind", 120) else None
    if kind is not None and len(kind) != 3:
        raise NotFound()
    faulty = bool(run.rows_bad) or run.status == ImportStatus.FAILED
    looked_at = faulty and not running
    open_to_change = run.status == ImportStatus.CHECKED
    previewed = [row["row"] for row in run.preview if row["outcome"] == RowOutcome.CHANGED] if open_to_change else []
    return render_template(
        "registry/import.html",
        run=run,
        system=system,
        status=IMPORT_STATUS[ImportStatus(run.status)],
        running=running,
        kinds=fault_kinds(session, run.id) if looked_at else [],
        kind=kind,
        page=fault_page(session, run.id, kind=kind, after=request.args.get("after")) if looked_at else None,
        failure=sentence(run.failure, {}) if run.failure else "",
        needs_reason=open_to_change and not run.reason and operations.changes_filed(session, run.id),
        keepable=KEEPABLE,
        problems=problems,
        zones=dict(zone_choices(system)),
        camera_types=CAMERA_TYPE,
        directions=CAMERA_OPTION[Direction],
        changed={row.number: row for row in rows_named(session, run.id, previewed)} if previewed else {},
        row_changes=row_changes,
        outcomes=ROW_OUTCOME,
        kind_sentence=kind_sentence,
        fault_sentence=fault_sentence,
        cure_text=cure_text,
        field_name=field_name,
    )


@bp.get("/imports/<uuid:import_id>/rows")
@requires(Permission.CAMERA_IMPORT)
def import_rows(import_id: UUID) -> ResponseReturnValue:
    """Rows of an import by what became of them; changed ones with what they change."""
    session = db_session()
    run, system = get_import(session, current_identity(), import_id)
    named = asked("outcome", 12)
    outcome = RowOutcome(named) if named in set(RowOutcome) else None
    return render_template(
        "registry/import_rows.html",
        run=run,
        system=system,
        outcome=outcome,
        page=row_page(session, run.id, outcome=outcome, after=request.args.get("after")),
        outcomes=ROW_OUTCOME,
        stages=ROW_STAGE,
        row_changes=row_changes,
    )


@bp.get("/imports/<uuid:import_id>/progress")
@requires(Permission.CAMERA_IMPORT)
def import_progress(import_id: UUID) -> ResponseReturnValue:
    """The moving part of the page; 286 ends the asking and reloads it."""
    run, _system = get_import(db_session(), current_identity(), import_id)
    running = run.status in RUNNING
    page = render_template("registry/_import_progress.html", run=run, running=running)
    if running:
        return page
    return page, 286, {"HX-Refresh": "true"}


@bp.post("/imports/<uuid:import_id>/faults")
@requires(Permission.CAMERA_IMPORT)
def import_decide_kind(import_id: UUID) -> ResponseReturnValue:
    """Take the cure of every fault of a kind, or let the cells stand."""
    get_import(db_session(), current_identity(), import_id)
    form = request.form
    count = operations.decide_kind(
        db_session(),
        actor=current_identity(),
        import_id=import_id,
        kind=operations.Kind(
            field=form.get("field", "")[:40], code=form.get("code", "")[:40], cure=form.get("cure", "")[:20]
        ),
        decision=_decision(),
        spoken=spoken(),
        now=utcnow(),
    )
    flash(ngettext("%(num)d fault is decided.", "%(num)d faults are decided.", count), "ok")
    return redirect(url_for("registry.import_run", import_id=import_id), 303)


@bp.post("/imports/<uuid:import_id>/faults/<int:fault_id>")
@requires(Permission.CAMERA_IMPORT)
def import_decide_fault(import_id: UUID, fault_id: int) -> ResponseReturnValue:
    """The same for a single fault."""
    get_import(db_session(), current_identity(), import_id)
    operations.decide_fault(
        db_session(),
        actor=current_identity(),
        import_id=import_id,
        fault_id=fault_id,
        decision=_decision(),
        spoken=spoken(),
        now=utcnow(),
    )
    kind = asked("kind", 120) or None
    return redirect(url_for("registry.import_run", import_id=import_id, kind=kind), 303)


def _decision() -> FaultDecision:
    try:
        return FaultDecision(request.form.get("decision", FaultDecision.CURED))
    except ValueError:
        raise NotFound() from None


@bp.post("/imports/<uuid:import_id>/confirm")
@requires(Permission.CAMERA_IMPORT)
def import_confirm(import_id: UUID) -> ResponseReturnValue:
    """Load the good rows of what was checked and shown."""
    run, system = get_import(db_session(), current_identity(), import_id)
    try:
        operations.confirm_import(
            db_session(),
            actor=current_identity(),
            import_id=import_id,
            reason=request.form.get("reason", ""),
            now=utcnow(),
        )
    except Invalid as refusal:
        problems = [sentence(problem.code, problem.data) for problem in refusal.problems]
        return _run_page(run, system, problems), 422
    return redirect(url_for("registry.import_run", import_id=import_id), 303)


@bp.post("/imports/<uuid:import_id>/recheck")
@requires(Permission.CAMERA_IMPORT)
def import_recheck(import_id: UUID) -> ResponseReturnValue:
    """Check a sheet once more against the registry as it is now."""
    get_import(db_session(), current_identity(), import_id)
    operations.check_again(db_session(), actor=current_identity(), import_id=import_id)
    return redirect(url_for("registry.import_run", import_id=import_id), 303)


@bp.post("/imports/<uuid:import_id>/cancel")
@requires(Permission.CAMERA_IMPORT)
def import_cancel(import_id: UUID) -> ResponseReturnValue:
    """Stop an import; what has gone in stays until it is undone."""
    get_import(db_session(), current_identity(), import_id)
    operations.cancel_import(db_session(), actor=current_identity(), import_id=import_id, now=utcnow())
    flash(gettext("The import is cancelled."), "ok")
    return redirect(url_for("registry.import_run", import_id=import_id), 303)


@bp.route("/imports/<uuid:import_id>/undo", methods=["GET", "POST"])
@requires(Permission.CAMERA_IMPORT)
def import_undo(import_id: UUID) -> ResponseReturnValue:
    """What undoing an import would do and what stands in its way; and doing it."""
    session = db_session()
    run, system = get_import(session, current_identity(), import_id)
    form = UndoForm()
    if request.method == "POST" and form.validate():
        operations.undo_import(
            session, actor=current_identity(), import_id=import_id, reason=form.reason.data or "", now=utcnow()
        )
        return redirect(url_for("registry.import_run", import_id=import_id), 303)
    counts, ways = in_the_way(session, run)
    behind = request.args.get("behind", 0, type=int)
    shown = [number for number in sorted(ways) if number > behind][: PAGE_SIZE + 1]
    page = render_template(
        "registry/import_undo.html",
        run=run,
        system=system,
        form=form,
        inside=to_take_out(session, run),
        counts=counts,
        ways=ways,
        rows=rows_named(session, run.id, shown[:PAGE_SIZE]),
        next_behind=shown[PAGE_SIZE - 1] if len(shown) > PAGE_SIZE else None,
        tie_text=tie_text,
    )
    return page, 422 if form.errors else 200
