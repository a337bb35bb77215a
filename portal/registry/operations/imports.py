"""Importing cameras from a sheet: read and checked whole, then loaded whole or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import Actor, FieldChange, SubjectRef
from portal.core.clock import city_day
from portal.core.crash import crash_point
from portal.core.crypto import Envelope
from portal.core.db import Database
from portal.core.errors import IllegalTransition, NotFound
from portal.core.geometry import Datum, point, to_element, to_wgs84
from portal.core.ids import new_id
from portal.core.outbox import TaskName, enqueue
from portal.core.services import services
from portal.registry import values
from portal.registry.models import Camera, CameraImport
from portal.registry.operations.cameras import PHONES, camera_values, given_by, sealed_phones
from portal.registry.operations.quality import ask_recheck
from portal.registry.queries import lock_system, system_scope
from portal.registry.queries.zones import own_zone_names
from portal.registry.rules import Columns, Fault, ParsedRow, Words, find_header, parse_row, rules_for
from portal.registry.rules.sheet import HEADER_ROWS
from portal.registry.states import ImportAction, ImportStatus, next_import_status
from portal.vault.queries import get_file, open_stored_sheet
from portal.vault.values import Refused

SHOWN_FAULTS = 2_000
PREVIEW_ROWS = 20
PROGRESS_EVERY = 2_000
RUNNING = frozenset({ImportStatus.QUEUED, ImportStatus.READING, ImportStatus.LOADING})
OPEN = RUNNING | {ImportStatus.CHECKED}


def start_import(
    session: Session,
    *,
    actor: Identity,
    system_id: UUID,
    stored_file_id: UUID,
    datum: Datum,
    preview_first: bool = False,
    now: datetime,
) -> CameraImport:
    """Queue a sheet that the vault has taken in; with `preview_first` it waits, once checked, for `confirm_import`."""
    system = lock_system(session, system_id)
    require(actor, Permission.CAMERA_IMPORT, system_scope(system), read=Permission.SYSTEM_READ)
    run = CameraImport(
        system_id=system.id,
        unit_id=system.unit_id,
        district=system.district,
        stored_file_id=stored_file_id,
        datum=datum,
        preview_first=preview_first,
        created_by=actor.person_id,
        created_at=now,
    )
    session.add(run)
    session.flush()
    subject = SubjectRef("camera_import", run.id, system.name)
    record(
        session,
        actor=actor.actor,
        tag=values.IMPORT_STARTED,
        subject=subject,
        unit_id=run.unit_id,
        district=run.district,
        now=now,
    )
    _enqueue(session, run, actor, step="import")
    return run


def confirm_import(session: Session, *, actor: Identity, import_id: UUID) -> CameraImport:
    """Let a checked sheet load. It is checked once more then: a code may have been taken meanwhile."""
    run = _open(session, actor, import_id)
    _move(run, ImportAction.CONFIRM)
    _enqueue(session, run, actor, step="load")
    return run


def _enqueue(session: Session, run: CameraImport, actor: Identity, *, step: str) -> None:
    enqueue(
        session,
        TaskName.REGISTRY_IMPORT_CAMERAS,
        dedupe=f"{step}:{run.id}",
        import_id=run.id,
        actor_name=actor.name,
    )


def _open(session: Session, actor: Identity, import_id: UUID) -> CameraImport:
    """An import held for change. Raises NotFound, NotAllowed, or IllegalTransition once it is over."""
    run = session.get(CameraImport, import_id, with_for_update=True)
    if run is None:
        raise NotFound()
    require(actor, Permission.CAMERA_IMPORT, system_scope(lock_system(session, run.system_id)))
    if run.status not in OPEN:
        raise IllegalTransition("import", status=run.status)
    return run


def _move(run: CameraImport, action: ImportAction) -> None:
    run.status = next_import_status(ImportStatus(run.status), action)


def cancel_import(session: Session, *, actor: Identity, import_id: UUID, now: datetime) -> CameraImport:
    """Stop an import that has not loaded yet."""
    run = _open(session, actor, import_id)
    _move(run, ImportAction.CANCEL)
    run.finished_at = now
    subject = SubjectRef("camera_import", run.id)
    record(session, actor=actor.actor, tag=values.IMPORT_CANCELLED, subject=subject, unit_id=run.unit_id, now=now)
    return run


def run_import(database: Database, *, import_id: UUID, actor_name: str, now: datetime) -> None:
    """Do an import. Progress is committed as it goes; the rows are committed together with the mark that they are in,
    so a worker killed anywhere leaves either nothing or everything."""
    with database.transaction() as session:
        run = session.get(CameraImport, import_id, with_for_update=True)
        if run is None or run.status not in RUNNING:
            return
        ask = run.preview_first and run.status != ImportStatus.LOADING
        if run.status != ImportStatus.LOADING:
            _move(run, ImportAction.READ)
        datum, zones = Datum(run.datum), _zones(session, run.system_id, now=now)
    try:
        with database.transaction() as session:
            stored = get_file(session, run.stored_file_id)
            with open_stored_sheet(session, stored) as reading:
                top = [(row.number, row.cells) for row, _ in zip(reading.rows(), range(HEADER_ROWS), strict=False)]
                columns = find_header(top)
                if columns is None:
                    _finish(database, import_id, ImportAction.FAIL, now=now, failure="sheet_no_header")
                    return
                rows, faults = _check(database, import_id, reading.rows(), columns, Words(datum, zones))
    except Refused as refused:
        _finish(database, import_id, ImportAction.FAIL, now=now, failure=f"file_{refused.code}")
        return
    with database.transaction() as session:
        faults += _against_registry(session, rows, columns)
    good = [row for row in rows if row.sound()]
    if faults or not good:
        failure = None if faults else "sheet_no_rows"
        _finish(database, import_id, ImportAction.FAIL, now=now, failure=failure, faults=faults, good=len(good))
        return
    if ask:
        _finish(database, import_id, ImportAction.CHECK, now=None, good=len(good), preview=good[:PREVIEW_ROWS])
        return
    _load(database, import_id, good, actor_name=actor_name, now=now)


def _zones(session: Session, system_id: UUID, *, now: datetime) -> Mapping[str, str]:
    """The zones that the system's rules know, by key and by either name."""
    system = lock_system(session, system_id)
    cited = rules_for(system.unit, system, on=city_day(now)).zones()
    own = {name: key for key, name in own_zone_names(session, system_id)}
    return own | {name: one.zone.key for one in cited for name in (one.zone.key, one.zone.text.zh, one.zone.text.en)}


