"""One throw-away PostGIS cluster and one Redis for a whole test run.

Without xdist they start when the first test asks. With xdist the controller passes each worker the sockets and starts
the servers while the workers collect, so that they share one cluster and one template; no test is handed out before.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psycopg2
import pytest
from psycopg2 import sql

from portal.launcher.broker import PrivateRedis
from portal.launcher.cluster import PORT, SUPERUSER, THROW_AWAY, PrivateCluster, buffers
from portal.launcher.schema import install_scope_key, upgrade

TEMPLATE = "portal_template"
MEMORY, ROOM = Path("/dev/shm"), 4 * 2**30
SCOPE_KEY = "scope-key-of-the-tests-0123456789abcdef0123456789abcdef"


@dataclass(frozen=True)
class Services:
    """Where the run's servers listen; small enough to hand to a worker."""

    postgres_socket: str
    redis_socket: str

    def url(self, database: str, *, user: str = SUPERUSER) -> str:
        """An SQLAlchemy address."""
        where = urlencode({"host": self.postgres_socket, "port": PORT})
        return f"postgresql+psycopg2://{quote(user)}@/{quote(database)}?{where}"

    def redis_url(self, number: int = 0) -> str:
        """An address for redis-py."""
        return f"unix://{self.redis_socket}?db={number}"

    def celery_url(self, number: int = 0) -> str:
        """The same Redis as Celery names it."""
        return f"redis+socket://{self.redis_socket}?virtual_host={number}"

    def connect(self, database: str = "postgres", *, user: str = SUPERUSER) -> Any:
        """A plain autocommit connection, past every pool."""
        link = psycopg2.connect(host=self.postgres_socket, port=PORT, dbname=database, user=user)
        link.autocommit = True
        return link

    def clone_template(self, name: str) -> str:
        """A fresh database with the whole schema; its address."""
        return self.copy(TEMPLATE, name)

    def copy(self, source: str, name: str) -> str:
        """A database like another, to which nobody is connected; its address."""
        self.drop(name)
        # Copied as files: written page by page through the log, which nobody will read, it takes ten times as long.
        copied = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        self._execute(copied.format(sql.Identifier(name), sql.Identifier(source)))
        return self.url(name)

    def create(self, name: str) -> None:
        """A fresh database with nothing in it."""
        self.drop(name)
        self._execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))

    def drop(self, name: str) -> None:
        """Remove a database whoever is connected."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _execute(self, statement: sql.Composable) -> None:
        link = self.connect()
        try:
            with link.cursor() as cursor:
                cursor.execute(statement)
        finally:
            link.close()


def open_directory() -> Path:
    """A temporary directory that the database's own user can walk through, which it cannot through pytest's.

    In memory where there is room for it: nothing of it outlives the run, and a disk takes its time for every copy.
    """
    roomy = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM
    if roomy:
        _forget_the_dead()
    made = Path(tempfile.mkdtemp(prefix=f"portal-test-{os.getpid()}-", dir=MEMORY if roomy else None))
    made.chmod(0o711)
    return made


def _forget_the_dead() -> None:
    """What a run left in memory that was killed before it could tidy up."""
    for left in MEMORY.glob("portal-test-*-*"):
        maker = left.name.split("-")[2]
        if maker.isdigit() and not Path("/proc", maker).exists():
            shutil.rmtree(left, ignore_errors=True)


class RunningServices:
    """The servers themselves, held by the process that started them; with a `kept` directory their data outlive it."""

    def __init__(self, kept: Path | None = None) -> None:
        self.kept = kept is not None
        self.home = kept or open_directory()
        unsafe = {**THROW_AWAY, "shared_buffers": buffers()} if self.kept else None
        self.cluster = PrivateCluster(self.home / "pg", throw_away=not self.kept, settings=unsafe)
        self.redis = PrivateRedis(self.home / "redis", append_only=False)
        self.services = Services(str(self.cluster.socket_dir), str(self.redis.socket))
        self._started = False

    def start(self) -> None:
        """Start both, with the whole schema in the template; once."""
        if self._started:
            return
        self._started = True
        try:
            self.cluster.create()
            self.cluster.start()
            self.redis.start()
            if not self.cluster.has_database(TEMPLATE):
                self.cluster.create_database(TEMPLATE)
            upgrade(self.cluster.url(TEMPLATE))
            install_scope_key(self.cluster.url(TEMPLATE), SCOPE_KEY.encode())
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop both and leave nothing on disk, unless it is to be kept."""
        self.redis.stop()
        self.cluster.stop()
        if not self.kept:
            shutil.rmtree(self.home, ignore_errors=True)


_running = pytest.StashKey[RunningServices]()


def _prepared(config: pytest.Config) -> RunningServices:
    if _running not in config.stash:
        config.stash[_running] = RunningServices()
    return config.stash[_running]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """xdist, in the controller: give each worker the sockets."""
    node.workerinput["portal_services"] = json.dumps(asdict(_prepared(node.config).services))


@pytest.hookimpl(wrapper=True)
def pytest_sessionstart(session: pytest.Session) -> Iterator[None]:
    """xdist, in the controller: the workers have been sent off to collect, which takes as long as this."""
    yield
    if _running in session.config.stash:
        session.config.stash[_running].start()


def pytest_unconfigure(config: pytest.Config) -> None:
    """The process that started the servers stops them."""
    if _running in config.stash:
        config.stash[_running].stop()
        del config.stash[_running]


@pytest.fixture(scope="session")
def services(pytestconfig: pytest.Config) -> Services:
    """The run's PostGIS and Redis."""
    handed = getattr(pytestconfig, "workerinput", {}).get("portal_services")
    if handed is not None:
        return Services(**json.loads(handed))
    running = _prepared(pytestconfig)
    running.start()
    return running.services


@pytest.fixture(scope="session")
def worker_name(pytestconfig: pytest.Config) -> str:
    """`main`, or `gw0`, `gw1` … under xdist."""
    return str(getattr(pytestconfig, "workerinput", {}).get("workerid", "main"))


@pytest.fixture(scope="session")
def worker_number(worker_name: str) -> int:
    """A small number of this worker; keeps Redis databases apart."""
    return 0 if worker_name == "main" else int(worker_name.removeprefix("gw")) + 1
