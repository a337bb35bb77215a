"""A map tile through the portal against the very same SQL sent bare: session, permission, scope and answer are the rest.

The city's registrar asks for the tile over the middle of the city at five zooms: counted cells out of the pyramid down
to zoom 14, single cameras beyond. The statements are those that the request itself sent, with its own parameters, over
a plain connection of the same database role. Both run in turn.
"""

import math
import sys
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event

from bench.ground import alternately, city, enter, quick, ratio
from portal.app import create_app

CAMERAS = 5_000 if quick() else 100_000
ZOOMS = (6, 10, 12, 14, 15, 16)
# The middle of the old town, where the cameras are.
LON, LAT = 114.353, 36.094


def tile_at(zoom: int) -> tuple[int, int]:
    """The web-mercator tile over the middle of the city."""
    north = math.asinh(math.tan(math.radians(LAT))) / math.pi
    return int((LON + 180) / 360 * 2**zoom), int((1 - north) / 2 * 2**zoom)


def statements(client: FlaskClient, engine: Any, path: str) -> list[tuple[str, Any]]:
    """What the portal asks of the database for one tile, as the driver gets it."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        sent.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    answer = client.get(path)
    event.remove(engine, "before_cursor_execute", note)
    assert answer.status_code == 200, (path, answer.status_code)
    return sent


def main() -> int:
    """Measure each zoom."""
    with city(CAMERAS) as (settings, services):
        app = create_app(settings)
        database = app.extensions["portal_database"]
        link = services.connect("bench", user="portal_map")
        with app.test_client() as client, link.cursor() as cursor:
            enter(client, "cityregistrar")
            for zoom in ZOOMS:
                x, y = tile_at(zoom)
                path = f"/map/tiles/{zoom}/{x}/{y}.pbf"
                sent = statements(client, database.map_engine, path)
                body = client.get(path).get_data()

                def bare(sent: list[tuple[str, Any]] = sent) -> None:
                    for statement, parameters in sent:
                        cursor.execute(statement, parameters)
                        cursor.fetchall()

                ours, theirs = alternately(lambda path=path: client.get(path), bare, times=25)
                told = f"{ours * 1000:7.1f} ms   bare SQL {theirs * 1000:7.1f} ms   {len(body) / 1024:6.1f} KiB"
                print(f"{CAMERAS:>9,} cameras, zoom {zoom:2}: {told}", flush=True)
                ratio(f"tile_z{zoom}_over_bare_sql", ours / theirs)
        link.close()
        database.dispose()
    return 0


if __name__ == "__main__":
    sys.exit(main())
