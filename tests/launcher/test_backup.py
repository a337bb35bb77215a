"""Backup and restore: what was there at the moment is there again, and a failed restore costs nothing."""

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from portal.launcher.archive import Archive
from portal.launcher.backup import backup, follow
from portal.launcher.cluster import PrivateCluster
from portal.launcher.environment import DATABASE, environments_of
from portal.launcher.keys import Keys
from portal.launcher.layout import Layout
from portal.launcher.processes import ROOT
from portal.launcher.programs import database_user
from portal.launcher.restore import check, restore
from portal.launcher.schema import install_scope_key, upgrade
from portal.launcher.sockets import private_directory
from portal.launcher.speech import Refusal
from tests.support.services import open_directory

MARK = "insert into outbox (id, kind, queue, payload, not_before, created_at) values (gen_random_uuid(), %s, 'q', '{}', now(), now())"
QUICK = {"shared_buffers": "32MB", "fsync": "off", "full_page_writes": "off"}


@pytest.fixture(scope="module")
def prepared() -> Iterator[Path]:
    """A stopped cluster with the whole schema, made once and copied for each test: with as little log as can be."""
    layout = make_layout(open_directory())
    lean = {"wal_level": "minimal", "max_wal_senders": "0", "min_wal_size": "32MB", "wal_recycle": "off"}
    cluster = PrivateCluster(layout.postgres / "data", layout.postgres / "socket", settings={**QUICK, **lean})
    cluster.create()
    cluster.start()
    cluster.create_database(DATABASE)
    upgrade(cluster.url(DATABASE))
    install_scope_key(cluster.url(DATABASE), b"k" * 32)
    cluster.stop()
    yield layout.postgres / "data"
    shutil.rmtree(layout.root.parent)


def make_layout(home: Path) -> Layout:
    made = Layout(home / "data")
    made.make()
    Keys(made.keys).make()
    return made


@pytest.fixture
def layout(prepared: Path) -> Iterator[Layout]:
    made = make_layout(open_directory())
    private_directory(made.postgres, database_user())
    subprocess.run(["cp", "-a", prepared, made.postgres / "data"], check=True)
    yield made
    shutil.rmtree(made.root.parent)


def cluster_of(layout: Layout) -> PrivateCluster:
    settings = {**Archive(layout.backups).settings(), **QUICK}
    return PrivateCluster(layout.postgres / "data", layout.postgres / "socket", settings=settings)


@pytest.fixture
def running(layout: Layout) -> Iterator[PrivateCluster]:
    cluster = cluster_of(layout)
    cluster.configure()
    cluster.start()
    yield cluster
    cluster.stop()


def mark(cluster: PrivateCluster, kind: str) -> datetime:
    """Commit a row; a moment that is certainly after it and before the next."""
    link = cluster.connect(DATABASE)
    with link.cursor() as cursor:
        cursor.execute(MARK, (kind,))
    link.close()
    time.sleep(0.05)
    moment = datetime.now(UTC)
    time.sleep(0.05)
    return moment


def marks(layout: Layout) -> set[str]:
    cluster = cluster_of(layout)
    cluster.create()
    cluster.start()
    try:
        link = cluster.connect(DATABASE)
        with link.cursor() as cursor:
            cursor.execute("select kind from outbox")
            found = {str(kind) for (kind,) in cursor.fetchall()}
        link.close()
        return found
    finally:
        cluster.stop()


def store(layout: Layout, name: str) -> Path:
    path = layout.files / "vault" / name[:2] / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(name)
    return path


def test_any_moment_after_a_backup_comes_back(layout: Layout, running: PrivateCluster) -> None:
    mark(running, "before")
    early = store(layout, "aa11")
    note = backup(layout, keep=2, now=datetime.now(UTC))
    wanted = mark(running, "after")
    late = store(layout, "bb22")
    assert follow(layout) == 1
    (layout.files / "quarantine").mkdir()
    (layout.files / "quarantine" / "upload").write_text("not accepted yet")
    assert follow(layout) == 0
    mark(running, "unwanted")
    running.stop()
    early.unlink()
    late.unlink()

    archive = Archive(layout.backups)
    assert restore(layout, archive=archive, to=wanted, reason="test").note.name == note.name
    assert marks(layout) == {"before", "after"}
    assert early.read_text() == "aa11"
    assert late.read_text() == "bb22"

    # The abandoned future is still in the archive; a second restore can go back to it.
    restore(layout, archive=archive, to=None, reason="test")
    assert "before" in marks(layout)


