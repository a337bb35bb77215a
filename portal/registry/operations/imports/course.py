"""What people do to an import: begin it, let it load, stop it, have it checked again, take it back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import FieldChange, SubjectRef
from portal.core.errors import IllegalTransition, Invalid, NotFound, Problem
from portal.core.geometry import Datum
from portal.core.outbox import TaskName, enqueue
from portal.registry import values
from portal.registry.models import Camera, CameraImport, Filing, ImportRow
from portal.registry.queries import lock_system, system_scope
from portal.registry.queries.imports import import_scope
from portal.registry.states import ImportAction, ImportStatus, next_import_status
from portal.registry.values.rows import RowOutcome
from portal.vault.queries import get_file

# The worker has it in hand.
RUNNING = frozenset({ImportStatus.QUEUED, ImportStatus.READING, ImportStatus.LOADING, ImportStatus.UNDOING})
OPEN = frozenset({ImportStatus.QUEUED, ImportStatus.READING, ImportStatus.CHECKED, ImportStatus.LOADING})


def start_import(
    session: Session,
    *,
    actor: Identity,
    system_id: UUID,
    stored_file_id: UUID,
    datum: Datum,
    preview_first: bool = False,
    reason: str = "",
    now: datetime,
) -> CameraImport:
    """Queue a sheet that the vault has taken in; with `preview_first` it waits, once checked, for `confirm_import`.

    Raises Invalid for a sheet that computes: a formula's last result may be anybody's, or old.
    """
    system = lock_system(session, system_id)
    require(actor, Permission.CAMERA_IMPORT, system_scope(system), read=Permission.SYSTEM_READ)
    facts = get_file(session, stored_file_id).facts or {}
    if facts.get("formulas"):
        data = {"count": facts["formulas"], "cell": facts.get("formula_at") or "—"}
        raise Invalid([Problem("file", "sheet_formulas", data)])
    run = CameraImport(
        system_id=system.id,
        unit_id=system.unit_id,
        district=system.district,
        stored_file_id=stored_file_id,
        datum=datum,
        preview_first=preview_first,
        reason=reason.strip()[:400],
        own_unit=system.unit_id in actor.unit_ids,
        may_access=allows(actor, Permission.CREDENTIAL_EDIT, system_scope(system)),
        created_by=actor.person_id,
        created_at=now,
    )
    session.add(run)
    session.flush()
    _record(session, actor, values.IMPORT_STARTED, run, name=system.name, now=now)
    ask_worker(session, run, actor, step="check")
    return run


def confirm_import(
    session: Session, *, actor: Identity, import_id: UUID, reason: str = "", now: datetime
) -> CameraImport:
    """Let the good rows of a checked sheet load. Raises Invalid where filed cameras change and nobody says why."""
    run = held(session, actor, import_id)
    if run.status == ImportStatus.CHECKED and not run.rows_good:
        raise IllegalTransition("import", status=run.status)
    run.reason = reason.strip()[:400] or run.reason
    if not run.reason and changes_filed(session, run.id):
        raise Invalid([Problem("reason", "change_reason_needed")])
    move(run, ImportAction.CONFIRM)
    _record(session, actor, values.IMPORT_CONFIRMED, run, now=now)
    ask_worker(session, run, actor, step="load")
    return run


def check_again(session: Session, *, actor: Identity, import_id: UUID) -> CameraImport:
    """Read a checked sheet once more, with what was decided, against the registry as it is now."""
    run = held(session, actor, import_id)
    move(run, ImportAction.RECHECK)
    run.rows_read = 0
    ask_worker(session, run, actor, step="check")
    return run


def cancel_import(session: Session, *, actor: Identity, import_id: UUID, now: datetime) -> CameraImport:
    """Stop an import. Rows that are in already stay in; `undo_import` takes them out."""
    run = held(session, actor, import_id)
    move(run, ImportAction.CANCEL)
    run.finished_at = now
    _record(session, actor, values.IMPORT_CANCELLED, run, now=now)
    return run


def undo_import(session: Session, *, actor: Identity, import_id: UUID, reason: str, now: datetime) -> CameraImport:
    """Take out again what an import brought in, but for what somebody has built upon since.

    Raises Invalid without a reason, and IllegalTransition where nothing is in.
    """
    run = held(session, actor, import_id, open_only=False)
    if run.rows_in <= run.rows_out or run.tidied_at is not None:
        raise IllegalTransition("import", status=run.status)
    if not reason.strip():
        raise Invalid([Problem("reason", "required")])
    move(run, ImportAction.UNDO)
    run.reason = reason.strip()[:400]
    _record(session, actor, values.IMPORT_UNDO_ASKED, run, reason=run.reason, now=now)
    ask_worker(session, run, actor, step=f"undo:{run.rows_out}:{now.timestamp()}")
    return run


def note_parked_download(session: Session, *, actor: Identity, run: CameraImport, rows: int, now: datetime) -> None:
    """Record that the parked rows left the portal as a workbook: it holds what was typed, telephone numbers too."""
    changes = [FieldChange(name="rows", new=rows)]
    _record(session, actor, values.IMPORT_PARKED_TAKEN, run, changes=changes, now=now)


def changes_filed(session: Session, import_id: UUID) -> bool:
    """Whether the good rows change cameras of systems that are filed."""
    filed = (
        select(Filing.id)
        .join(Camera, Camera.system_id == Filing.system_id)
        .join(ImportRow, ImportRow.camera_id == Camera.id)
        .where(ImportRow.import_id == import_id, ImportRow.outcome == RowOutcome.CHANGED, Filing.number.is_not(None))
    )
    return session.scalar(filed.limit(1)) is not None


def held(session: Session, actor: Identity, import_id: UUID, *, open_only: bool = True) -> CameraImport:
    """An import held for change. Raises NotFound, NotAllowed, or IllegalTransition once it is over."""
    run = session.get(CameraImport, import_id, with_for_update=True)
    if run is None:
        raise NotFound()
    require(actor, Permission.CAMERA_IMPORT, import_scope(session, run, lock_system(session, run.system_id)))
    if open_only and run.status not in OPEN:
        raise IllegalTransition("import", status=run.status)
    return run


def move(run: CameraImport, action: ImportAction) -> None:
    """Take the next status from the table."""
    run.status = next_import_status(ImportStatus(run.status), action)


def ask_worker(session: Session, run: CameraImport, actor: Identity, *, step: str) -> None:
    """Have the worker do the next step."""
    enqueue(session, TaskName.REGISTRY_IMPORT_CAMERAS, import_id=run.id, actor_name=actor.name, step=step)


def _record(
    session: Session,
    actor: Identity,
    tag: str,
    run: CameraImport,
    *,
    name: str = "",
    reason: str | None = None,
    changes: list[FieldChange] | None = None,
    now: datetime,
) -> None:
    record(
        session,
        actor=actor.actor,
        tag=tag,
        subject=SubjectRef("camera_import", run.id, name),
        unit_id=run.unit_id,
        district=run.district,
        reason=reason,
        changes=changes or (),
        now=now,
    )
