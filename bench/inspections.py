"""The pages of inspections and campaigns at 1,000,000 cameras: statements, time in the database, the whole request.

Figures are counted from rows each time they are asked for, so they are what grows with the city. Each page is asked for by
somebody of one district and by somebody of the whole city; no page may take the database more than 300 ms.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event

from bench.ground import city, enter, quick, ratio
from portal.app import create_app
from portal.core.db import Database
from tests.support.services import Services

CAMERAS = 20_000 if quick() else 1_000_000
MOST_MS = 300
TIMES = 7
PAGES = {
    "desk": "/",
    "figures, this year": "/acceptances/figures",
    "figures, ten years": "/acceptances/figures?from=2016-01-01",
    "acceptances": "/acceptances",
    "acceptances, overdue": "/acceptances?overdue=1",
    "acceptances, changed": "/acceptances?override=approved",
    "acceptances, by a word": "/acceptances?q=%E5%B0%8F%E5%AD%A6",
    "acceptances, late ones of ten years": "/acceptances?clock=decision&late=1&from=2016-01-01",
    "findings": "/findings",
    "findings, overdue": "/findings?overdue=1",
    "findings, by a word": "/findings?q=%E5%B0%8F%E5%AD%A6",
    "campaigns": "/campaigns",
    "published results": "/public/results",
}
READERS = ("leader", "auditor", "education", "filer")


@dataclass
class Waited:
    """What one request asked of the database."""

    statements: int = 0
    seconds: float = 0.0


@contextmanager
def watched(database: Database) -> Iterator[Waited]:
    """Count statements and add up how long they took."""
    waited, begun = Waited(), [0.0]

    def before(*_: Any) -> None:
        begun[0] = time.perf_counter()

    def after(*_: Any) -> None:
        waited.statements += 1
        waited.seconds += time.perf_counter() - begun[0]

    event.listen(database.engine, "before_cursor_execute", before)
    event.listen(database.engine, "after_cursor_execute", after)
    try:
        yield waited
    finally:
        event.remove(database.engine, "before_cursor_execute", before)
        event.remove(database.engine, "after_cursor_execute", after)


def asked(client: FlaskClient, database: Database, path: str) -> tuple[int, float, float] | None:
    """Statements, milliseconds in the database and of the whole request, the middle of several; None for a shut page."""
    found = []
    for _ in range(TIMES):
        with watched(database) as waited:
            started = time.perf_counter()
            status = client.get(path).status_code
            whole = time.perf_counter() - started
        if status != 200:
            return None
        found.append((waited.statements, waited.seconds * 1000, whole * 1000))
    return found[-1][0], median(row[1] for row in found), median(row[2] for row in found)


def addresses(services: Services) -> dict[str, str]:
    """The pages, with one campaign of the city."""
    with services.connect("bench") as link, link.cursor() as cursor:
        cursor.execute("select id from campaign where status <> 'draft' order by id limit 1")
        row = cursor.fetchone()
        for table in ("acceptance", "acceptance_clock", "inspection_finding", "visit", "published_result", "campaign"):
            cursor.execute(f"select count(*) from {table}")
            print(f"{table:20} {cursor.fetchone()[0]:>9,}", flush=True)
    return PAGES | ({"one campaign": f"/campaigns/{row[0]}"} if row else {})


def main() -> None:
    """Every page for every reader."""
    with city(CAMERAS) as (settings, services):
        app = create_app(settings)
        database: Database = app.extensions["portal_database"]
        paths, slowest = addresses(services), 0.0
        for login in READERS:
            with app.test_client() as client:
                enter(client, login)
                for name, path in paths.items():
                    got = asked(client, database, path)
                    if got is not None:
                        slowest = max(slowest, got[1])
                        print(
                            f"{login:10} {name:38} {got[0]:>3} statements {got[1]:>7.1f} {got[2]:>7.1f} ms", flush=True
                        )
        ratio("slowest_inspection_page_over_300_ms", slowest / MOST_MS)


if __name__ == "__main__":
    main()
