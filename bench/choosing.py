"""Finding the cameras of a footage request against bare SQL that asks for nothing but the place.

A district's investigator looks round a place, in an outline and along a route through the middle of the city; what is
measured is the search as the portal makes it, with its count and its permission, as the map role. The bare statement knows
no permission, and measures the distance on the ellipsoid without the search by pieces.
"""

import sys
from datetime import UTC, datetime

from sqlalchemy import select

from bench.ground import alternately, city, quick, ratio
from portal.accounts.models import Account
from portal.accounts.queries import identity_of_account
from portal.core.db import open_database
from portal.core.geometry import offset
from portal.evidence.queries.finding import cameras_within
from portal.evidence.rules import MAX_CAMERAS
from portal.evidence.rules.shapes import round_about, route

CAMERAS = 5_000 if quick() else 1_000_000
MIDDLE = (114.353, 36.094)
BARE_AREA = "select id from camera where st_intersects(position, st_geomfromtext(%s, 4326)) limit 200"
BARE_ROUTE = "select id from camera where position && st_envelope(st_geomfromtext(%s, 4326)) and st_dwithin(position::geography, st_geomfromtext(%s, 4326)::geography, 50) limit 200"


def main() -> int:
    """Measure an outline, and routes of one and of ten kilometres."""
    with city(CAMERAS) as (settings, services):
        database = open_database(settings)
        with database.transaction() as session:
            account = session.scalars(select(Account.id).where(Account.login == "investigator")).one()
            who = identity_of_account(session, account, now=datetime.now(UTC))
        assert who is not None
        link = services.connect("bench", user="portal_map")
        area = round_about(MIDDLE, 500)
        ring = ",".join(f"{lon} {lat}" for lon, lat in area.rings[0])
        lines = {km: [MIDDLE, offset(*MIDDLE, 45, km * 1000.0)] for km in (1, 10)}
        with database.map_connection() as connection, link.cursor() as cursor:

            def bare(statement: str, *values: str) -> None:
                cursor.execute(statement, values)
                cursor.fetchall()

            ours, theirs = alternately(
                lambda: cameras_within(connection, who, area, room=MAX_CAMERAS),
                lambda: bare(BARE_AREA, f"POLYGON(({ring}))"),
            )
            told("outline of 500 m", ours, theirs)
            for km, line in lines.items():
                way, text = route(line, 50), f"LINESTRING({','.join(f'{lon} {lat}' for lon, lat in line)})"
                ours, theirs = alternately(
                    lambda way=way: cameras_within(connection, who, way, room=MAX_CAMERAS),
                    lambda text=text: bare(BARE_ROUTE, text, text),
                )
                told(f"route of {km} km", ours, theirs)
        link.close()
        database.dispose()
    return 0


def told(what: str, ours: float, theirs: float) -> None:
    """One line and its ratio."""
    print(f"{CAMERAS:>9,} cameras, {what}: {ours * 1000:7.1f} ms   bare SQL {theirs * 1000:7.1f} ms", flush=True)
    ratio(f"choose_{what.replace(' ', '_')}_over_bare_sql", ours / theirs)


if __name__ == "__main__":
    sys.exit(main())
