"""How a camera is recorded: on its page, on a page of its own to put down what is set, and the shortfalls of a system."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.core.clock import city_day, utcnow
from portal.core.db import undone_if_refused
from portal.core.errors import Invalid
from portal.evidence.forms.missing import RecordingForm
from portal.evidence.labels import RECORDING_FAULT, RECORDING_MODE
from portal.evidence.operations.recording import set_recording
from portal.evidence.queries.overwriting import offsets_of
from portal.evidence.queries.recording import MOST, cameras_of_system, recordings_of
from portal.evidence.rules.overwriting import deciding, short_of
from portal.evidence.rules.recording import RecordingFault
from portal.evidence.values.recording import RecordingMode
from portal.evidence.views.blueprint import bp
from portal.evidence.views.overwriting import offset_text, said_text
from portal.registry.models import Camera, System
from portal.registry.queries import camera_scope, get_camera, get_system, system_scope
from portal.web.panels import Panel, add_panels
from portal.web.session import db_session


@bp.route("/evidence/cameras/<uuid:camera_id>/recording", methods=["GET", "POST"])
@requires(Permission.CAMERA_EDIT)
def recording(camera_id: UUID) -> ResponseReturnValue:
    """Put down what is set on the recorder."""
    session, identity, form = db_session(), current_identity(), RecordingForm()
    camera = get_camera(session, identity, camera_id)
    require(identity, Permission.CAMERA_EDIT, camera_scope(camera), read=Permission.CAMERA_READ)
    if request.method == "POST" and form.validate():
        try:
            with undone_if_refused(session):
                count = set_recording(
                    session,
                    actor=identity,
                    camera_id=camera_id,
                    mode=form.given(),
                    retention_days=form.retention_days.data,
                    hours=form.hours.data or "",
                    whole_system=bool(form.whole_system.data),
                    now=utcnow(),
                )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The setting of %(count)s cameras is on record.", count=count), "ok")
            return redirect(url_for("registry.camera", camera_id=camera_id), 303)
    (shown,) = recordings_of(session, camera.system, [camera], on=city_day(utcnow()))
    if request.method == "GET" and shown.setting is not None:
        form.mode.data, form.hours.data = shown.setting.mode, shown.setting.hours
        form.retention_days.data = shown.setting.retention_days
    return render_template("evidence/recording.html", camera=camera, form=form), 422 if form.errors else 200


@bp.get("/evidence/systems/<uuid:system_id>/recording")
@requires(Permission.CAMERA_READ)
def recording_of_system(system_id: UUID) -> ResponseReturnValue:
    """The cameras of a system whose recording falls short of what the rules ask."""
    session, identity = db_session(), current_identity()
    system = get_system(session, identity, system_id)
    require(identity, Permission.CAMERA_READ, system_scope(system))
    fault = request.args.get("fault", "")
    wanted = RecordingFault(fault) if fault in set(RecordingFault) else None
    cameras = cameras_of_system(session, identity, system_id)
    judged = recordings_of(session, system, cameras, on=city_day(utcnow()))
    counts = {one: sum(one in row.faults for row in judged) for one in RecordingFault}
    rows = [row for row in judged if (wanted in row.faults if wanted else row.faults)]
    return render_template(
        "evidence/recordings.html",
        system=system,
        rows=rows,
        counts=counts,
        total=len(judged),
        whole=len(judged) < MOST,
        wanted=wanted,
        faults=RECORDING_FAULT,
        modes=RECORDING_MODE,
        said_text=said_text,
        deciding=deciding,
    )


def recording_of_camera(camera: Camera) -> str:
    """The card on a camera's page: mode, days by whose word, picture, clock, and what falls short."""
    session, identity, now = db_session(), current_identity(), utcnow()
    (shown,) = recordings_of(session, camera.system, [camera], on=city_day(now))
    offset = offsets_of(session, [camera.id], now=now).get(camera.id)
    short = short_of(shown.said)
    return render_template(
        "evidence/_recording.html",
        camera=camera,
        shown=shown,
        mode=RECORDING_MODE[RecordingMode(shown.setting.mode)] if shown.setting else None,
        said=[(said_text(one), one == deciding(shown.said), one in short) for one in shown.said],
        clock=offset_text(offset) if offset else None,
        faults=[RECORDING_FAULT[one] for one in shown.faults],
        may_ask=allows(identity, Permission.REQUEST_DRAFT, camera_scope(camera)),
        may_edit=allows(identity, Permission.CAMERA_EDIT, camera_scope(camera)),
    )


def recordings_link(system: System) -> str:
    """On a system's page: the way to what falls short."""
    if not allows(current_identity(), Permission.CAMERA_READ, system_scope(system)):
        return ""
    return render_template("evidence/_recordings_link.html", system=system)


add_panels(
    bp,
    Panel(place="registry.camera", draw=recording_of_camera, order=15),
    Panel(place="registry.system", draw=recordings_link, order=52),
)
