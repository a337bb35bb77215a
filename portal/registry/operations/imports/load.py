"""Loading checked rows: inserted and updated as they lie staged, a batch a transaction.

A batch is committed together with the number of its last row, so a worker killed anywhere leaves no row half in and
none twice. What the registry has taken meanwhile is parked, not forced.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Row, String, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.audit.operations import record, speak_for
from portal.audit.values import Actor, FieldChange, SubjectRef
from portal.core.crash import crash_point
from portal.core.db import Database
from portal.core.services import services
from portal.registry import values
from portal.registry.models import Camera, CameraImport
from portal.registry.operations.changes import run_change_clock
from portal.registry.operations.counting import index_cameras
from portal.registry.operations.imports.course import move
from portal.registry.operations.imports.reach import changed_meanwhile, rows_with_access, write_access
from portal.registry.operations.imports.staging import PAYLOAD, TEXT, seal_cells, take_counts
from portal.registry.operations.quality import ask_recheck
from portal.registry.queries import lock_system
from portal.registry.rules.changes import cameras_came, cameras_changes
from portal.registry.rules.rows import PORTAL_ID
from portal.registry.rules.sheets import Columns
from portal.registry.states import ImportAction, ImportStatus
from portal.vault.queries import get_file, open_stored_sheet

BATCH = 5_000
INDEXED = 2_000  # cameras made found by the search in one transaction
_ANOTHER = object()  # a payload holds what is another now; what it was before need not be read for that
_COLUMNS = ", ".join(PAYLOAD)
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]
_OURS = "r.import_id = :id and r.number between :low and :high"

_NEXT = """
select min(number) as low, max(number) as high from (
  select number from camera_import_row where import_id = :id and number > :behind and outcome in ('new', 'changed')
  order by number limit :batch) t
"""
_CHANGES = f"""
select r.number, r.camera_id, r.seen_version, r.payload->>'gb_code' as code, r.payload::text as payload,
       r.before->>'status' as status_before
  from camera_import_row r where {_OURS} and r.outcome = 'changed' order by r.number
"""  # noqa: S608 - constants of this module
_TAKEN = f"""
select r.number from camera_import_row r
 where {_OURS} and r.outcome = 'new' and exists (select from camera c where c.gb_code = r.gb_code)
"""  # noqa: S608
# Held until the batch is in: nobody changes a camera between the look at its version and the change.
_LOCK = "select id, version from camera where id = any(cast(:ids as uuid[])) order by id for update"
_HELD = "select gb_code, id from camera where gb_code = any(cast(:codes as text[]))"
_PARK = """
with late as (select * from unnest(cast(:numbers as int[]), cast(:fields as text[]), cast(:codes as text[]),
                                   cast(:letters as text[])) as t(number, field, code, letters)),
parked as (update camera_import_row r set outcome = 'parked' from late l
            where r.import_id = :id and r.number = l.number)
insert into camera_import_fault (import_id, unit_id, district, row_number, column_letters, field, code)
select :id, i.unit_id, i.district, l.number, l.letters, l.field, l.code from late l join camera_import i on i.id = :id
"""
_BARE = "select number from camera_import_row where import_id = :id and outcome = 'parked' and cells_sealed is null"
_DRESS = """
update camera_import_row r set cells_sealed = l.cells
  from unnest(cast(:numbers as int[]), cast(:cells as text[])) as l(number, cells)
 where r.import_id = :id and r.number = l.number and r.cells_sealed is null
"""
# What a row is silent about is the same for all rows of a sheet, and is made into a record once.
_INSERT = """
with s as materialized (select (jsonb_populate_record(null::camera, cast(:silent as jsonb))).*)
insert into camera (id, system_id, unit_id, created_at, updated_at, {columns})
select r.camera_id, :system, :unit, :now, :now, {values}
from s cross join camera_import_row r where {ours} and r.outcome = 'new' order by r.number
"""
# Ids and payloads go back as arrays: their length is what the planner counts on, and the staging table, filled a moment
# ago, is one it knows nothing of; joined to it, a batch took minutes.
UPDATE = f"""
update camera c set {", ".join(f"{name} = p.{name}" for name in PAYLOAD)}, updated_at = :now, version = c.version + 1
from (select k.id as key, q.* from unnest(cast(:ids as uuid[]), cast(:payloads as jsonb[])) as r(id, payload)
      join camera k on k.id = r.id cross join lateral jsonb_populate_record(k, r.payload) q) p
