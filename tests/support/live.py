"""A whole portal for journeys: web, workers, sealer and devices as real processes over a database of their own."""

import contextlib
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from sqlalchemy import make_url

from portal.config import Settings
from portal.demo.cast import DEMO, cast_of
from portal.jobs import QUEUE_NAMES
from portal.launcher.children import kill_group, spawn
from tests.support.city import LoadedCity
from tests.support.database import environment_of
from tests.support.services import Services

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = ("probe.live", "probe.down", "probe.auth")


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class LivePortal:
    """The running processes of one portal."""

    url: str
    settings: Settings
    logs: Path
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """What its processes are given."""
        return environment_of(self.settings)

    @cached_property
    def logins(self) -> dict[str, str]:
        """Passwords of the demonstration's people by login."""
        cast = cast_of(DEMO)
        return {person.login: cast.password for person in cast.people}

    def command(self, *arguments: str) -> str:
        """Run a portal command to its end and return what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "portal", *arguments],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask or change the database as its owner: for what no page of a journey is about."""
        url = make_url(str(self.settings.owner_database_url))
        link = psycopg2.connect(dbname=url.database, user=url.username, **url.query)
        with contextlib.closing(link), link, link.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall()

    def start(self, name: str, *argv: str) -> None:
        """Start one process beside the others."""
        with (self.logs / f"{name}.log").open("ab") as log:
            self.children[name] = spawn(
                [sys.executable, "-m", *argv], environment=self.environment, cwd=ROOT, output=log
            )

    def start_web(self) -> None:
        """Start the web server and wait for its first answer."""
        bind = self.url.removeprefix("http://")
        serve = ("--worker-class", "gthread", "--threads", "8", "--no-control-socket", "--graceful-timeout", "1")
        self.start("web", "gunicorn", "portal.wsgi:app", "--bind", bind, *serve)
        deadline = time.monotonic() + 60
        while not self.answers():
            if self.children["web"].poll() is not None or time.monotonic() > deadline:
                pytest.fail((self.logs / "web.log").read_text()[-3000:])
            time.sleep(0.1)

    def answers(self) -> bool:
        """Does the web server answer?"""
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
            return bool(answer.status == 200)
        return False

    def start_workers(self) -> None:
        """One worker, which also keeps the schedule: a process less to start.

        It takes every queue but the rounds': who tries a button asks one camera, and the whole city asked again and
        again beside it takes a third of a core.
        """
        quiet = ("--without-gossip", "--without-mingle")
        beat = ("--beat", "--schedule", str(self.logs / "schedule"))
        queues = ",".join(name for name in QUEUE_NAMES if name not in ROUNDS)
        self.start("worker", "celery", "-A", "portal.celeryd", "worker", "-Q", queues, "-c", "2", *quiet, *beat)

    def start_rest(self) -> None:
        """What seals the audit log and what answers as the city's cameras.

        Another portal on this machine may hold the cameras' addresses: its fleet is the same and will do until it ends.
        """
        self.start("sealer", "portal", "audit", "seal", "--forever")
        self.start("devices", "portal", "demo", "devices", "--wait")

    def stop(self) -> None:
        """End everything at once: the database is thrown away anyway."""
        for child in self.children.values():
            kill_group(child.pid)
            child.wait()


@pytest.fixture(scope="session")
def live_portal(
    services: Services,
    loaded_city: LoadedCity,
    worker_name: str,
    worker_number: int,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[LivePortal]:
    """The portal that all journeys of a run share, with a small demonstration city."""
    name = f"live_{worker_name}"
    home = tmp_path_factory.mktemp("live")
    url = f"http://127.0.0.1:{free_port()}"
    settings = loaded_city.copy(services, name, home, broker=8 + worker_number).model_copy(update={"base_url": url})
    portal = LivePortal(url=url, settings=settings, logs=home)
    try:
        portal.start_web()
        portal.start_workers()
        portal.start_rest()
        yield portal
    finally:
        portal.stop()
        services.drop(name)


@pytest.fixture(scope="session")
def live_server(live_portal: LivePortal) -> str:
    """The address of the journeys' portal."""
    return live_portal.url
