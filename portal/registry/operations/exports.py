"""Taking lists out: asked for with a reason and recorded, small ones at once, large ones by a worker; files that expire."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session, joinedload

from portal.accounts.models import Account
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.queries import identity_of
from portal.accounts.values import Identity, system_identity
from portal.audit.operations import record
from portal.audit.values import FieldChange, SubjectRef
from portal.core.db import Database
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, NotFound, Problem
from portal.core.outbox import TaskName, enqueue
from portal.registry.models import ListRun
from portal.registry.queries.lists import LISTS, Asked, ListSpec, leaving
from portal.registry.queries.views import get_list_run
from portal.registry.states import ListRunAction, ListRunStatus, next_list_run_status
from portal.registry.values import LIST_EXPORTED, LIST_FILE_FETCHED
from portal.registry.values.lists import ExportFormat, ExportLayout, ListRunKind, Wanted
from portal.vault.models import StoredFile
from portal.vault.operations import erase_file, keep_export
from portal.vault.queries import get_file
from portal.vault.values import FileType

NOW_ROWS = 2_000
# A workbook is written five times slower than CSV and opens in no spreadsheet much beyond this.
MOST_ROWS: Mapping[ExportFormat, int] = {
    ExportFormat.XLSX: 200_000,
    ExportFormat.CSV: 1_000_000,
    ExportFormat.CSV_GB: 1_000_000,
    ExportFormat.GEOJSON: 1_000_000,
}
FILES_KEPT = timedelta(hours=72)
RUNNING = frozenset({ListRunStatus.QUEUED, ListRunStatus.RUNNING})


def rows_to_leave(asked: Asked, spec: ListSpec, wanted: Wanted, *, most: int) -> int:
    """How many rows would go into a file, counted no further than one beyond `most`."""
    require(asked.identity, Permission.LIST_EXPORT)
    found = leaving(asked, spec, wanted).with_only_columns(spec.model.id).order_by(None).limit(most + 1).subquery()
    return asked.session.scalar(select(func.count()).select_from(found)) or 0


def note_export(
    session: Session,
    *,
    actor: Identity,
    spec: ListSpec,
    wanted: Wanted,
    format_: ExportFormat,
    layout: ExportLayout,
    columns: int,
    rows: int,
    reason: str,
    run_id: UUID | None = None,
    now: datetime,
) -> None:
    """Record that a list is taken out: what was asked for, as what, how much, why. Raises Invalid without a reason."""
    require(actor, Permission.LIST_EXPORT)
    require(actor, spec.permission)
    if not reason.strip():
        raise Invalid([Problem("reason", "export_reason_needed")])
    asked_for = "; ".join(f"{key}={','.join(values)}" for key, values in sorted(wanted.conditions.items()))
    record(
        session,
        actor=actor.actor,
        tag=LIST_EXPORTED,
        subject=SubjectRef("list", run_id, spec.key),
        reason=reason.strip()[:400],
        changes=[
            FieldChange(name="list", new=spec.key),
            FieldChange(name="conditions", new=asked_for[:1000]),
            FieldChange(name="format", new=str(format_)),
            FieldChange(name="layout", new=str(layout)),
            FieldChange(name="columns", new=columns),
            FieldChange(name="rows", new=rows),
        ],
        now=now,
    )


def start_export(
    session: Session,
    *,
    actor: Identity,
    spec: ListSpec,
    wanted: Wanted,
    format_: ExportFormat,
    layout: ExportLayout,
    locale: str,
    reason: str,
    now: datetime,
) -> ListRun:
    """Queue a file that takes longer than a page. It is recorded now; the worker asks again what may be read."""
    run = queue_run(
        session,
        actor=actor,
        kind=ListRunKind.EXPORT,
        spec=spec,
        reason=reason,
        wanted={**wanted.as_json(), "format": str(format_), "layout": str(layout), "locale": locale},
        now=now,
    )
    note_export(
        session, actor=actor, spec=spec, wanted=wanted, format_=format_, layout=layout,
        columns=len(wanted.columns), rows=0, reason=reason, run_id=run.id, now=now,
    )  # fmt: skip
    enqueue(session, TaskName.REGISTRY_EXPORT_LIST, dedupe=f"list:{run.id}", run_id=run.id)
    return run


def queue_run(
    session: Session,
    *,
    actor: Identity,
    kind: ListRunKind,
    spec: ListSpec,
    reason: str,
    wanted: Mapping[str, Any],
    now: datetime,
) -> ListRun:
    """A row that says what a worker is to do for a person."""
    require(actor, Permission.LIST_EXPORT)
    if actor.person_id is None or actor.account_id is None:
        raise NotFound()
    run = ListRun(
        kind=kind,
        list_key=spec.key,
        person_id=actor.person_id,
        account_id=actor.account_id,
        wanted=dict(wanted),
        reason=reason.strip()[:400],
        created_at=now,
    )
    session.add(run)
    session.flush()
    return run


def begin_run(session: Session, run_id: UUID, *, now: datetime) -> tuple[ListRun, Identity] | None:
    """Take a piece of work up, as whoever asked for it is now: posts lost meanwhile are lost. None when it is over."""
    run = session.get(ListRun, run_id, with_for_update=True)
    if run is None or run.status not in RUNNING:
        return None
    _move(run, ListRunAction.START)
    run.rows_done = 0
    account = session.get(Account, run.account_id, options=[joinedload(Account.person)])
    if account is None or account.disabled_at is not None:
        _move(run, ListRunAction.FAIL)
        run.failure, run.finished_at = "permission", now
        return None
    return run, identity_of(session, account, now=now)


def tell_progress(database: Database, run_id: UUID, done: int, *, total: int | None = None) -> None:
    """Say how far a piece of work is; ends it by NotAllowed once its person has cancelled it."""
    with database.transaction() as session:
        going = update(ListRun).where(ListRun.id == run_id, ListRun.status == ListRunStatus.RUNNING)
        told = {"rows_done": done} if total is None else {"rows_done": done, "rows_total": total}
        if session.execute(going.values(told)).rowcount == 0:  # type: ignore[attr-defined]
            raise NotAllowed("cancelled")


def finish_export(
    session: Session,
    *,
    actor: Identity,
    run_id: UUID,
    made: Path,
    type_: FileType,
    filename: str,
    rows: int,
    now: datetime,
) -> None:
    """Keep the file for its asker, until it expires."""
    run = session.get_one(ListRun, run_id, with_for_update=True)
    if run.status != ListRunStatus.RUNNING:
        return
    stored = keep_export(session, actor=actor.actor, made=made, type_=type_, filename=filename, now=now)
    _move(run, ListRunAction.FINISH)
    run.stored_file_id, run.rows_done, run.rows_total = stored.id, rows, rows
    run.finished_at, run.expires_at = now, now + FILES_KEPT


def finish_run(session: Session, *, run_id: UUID, rows: int, now: datetime) -> None:
    """Mark work done that leaves no file."""
    run = session.get_one(ListRun, run_id, with_for_update=True)
    _move(run, ListRunAction.FINISH)
    run.rows_done, run.rows_total, run.finished_at = rows, rows, now


def fail_run(session: Session, *, run_id: UUID, failure: str, now: datetime) -> None:
    """Say why a piece of work came to nothing."""
    run = session.get(ListRun, run_id, with_for_update=True)
    if run is not None and run.status == ListRunStatus.RUNNING:
        _move(run, ListRunAction.FAIL)
        run.failure, run.finished_at = failure, now


def cancel_run(session: Session, *, actor: Identity, run_id: UUID, now: datetime) -> ListRun:
    """Stop one's own work that is not done yet. Raises NotFound or IllegalTransition."""
    found = get_list_run(session, actor, run_id)
    run = session.get_one(ListRun, found.id, with_for_update=True, populate_existing=True)
    if run.status not in RUNNING:
        raise IllegalTransition("list_run", status=run.status)
    _move(run, ListRunAction.CANCEL)
    run.finished_at = now
    return run


