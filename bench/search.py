"""The search over everything, at 20,000 and at 1,000,000 cameras: by words that very many names bear and by rare ones.

Each word is asked by who sees the whole city, one district, and one unit; by names of two characters and three, initials,
codes whole and in part, a unit's name, a filing's number. Told are the whole request, the part of it that is spent waiting
for the database, and the CPU time of both together, which other work on the machine lengthens less: what the request would
take on a core of its own. Beside it stands the bare look-up of one camera by its key.

`best` is the quickest of a word's repeats: what the request takes in a moment in which nothing else runs, as on a machine
of the portal's own. Its p95 is over all words and readers. The rest is what was met on the machine as it was.
"""

import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from bench.ground import city, enter, median_seconds, quick, ratio
from portal.app import create_app
from portal.core.db import Database
from portal.core.scope import EVERYTHING
from portal.registry.models import Camera, Filing, Unit

SIZES = (2_000, 20_000) if quick() else (20_000, 1_000_000)
TIMES = 7
PEOPLE = ("cityregistrar", "registrar", "filer")
# In every second name, in many, in few, in none; initials; a serial that many codes end in; how all codes begin.
WORDS = ("枪机", "大道", "文峰", "值班室", "无此名", "zm", "wfdd", "000042", "410502")
Took = tuple[float, float, float, float]
PARTS = ("", "_database", "_database_cpu", "_cpu")


class Waiting:
    """What a database is waited for, and the CPU time of those of its processes that served."""

    def __init__(self, engine: Engine) -> None:
        self.seconds, self.began = 0.0, 0.0
        self.processes: set[int] = set()
        event.listen(engine, "before_cursor_execute", self._before)
        event.listen(engine, "after_cursor_execute", self._after)

    def _before(self, _link: Any, cursor: Any, *_rest: Any) -> None:
        self.processes.add(cursor.connection.info.backend_pid)
        self.began = time.perf_counter()

    def _after(self, *_rest: Any) -> None:
        self.seconds += time.perf_counter() - self.began

    def cpu(self) -> float:
        """CPU seconds so far of every process that ever served."""
        return sum(_cpu_of(process) for process in self.processes)


def _cpu_of(process: int) -> float:
    try:
        return int(Path(f"/proc/{process}/schedstat").read_text().split()[0]) / 1e9
    except FileNotFoundError:
        return 0.0


@contextmanager
def reader(app: Any, login: str) -> Iterator[FlaskClient]:
    """A person of the demonstration, signed in."""
    with app.test_client() as client:
        enter(client, login)
        yield client


def measure(cameras: int) -> dict[str, float]:
    """Seconds of a search: the middle and the twentieth of all, whole, waiting, and of CPU; and the bare look-up."""
    with city(cameras) as (settings, _services):
        app = create_app(settings)
        database: Database = app.extensions["portal_database"]
        with database.session(EVERYTHING) as session:
            found = select(Camera.id, Camera.gb_code).where(Camera.gb_code.is_not(None))
            key, code = session.execute(found.limit(1)).one()
            numbers = select(Unit.name, Filing.number).join(Unit, Unit.id == Filing.unit_id)
            unit, number = session.execute(numbers.where(Filing.number.is_not(None)).limit(1)).one()
            bare = median_seconds(lambda: session.execute(select(Camera.id).where(Camera.id == key)).all())
        waiting = Waiting(database.engine)
        all_took: list[Took] = []
        best: list[Took] = []
        for login in PEOPLE:
            with reader(app, login) as client:
                for word in (*WORDS, code[-6:], code[8:16], code, unit, number):
                    took = asked(client, waiting, word)
                    all_took += took
                    best.append(quickest(took))
                    print(f"{cameras:>9,} cameras, {login:13} {said(took)}  {word}", flush=True)
        database.dispose()
    result = {"bare": bare}
    for which, rows in (("", all_took), ("_best", best)):
        for name, column in zip(PARTS, zip(*rows, strict=True), strict=True):
            result[f"p50{name}{which}"] = statistics.median(column)
            result[f"p95{name}{which}"] = statistics.quantiles(column, n=20)[-1]
    return result


def quickest(took: Sequence[Took]) -> Took:
    """The least of each part over the repeats of one word."""
    whole, waited, database, cpu = (min(column) for column in zip(*took, strict=True))
    return whole, waited, database, cpu


def asked(client: FlaskClient, waiting: Waiting, word: str) -> Sequence[Took]:
    """One word, some times over: seconds of the whole request, of waiting, of the database's CPU, and of all CPU."""
    took = []
    for _ in range(TIMES + 1):
        before, started = waiting.seconds, time.perf_counter()
        theirs, ours = waiting.cpu(), time.process_time()
        answer = client.get("/search", query_string={"q": word, "go": "list"})
        seconds, ours, theirs = time.perf_counter() - started, time.process_time() - ours, waiting.cpu() - theirs
        took.append((seconds, waiting.seconds - before, theirs, ours + theirs))
        assert answer.status_code == 200, answer.status_code
    return took[1:]


def said(took: Sequence[Took]) -> str:
    """The middle of each."""
    whole, waited, database, cpu = (statistics.median(column) * 1000 for column in zip(*took, strict=True))
    return f"request {whole:6.1f} ms, waiting {waited:6.1f}; CPU {cpu:6.1f} ms, database's {database:6.1f}"


def main() -> int:
    """Measure both sizes and compare."""
    small, large = (measure(size) for size in SIZES)
    for name in (f"{each}{part}{best}" for best in ("", "_best") for part in PARTS for each in ("p50", "p95")):
        ratio(f"search_{name}_{SIZES[1]}_over_{SIZES[0]}", large[name] / small[name])
        ratio(f"search_{name}_ms", large[name] * 1000)
    ratio("search_p50_database_over_bare_lookup", large["p50_database"] / large["bare"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
