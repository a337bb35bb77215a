"""The map page, its tiles, and what can be asked of it."""

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, Flask, Response, g, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext
from flask_babel import lazy_gettext as _
from shapely.geometry import MultiPolygon
from shapely.geometry import box as rectangle

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever, require, visibility
from portal.audit.operations import record
from portal.audit.values import FieldChange, SubjectRef
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid, Problem
from portal.core.geometry import BadGeometry, area_from_geojson, circle, lonlat, to_element
from portal.mandates.labels import STAGE
from portal.mandates.queries.dictionary import dictionary
from portal.mandates.queries.register import count_unplaced, gap_table, open_places
from portal.mandates.states import MISSING
from portal.maps import queries, values
from portal.maps.forms import BoxForm, CircleForm
from portal.maps.geojson import CameraAnswer, DistrictsAnswer, GapsAnswer
from portal.maps.shell import CENTRE, MapParts, build_map, choose_map, day_map
from portal.maps.values import NO_STATE, PYRAMID_ZOOM, Reach, Tile
from portal.registry.labels import DOWN_LABEL, LIVE_STATE
from portal.registry.queries import camera_scope, get_camera, get_system, get_unit, live_tally, system_scope, unit_scope
from portal.registry.states import DOWN, LIVE_CODES, LiveState
from portal.regulation.loader import rulebook
from portal.regulation.regimes import answers_in
from portal.web.links import asked, uuid_or_none
from portal.web.navigation import NavItem, Section, add_to_navigation
from portal.web.openapi import answers
from portal.web.panels import Panel, add_panels
from portal.web.problems import say
from portal.web.session import db_session, repeatable

bp = Blueprint("maps", __name__, template_folder="templates")

add_to_navigation(
    bp,
    NavItem(
        section=Section.WORK,
        label=_("Map"),
        endpoint="maps.page",
        permission=Permission.MAP_VIEW,
        order=50,
        covers=("maps.",),
    ),
)

# More marks than this hide the map under them; a category or the list narrows them.
MOST_PLACES = 2_000
STATE_OF = {code: state for state, code in LIVE_CODES.items()}
# The legend's four switches; the two rarer states go with the one whose shape they nearly mean.
SHOWN = {
    LiveState.ONLINE: (LiveState.ONLINE,),
    LiveState.OFFLINE: DOWN,
    LiveState.DEGRADED: (LiveState.DEGRADED,),
    LiveState.UNKNOWN: (LiveState.UNKNOWN, LiveState.DISABLED),
}


def init_app(app: Flask) -> None:
    """Remember the intranet's base map, if there is one, and how files are addressed."""
    setting["base"] = app.extensions["portal_settings"].base_tiles_url
    setting["static"] = app.jinja_env.globals["static_url"]


setting: dict[str, Any] = {}


def _day(routes: Any) -> str:
    return day_map(routes, static=setting["static"], base_tiles_url=setting["base"])


add_panels(bp, Panel(place="inspection.day", draw=_day))


def _parts(*, routes: bool = False) -> MapParts:
    tiles = url_for("maps.tile", z=0, x=0, y=0).replace("0/0/0", "{z}/{x}/{y}")
    base, static = setting["base"], setting["static"]
    return build_map(static=static, tiles_url=tiles, centre=CENTRE, zoom=11, base_tiles_url=base, routes=routes)


def _choose(chosen: Mapping[str, Any]) -> str:
    if not may_ever(current_identity(), Permission.MAP_VIEW):
        return ""
    return choose_map(chosen["drawn"], parts=_parts(routes=True), bounds=_bounds, words=_words())


add_panels(bp, Panel(place="evidence.choose", draw=_choose))


@bp.get("/map")
@requires(Permission.MAP_VIEW)
def page() -> ResponseReturnValue:
    """Every camera in reach, from the whole city down to the street."""
    tally = live_tally(db_session(), current_identity())
    return render_template(
        "maps/map.html",
        parts=_parts(),
        tally={state: sum(tally[one] for one in group) for state, group in SHOWN.items()},
        live_state={**LIVE_STATE, LiveState.OFFLINE: (LIVE_STATE[LiveState.OFFLINE][0], DOWN_LABEL)},
        circle=CircleForm(),
        box=BoxForm(),
        words=_words(),
        bounds=_bounds(),
        opened=uuid_or_none(request.args.get("camera", "")),
        gaps=_gap_categories() if may_ever(current_identity(), Permission.MANDATE_READ) else [],
    )


