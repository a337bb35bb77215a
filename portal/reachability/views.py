"""Pages: all devices by state, one device through time, and the probe somebody asks for."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, may_ever
from portal.accounts.queries import divisions
from portal.core.clock import city_day, utcnow
from portal.core.db import undone_if_refused
from portal.core.errors import Invalid, TooMany
from portal.reachability import operations, queries
from portal.reachability.labels import LAYER, REASON, STATE, STEP
from portal.reachability.models import DeviceStatus, ProbeRun
from portal.reachability.probes.base import Reason
from portal.reachability.rules import is_smaller, pixels_of
from portal.reachability.states import ENDED, RunStatus
from portal.reachability.values import DeviceFilter
from portal.registry.models import Camera, CameraAccess
from portal.registry.queries import get_camera, ground_scope
from portal.registry.states import LiveState
from portal.web import formats
from portal.web.navigation import NavItem, Section, add_to_navigation
from portal.web.panels import Panel, add_panels
from portal.web.problems import say
from portal.web.session import db_session

bp = Blueprint("reachability", __name__, template_folder="templates", url_prefix="/reachability")

add_to_navigation(
    bp,
    NavItem(
        section=Section.SUPERVISION,
        label=_("Online state"),
        endpoint="reachability.overview",
        permission=Permission.REACH_READ,
        order=20,
        covers=("reachability.",),
    ),
)

# htmx stops polling at this status: the answer is final.
STOP_POLLING = 286
DAYS = 30
# An asked probe is news for so long; after that the regular rounds know better.
SHOW_RUN = timedelta(hours=1)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _filter() -> DeviceFilter:
    state, reason, district = (request.args.get(name, "") for name in ("state", "reason", "district"))
    return DeviceFilter(
        keyword=request.args.get("q", "").replace("\x00", "")[:60],
        district=district if district.isdigit() and len(district) == 6 else "",
        unit_id=_uuid(request.args.get("unit", "")),
        system_id=_uuid(request.args.get("system", "")),
        state=LiveState(state) if state in set(LiveState) else None,
        reason=reason if reason in set(Reason) else "",
        flapping=request.args.get("flapping") == "1",
    )


@bp.get("/")
@requires(Permission.REACH_READ)
def overview() -> ResponseReturnValue:
    """Probed devices in the reader's reach: tally, figures, list."""
    session, identity, now = db_session(), current_identity(), utcnow()
    wanted = _filter()
    return render_template(
        "reachability/overview.html",
        page=queries.device_page(session, identity, wanted, after=request.args.get("after")),
        tally=queries.device_tally(session, identity, wanted),
        reasons=queries.reasons_in_use(session, identity),
        without_access=queries.without_access(session, identity),
        pulse=queries.pulse(session, now=now),
        wanted=wanted,
        districts=[(row.code, formats.district(row.code)) for row in divisions(session)],
        state_label=STATE,
        reason_text=REASON,
        now=now,
    )


@bp.get("/cameras/<uuid:camera_id>")
@requires(Permission.REACH_READ)
def camera(camera_id: UUID) -> ResponseReturnValue:
    """One camera: where it stands and why, what it went through, what to do."""
    session, identity, now = db_session(), current_identity(), utcnow()
    found = get_camera(session, identity, camera_id)
    days = queries.daily_uptime(session, camera_id, days=DAYS, now=now)
    return render_template(
        "reachability/camera.html",
        **_standing(found),
        uptimes=[(span, queries.uptime_of(session, camera_id, days=span, now=now)) for span in (1, 7, DAYS)],
        days=days,
        outages=queries.outages_of(session, camera_id, days=DAYS, now=now),
        changes=queries.changes_of(session, camera_id, after=request.args.get("after")),
        today=city_day(now),
        span=DAYS,
    )


def _standing(found: Camera) -> dict[str, Any]:
    """What the camera page and its polled part show alike."""
    session, identity, now = db_session(), current_identity(), utcnow()
    status = queries.status_of(session, found.id)
    run = queries.latest_run(session, found.id)
    if run is not None and now - run.asked_at > SHOW_RUN:
        run = None
    access = session.get(CameraAccess, found.id)
    return {
        "camera": found,
        "status": status,
        "access": access,
        "check": queries.last_check(session, status, now=now) if status else None,
        "run": run,
        "running": run is not None and run.status not in ENDED,
        "progress": _progress(run),
        "smaller": _is_smaller(status, found),
        "may_probe": access is not None and allows(identity, Permission.PROBE_NOW, ground_scope(found)),
        "may_edit_access": allows(identity, Permission.CREDENTIAL_EDIT, ground_scope(found)),
        "state_label": STATE,
        "reason_text": REASON,
        "layer_label": LAYER,
        "step_label": STEP,
        "done": RunStatus.DONE,
        "now": now,
    }


def _is_smaller(status: DeviceStatus | None, found: Camera) -> bool:
    """Whether the picture measured falls short of the one on file."""
    filed = pixels_of(found.resolution)
    if status is None or filed is None or not status.picture_width or not status.picture_height:
        return False
    return is_smaller((status.picture_width, status.picture_height), filed)


def _progress(run: ProbeRun | None) -> tuple[int, int]:
    """How many of the layers have answered."""
    return (len(run.layers) if run is not None else 0), len(LAYER)


@bp.post("/cameras/<uuid:camera_id>/probe")
@requires(Permission.PROBE_NOW)
def probe(camera_id: UUID) -> ResponseReturnValue:
    """Ask for the camera to be probed now; the page it leads to shows how far it is."""
    session, identity = db_session(), current_identity()
    page = url_for("reachability.camera", camera_id=camera_id)
    try:
        with undone_if_refused(session):
            operations.ask_probe(session, actor=identity, camera_id=camera_id, now=utcnow())
    except (Invalid, TooMany) as refusal:
        flash(say(refusal.problems[0] if isinstance(refusal, Invalid) else refusal), "warn")
    return redirect(page, code=303)


@bp.get("/runs/<uuid:run_id>")
@requires(Permission.REACH_READ)
def run(run_id: UUID) -> ResponseReturnValue:
    """The polled part of the camera page, until the probe has ended."""
    session, identity = db_session(), current_identity()
    asked = queries.get_run(session, identity, run_id)
    found = get_camera(session, identity, asked.camera_id)
    fragment = render_template("reachability/_now.html", **_standing(found))
    return fragment, (STOP_POLLING if asked.status in ENDED else 200)


def _of_cameras(*, unit_id: UUID | None = None, system_id: UUID | None = None) -> str:
    """How the cameras of a system or unit stand, for that page's side column."""
    if not may_ever(current_identity(), Permission.REACH_READ):
        return ""
    summary = queries.live_summary(db_session(), unit_id=unit_id, system_id=system_id)
    filters = {"unit": unit_id, "system": system_id}
    return render_template("reachability/_summary.html", summary=summary, filters=filters, state_label=STATE)


def _of_camera(found: Camera) -> str:
    """A camera's state, its reason and since when, for the camera's page."""
    if not allows(current_identity(), Permission.REACH_READ, ground_scope(found)):
        return ""
    return render_template(
        "reachability/_since.html",
        camera=found,
        standing=queries.state_since(db_session(), found.id),
        state_label=STATE,
        reason_text=REASON,
        now=utcnow(),
    )


add_panels(
    bp,
    Panel(place="registry.unit", draw=lambda unit: _of_cameras(unit_id=unit.id), order=30),
    Panel(place="registry.system", draw=lambda system: _of_cameras(system_id=system.id), order=30),
    Panel(place="registry.camera", draw=_of_camera, order=10),
)
