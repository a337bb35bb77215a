"""What measurements stand on: a throw-away portal with as many cameras as wanted, and a fair stopwatch."""

import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from flask.testing import FlaskClient

from portal.config import Settings
from portal.demo.cast import DEMO, cast_of
from portal.launcher.schema import upgrade
from tests.support.database import settings_for
from tests.support.live import environment_of
from tests.support.services import RunningServices, Services

ROOT = Path(__file__).resolve().parents[1]


@contextmanager
def city(cameras: int) -> Iterator[tuple[Settings, Services]]:
    """A portal of its own with a demonstration city of this size; gone afterwards.

    With BENCH_CITIES=DIRECTORY it is kept there, and the next measurement of this size takes it as it finds it, its
    schema brought up to date: a million cameras are loaded once for a day of measuring.
    """
    running = RunningServices(_place_of(cameras))
    services, loaded = running.services, running.home / "loaded"
    try:
        running.start()
        if not loaded.exists():
            services.clone_template("bench")
        settings = settings_for(services, "bench", running.home / "portal", broker=0)
        if loaded.exists():
            upgrade(services.url("bench"))
        else:
            _load(settings, cameras)
            loaded.touch()
        with services.connect("bench") as link, link.cursor() as cursor:
            cursor.execute("analyze")
        yield settings, services
    finally:
        running.stop()


def _place_of(cameras: int) -> Path | None:
    """Where a city of this size is kept; nothing for one that is thrown away."""
    if not os.environ.get("BENCH_CITIES"):
        return None
    place = Path(os.environ["BENCH_CITIES"]).absolute() / str(cameras)
    place.mkdir(parents=True, exist_ok=True)
    return place


def _load(settings: Settings, cameras: int) -> None:
    subprocess.run(
        [sys.executable, "-m", "portal", "demo", "load", "--cameras", str(cameras)],
        env=environment_of(settings),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        check=True,
    )


def enter(client: FlaskClient, login: str) -> None:
    """Sign a test client in as one of the demonstration's people."""
    fields = dict(re.findall(r'name="(_key|csrf_token)"[^>]*value="([^"]+)"', client.get("/sign-in").text))
    answer = client.post("/sign-in", data={**fields, "login": login, "password": cast_of(DEMO).password})
    assert answer.status_code == 303, answer.status_code


def median_seconds(action: Callable[[], object], *, times: int = 15, warm: int = 3) -> float:
    """The middle of several runs, after a few that do not count."""
    for _ in range(warm):
        action()
    seconds = []
    for _ in range(times):
        started = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def alternately(first: Callable[[], object], second: Callable[[], object], *, times: int = 15) -> tuple[float, float]:
    """Medians of two actions run in turn, so that whatever else the machine does hits both alike."""
    results: tuple[list[float], list[float]] = ([], [])
    for _ in range(times + 2):
        for seconds, action in zip(results, (first, second), strict=True):
            started = time.perf_counter()
            action()
            seconds.append(time.perf_counter() - started)
    return statistics.median(results[0][2:]), statistics.median(results[1][2:])


def ratio(name: str, value: float) -> None:
    """Print a result in the form that `python -m bench` collects."""
    print(f"ratio {name} {value:.2f}", flush=True)


def quick() -> bool:
    """Is a small run wanted (BENCH_QUICK=1), only to see that the measurement works?"""
    return os.environ.get("BENCH_QUICK") == "1"