@bp.get("/map/pick/<uuid:system_id>")
@requires(Permission.CAMERA_EDIT)
def pick(system_id: UUID) -> ResponseReturnValue:
    """Choose a new camera's position by a click."""
    session, identity = db_session(), current_identity()
    system = get_system(session, identity, system_id)
    require(identity, Permission.CAMERA_EDIT, system_scope(system), read=Permission.SYSTEM_READ)
    back = url_for("registry.camera_new", system_id=system.id)
    return render_template(
        "maps/pick.html", parts=_parts(), subject=system.name, back=back, words=_words(), bounds=_bounds()
    )


@bp.get("/map/place/<uuid:unit_id>")
@requires(Permission.SYSTEM_EDIT)
def place(unit_id: UUID) -> ResponseReturnValue:
    """Choose by a click where a system stands: one about to be filed, or with `system` one that moves."""
    session, identity = db_session(), current_identity()
    unit = get_unit(session, identity, unit_id)
    require(identity, Permission.SYSTEM_EDIT, unit_scope(unit), read=Permission.UNIT_READ)
    moving = uuid_or_none(request.args.get("system", ""))
    if moving:
        back = url_for("registry.system_move", system_id=get_system(session, identity, moving).id)
    else:
        answered: dict[str, Any] = answers_in(request.args, book=rulebook())
        back = url_for("registry.quick", unit_id=unit.id, **answered)
    return render_template(
        "maps/pick.html", parts=_parts(), subject=unit.name, back=back, words=_words(), bounds=_bounds()
    )


def _bounds() -> str:
    """What the map opens on: the unit, system or camera of the address, else the reader's whole reach."""
    session, identity = db_session(), current_identity()
    unit_id, system_id, camera_id = (uuid_or_none(request.args.get(name, "")) for name in ("unit", "system", "camera"))
    found = queries.camera_bounds(session, identity, unit_id=unit_id, system_id=system_id, camera_id=camera_id)
    if found is None:
        found = queries.reach_bounds(session, Reach.of(visibility(identity, Permission.MAP_VIEW)))
    return ",".join(f"{number:.6f}" for number in found) if found else ""


def _words() -> Mapping[str, str]:
    """The map script's words, in the reader's language."""
    return {
        "polyline": gettext("Draw a route"),
        "polygon": gettext("Draw a polygon"),
        "rectangle": gettext("Draw a rectangle"),
        "circle": gettext("Draw a circle"),
        "cancel": gettext("Cancel"),
        "finish": gettext("Finish drawing"),
        "undo": gettext("Remove the last point"),
        "start": gettext("Click to start drawing."),
        "next": gettext("Click to go on; click the first point to close."),
        "last": gettext("Click to go on; click the last point to finish."),
        "drag": gettext("Press, drag and let go."),
        "radius": gettext("Radius"),
        "remove": gettext("Remove the drawing"),
        "edit": gettext("Change the drawing"),
        "save": gettext("Save"),
        "clear": gettext("Clear all"),
        "details": gettext("Open the camera's file"),
        "entry": gettext("Open the register entry"),
        "unplaced": gettext("Without a position on record, and so not on the map: {count}."),
        "capped": gettext("Only some of the places are shown; choose a category."),
        "here": gettext("Put the camera here"),
        "failed": gettext("This camera could not be looked up."),
        "zoom_in": gettext("Zoom in"),
        "zoom_out": gettext("Zoom out"),
        "close": gettext("Close"),
        "m": gettext("m"),
        "km": gettext("km"),
    }


