"""The one place folium is used: it builds the page's map object, its controls and its tile layer.

No text of a user ever passes through folium or branca: they write it into a script that the page blesses
(reliability.md D6). Names reach the map as JSON that our own script puts on the page with textContent.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import folium
from branca.element import CssLink, JavascriptLink
from folium.plugins import Draw, VectorGridProtobuf


@dataclass(frozen=True, kw_only=True)
class MapParts:
    """A folium map taken apart, so that each part can stand under the content policy."""

    scripts: tuple[str, ...]
    styles: tuple[str, ...]
    html: str
    script: str


def build_map(
    *, static: Callable[[str], str], tiles_url: str, centre: tuple[float, float], zoom: int, base_tiles_url: str = ""
) -> MapParts:
    """Build the map. `centre` is (latitude, longitude) in WGS-84; `static` gives the address of a vendored file."""

    class LocalMap(folium.Map):
        default_js = [("leaflet", static("vendor/leaflet.js")), ("compat", static("js/map/compat.js"))]
        default_css = [("leaflet_css", static("vendor/leaflet.css"))]

    class LocalTiles(VectorGridProtobuf):
        default_js = [("vectorgrid", static("vendor/Leaflet.VectorGrid.bundled.min.js"))]

    class LocalDraw(Draw):
        default_js = [("draw_js", static("vendor/leaflet.draw.js"))]
        default_css = [("draw_css", static("vendor/leaflet.draw.css"))]

    page = LocalMap(
        list(centre), zoom_start=zoom, tiles=base_tiles_url or None, attr=" ", zoom_control="topright", max_bounds=False
    )
    page.options["maxZoom"], page.options["minZoom"] = 19, 7
    page._id = "main"
    layer = LocalTiles(tiles_url, "cameras", "window.portalMap.options()")
    layer._id = "cameras"
    layer.add_to(page)
    off = {"polyline": False, "marker": False, "circlemarker": False}
    shape = {"shapeOptions": {"color": "#0b4a9e", "weight": 2}}
    draw = LocalDraw(  # type: ignore[no-untyped-call]
        show_geometry_on_click=False,
        position="topright",
        draw_options={**off, "polygon": shape, "rectangle": shape, "circle": shape},
    )
    draw._id = "draw"
    draw.add_to(page)
    figure: Any = page.get_root()
    figure.render()
    head = list(figure.header._children.values())
    return MapParts(
        scripts=tuple(child.url for child in head if isinstance(child, JavascriptLink)),
        styles=tuple(child.url for child in head if isinstance(child, CssLink)),
        html=figure.html.render(),
        script=figure.script.render(),
    )
