"""The camera list as a registrar sees it, at 20,000 and at 1,000,000 cameras: it must not matter how many there are.

Keyset paging promises that a page costs the same wherever it stands and however long the list is; the counts beside it
come from kept sums, or from a capped sample. Each part is set against the bare SQL it stands for, run as the owner of
the tables, and a file against COPY of the same rows.
"""

import re
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from bench.ground import alternately, city, enter, median_seconds, quick, ratio
from portal.accounts.models import Account
from portal.accounts.queries import identity_of
from portal.app import create_app
from portal.core.clock import city_day, utcnow
from portal.core.db import Database
from portal.core.scope import EVERYTHING
from portal.registry.files import Export, write_list
from portal.registry.queries.lists import CAMERAS, Asked, read_counts, read_page
from portal.registry.values.lists import ExportFormat, ExportLayout, Wanted
from tests.support.services import Services

SIZES = (2_000, 20_000) if quick() else (20_000, 1_000_000)
DEEP_PAGES = 20
FILE_ROWS = 2_000 if quick() else 50_000
BARE_PAGE = """
select c.id, c.name, u.name, s.name, c.live, c.district, c.point_type, c.gb_code, c.retention_days
from camera c join unit u on u.id = c.unit_id join system s on s.id = c.system_id
where not c.secret order by c.id desc limit 26
"""
BARE_COUNTS = " union all ".join(
    f"select '{column}', {column}::text, count(*) from camera where not secret group by 2"
    for column in ("live", "district", "point_type", "passes", "status", "camera_type", "networked")
)
ASKED: dict[str, Wanted] = {
    "all": Wanted(),
    "sorts": Wanted(conditions={"live": ("unknown",), "point_type": ("2",)}),
    "rare": Wanted(conditions={"point_type": ("4",)}),
    "by_name": Wanted(sort="name"),
    "a_word": Wanted(conditions={"q": ("大道",)}),
    "other": Wanted(conditions={"kept_below": ("90",), "regime": ("a7_1",)}),
}


def follow(client: FlaskClient, path: str, pages: int) -> str:
    """The address of a page some way into the list."""
    for _ in range(pages):
        found = re.search(r'href="([^"]+)"[^>]*rel="next"|rel="next"[^>]*href="([^"]+)"', client.get(path).text)
        if found is None:
            break
        path = (found[1] or found[2]).replace("&amp;", "&")
    return path


def measure(cameras: int) -> dict[str, float]:
    """Median seconds of each kind of page; at the larger size also of its parts."""
    with city(cameras) as (settings, services):
        app = create_app(settings)
        with app.test_client() as client:
            enter(client, "cityregistrar")  # who sees every camera
            pages = {
                "first": "/cameras",
                "deep": follow(client, "/cameras", DEEP_PAGES),
                "filtered": "/cameras?q=%E5%A4%A7%E9%81%93",
            }
            found = {}
            for name, path in pages.items():
                assert client.get(path).status_code == 200, path
                found[name] = median_seconds(lambda path=path: client.get(path))
                print(f"{cameras:>9,} cameras, {name:9} page {found[name] * 1000:8.1f} ms", flush=True)
        database: Database = app.extensions["portal_database"]
        if cameras == SIZES[1]:
            parts(database, services)
        database.dispose()
        return found


def parts(database: Database, services: Services) -> None:
    """The rows of a page and the counts beside it, each over its bare SQL; a file over COPY."""
    with database.session(EVERYTHING) as session:
        account = session.scalars(
            select(Account).where(Account.login == "cityregistrar").options(joinedload(Account.person))
        ).one()
        identity = identity_of(session, account, now=utcnow())
    with database.session(identity.data_scope) as session, services.connect("bench") as link, link.cursor() as cursor:
        asked = Asked(session=session, identity=identity, today=city_day(utcnow()))

        def bare(statement: str) -> Callable[[], object]:
            def run() -> object:
                cursor.execute(statement)
                return cursor.fetchall()

            return run

        for name, wanted in ASKED.items():
            ours, theirs = alternately(
                lambda wanted=wanted: read_page(asked, CAMERAS, wanted), bare(BARE_PAGE), times=7
            )
            counts, group_by = alternately(
                lambda wanted=wanted: read_counts(asked, CAMERAS, wanted), bare(BARE_COUNTS), times=3
            )
            print(f"{name:8} rows {ours * 1000:7.1f} ms, counts {counts * 1000:7.1f} ms", flush=True)
            ratio(f"list_rows_{name}_over_sql", ours / theirs)
            ratio(f"list_counts_{name}_over_group_by", counts / group_by)
        a_file(asked, cursor)


def a_file(asked: Asked, cursor: Any) -> None:
    """One unit's, district's or city's cameras as CSV, against COPY of their rows."""
    cursor.execute(
        "select district, count(*) from camera where not secret group by 1 order by abs(count(*) - %s)", [FILE_ROWS]
    )
    district, rows = cursor.fetchone()
    wanted = Wanted(conditions={"district": (district,)})
    export = Export(spec=CAMERAS, wanted=wanted, format=ExportFormat.CSV, layout=ExportLayout.FILE, locale="zh_Hans_CN")
    with tempfile.TemporaryDirectory() as home:
        started = time.perf_counter()
        written = write_list(asked, export, Path(home) / "file")
        ours = time.perf_counter() - started
        started = time.perf_counter()
        with (Path(home) / "copy").open("wb") as out:
            cursor.copy_expert(f"copy (select * from camera where district = '{district}') to stdout csv", out)
        theirs = time.perf_counter() - started
    print(f"{written:,} of {rows:,} rows written at {written / ours:,.0f} rows a second", flush=True)
    ratio("list_file_over_copy", ours / theirs)


def main() -> int:
    """Measure both sizes and compare."""
    small, large = (measure(size) for size in SIZES)
    for name in small:
        ratio(f"list_{name}_{SIZES[1]}_over_{SIZES[0]}", large[name] / small[name])
    ratio("list_deep_over_first", large["deep"] / large["first"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
