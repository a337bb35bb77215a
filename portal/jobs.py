"""Jobs: Celery wakes and parallelises, the outbox remembers (reliability.md D1).

A job is a function `(session, *, now, **ids)` declared with `@job(TaskName.X)`. The runner claims its outbox row with a
lease, runs it in one transaction that also carries the done-mark, and backs off on failure. Jobs that talk to the
network declare `holds_transaction=False`, get the database instead of a session and are idempotent by themselves; their
lease is renewed while they run, so that it can be short and the work of a killed worker is taken up again in seconds.
"""

import logging
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any
from uuid import UUID

from celery import Celery
from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from portal.core.clock import CITY_TZ, real_now, utcnow
from portal.core.crash import crash_point
from portal.core.db import Database
from portal.core.outbox import DEFAULT_QUEUE, QUEUES, OutboxRow, OutboxState, TaskName, enqueue

log = logging.getLogger("portal.jobs")

LEASE = timedelta(seconds=30)
RENEW_SECONDS = 8.0
MAX_ATTEMPTS = 8
# Work that kills its worker each time never gets to fail, and would go round for ever.
MAX_CLAIMS = 2 * MAX_ATTEMPTS
DRAIN_SECONDS = 240
QUEUE_NAMES = sorted({DEFAULT_QUEUE, "probe.down", *QUEUES.values()})


@dataclass(frozen=True, kw_only=True)
class Job:
    """A declared job."""

    name: TaskName
    run: Callable[..., None]
    holds_transaction: bool


REGISTRY: dict[TaskName, Job] = {}


def job(name: TaskName, *, holds_transaction: bool = True) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Declare the function that does a TaskName's work. It takes ids by keyword and ends in `**_`."""

    def declare(run: Callable[..., None]) -> Callable[..., None]:
        if name in REGISTRY:
            raise ValueError(f"job {name} is declared twice")
        REGISTRY[name] = Job(name=name, run=run, holds_transaction=holds_transaction)
        return run

    return declare


