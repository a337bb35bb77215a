"""Keeping the count pyramid: fold the deltas the camera triggers left, or build it anew."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.maps.values import BASE_LEVEL, CELL_BITS, MIN_ZOOM, PYRAMID_ZOOM

LOWEST = PYRAMID_ZOOM + CELL_BITS
HIGHEST = MIN_ZOOM + CELL_BITS
COLUMNS = "n, n_online, n_degraded, n_offline, sum_x, sum_y"
SUMS = ", ".join(f"sum({name.strip()})" for name in COLUMNS.split(","))

_FOLD = f"""
with taken as (delete from map_delta where id in (select id from map_delta order by id limit 200000) returning *),
levels as (select generate_series({HIGHEST}, {LOWEST}) as level)
insert into map_cell (level, x, y, district, {COLUMNS})
select level, x >> ({BASE_LEVEL} - level), y >> ({BASE_LEVEL} - level), district, {SUMS} from taken, levels group by 1, 2, 3, 4
on conflict (level, x, y, district) do update set
  n = map_cell.n + excluded.n, n_online = map_cell.n_online + excluded.n_online,
  n_degraded = map_cell.n_degraded + excluded.n_degraded, n_offline = map_cell.n_offline + excluded.n_offline,
  sum_x = map_cell.sum_x + excluded.sum_x, sum_y = map_cell.sum_y + excluded.sum_y
"""  # noqa: S608 - constants of this module

_FROM_CAMERAS = f"""
insert into map_cell (level, x, y, district, {COLUMNS})
select {LOWEST}, portal_cell_x(mercator) >> {BASE_LEVEL - LOWEST}, portal_cell_y(mercator) >> {BASE_LEVEL - LOWEST}, district, count(*),
  count(*) filter (where live = 1), count(*) filter (where live = 2), count(*) filter (where live in (3, 4)),
  sum(st_x(mercator)), sum(st_y(mercator))
from camera where not secret and status <> 'dismantled' group by 2, 3, 4
"""  # noqa: S608 - constants of this module

_LEVEL_UP = f"""
insert into map_cell (level, x, y, district, {COLUMNS})
select level - 1, x >> 1, y >> 1, district, {SUMS} from map_cell where level = :level group by 1, 2, 3, 4
"""  # noqa: S608 - constants of this module


def fold_changes(session: Session) -> int:
    """Bring waiting deltas into the pyramid, one folder at a time. The number of cells written."""
    session.execute(text("select pg_advisory_xact_lock(7405010)"))
    if session.scalar(text("select exists (select from map_delta)")) is False:
        return 0
    written = session.execute(text(_FOLD)).rowcount  # type: ignore[attr-defined]
    session.execute(text("update map_version set number = number + 1"))
    return int(written)


def rebuild(session: Session) -> None:
    """Count every camera anew; what the deltas said until now is part of that count."""
    session.execute(text("select pg_advisory_xact_lock(7405010)"))
    session.execute(text("lock table camera in share mode"))
    session.execute(text("delete from map_delta"))
    session.execute(text("delete from map_cell"))
    session.execute(text(_FROM_CAMERAS))
    for level in range(LOWEST, HIGHEST, -1):
        session.execute(text(_LEVEL_UP), {"level": level})
    session.execute(text("update map_version set number = number + 1"))
