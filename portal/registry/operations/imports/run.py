"""What the worker does for an import: reads and judges the sheet, loads what is good, takes it out again.

Each step takes up where a killed worker left: reading begins anew, loading and taking out go on behind the last batch.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from portal.core.crash import crash_point
from portal.core.db import Database
from portal.registry.models import CameraImport
from portal.registry.operations.imports.course import changes_filed, move
from portal.registry.operations.imports.ground import NOTHING_SPOKEN, Spoken, judge_for, known_of, words_for
from portal.registry.operations.imports.load import fetch_parked, index_loaded, load_rows
from portal.registry.operations.imports.staging import decisions_of, drop_staged, said_by, stage, take_counts
from portal.registry.operations.imports.undo import take_out_rows
from portal.registry.rules.sheets import (
    HEADER_ROWS,
    NOTHING_SAID,
    UNDECIDED,
    Columns,
    Judge,
    Judged,
    Merges,
    Seen,
    find_header,
)
from portal.registry.states import ImportAction, ImportStatus
from portal.registry.values.rows import RowOutcome
from portal.vault.queries import get_file, open_stored_sheet
from portal.vault.reading import SheetReading
from portal.vault.values import Refused

BATCH = 2_000
PREVIEW_ROWS = 20
MOST_FAULTS = 500_000  # more are no faults of rows but a sheet of something else

Numbered = tuple[int, Sequence[str]]


class _Stopped(Exception):
    """Somebody cancelled the import while it was being read."""


class _Hopeless(Exception):
    """The sheet cannot be imported as a whole; the code says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def run_import(
    database: Database, *, import_id: UUID, actor_name: str, now: datetime, spoken: Spoken = NOTHING_SPOKEN
) -> None:
    """Do what is next for an import. Progress is committed as it goes."""
    with database.transaction() as session:
        run = session.get(CameraImport, import_id, with_for_update=True)
        if run is None:
            return
        status = ImportStatus(run.status)
        if status in (ImportStatus.QUEUED, ImportStatus.READING):
            move(run, ImportAction.READ)
    match status:
        case ImportStatus.QUEUED | ImportStatus.READING:
            _read(database, import_id, spoken, now=now)
            load_rows(database, import_id=import_id, actor_name=actor_name, now=now)
            index_loaded(database)
        case ImportStatus.LOADING:
            load_rows(database, import_id=import_id, actor_name=actor_name, now=now)
            index_loaded(database)
        case ImportStatus.UNDOING:
            take_out_rows(database, import_id=import_id, actor_name=actor_name, now=now)
        case ImportStatus.CANCELLED:
            fetch_parked(database, import_id=import_id)


def _read(database: Database, import_id: UUID, spoken: Spoken, *, now: datetime) -> None:
    failure = None
    try:
        with database.transaction() as session:
            run = session.get_one(CameraImport, import_id)
            with open_stored_sheet(session, get_file(session, run.stored_file_id)) as reading:
                _read_rows(database, import_id, reading, spoken, now=now)
    except Refused as refused:
        failure = f"file_{refused.code}"
    except _Hopeless as hopeless:
        failure = hopeless.code
    except _Stopped:
        return
    with database.transaction() as session:
        run = session.get_one(CameraImport, import_id, with_for_update=True)
        if run.status != ImportStatus.READING:
            return
        if failure is not None:
            drop_staged(session, import_id)
            run.failure, run.finished_at = failure, now
        move(run, ImportAction.FAIL if failure else ImportAction.CHECK)
        take_counts(session, run)
        # With the check, not after it: a worker killed in between would leave a sheet that nobody waits for.
        if _goes_on(session, run):
            move(run, ImportAction.CONFIRM)