class Runner:
    """Claims and runs outbox rows over one database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def drain(self, queue: str, *, limit: int = 100) -> int:
        """Run what is due in a queue, oldest first; the number of rows run.

        It ends well before the task's time limit, which would kill a row half-way; the sweep wakes the rest.
        """
        done, until = 0, time.monotonic() + DRAIN_SECONDS
        while done < limit and time.monotonic() < until and self.run_next(queue):
            done += 1
        return done

    def run_next(self, queue: str) -> bool:
        """Claim and run one row. False when none is due."""
        claimed = self._claim(queue)
        if claimed is None:
            return False
        row_id, kind, payload = claimed
        crash_point("outbox.before_effect")
        try:
            self._work(row_id, REGISTRY[TaskName(kind)], payload)
        except Exception as fault:
            # Only the type and place are kept: a message may carry what must not be logged.
            frame = traceback.extract_tb(fault.__traceback__)[-1]
            self._failed(row_id, f"{type(fault).__name__} at {frame.name}:{frame.lineno}")
            log.exception("job %s failed", kind)
        return True

    def _claim(self, queue: str) -> tuple[UUID, str, dict[str, Any]] | None:
        now = real_now()
        with self.database.transaction() as session:
            row = session.scalars(
                select(OutboxRow)
                .where(
                    OutboxRow.queue == queue,
                    OutboxRow.not_before <= now,
                    or_(
                        OutboxRow.state == OutboxState.WAITING,
                        (OutboxRow.state == OutboxState.LEASED) & (OutboxRow.lease_until < now),
                    ),
                )
                .order_by(OutboxRow.not_before)
                .limit(1)
                .with_for_update(skip_locked=True)
            ).one_or_none()
            if row is None:
                return None
            if row.attempts < MAX_CLAIMS:
                row.state, row.lease_until = OutboxState.LEASED, now + LEASE
                row.attempts += 1
                return row.id, row.kind, row.payload
            row.state, row.last_error = OutboxState.POISONED, row.last_error or "its worker died each time"
            log.error("job %s set aside: its worker died %d times", row.kind, row.attempts)
        return self._claim(queue)

    def _work(self, row_id: UUID, declared: Job, payload: Mapping[str, Any]) -> None:
        if not declared.holds_transaction:
            with self._lease_renewed(row_id):
                declared.run(self.database, now=utcnow(), **payload)
            crash_point("outbox.before_done")
            with self.database.transaction() as session:
                _mark_done(session, row_id)
            return
        with self.database.transaction() as session:
            if not _still_mine(session, row_id):
                return
            declared.run(session, now=utcnow(), **payload)
            crash_point("outbox.before_done")
            _mark_done(session, row_id)

    @contextmanager
    def _lease_renewed(self, row_id: UUID) -> Iterator[None]:
        """Keep others off a row while its job runs without a transaction whose lock would do so."""
        ended = Event()

        def renew() -> None:
            mine = update(OutboxRow).where(OutboxRow.id == row_id, OutboxRow.state == OutboxState.LEASED)
            while not ended.wait(RENEW_SECONDS):
                try:
                    with self.database.transaction() as session:
                        session.execute(mine.values(lease_until=real_now() + LEASE))
                except Exception as fault:  # the job may outlive a restart of the database; the next beat tries again
                    log.warning("lease not renewed: %s", type(fault).__name__)

        beat = Thread(target=renew, daemon=True)
        beat.start()
        try:
            yield
        finally:
            ended.set()
            beat.join()

    def _failed(self, row_id: UUID, error: str) -> None:
        with self.database.transaction() as session:
            row = session.get(OutboxRow, row_id, with_for_update=True)
            if row is None or row.state == OutboxState.DONE:
                return
            row.last_error = error[:400]
            poisoned = row.attempts >= MAX_ATTEMPTS
            row.state = OutboxState.POISONED if poisoned else OutboxState.WAITING
            row.not_before = real_now() + timedelta(seconds=min(2**row.attempts, 900))


def _still_mine(session: Session, row_id: UUID) -> bool:
    """Lock the row for the whole effect: another runner whose lease came later waits, then finds it done."""
    row = session.get(OutboxRow, row_id, with_for_update=True)
    return row is not None and row.state == OutboxState.LEASED


def _mark_done(session: Session, row_id: UUID) -> None:
    row = session.get(OutboxRow, row_id)
    if row is not None:
        row.state, row.done_at, row.lease_until, row.last_error = OutboxState.DONE, real_now(), None, None


def due_queues(session: Session, *, now: datetime) -> list[str]:
    """Queues that hold work nobody woke a worker for: what the sweep looks at."""
    return list(
        session.scalars(
            select(OutboxRow.queue)
            .where(
                OutboxRow.state.in_((OutboxState.WAITING, OutboxState.LEASED)),
                OutboxRow.not_before <= now,
                or_(OutboxRow.lease_until.is_(None), OutboxRow.lease_until < now),
            )
            .distinct()
        )
    )


def schedule_slot(session: Session, task: TaskName, *, every: timedelta, now: datetime) -> None:
    """Enqueue the run of this time slot, once however many schedulers ask."""
    slot = int(now.timestamp() // every.total_seconds())
    enqueue(session, task, dedupe=f"slot:{task}:{int(every.total_seconds())}:{slot}")


def make_celery(broker_url: str) -> Celery:
    """The Celery application: late acknowledgement, one message at a time, no results kept."""
    app = Celery("portal", broker=broker_url)
    app.conf.update(
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        task_ignore_result=True,
        task_default_queue=DEFAULT_QUEUE,
        task_time_limit=600,
        task_soft_time_limit=540,
        broker_connection_retry_on_startup=True,
        broker_transport_options={"visibility_timeout": 900},
        worker_hijack_root_logger=False,
        timezone=str(CITY_TZ),
    )
    return app


def install_tasks(celery: Celery, runner: Runner, schedule: Mapping[TaskName, timedelta]) -> None:
    """The three Celery tasks there are: drain a queue, sweep for lost wake-ups, tick the schedule."""

    @celery.task(name="portal.drain")  # type: ignore[untyped-decorator]
    def drain(queue: str) -> int:
        return runner.drain(queue)

    @celery.task(name="portal.sweep")  # type: ignore[untyped-decorator]
    def sweep() -> None:
        with runner.database.transaction() as session:
            queues = due_queues(session, now=real_now())
        for queue in queues:
            celery.send_task("portal.drain", args=[queue], queue=queue, expires=60)

    @celery.task(name="portal.tick")  # type: ignore[untyped-decorator]
    def tick() -> None:
        with runner.database.transaction() as session:
            for task, every in schedule.items():
                schedule_slot(session, task, every=every, now=real_now())

    celery.conf.beat_schedule = {
        "sweep": {"task": "portal.sweep", "schedule": 5.0, "options": {"expires": 10}},
        "tick": {"task": "portal.tick", "schedule": 10.0, "options": {"expires": 20}},
    }


def waker(celery: Celery) -> Callable[[set[str]], None]:
    """What a committed transaction calls: wake the queues it wrote to. A broker that is down costs nothing but speed."""

    def wake(queues: set[str]) -> None:
        for queue in sorted(queues):
            try:
                celery.send_task("portal.drain", args=[queue], queue=queue, expires=60, retry=False)
            except Exception as fault:  # the sweep finds the row
                log.warning("broker not reached, the sweep will find the work: %s", type(fault).__name__)

    return wake
