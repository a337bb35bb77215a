"""Catching up with the triggers: sum up the counts of cameras that they appended, index for the search what they left."""

from sqlalchemy import text
from sqlalchemy.orm import Session

_DIMENSIONS = "district, filed_district, live, status, point_type, camera_type, networked, passes"
_LOCK = text("select pg_advisory_xact_lock(7405016)")
_FOLD = f"""
with taken as (delete from camera_count returning *)
insert into camera_count ({_DIMENSIONS}, n)
select {_DIMENSIONS}, sum(n) from taken group by {_DIMENSIONS} having sum(n) <> 0
"""  # noqa: S608 - constants of this module
_RECOUNT = f"""
insert into camera_count ({_DIMENSIONS}, n)
select {_DIMENSIONS}, count(*) from camera where not secret group by {_DIMENSIONS}
"""  # noqa: S608 - constants of this module


def fold_counts(session: Session) -> None:
    """Make one row of many for each sort. Whoever reads meanwhile reads the same sums: before or after, never between."""
    session.execute(_LOCK)
    session.execute(text(_FOLD))


def index_cameras(session: Session, *, most: int) -> int:
    """Index cameras that came in among many for the search, at most so many; how many there were."""
    found: int = session.execute(text("select portal_search_catch_up(:most)"), {"most": most}).scalar_one()
    return found


def recount_cameras(session: Session) -> None:
    """Count every camera anew, after a load that no trigger saw."""
    session.execute(_LOCK)
    session.execute(text("lock table camera in share mode"))
    session.execute(text("delete from camera_count"))
    session.execute(text(_RECOUNT))