@bp.get("/map/tiles/<int:z>/<int:x>/<int:y>.pbf")
@requires(Permission.MAP_VIEW)
@answers(
    "One vector tile of the cameras within the reader's reach",
    media="application/vnd.mapbox-vector-tile",
    also={304: "the tile the browser has is still right"},
)
def tile(z: int, x: int, y: int) -> ResponseReturnValue:
    """One vector tile of the reader's own reach: counted cells, or from street level on single cameras."""
    wanted = Tile(z=z, x=x, y=y)
    seen = visibility(current_identity(), Permission.MAP_VIEW)
    reach = Reach.of(seen, _live_codes())
    wide = bool(reach.everything or reach.districts) and not reach.units
    if not wide:
        session = db_session()
        body = (
            queries.unit_grid_tile(session, wanted, reach)
            if z <= PYRAMID_ZOOM
            else queries.camera_tile(session.connection(), wanted, reach)
        )
        return _tile_answer(body, etag="")
    with g.portal_database.map_connection() as connection:
        if z > PYRAMID_ZOOM:
            return _tile_answer(queries.camera_tile(connection, wanted, reach), etag="")
        version = queries.tile_version(connection)
        etag = hashlib.sha256(f"{version}|{reach.key}|{z}/{x}/{y}".encode()).hexdigest()[:32]
        if request.if_none_match.contains(etag):
            return _tile_answer(None, etag=etag)
        return _tile_answer(queries.grid_tile(connection, wanted, reach), etag=etag)


def _live_codes() -> tuple[int, ...]:
    """The states switched on in the legend, by their codes; empty where the request names none, which means all."""
    words = [word for part in request.values.getlist("live") for word in part.split(",") if word]
    codes = {LIVE_CODES[one] for word in words if word in SHOWN for one in SHOWN[LiveState(word)]}
    return tuple(sorted(codes or {NO_STATE})) if words else ()


def _tile_answer(body: bytes | None, *, etag: str) -> Response:
    if body is None:
        answer = Response(status=304)
    elif len(body) > 1024 and "gzip" in request.headers.get("Accept-Encoding", ""):
        answer = Response(gzip.compress(body, 5), content_type="application/vnd.mapbox-vector-tile")
        answer.headers["Content-Encoding"] = "gzip"
    else:
        answer = Response(body, content_type="application/vnd.mapbox-vector-tile")
    answer.headers["Cache-Control"] = "private, no-cache" if etag else "private, no-store"
    answer.headers["Vary"] = "Cookie, Accept-Encoding"
    if etag:
        answer.set_etag(etag)
    return answer


@bp.get("/map/districts.json")
@requires(Permission.MAP_VIEW)
@answers("Outlines of the city's districts", DistrictsAnswer)
def districts() -> ResponseReturnValue:
    """Outlines of the districts."""
    answer = jsonify(queries.district_outlines(db_session()))
    answer.headers["Cache-Control"] = "private, max-age=86400"
    return answer


@bp.get("/map/gaps.json")
@requires(Permission.MANDATE_READ)
@answers("Places that must have a system and have none, or none that is filed", GapsAnswer)
def gaps() -> ResponseReturnValue:
    """The gap of those who must install, where it stands; `category` narrows it."""
    session, identity = db_session(), current_identity()
    names = _category_names()
    found = open_places(session, identity, category=asked("category", 40), limit=MOST_PLACES + 1)
    features = []
    for one in found[:MOST_PLACES]:
        kind, label = STAGE[one.stage]
        features.append(
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [round(one.lon, 6), round(one.lat, 6)]},
                "properties": {
                    "name": one.name,
                    "category": names.get(one.category, one.category),
                    "missing": one.stage in MISSING,
                    "state": {"kind": kind, "label": str(label)},
                    "url": url_for("mandates.entry", mandated_id=one.id),
                },
            }
        )
    capped = len(found) > MOST_PLACES
    unplaced = count_unplaced(session, identity, category=asked("category", 40))
    return jsonify(type="FeatureCollection", features=features, capped=capped, unplaced=unplaced)


def _category_names() -> Mapping[str, str]:
    held = dictionary(db_session(), on=city_day(utcnow()))
    return {key: one.in_language(str(get_locale())) for key, one in held.items()}