def _check(
    database: Database, import_id: UUID, rows: Any, columns: Columns, words: Words
) -> tuple[list[ParsedRow], list[Fault]]:
    """Every row, sound or not, and every fault that a row shows by itself or beside the rows above it."""
    parsed_rows: list[ParsedRow] = []
    faults: list[Fault] = []
    codes: dict[str, int] = {}
    for read, row in enumerate(rows, start=1):
        if row.number <= columns.header_row or not any(cell.strip() for cell in row.cells):
            continue
        parsed = parse_row(row.number, row.cells, columns, words)
        faults += parsed.faults
        parsed_rows.append(parsed)
        code = parsed.read.gb_code if parsed.sound("gb_code") else None
        if code and code in codes:
            twice = {"row": str(codes[code])}
            column = columns.letter("gb_code")
            faults.append(Fault(row=row.number, column=column, field="gb_code", code="sheet_twice", data=twice))
        elif code:
            codes[code] = row.number
        if read % PROGRESS_EVERY == 0:
            _progress(database, import_id, read)
    return parsed_rows, faults


def _progress(database: Database, import_id: UUID, read: int) -> None:
    with database.transaction() as session:
        session.execute(
            text("update camera_import set rows_read = :read where id = :id"), {"read": read, "id": import_id}
        )


def _against_registry(session: Session, rows: Sequence[ParsedRow], columns: Columns) -> list[Fault]:
    """Codes that are taken and positions outside every district, found in two set-based questions."""
    by_code = {row.read.gb_code: row for row in rows if row.read.gb_code and row.sound("gb_code")}
    taken = session.scalars(select(Camera.gb_code).where(Camera.gb_code.in_(by_code))).all() if by_code else []
    faults = [
        Fault(row=by_code[code].number, column=columns.letter("gb_code"), field="gb_code", code="gb_code_taken")
        for code in taken
        if code is not None
    ]
    where = columns.letter("lon")
    placed = [row for row in rows if row.sound("lon", "lat")]
    inside = _districts(session, placed)
    outside = [row.number for row in placed if row.number not in inside]
    return faults + [Fault(row=number, column=where, field="lon", code="outside_city") for number in outside]