ACT_AND_SEAL = """
import sys, time
from datetime import UTC, datetime
from portal.audit.operations import record
from portal.audit.values import LOG_GAP, Actor, SubjectRef
from portal.cli import commands
from portal.config import load_settings
from portal.core.clock import utcnow
from portal.core.db import open_database

database = open_database(load_settings())
for label in sys.argv[1:]:
    with database.transaction() as session:
        record(session, actor=Actor(name="test"), tag=LOG_GAP, subject=SubjectRef("t", "1", label), now=utcnow())
    commands(["audit", "seal"], standalone_mode=False)
    time.sleep(0.05)
    print(datetime.now(UTC).isoformat())
    time.sleep(0.05)
"""


def act_and_seal(layout: Layout, *labels: str) -> list[datetime]:
    """Audited acts, each sealed and signed outside; a moment after each of them."""
    done = subprocess.run(
        [sys.executable, "-c", ACT_AND_SEAL, *labels],
        env=dict(environments_of(layout).sealer()),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [datetime.fromisoformat(line) for line in done.stdout.splitlines() if line[:2] == "20"]


def test_the_audit_log_verifies_after_a_restore_and_the_gap_is_open(layout: Layout, running: PrivateCluster) -> None:
    running_key = Keys(layout.keys).scope.read_text().strip().encode()
    install_scope_key(running.url(DATABASE), running_key)
    act_and_seal(layout, "before")
    backup(layout, keep=2, now=datetime.now(UTC))
    wanted, _ = act_and_seal(layout, "kept", "lost")
    running.stop()
    done = restore(layout, archive=Archive(layout.backups), to=wanted, reason="drill")
    assert done.audit.verified, done.audit.told
    assert done.audit.gap.startswith("entries 3 to 3 stand without content")


def test_latest_includes_what_was_never_archived(layout: Layout, running: PrivateCluster) -> None:
    backup(layout, keep=2, now=datetime.now(UTC))
    mark(running, "last words")
    running.stop(patience=0)  # killed: the running segment never reached the archive
    restore(layout, archive=Archive(layout.backups), to=None, reason="test")
    assert "last words" in marks(layout)


def test_a_restore_that_cannot_be_changes_nothing(layout: Layout, running: PrivateCluster) -> None:
    archive = Archive(layout.backups)
    backup(layout, keep=2, now=datetime.now(UTC))
    mark(running, "kept")
    running.stop()
    with pytest.raises(Refusal, match="recovery target"):
        restore(layout, archive=archive, to=datetime.now(UTC) + timedelta(days=1), reason="test")
    with pytest.raises(Refusal, match="no backup"):
        restore(layout, archive=archive, to=datetime.now(UTC) - timedelta(days=1), reason="test")
    (layout.keys / "fields" / "field-k1.key").rename(layout.keys / "elsewhere")
    with pytest.raises(Refusal, match="field-k1"):
        restore(layout, archive=archive, to=None, reason="test")
    assert marks(layout) == {"kept"}


def test_the_check_restores_aside_and_finds_a_missing_document(layout: Layout, running: PrivateCluster) -> None:
    backup(layout, keep=2, now=datetime.now(UTC))
    found = check(layout, archive=Archive(layout.backups))
    assert found["well"]
    assert found["rows"]["alembic_version"] == 1
    # The rehearsal ends recovery on a timeline of its own, of which the archive must hear nothing.
    assert {path.name[:8] for path in Archive(layout.backups).wal.iterdir()} == {"00000001"}
    assert list(layout.postgres.glob("check-*")) == []


def test_only_complete_backups_count_and_old_ones_go_with_their_log(layout: Layout, running: PrivateCluster) -> None:
    archive = Archive(layout.backups)
    first = backup(layout, keep=2, now=datetime.now(UTC))
    broken = archive.root / "20200101T000000000000Z" / "base"
    broken.mkdir(parents=True)
    (archive.root / "20990101T000000000000Z").mkdir()
    assert archive.notes() == [first]
    assert replace(first, name="x") != first
    needless = archive.wal / "000000010000000000000000.gz"
    needless.write_text("")
    mark(running, "x")
    second = backup(layout, keep=1, now=datetime.now(UTC))
    assert [note.name for note in archive.notes()] == [second.name]
    assert not (archive.root / first.name).exists()
    assert not broken.parent.exists()
    assert not needless.exists()


def test_a_backup_needs_a_running_portal() -> None:
    stopped = make_layout(open_directory())
    with pytest.raises(Refusal, match="not running"):
        backup(stopped, keep=1, now=datetime.now(UTC))
    shutil.rmtree(stopped.root.parent)
