"""Importing cameras from a sheet: upload, progress, every fault at its cell."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.core.clock import utcnow
from portal.core.errors import Invalid, NotFound, Problem
from portal.core.geometry import Datum
from portal.registry import operations, queries
from portal.registry.forms import ImportForm
from portal.registry.labels import CAMERA_FIELD, CAMERA_TYPE, IMPORT_STATUS
from portal.registry.models import CameraImport
from portal.registry.operations.imports import RUNNING
from portal.registry.rules import TYPED
from portal.registry.states import ImportStatus
from portal.registry.views.blueprint import bp
from portal.registry.views.cameras import zone_choices
from portal.registry.views.documents import UPLOAD_BYTES
from portal.vault.operations import store_upload
from portal.vault.values import FileKind
from portal.web.problems import say
from portal.web.security import accepts_upload
from portal.web.session import db_session


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
                now=now,
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            return redirect(url_for("registry.import_run", import_id=run.id), 303)
    zones = [label for _key, label in zone_choices(system)]
    fields = [(each.key, CAMERA_FIELD[each.key]) for each in TYPED]
    page = render_template("registry/import_form.html", form=form, system=system, fields=fields, zones=zones)
    return page, 422 if form.errors else 200


def _found(import_id: UUID) -> CameraImport:
    run = db_session().get(CameraImport, import_id)
    if run is None:
        raise NotFound()
    system = queries.get_system(db_session(), current_identity(), run.system_id)
    require(current_identity(), Permission.CAMERA_IMPORT, queries.system_scope(system))
    return run


@bp.get("/imports/<uuid:import_id>")
@requires(Permission.CAMERA_IMPORT)
def import_run(import_id: UUID) -> ResponseReturnValue:
    """How far an import is, and every fault it found."""
    run = _found(import_id)
    system = queries.get_system(db_session(), current_identity(), run.system_id)
    faults = [
        fault
        | {"text": say(Problem(fault["field"], fault["code"], fault["data"])), "label": CAMERA_FIELD[fault["field"]]}
        for fault in run.faults
    ]
    return render_template(
        "registry/import.html",
        run=run,
        system=system,
        status=IMPORT_STATUS[ImportStatus(run.status)],
        running=run.status in RUNNING,
        faults=sorted(faults, key=lambda fault: (fault["row"], fault["column"])),
        failure=say(Problem("file", run.failure)) if run.failure else "",
        zones=dict(zone_choices(system)),
        camera_types=CAMERA_TYPE,
        fields=CAMERA_FIELD,
    )


@bp.get("/imports/<uuid:import_id>/progress")
@requires(Permission.CAMERA_IMPORT)
def import_progress(import_id: UUID) -> ResponseReturnValue:
    """The moving part of the page; 286 ends the asking and reloads it."""
    run = _found(import_id)
    running = run.status in RUNNING
    page = render_template("registry/_import_progress.html", run=run, running=running)
    if running:
        return page
    return page, 286, {"HX-Refresh": "true"}


@bp.post("/imports/<uuid:import_id>/confirm")
@requires(Permission.CAMERA_IMPORT)
def import_confirm(import_id: UUID) -> ResponseReturnValue:
    """Load what was checked and shown."""
    _found(import_id)
    operations.confirm_import(db_session(), actor=current_identity(), import_id=import_id)
    return redirect(url_for("registry.import_run", import_id=import_id), 303)


@bp.post("/imports/<uuid:import_id>/cancel")
@requires(Permission.CAMERA_IMPORT)
def import_cancel(import_id: UUID) -> ResponseReturnValue:
    """Stop an import that has not loaded yet."""
    _found(import_id)
    operations.cancel_import(db_session(), actor=current_identity(), import_id=import_id, now=utcnow())
    flash(gettext("The import is cancelled."), "ok")
    return redirect(url_for("registry.import_run", import_id=import_id), 303)