def _gap_categories() -> list[tuple[str, str, int]]:
    """The categories with places that have no system or none that is filed: key, name, how many."""
    names, counts = _category_names(), Counter[str]()
    for (_district, key), cell in gap_table(db_session(), current_identity()).items():
        counts[key] += cell.missing + cell.unfiled
    return [(key, names.get(key, key), count) for key, count in sorted(counts.items()) if count]


@bp.get("/map/cameras/<uuid:camera_id>.json")
@requires(Permission.CAMERA_READ)
@answers("What a click on a camera shows; the look is recorded", CameraAnswer)
def camera(camera_id: UUID) -> ResponseReturnValue:
    """What a click on a camera shows; the look is recorded."""
    session, identity = db_session(), current_identity()
    found = get_camera(session, identity, camera_id)
    require(identity, Permission.MAP_VIEW, camera_scope(found))
    record(
        session,
        actor=identity.actor,
        tag=values.CAMERA_LOOKED_UP,
        subject=SubjectRef("camera", found.id, found.name),
        unit_id=found.unit_id,
        district=found.district,
        now=utcnow(),
    )
    kind, label = LIVE_STATE[STATE_OF[found.live]]
    return jsonify(
        name=found.name,
        unit=found.unit.name,
        system=found.system.name,
        code=found.gb_code or "",
        state={"kind": kind, "label": str(label)},
        url=url_for("registry.camera", camera_id=found.id),
        position=lonlat(found.position),
    )


@bp.post("/map/area")
@requires(Permission.MAP_VIEW)
@repeatable("a search changes nothing but the record that it was made")
def area() -> ResponseReturnValue:
    """The cameras inside a drawn shape, a box or a circle; the search is recorded with its extent."""
    session, identity = db_session(), current_identity()
    try:
        shape = _asked_area()
    except BadGeometry as bad:
        return render_template("maps/_found.html", problem=say(Problem("area", bad.code)), found=None), 422
    except Invalid as refusal:
        return render_template("maps/_found.html", problem=say(refusal.problems[0]), found=None), 422
    found = queries.cameras_in(session, identity, to_element(shape), live=_live_codes())
    west, south, east, north = shape.bounds
    record(
        session,
        actor=identity.actor,
        tag=values.AREA_SEARCHED,
        subject=SubjectRef("area", None, f"{west:.4f},{south:.4f},{east:.4f},{north:.4f}"),
        changes=[FieldChange(name="found", new=found.total)],
        now=utcnow(),
    )
    return render_template(
        "maps/_found.html",
        problem=None,
        found=found,
        live_state=LIVE_STATE,
        state_of=STATE_OF,
        places=[(row.id, *lonlat(row.position)) for row in found.cameras],
        request_url=f"{url_for('evidence.request_new')}?from=map"
        if may_ever(identity, Permission.REQUEST_DRAFT)
        else "",
    )


def _asked_area() -> MultiPolygon:
    mode = request.form.get("mode", "shape")
    if mode == "circle":
        form = CircleForm()
        if not form.validate() or form.centre.data is None:
            raise Invalid([Problem("centre", "area_bad")])
        lon, lat = form.centre.data
        return MultiPolygon([circle(lon, lat, float(form.radius.data or 0))])
    if mode == "box":
        box = BoxForm()
        if not box.validate() or box.south_west.data is None or box.north_east.data is None:
            raise Invalid([Problem("south_west", "area_bad")])
        return MultiPolygon([rectangle(*box.south_west.data, *box.north_east.data)])
    text = request.form.get("shape", "")
    if len(text) > 200_000:
        raise Invalid([Problem("shape", "area_bad")])
    try:
        return area_from_geojson(json.loads(text))
    except (ValueError, RecursionError):  # brackets nested deeper than Python's stack are no area either
        raise Invalid([Problem("shape", "area_bad")]) from None


@bp.get("/map/find")
@requires(Permission.MAP_VIEW)
def find() -> ResponseReturnValue:
    """Cameras by name or code, to centre the map on."""
    word = asked("q")
    rows = queries.place_named(db_session(), current_identity(), word) if len(word) > 1 else []
    return render_template(
        "maps/_places.html",
        rows=[(row, lonlat(row.position)) for row in rows],
        word=word,
        live_state=LIVE_STATE,
        state_of=STATE_OF,
    )
