"""The search over everything, at 20,000 and at 1,000,000 cameras: by words that very many names bear and by rare ones.

Each word is asked by who sees the whole city, one district, and one unit; by names, initials, and codes whole and in
part. Told are the whole request, the part of it that is spent waiting for the database, and what that costs the database
in CPU time, which other work on the machine does not lengthen; beside it stands the bare look-up of one camera by its key.
"""

import os
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event, select, text
from sqlalchemy.engine import Engine

from bench.ground import city, enter, median_seconds, quick, ratio
from portal.app import create_app
from portal.core.db import Database
from portal.core.scope import EVERYTHING
from portal.registry.models import Camera

SIZES = (2_000, 20_000) if quick() else (20_000, 1_000_000)
TIMES = 7
PEOPLE = ("cityregistrar", "registrar", "filer")
# In every second name, in many, in few, in none; initials; a serial that many codes end in; how all codes begin.
WORDS = ("枪机", "大道", "文峰", "值班室", "无此名", "zm", "wfdd", "000042", "410502")
TICK = os.sysconf("SC_CLK_TCK")


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
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICK


@contextmanager
def reader(app: Any, login: str) -> Iterator[FlaskClient]:
    """A person of the demonstration, signed in."""
    with app.test_client() as client:
        enter(client, login)
        yield client


def measure(cameras: int) -> dict[str, float]:
    """Seconds of a search: the middle and the twentieth of all, whole and waiting; and the bare look-up."""
    with city(cameras) as (settings, _services):
        app = create_app(settings)
        database: Database = app.extensions["portal_database"]
        with database.session(EVERYTHING) as session:
            found = select(Camera.id, Camera.gb_code).where(Camera.gb_code.is_not(None))
            key, code = session.execute(found.limit(1)).one()
            bare = median_seconds(lambda: session.execute(select(Camera.id).where(Camera.id == key)).all())
            session.execute(text("select 1"))
        waiting = Waiting(database.engine)
        whole: list[float] = []
        waited: list[float] = []
        for login in PEOPLE:
            with reader(app, login) as client:
                for word in (*WORDS, code[8:16], code):
                    took = asked(client, waiting, word)
                    whole += [one for one, _ in took]
                    waited += [one for _, one in took]
                    print(f"{cameras:>9,} cameras, {login:13} {word:21} {said(took)}", flush=True)
        database.dispose()
    return {
        "p50": statistics.median(whole),
        "p95": statistics.quantiles(whole, n=20)[-1],
        "p50_database": statistics.median(waited),
        "p95_database": statistics.quantiles(waited, n=20)[-1],
        "bare": bare,
    }


def asked(client: FlaskClient, waiting: Waiting, word: str) -> Sequence[tuple[float, float]]:
    """One word, some times over: seconds of the whole request, and of waiting."""
    took = []
    for turn in range(TIMES + 1):
        if turn == 1:
            cpu = waiting.cpu()
        before, started = waiting.seconds, time.perf_counter()
        answer = client.get("/search", query_string={"q": word, "go": "list"})
        took.append((time.perf_counter() - started, waiting.seconds - before))
        assert answer.status_code == 200, answer.status_code
    print(f"database CPU {(waiting.cpu() - cpu) / TIMES * 1000:5.1f} ms ", end="")
    return took[1:]


def said(took: Sequence[tuple[float, float]]) -> str:
    """The middle of both."""
    whole, waited = (statistics.median(column) * 1000 for column in zip(*took, strict=True))
    return f"request {whole:7.1f} ms, of it waiting for the database {waited:7.1f} ms"


def main() -> int:
    """Measure both sizes and compare."""
    small, large = (measure(size) for size in SIZES)
    for name in ("p50", "p95", "p50_database", "p95_database"):
        ratio(f"search_{name}_{SIZES[1]}_over_{SIZES[0]}", large[name] / small[name])
        ratio(f"search_{name}_ms", large[name] * 1000)
    ratio("search_p50_database_over_bare_lookup", large["p50_database"] / large["bare"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