def _districts(session: Session, rows: Sequence[ParsedRow]) -> Mapping[int, str]:
    """The district each row's position lies in, by the row's number; a position outside every district has none."""
    numbers, lons, lats = [], [], []
    for row in rows:
        lon, lat = to_wgs84(float(row.read.lon), float(row.read.lat), row.read.datum)
        numbers.append(row.number)
        lons.append(lon)
        lats.append(lat)
    found = session.execute(
        text(
            "select n, min(d.code) as code from unnest(cast(:n as int[]), cast(:x as float8[]), cast(:y as float8[])) as t(n, x, y) "
            "join division d on d.level = 'district' "
            "and st_contains(d.outline, st_setsrid(st_makepoint(x, y), 4326)) group by n"
        ),
        {"n": numbers, "x": lons, "y": lats},
    )
    return {row.n: row.code for row in found}


def _load(database: Database, import_id: UUID, good: Sequence[ParsedRow], *, actor_name: str, now: datetime) -> None:
    with database.transaction() as session:
        run = session.get(CameraImport, import_id, with_for_update=True)
        if run is None or run.status not in RUNNING:
            return
        system = lock_system(session, run.system_id)
        given, envelope = given_by(session, system), services(session).envelope
        districts = _districts(session, good)
        rows = [_row(run, row, given, envelope, now) | {"district": districts[row.number]} for row in good]
        session.execute(Camera.__table__.insert(), rows)  # type: ignore[attr-defined]
        ask_recheck(session, occasion=f"import:{run.id}", system_id=system.id)
        _move(run, ImportAction.LOAD)
        run.finished_at = now
        run.rows_read = run.rows_good = len(good)
        run.rows_bad = 0
        record(
            session,
            actor=Actor(name=f"system:import for {actor_name}"),
            tag=values.CAMERAS_IMPORTED,
            subject=SubjectRef("camera_import", run.id, system.name),
            unit_id=run.unit_id,
            district=run.district,
            changes=[FieldChange(name="cameras", new=len(good))],
            now=now,
        )
        session.flush()
        crash_point("import.before_commit")


def _row(
    run: CameraImport, parsed: ParsedRow, given: Mapping[str, str], envelope: Envelope, now: datetime
) -> dict[str, Any]:
    particulars = parsed.read
    position = to_element(point(*to_wgs84(float(particulars.lon), float(particulars.lat), particulars.datum)))
    key = new_id()
    phones = dict.fromkeys(f"{name}_{form}" for name in PHONES for form in ("sealed", "masked"))
    plain = {**phones, **camera_values(particulars), **sealed_phones(envelope, key, particulars)}
    for name, value in given.items():
        plain[name] = plain[name] or value
    return plain | {
        "id": key,
        "system_id": run.system_id,
        "unit_id": run.unit_id,
        "position": position,
        "created_at": now,
        "updated_at": now,
    }


def _shown(parsed: ParsedRow) -> dict[str, Any]:
    """A row as it was understood: the position converted, the words matched."""
    particulars = parsed.read
    lon, lat = to_wgs84(float(particulars.lon), float(particulars.lat), particulars.datum)
    plain = {name: getattr(particulars, name) for name in ("name", "gb_code", "camera_type", "zone", "azimuth")}
    return plain | {"row": parsed.number, "position": f"{lon:.6f}, {lat:.6f}"}


def _finish(
    database: Database,
    import_id: UUID,
    action: ImportAction,
    *,
    now: datetime | None,
    failure: str | None = None,
    faults: Sequence[Fault] = (),
    good: int = 0,
    preview: Sequence[ParsedRow] = (),
) -> None:
    with database.transaction() as session:
        run = session.get(CameraImport, import_id, with_for_update=True)
        if run is None or run.status not in RUNNING:
            return
        _move(run, action)
        run.failure, run.finished_at = failure, now
        run.faults = [asdict(fault) | {"data": dict(fault.data)} for fault in faults[:SHOWN_FAULTS]]
        run.preview = [_shown(parsed) for parsed in preview]
        run.rows_bad = len({fault.row for fault in faults})
        run.rows_good = good
        run.rows_read = good + run.rows_bad
