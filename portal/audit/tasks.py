"""Background work of the log: verification and export, asked for on a page or by the clock."""

import hashlib
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlalchemy import update

from portal.audit.models import AuditRun
from portal.audit.operations.running import actor_of, start_nightly
from portal.audit.operations.verifying import record_verdict
from portal.audit.queries.export import export_segment
from portal.audit.queries.outside import outside_of
from portal.audit.queries.runs import export_path
from portal.audit.queries.verification import verify_log
from portal.audit.values import Verdict
from portal.core.db import Database
from portal.core.errors import Unavailable
from portal.core.outbox import TaskName
from portal.core.scope import EVERYTHING
from portal.jobs import job

EXPORTS_KEPT = timedelta(days=7)


@job(TaskName.AUDIT_VERIFY, holds_transaction=False)
def verify(database: Database, *, now: datetime, run_id: str = "", **_: object) -> None:
    """Read the whole sealed log; the result goes into the run and into the log. Without an id: the nightly run."""
    run = _begin(database, run_id, now=now)
    if run is None:
        return
    try:
        places, key = outside_of(database.services)
    except Unavailable as unset:
        _finish_verification(database, run, Verdict(ok=False, checked=0, size=0, problem=unset.code), now=now)
        return
    with database.session(EVERYTHING) as session:
        # One snapshot for the whole reading: what is sealed meanwhile belongs to the next verification.
        connection = session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        verdict = verify_log(connection, places=places, key=key, progress=_progress(database, run.id))
    _finish_verification(database, run, verdict, now=now)


@job(TaskName.AUDIT_EXPORT, holds_transaction=False)
def export(database: Database, *, now: datetime, run_id: str, **_: object) -> None:
    """Write the asked-for part of the log to a file that the page then offers."""
    run = _begin(database, run_id, now=now)
    if run is None or run.first is None or run.last is None:
        return
    path = export_path(database.services.data_dir, run.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    _drop_old(path.parent)
    digest, size, total = hashlib.sha256(), 0, run.last - run.first + 1
    told = _progress(database, run.id)
    partial = path.with_name(path.name + ".partial")
    with database.session(EVERYTHING) as session, partial.open("wb") as stream:
        connection = session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        origin = database.services.witness.origin
        for number, line in enumerate(export_segment(connection, origin=origin, first=run.first, last=run.last)):
            stream.write(line)
            digest.update(line)
            size += len(line)
            if number % 5000 == 0:
                told(number, total)
    partial.rename(path)
    with database.transaction() as session:
        stored = session.get_one(AuditRun, run.id)
        stored.state, stored.finished_at = "done", now
        stored.checked = stored.total = total
        stored.file_sha256, stored.file_size = digest.hexdigest(), size


def _begin(database: Database, run_id: str, *, now: datetime) -> AuditRun | None:
    with database.transaction() as session:
        if not run_id:
            return start_nightly(session, now=now)
        run = session.get(AuditRun, UUID(run_id), with_for_update=True)
        if run is None or run.finished_at is not None:
            return None
        run.state = "running"
        return run


def _progress(database: Database, run_id: UUID) -> Callable[[int, int], None]:
    last = 0.0

    def told(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last < 0.5 and done < total:
            return
        last = time.monotonic()
        with database.transaction() as session:
            session.execute(update(AuditRun).where(AuditRun.id == run_id).values(checked=done, total=total))

    return told


def _finish_verification(database: Database, run: AuditRun, verdict: Verdict, *, now: datetime) -> None:
    with database.transaction() as session:
        stored = session.get_one(AuditRun, run.id)
        stored.state, stored.finished_at = ("done" if verdict.ok else "failed"), now
        stored.checked, stored.total, stored.signed = verdict.checked, verdict.size, verdict.checkpoint_size
        stored.root, stored.first_bad, stored.problem = verdict.root, verdict.first_bad, verdict.problem
        record_verdict(session, actor=actor_of(stored), verdict=verdict, now=now)


def _drop_old(directory: Path) -> None:
    """An export is a copy of the log: it does not stay on the server longer than it takes to fetch it."""
    oldest = time.time() - EXPORTS_KEPT.total_seconds()
    for path in directory.iterdir():
        if path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
