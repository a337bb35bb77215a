"""The outbox alone: whose row it is, for how long, and what becomes of work that nobody survives."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from portal import jobs
from portal.core.clock import real_now
from portal.core.db import Database
from portal.core.outbox import OutboxRow, TaskName, enqueue
from portal.jobs import MAX_ATTEMPTS, MAX_CLAIMS, REGISTRY, Job, Runner

TASK = TaskName.VAULT_SWEEP


@pytest.fixture
def declare(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def put(run: Callable[..., None], *, holds_transaction: bool = True) -> None:
        monkeypatch.setitem(REGISTRY, TASK, Job(name=TASK, run=run, holds_transaction=holds_transaction))

    return put


@pytest.fixture
def runner(own_database: Database) -> Runner:
    with own_database.transaction() as session:
        enqueue(session, TASK)
    return Runner(own_database)


def row_of(runner: Runner) -> OutboxRow:
    with runner.database.transaction() as session:
        return session.scalars(select(OutboxRow)).one()


def leave_behind(runner: Runner, **columns: Any) -> None:
    """The row as a dead worker left it."""
    with runner.database.transaction() as session:
        past = real_now() - timedelta(seconds=1)
        session.execute(update(OutboxRow).values(state="leased", lease_until=past, **columns))


def test_a_row_is_free_again_when_its_workers_lease_has_ended(runner: Runner, declare: Callable[..., None]) -> None:
    ran = []
    declare(lambda _session, **_: ran.append(1))
    with runner.database.transaction() as session:
        session.execute(update(OutboxRow).values(state="leased", lease_until=real_now() + timedelta(seconds=60)))
    assert runner.drain("default") == 0
    leave_behind(runner)
    assert runner.drain("default") == 1
    assert (ran, row_of(runner).state) == ([1], "done")


def test_a_job_without_a_transaction_keeps_its_lease_while_it_lives(
    runner: Runner, declare: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "RENEW_SECONDS", 0.02)
    monkeypatch.setattr(jobs, "LEASE", timedelta(seconds=1))
    seen = []

    def long_work(database: Database, **_: object) -> None:
        first = row_of(runner).lease_until
        assert first is not None
        deadline = time.monotonic() + 30
        while (row_of(runner).lease_until or first) <= first and time.monotonic() < deadline:
            time.sleep(0.02)
        seen.append((row_of(runner).lease_until or first) > first)
        seen.append(Runner(database).drain("default"))  # another worker finds nothing to take

    declare(long_work, holds_transaction=False)
    assert runner.drain("default") == 1
    assert (seen, row_of(runner).state) == ([True, 0], "done")


def test_failing_work_is_set_aside_after_its_last_attempt(runner: Runner, declare: Callable[..., None]) -> None:
    def fail(_session: object, **_: object) -> None:
        raise RuntimeError("13900002207")

    declare(fail)
    leave_behind(runner, attempts=MAX_ATTEMPTS - 1)
    runner.drain("default")
    row = row_of(runner)
    assert (row.state, "13900002207" in (row.last_error or "")) == ("poisoned", False)


def test_work_that_kills_every_worker_is_set_aside(runner: Runner, declare: Callable[..., None]) -> None:
    ran = []
    declare(lambda _session, **_: ran.append(1))
    with runner.database.transaction() as session:
        enqueue(session, TASK)  # what waits behind it is not held up
    leave_behind(runner, attempts=MAX_CLAIMS)
    with runner.database.transaction() as session:
        newest = select(OutboxRow.id).order_by(OutboxRow.id.desc()).limit(1).scalar_subquery()
        session.execute(update(OutboxRow).where(OutboxRow.id == newest).values(state="waiting", attempts=0))
    runner.drain("default")
    with runner.database.transaction() as session:
        states = session.execute(select(OutboxRow.state, OutboxRow.last_error).order_by(OutboxRow.id)).all()
    assert [tuple(state) for state in states] == [("poisoned", "its worker died each time"), ("done", None)]
    assert ran == [1]


def test_one_order_kills_one_process(tmp_path: Path) -> None:
    """A crash point armed by a file: the first to pass takes the order and dies, the next lives."""
    code = f"from portal.core.crash import arm, crash_point\narm('@{tmp_path}')\ncrash_point('outbox.before_done')"
    (tmp_path / "outbox.before_done").touch()
    (tmp_path / "request.before_commit").touch()
    ends = [subprocess.run([sys.executable, "-c", code], env=dict(os.environ), check=False).returncode for _ in "12"]
    assert ends == [-signal.SIGKILL, 0]
    assert [path.name for path in tmp_path.iterdir()] == ["request.before_commit"]
