"""Tiles and area searches in SQL.

Wide readers' tiles run as the map role (reliability.md D10): the permission stands in the SQL, because a row policy
would switch the spatial index off. A unit's tiles run in its own session, under row-level security.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from geoalchemy2 import WKBElement
from sqlalchemy import Connection, Select, TextClause, func, select, text
from sqlalchemy.orm import Session, joinedload

from portal.accounts.models import Division
from portal.accounts.values import Identity
from portal.core.geometry import from_element, to_geojson
from portal.maps.values import AREA_LIMIT, BASE_LEVEL, CELL_BITS, Reach, Tile
from portal.registry.models import Camera
from portal.registry.queries import camera_named, visible_cameras

# A mark is drawn beyond its tile's edge (map.css), so that each stands in one tile only: no tile has a margin. The `&&`
# alone compares rounded boxes, a metre too wide; the clip at 0 drops what it let in.
# Filtered by state the cells' counts are summed from the columns of those states only.
COUNTED = {0: "(n - n_online - n_degraded - n_offline)", 1: "n_online", 2: "n_degraded", 3: "n_offline"}

_GRID = """
with cells as (
  select x, y, n, n_online, n_degraded, n_offline, sum_x, sum_y from map_cell
  where level = :level and x between :x0 and :x1 and y between :y0 and :y1 {where})
select st_asmvt(t, 'cells', 4096, 'geom') from (
  select n, n_online, n_degraded, n_offline, st_asmvtgeom(
    st_setsrid(st_makepoint(sx / total, sy / total), 3857), st_tileenvelope(:z, :x, :y), 4096, 0, true) geom
  from (select x, y, sum({shown})::int n, sum(n_online)::int n_online, sum(n_degraded)::int n_degraded,
          sum(n_offline)::int n_offline, sum(n) total, sum(sum_x) sx, sum(sum_y) sy
        from (select * from cells{across}) at group by x, y having sum({shown}) > 0 and sum(n) > 0) c) t where geom is not null
"""

# Cells are counted by where cameras hang; the few that a district files across its border join them one by one.
_ACROSS = """
          union all select portal_cell_x(mercator) >> :shift, portal_cell_y(mercator) >> :shift, 1, (live = 1)::int,
            (live = 2)::int, (live in (3, 4))::int, st_x(mercator), st_y(mercator)
          from camera where filed_district = any(:districts) and not district = any(:districts) and not secret
            and status <> 'dismantled' and mercator && st_tileenvelope(:z, :x, :y)"""

_GRID_OF_ROWS = """
select st_asmvt(t, 'cells', 4096, 'geom') from (
  select n, n_online, n_degraded, n_offline, st_asmvtgeom(
    st_setsrid(st_makepoint(mx, my), 3857), st_tileenvelope(:z, :x, :y), 4096, 0, true) geom
  from (select count(*)::int n, (count(*) filter (where live = 1))::int n_online,
          (count(*) filter (where live = 2))::int n_degraded,
          (count(*) filter (where live in (3, 4)))::int n_offline, avg(st_x(mercator)) mx, avg(st_y(mercator)) my
        from camera where {where} and mercator && st_tileenvelope(:z, :x, :y)
        group by portal_cell_x(mercator) >> :shift, portal_cell_y(mercator) >> :shift) c) t where geom is not null
"""

_CAMERAS = """
select st_asmvt(t, 'cameras', 4096, 'geom') from (
  select id::text id, live, camera_type kind, azimuth,
    st_asmvtgeom(mercator, st_tileenvelope(:z, :x, :y), 4096, 0, true) geom
  from camera where mercator && st_tileenvelope(:z, :x, :y) and {where}) t where geom is not null
"""


def grid_tile(connection: Connection, tile: Tile, reach: Reach) -> bytes:
    """Counted cells of a district's or the whole city's cameras, out of the pyramid."""
    shown = " + ".join(COUNTED[code] for code in sorted({min(code, 3) for code in reach.live if code < 5}))
    shown = shown or ("0" if reach.live else "n")
    where, across = ("", "") if reach.everything else ("and district = any(:districts)", _ACROSS)
    shift = CELL_BITS
    values: dict[str, Any] = {
        "z": tile.z,
        "x": tile.x,
        "y": tile.y,
        "level": tile.z + shift,
        "x0": tile.x << shift,
        "x1": (tile.x << shift) + 2**shift - 1,
        "y0": tile.y << shift,
        "y1": (tile.y << shift) + 2**shift - 1,
    }
    if not reach.everything:
        values |= {"districts": list(reach.districts), "shift": BASE_LEVEL - CELL_BITS - tile.z}
    return _bytes(connection, text(_GRID.format(shown=shown, where=where, across=across)), values)


def unit_grid_tile(session: Session, tile: Tile, reach: Reach) -> bytes:
    """Counted cells of a unit's own cameras, grouped on the fly: a unit has some thousands at most."""
    where, values = _rows_of(reach)
    values |= {"z": tile.z, "x": tile.x, "y": tile.y, "shift": BASE_LEVEL - CELL_BITS - tile.z}
    return _bytes(session.connection(), text(_GRID_OF_ROWS.format(where=where)), values)


