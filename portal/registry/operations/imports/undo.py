"""Taking out again what an import brought in: new cameras go, changed ones get back what they held.

Nothing goes that somebody has built upon since: a camera edited, filed, used in a request, or given its access data.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.operations import record, speak_for
from portal.audit.values import Actor, FieldChange, SubjectRef
from portal.core.crash import crash_point
from portal.core.db import Database
from portal.registry import values
from portal.registry.models import CameraImport
from portal.registry.operations.changes import settle_if_as_filed
from portal.registry.operations.imports.course import move
from portal.registry.operations.imports.load import write_payloads
from portal.registry.operations.imports.reach import give_back_access, rows_with_access
from portal.registry.operations.quality import ask_recheck
from portal.registry.queries import lock_system
from portal.registry.queries.imports import ways_between
from portal.registry.states import ImportAction, ImportStatus
from portal.registry.values.rows import RowOutcome

BATCH = 2_000

_NEXT = """
select min(number) as low, max(number) as high from (
  select number from camera_import_row where import_id = :id and number <= :loaded_to and stage = 'staged'
     and outcome in ('new', 'changed') order by number limit :batch) t
"""
_BEGIN = "update camera_import_row set stage = 'staged' where import_id = :id and stage = 'kept'"
_FREE = """
r.import_id = :id and r.number between :low and :high and r.stage = 'staged' and r.outcome in ('new', 'changed')
"""
_ROWS = f"select r.number, r.outcome, r.camera_id, r.before::text as before from camera_import_row r where {_FREE}"  # noqa: S608
_LOCK = "select id from camera where id = any(cast(:ids as uuid[])) order by id for update"
_KEEP = "update camera_import_row set stage = 'kept' where import_id = :id and number = any(:numbers)"
_DELETE = "delete from camera where id = any(cast(:ids as uuid[]))"
_MARK = f"update camera_import_row r set stage = 'out' where {_FREE}"  # noqa: S608


def take_out_rows(database: Database, *, import_id: UUID, actor_name: str, now: datetime) -> None:
    """Take batch after batch out until what is left stands in somebody's way."""
    with database.transaction() as session:
        session.execute(text(_BEGIN), {"id": import_id})
    while True:
        with database.transaction() as session:
            run = session.get_one(CameraImport, import_id, with_for_update=True)
            if run.status != ImportStatus.UNDOING:
                return
            asked = {"id": import_id, "loaded_to": run.loaded_to, "batch": BATCH}
            found = session.execute(text(_NEXT), asked).one()
            if found.low is None:
                _end(session, run, now=now)
                return
            _take_out(session, run, low=found.low, high=found.high, actor_name=actor_name, now=now)
            session.flush()
            crash_point("import.undo_before_commit")


def _take_out(session: Session, run: CameraImport, *, low: int, high: int, actor_name: str, now: datetime) -> None:
    system = lock_system(session, run.system_id)
    speaker = Actor(name=f"system:import for {actor_name}")
    speak_for(session, speaker, run.reason)
    which = {"id": run.id, "low": low, "high": high}
    link = session.connection()
    rows = link.execute(text(_ROWS), which).all()
    link.execute(text(_LOCK), {"ids": [row.camera_id for row in rows]})
    kept = ways_between(session, run, low=low, high=high)
    if kept:
        link.execute(text(_KEEP), {"id": run.id, "numbers": list(kept)})
    free = [row for row in rows if row.number not in kept]
    back = [(row.camera_id, row.before) for row in free if row.outcome == RowOutcome.CHANGED]
    restored = write_payloads(link, back, now=now)
    reached = rows_with_access(link, run, low=low, high=high)
    give_back_access(session, run, reached, {key for key, _ in back}, now=now)
    removed = link.execute(
        text(_DELETE), {"ids": [row.camera_id for row in free if row.outcome == RowOutcome.NEW]}
    ).rowcount
    link.execute(text(_MARK), which)
    run.rows_out += restored + removed
    if restored + removed:
        record(
            session,
            actor=speaker,
            tag=values.IMPORT_UNDONE,
            subject=SubjectRef("camera_import", run.id, system.name),
            unit_id=run.unit_id,
            district=run.district,
            reason=run.reason or None,
            changes=[FieldChange(name="cameras", new=removed), FieldChange(name="changed", new=restored)],
            now=now,
        )


def _end(session: Session, run: CameraImport, *, now: datetime) -> None:
    if run.rows_out:
        settle_if_as_filed(session, lock_system(session, run.system_id), now=now)
    move(run, ImportAction.TAKE_OUT if run.rows_out >= run.rows_in else ImportAction.KEEP_REST)
    if run.rows_out:
        ask_recheck(session, occasion=f"undo:{run.id}:{run.rows_out}", system_id=run.system_id)