def fetch_file(session: Session, *, actor: Identity, run_id: UUID, now: datetime) -> StoredFile:
    """The file of one's own export, while it is kept and while one may still read the list; each fetch is recorded."""
    require(actor, Permission.LIST_EXPORT)
    run = get_list_run(session, actor, run_id)
    require(actor, LISTS[run.list_key].permission)
    if run.status != ListRunStatus.DONE or run.stored_file_id is None or (run.expires_at and run.expires_at <= now):
        raise NotFound()
    record(
        session,
        actor=actor.actor,
        tag=LIST_FILE_FETCHED,
        subject=SubjectRef("list", run.id, run.list_key),
        changes=[FieldChange(name="rows", new=run.rows_total)],
        now=now,
    )
    return get_file(session, run.stored_file_id)


def expire_files(session: Session, *, now: datetime, limit: int = 200) -> int:
    """Give up the files whose time is over; their bytes go with the vault's next sweep."""
    due = select(ListRun).where(ListRun.status == ListRunStatus.DONE, ListRun.expires_at <= now)
    runs = session.scalars(due.order_by(ListRun.expires_at).limit(limit).with_for_update(skip_locked=True)).all()
    for run in runs:
        _move(run, ListRunAction.EXPIRE)
        if run.stored_file_id is not None:
            erase_file(
                session,
                actor=system_identity("registry").actor,
                file_id=run.stored_file_id,
                reason="export expired",
                now=now,
            )
    return len(runs)


def _move(run: ListRun, action: ListRunAction) -> None:
    run.status = next_list_run_status(ListRunStatus(run.status), action)
