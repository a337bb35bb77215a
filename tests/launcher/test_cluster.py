"""The private cluster and broker: what they promise about safety and about being cut short."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.launcher.broker import PrivateRedis
from portal.launcher.cluster import PrivateCluster
from portal.launcher.programs import ServiceUser
from portal.launcher.sockets import LONGEST_DIRECTORY, UnsafeDirectory, reachable_by, socket_directory
from tests.support.services import Services, open_directory


@pytest.fixture
def home() -> Iterator[Path]:
    made = open_directory()
    yield made
    shutil.rmtree(made)


def test_a_cut_short_creation_is_made_again(home: Path) -> None:
    cluster = PrivateCluster(home / "pg", throw_away=True)
    partial = home / "pg.partial"
    partial.mkdir()
    (partial / "PG_VERSION").write_text("15\n")
    assert cluster.create() is True
    assert not partial.exists()
    assert cluster.create() is False
    cluster.start()
    cluster.stop()


def test_server_never_listens_on_tcp(services: Services) -> None:
    with services.connect() as link, link.cursor() as cursor:
        cursor.execute("SELECT current_setting('listen_addresses'), current_setting('server_encoding')")
        assert cursor.fetchone() == ("", "UTF8")
        cursor.execute("SELECT datcollate FROM pg_database WHERE datname = 'template1'")
        assert cursor.fetchone() == ("C.UTF-8",)


def test_chinese_has_trigrams(services: Services) -> None:
    """Under the plain C locale pg_trgm sees nothing in Chinese text, and search would find nothing."""
    name = "trigrams"
    link = services.connect()
    with link.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    with services.connect(name) as inside, inside.cursor() as cursor:
        cursor.execute("CREATE EXTENSION pg_trgm")
        cursor.execute("SELECT show_trgm('安阳市') <> '{}'")
        assert cursor.fetchone() == (True,)
    inside.close()
    services.drop(name)
    link.close()


def test_server_is_not_root(services: Services) -> None:
    socket = Path(services.postgres_socket) / ".s.PGSQL.5432"
    assert socket.stat().st_uid != 0
    assert stat.S_IMODE(Path(services.postgres_socket).stat().st_mode) == 0o700


def test_broker_keeps_its_file_and_its_socket_to_itself(tmp_path: Path) -> None:
    broker = PrivateRedis(tmp_path / "redis")
    broker.start()
    try:
        assert broker.answers()
        assert stat.S_IMODE(broker.socket.stat().st_mode) & 0o077 == 0
    finally:
        broker.stop()
    assert not broker.answers()
    assert any(tmp_path.joinpath("redis").rglob("*.aof"))


def test_long_paths_get_a_short_socket_directory(tmp_path: Path) -> None:
    me = ServiceUser(name="me", uid=os.geteuid(), gid=os.getegid())
    deep = tmp_path / ("x" * 100)
    short = socket_directory(deep, me)
    assert len(os.fsencode(short)) <= LONGEST_DIRECTORY
    assert socket_directory(deep, me) == short
    short.rmdir()


def test_a_planted_socket_directory_is_refused(tmp_path: Path) -> None:
    me = ServiceUser(name="me", uid=os.geteuid(), gid=os.getegid())
    real = tmp_path / "elsewhere"
    real.mkdir()
    planted = tmp_path / "socket"
    planted.symlink_to(real)
    with pytest.raises(UnsafeDirectory):
        socket_directory(planted, me)


def test_a_closed_home_is_noticed(tmp_path: Path) -> None:
    stranger = ServiceUser(name="stranger", uid=54321, gid=54321)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    assert not reachable_by(closed / "deeper", stranger)