where c.id = p.key
"""  # noqa: S608


@cache
def insertion(said: tuple[str, ...]) -> str:
    """The statement that enters the new cameras of a sheet whose rows hold these columns."""
    values = []
    for name in PAYLOAD:
        kind, cell = Camera.__table__.c[name].type, f"r.content[{said.index(name) + 1}]" if name in said else ""
        if cell and not isinstance(kind, String):
            # A text too long for its column must fail; a cast would cut it short.
            cell = f"cast({cell} as {kind.compile(dialect=_DIALECT)})"
        values.append(f"coalesce({cell}, s.{name})" if cell else f"s.{name}")
    return _INSERT.format(columns=_COLUMNS, values=", ".join(values), ours=_OURS)


def load_rows(database: Database, *, import_id: UUID, actor_name: str, now: datetime) -> None:
    """Load batch after batch until none is left, or somebody cancels."""
    fetch_parked(database, import_id=import_id)
    while True:
        with database.transaction() as session:
            run = session.get_one(CameraImport, import_id, with_for_update=True)
            if run.status != ImportStatus.LOADING:
                return
            found = session.execute(text(_NEXT), {"id": import_id, "behind": run.loaded_to, "batch": BATCH}).one()
            if found.low is None:
                _end(session, run, now=now)
                return
            # A batch that a crash takes away is loaded again; the last word, below, waits for the disk and for all before.
            session.execute(text("set local synchronous_commit to off"))
            # What the triggers are shown of a batch stays in memory.
            session.execute(text("set local work_mem to '32MB'"))
            _load(session, run, low=found.low, high=found.high, actor_name=actor_name, now=now)
            session.flush()
            crash_point("import.before_commit")
        fetch_parked(database, import_id=import_id)


def index_loaded(database: Database) -> None:
    """Make what came in among many found by the search. Whatever a killed worker leaves, the minute's job takes up."""
    found = INDEXED
    while found == INDEXED:
        with database.transaction() as session:
            found = index_cameras(session, most=INDEXED)


def _load(session: Session, run: CameraImport, *, low: int, high: int, actor_name: str, now: datetime) -> None:
    system = lock_system(session, run.system_id)
    speaker = Actor(name=f"system:import for {actor_name}")
    speak_for(session, speaker, run.reason)
    which = {"id": run.id, "low": low, "high": high}
    link = session.connection()
    rows = link.execute(text(_CHANGES), which).all()
    late = _late(link, rows)
    reached = rows_with_access(link, run, low=low, high=high)
    moved = changed_meanwhile(session, run, reached) if reached else set()
    late |= dict.fromkeys(moved - late.keys(), (PORTAL_ID, "sheet_changed_meanwhile"))
    _park(session, run, late)
    place = {"system": system.id, "unit": system.unit_id, "silent": TEXT(run.head["silent"])}
    new, taken = _insert(session, run, which, place | {"now": now})
    late |= taken
    changes = [row for row in rows if row.number not in late]
    changed = write_payloads(link, [(row.camera_id, row.payload) for row in changes], now=now)
    written = write_access(session, run, [row for row in reached if row.number not in late], now=now)
    run.loaded_to = high
    run.rows_in += new + changed
    if not new + changed:
        return
    changed_facts = cameras_changes(_pairs(row) for row in changes)
    run_change_clock(session, system, [*cameras_came(new), *changed_facts], now=now)
    record(
        session,
        actor=speaker,
        tag=values.CAMERAS_IMPORTED,
        subject=SubjectRef("camera_import", run.id, system.name),
        unit_id=run.unit_id,
        district=run.district,
        reason=run.reason or None,
        changes=[
            FieldChange(name="cameras", new=new),
            FieldChange(name="changed", new=changed),
            *([FieldChange(name="access", new=written)] if written else []),
        ],
        now=now,
    )


