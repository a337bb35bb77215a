"""The one place folium is used: it builds the page's map object, its controls and its tile layer.

No text of a user ever passes through folium or branca: they write it into a script that the page blesses
(reliability.md D6). Names reach the map as JSON that our own script puts on the page with textContent.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import folium
from branca.element import CssLink, JavascriptLink
from flask import render_template
from flask_babel import gettext
from folium.plugins import Draw, VectorGridProtobuf

# The market place of the city; what is shown moves the map at once.
CENTRE = (36.1, 114.35)


@dataclass(frozen=True, kw_only=True)
class MapParts:
    """A folium map taken apart, so that each part can stand under the content policy."""

    scripts: tuple[str, ...]
    styles: tuple[str, ...]
    html: str
    script: str


def build_map(
    *,
    static: Callable[[str], str],
    tiles_url: str,
    centre: tuple[float, float],
    zoom: int,
    base_tiles_url: str = "",
    routes: bool = False,
) -> MapParts:
    """Build the map. `centre` is (latitude, longitude) in WGS-84; `static` gives the address of a vendored file. With
    `routes` a line can be drawn, too."""

    class LocalTiles(VectorGridProtobuf):
        default_js = [("vectorgrid", static("vendor/Leaflet.VectorGrid.bundled.min.js"))]

    class LocalDraw(Draw):
        default_js = [("draw_js", static("vendor/leaflet.draw.js"))]
        default_css = [("draw_css", static("vendor/leaflet.draw.css"))]

    page = _page(static, centre, zoom, base_tiles_url)
    layer = LocalTiles(tiles_url, "cameras", "window.portalMap.options()")
    layer._id = "cameras"
    layer.add_to(page)
    off: dict[str, Any] = {"polyline": False, "marker": False, "circlemarker": False}
    shape = {"shapeOptions": {"color": "#0b4a9e", "weight": 2}}
    if routes:
        off["polyline"] = {"shapeOptions": {"color": "#0b4a9e", "weight": 4}}
    draw = LocalDraw(  # type: ignore[no-untyped-call]
        show_geometry_on_click=False,
        position="topright",
        draw_options={**off, "polygon": shape, "rectangle": shape, "circle": shape},
    )
    draw._id = "draw"
    draw.add_to(page)
    return _taken_apart(page)


def build_plain_map(
    *, static: Callable[[str], str], centre: tuple[float, float], zoom: int, base_tiles_url: str = ""
) -> MapParts:
    """Build a map that shows no cameras and is not drawn on: a page of its own puts its marks there."""
    return _taken_apart(_page(static, centre, zoom, base_tiles_url))


def _page(static: Callable[[str], str], centre: tuple[float, float], zoom: int, base_tiles_url: str) -> folium.Map:
    class LocalMap(folium.Map):
        default_js = [("leaflet", static("vendor/leaflet.js")), ("compat", static("js/map/compat.js"))]
        default_css = [("leaflet_css", static("vendor/leaflet.css"))]

    page = LocalMap(
        list(centre), zoom_start=zoom, tiles=base_tiles_url or None, attr=" ", zoom_control="topright", max_bounds=False
    )
    page.options["maxZoom"], page.options["minZoom"] = 19, 7
    page._id = "main"
    return page


def _taken_apart(page: folium.Map) -> MapParts:
    figure: Any = page.get_root()
    figure.render()
    head = list(figure.header._children.values())
    return MapParts(
        scripts=tuple(child.url for child in head if isinstance(child, JavascriptLink)),
        styles=tuple(child.url for child in head if isinstance(child, CssLink)),
        html=figure.html.render(),
        script=figure.script.render(),
    )


def day_map(routes: Sequence[Mapping[str, Any]], *, static: Callable[[str], str], base_tiles_url: str) -> str:
    """The ways of a day over the district outlines or the intranet's base map. It is given numbers and coordinates alone:
    what a stop is called stands in the list, from which the map's script takes it."""
    if not any(route["line"] for route in routes):
        return ""
    parts = build_plain_map(static=static, centre=CENTRE, zoom=11, base_tiles_url=base_tiles_url)
    return render_template("maps/_day.html", parts=parts, routes=routes, words=_words())


def choose_map(drawn: Sequence[Any], *, parts: MapParts, bounds: Callable[[], str], words: Mapping[str, str]) -> str:
    """The map on which areas and routes of a footage request are drawn, with those there already; it opens on them."""
    corners = [pair for one in drawn for ring in one.rings for pair in ring]
    edges = [edge(pair[axis] for pair in corners) for edge in (min, max) for axis in (0, 1)] if corners else []
    shapes = [
        {"type": "LineString", "coordinates": one.rings[0]}
        if one.via == "route"
        else {"type": "Polygon", "coordinates": one.rings}
        for one in drawn
    ]
    opens_on = ",".join(f"{edge:.6f}" for edge in edges) or bounds()
    return render_template("maps/_choose.html", parts=parts, words=words, shapes=shapes, bounds=opens_on)


def _words() -> Mapping[str, str]:
    return {
        "zoom_in": gettext("Zoom in"),
        "zoom_out": gettext("Zoom out"),
        "close": gettext("Close"),
        "base": gettext("Where the day begins"),
        "m": gettext("m"),
        "km": gettext("km"),
    }