def camera_tile(connection: Connection, tile: Tile, reach: Reach) -> bytes:
    """Single cameras. Only handles and states: names come by a look-up that is authorised and recorded."""
    where, values = _rows_of(reach)
    values |= {"z": tile.z, "x": tile.x, "y": tile.y}
    return _bytes(connection, text(_CAMERAS.format(where=where)), values)


def _rows_of(reach: Reach) -> tuple[str, dict[str, Any]]:
    """The permission of a reach over camera rows, as SQL. Secret cameras show inside their own unit only."""
    values: dict[str, Any] = {}
    wide = []
    if reach.everything:
        wide.append("not secret")
    elif reach.districts:
        wide.append("((district = any(:districts) or filed_district = any(:districts)) and not secret)")
        values["districts"] = list(reach.districts)
    if reach.units:
        wide.append("unit_id = any(cast(:units as uuid[]))")
        values["units"] = [str(unit) for unit in reach.units]
    where = f"({' or '.join(wide) or 'false'}) and status <> 'dismantled'"
    if reach.live:
        where += " and live = any(:live)"
        values["live"] = list(reach.live)
    return where, values


def _bytes(connection: Connection, statement: TextClause, values: Mapping[str, Any]) -> bytes:
    found = connection.execute(statement, values).scalar_one_or_none()
    return bytes(found) if found else b""


Bounds = tuple[float, float, float, float]


def reach_bounds(session: Session, reach: Reach) -> Bounds | None:
    """West, south, east, north of what the reader's map should open on: their districts, their own cameras, or all."""
    shapes = select(Division.outline.label("shape")).where(Division.level == "district")
    if not reach.everything and reach.districts:
        shapes = shapes.where(Division.code.in_(reach.districts))
    elif not reach.everything:
        shapes = select(Camera.position.label("shape")).where(Camera.unit_id.in_(reach.units))
    return _extent(session, shapes)


def camera_bounds(
    session: Session,
    identity: Identity,
    *,
    unit_id: UUID | None = None,
    system_id: UUID | None = None,
    camera_id: UUID | None = None,
) -> Bounds | None:
    """The extent of a unit's, a system's or one single camera, as far as the person may read them."""
    named = ((Camera.unit_id, unit_id), (Camera.system_id, system_id), (Camera.id, camera_id))
    wanted = [column == value for column, value in named if value is not None]
    if not wanted:
        return None
    standing = visible_cameras(identity).where(*wanted, Camera.status != "dismantled")
    return _extent(session, standing.with_only_columns(Camera.position.label("shape")))


def _extent(session: Session, shapes: Select[Any]) -> Bounds | None:
    extent = select(func.ST_Extent(shapes.subquery().c.shape).label("box")).subquery()
    box = func.Box2D(extent.c.box)
    row = session.execute(select(func.ST_XMin(box), func.ST_YMin(box), func.ST_XMax(box), func.ST_YMax(box))).one()
    return None if row[0] is None else (row[0], row[1], row[2], row[3])


def tile_version(connection: Connection) -> int:
    """Rises with each fold of changes into the pyramid; part of every pyramid tile's ETag."""
    return int(connection.execute(text("select number from map_version")).scalar_one())


def district_outlines(session: Session) -> dict[str, Any]:
    """The districts as GeoJSON, simplified to what the map can show."""
    rows = session.execute(
        select(Division.code, Division.name, func.ST_SimplifyPreserveTopology(Division.outline, 0.0005)).where(
            Division.level == "district"
        )
    )
    features = [
        {"type": "Feature", "properties": {"code": code, "name": name}, "geometry": to_geojson(from_element(shape), 5)}
        for code, name, shape in rows
    ]
    return {"type": "FeatureCollection", "features": features}


@dataclass(frozen=True, kw_only=True)
class Found:
    """Cameras inside an area: how many, by live state, and the first AREA_LIMIT of them."""

    total: int
    by_live: Mapping[int, int]
    cameras: Sequence[Camera]


def cameras_in(session: Session, identity: Identity, area: WKBElement, *, live: Sequence[int] = ()) -> Found:
    """The cameras the person may read inside an area (WGS-84 multipolygon), in order of their names."""
    inside = visible_cameras(identity).where(
        Camera.position.op("&&")(area), func.ST_Intersects(Camera.position, area), Camera.status != "dismantled"
    )
    counted = session.execute(inside.with_only_columns(Camera.live, func.count()).group_by(Camera.live)).all()
    by_live: dict[int, int] = dict(counted)
    if live:
        inside = inside.where(Camera.live.in_(live))
        by_live = {code: count for code, count in by_live.items() if code in live}
    options = (joinedload(Camera.unit), joinedload(Camera.system))
    rows = session.scalars(inside.options(*options).order_by(Camera.name, Camera.id).limit(AREA_LIMIT)).all()
    return Found(total=sum(by_live.values()), by_live=by_live, cameras=rows)


def place_named(session: Session, identity: Identity, word: str) -> Sequence[Camera]:
    """A few cameras whose name or code fits, to centre the map on."""
    options = (joinedload(Camera.unit), joinedload(Camera.system))
    return session.scalars(visible_cameras(identity).where(camera_named(word)).options(*options).limit(20)).all()