def _read_rows(database: Database, import_id: UUID, reading: SheetReading, spoken: Spoken, *, now: datetime) -> None:
    top: list[Numbered] = []
    for row in _rows(reading):
        top.append(row)
        if len(top) == HEADER_ROWS:
            break
    with database.transaction() as session:
        access = session.get_one(CameraImport, import_id).may_access
    columns = find_header(top, spoken.headers, access=access)
    if columns is None:
        raise _Hopeless("sheet_no_header")
    with database.transaction() as session:
        run = session.get_one(CameraImport, import_id, with_for_update=True)
        if run.status != ImportStatus.READING:
            raise _Stopped
        drop_staged(session, import_id)
        run.rows_total = max(0, reading.row_count - columns.header_row)
        run.rows_read, run.preview = 0, []
        words = words_for(session, run, spoken, now=now)
        judge = judge_for(session, run, columns, words, Seen())
        silent = NOTHING_SAID | dict(judge.setting.given)
        run.head = _head(top, columns) | {"silent": silent, "said": said_by(judge.reader.present)}
        decided = dict(decisions_of(session, import_id))
    faults = rows = 0
    for batch in _batches(_below(_rows(reading), columns)):
        with database.transaction() as session:
            judged = _judged(session, import_id, judge, batch, decided)
        rows += len(judged)
        faults += sum(len(one.faults) for one in judged)
        if faults > MOST_FAULTS:
            raise _Hopeless("sheet_hopeless")
        crash_point("import.read_batch")
    if not rows:
        raise _Hopeless("sheet_no_rows")


def _judged(
    session: Session, import_id: UUID, judge: Judge, batch: Iterable[Numbered], decided: dict[int, Any]
) -> list[Judged]:
    """One batch, judged and staged, in a transaction of its own."""
    # What a crash takes away is read again: only the end of the reading waits for the disk.
    session.execute(text("set local synchronous_commit to off"))
    run = session.get_one(CameraImport, import_id)
    parsed = [judge.reader.parse(number, cells, decided.get(number, UNDECIDED)) for number, cells in batch]
    known = known_of(session, run, parsed)
    judged = [judge.judge(row, known) for row in parsed]
    stage(session, run, judged)
    preview = [*run.preview, *_preview(judged)][:PREVIEW_ROWS]
    going = session.scalar(
        update(CameraImport)
        .where(CameraImport.id == import_id, CameraImport.status == ImportStatus.READING)
        .values(rows_read=CameraImport.rows_read + len(judged), preview=preview)
        .returning(CameraImport.id)
    )
    if going is None:
        raise _Stopped
    return judged


def _goes_on(session: Session, run: CameraImport) -> bool:
    """Whether a checked sheet loads without being asked: nobody wants to look first, and there is nothing to decide."""
    if run.status != ImportStatus.CHECKED or run.preview_first or run.rows_bad:
        return False
    return bool(run.reason) or not changes_filed(session, run.id)


def _rows(reading: SheetReading) -> Iterator[Numbered]:
    return Merges(reading.merged).filled((row.number, row.cells) for row in reading.rows())


def _below(rows: Iterable[Numbered], columns: Columns) -> Iterator[Numbered]:
    """The rows under the header that hold anything."""
    return (
        (number, cells)
        for number, cells in rows
        if number > columns.header_row and any(cell and not cell.isspace() for cell in cells)
    )


def _batches(rows: Iterator[Numbered]) -> Iterator[list[Numbered]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


def _head(top: Sequence[Numbered], columns: Columns) -> dict[str, Any]:
    """What stands above the rows, so that parked ones go back under the same layout."""
    lines = [[number, list(cells)] for number, cells in top if number <= columns.header_row]
    return {
        "lines": lines,
        "places": dict(columns.places),
        "unread": list(columns.unread[:40]),
    }


def columns_of(run: CameraImport) -> Columns:
    """The columns of a sheet that was read, from what the import keeps of its head."""
    return Columns(header_row=run.head["lines"][-1][0], places=run.head["places"], unread=run.head["unread"])


def _preview(judged: Iterable[Judged]) -> Iterator[dict[str, Any]]:
    """Rows as they were understood: the position converted, the words matched."""
    for one in judged:
        if one.outcome in (RowOutcome.NEW, RowOutcome.CHANGED):
            values = one.parsed.values
            lonlat = one.columns.get("lonlat")
            plain = {
                name: values.get(name) for name in ("name", "gb_code", "camera_type", "zone", "azimuth", "direction")
            }
            position = f"{lonlat[0]:.6f}, {lonlat[1]:.6f}" if lonlat else ""
            yield plain | {"row": one.parsed.number, "outcome": one.outcome.value, "position": position}