def _insert(
    session: Session, run: CameraImport, which: Mapping[str, Any], given: Mapping[str, Any]
) -> tuple[int, dict[int, tuple[str, str]]]:
    """Enter the new cameras of a batch; how many, and the rows whose codes somebody has taken meanwhile.

    Nobody asks for codes that were free a moment ago: the constraint tells, whoever else is entering cameras.
    """
    statement, taken = text(insertion(tuple(run.head["said"]))), dict[int, tuple[str, str]]()
    while True:
        try:
            with session.begin_nested():
                return session.connection().execute(statement, {**which, **given}).rowcount, taken
        except IntegrityError as clash:
            if getattr(getattr(clash.orig, "diag", None), "constraint_name", None) != "uq_camera_gb_code":
                raise
            found = session.connection().execute(text(_TAKEN), which).scalars()
            more = dict.fromkeys(found, ("gb_code", "gb_code_taken"))
            if not more:
                raise
        _park(session, run, more)
        taken |= more


def _pairs(row: Row[Any]) -> dict[str, tuple[Any, Any]]:
    """What a row changed, as pairs; of what was there before, only the state of the device matters."""
    told = json.loads(row.payload)
    return {name: (row.status_before if name == "status" else _ANOTHER, new) for name, new in told.items()}


def _late(link: Connection, rows: Sequence[Row[Any]]) -> dict[int, tuple[str, str]]:
    """Changes that were good when they were checked and no longer are: the field and the fault, by number."""
    versions: dict[UUID, int] = {}
    if ids := [row.camera_id for row in rows]:
        versions = {one.id: one.version for one in link.execute(text(_LOCK), {"ids": ids})}
    held: dict[str, UUID] = {}
    if codes := [row.code for row in rows if row.code]:
        held = {one.gb_code: one.id for one in link.execute(text(_HELD), {"codes": codes})}
    late = {}
    for row in rows:
        if versions.get(row.camera_id) != row.seen_version:
            late[row.number] = (PORTAL_ID, "sheet_changed_meanwhile")
        elif row.code and held.get(row.code, row.camera_id) != row.camera_id:
            late[row.number] = ("gb_code", "gb_code_taken")
    return late


def write_payloads(link: Connection, payloads: Sequence[tuple[UUID, str]], *, now: datetime) -> int:
    """Write columns of cameras, each as one JSON text; how many cameras were written."""
    if not payloads:
        return 0
    asked = {"ids": [key for key, _ in payloads], "payloads": [text_ for _, text_ in payloads], "now": now}
    return link.execute(text(UPDATE), asked).rowcount


def _park(session: Session, run: CameraImport, late: Mapping[int, tuple[str, str]]) -> None:
    """Rows that cannot go in after all. Their cells follow, when nothing is held any more: see `fetch_parked`."""
    if not late:
        return
    columns = Columns(header_row=0, places=run.head["places"])
    session.execute(
        text(_PARK),
        {
            "id": run.id,
            "numbers": list(late),
            "fields": [field for field, _ in late.values()],
            "codes": [code for _, code in late.values()],
            "letters": [columns.letter(field) for field, _ in late.values()],
        },
    )


def fetch_parked(database: Database, *, import_id: UUID) -> None:
    """Give the rows that were parked while they were loaded their cells, from the sheet, which is read before anything
    is held: others work in the same system meanwhile. Whatever a killed worker leaves, the next one fetches."""
    with database.transaction() as session:
        wanted = set(session.execute(text(_BARE), {"id": import_id}).scalars())
        if not wanted:
            return
        run, envelope = session.get_one(CameraImport, import_id), services(session).envelope
        with open_stored_sheet(session, get_file(session, run.stored_file_id)) as reading:
            found = [
                (row.number, seal_cells(envelope, import_id, row.number, row.cells))
                for row in reading.rows()
                if row.number in wanted
            ]
        numbers, cells = [number for number, _ in found], [sealed for _, sealed in found]
        session.execute(text(_DRESS), {"id": import_id, "numbers": numbers, "cells": cells})


def _end(session: Session, run: CameraImport, *, now: datetime) -> None:
    move(run, ImportAction.LOAD)
    run.finished_at = now
    take_counts(session, run)
    if run.rows_in:
        ask_recheck(session, occasion=f"import:{run.id}", system_id=run.system_id)
