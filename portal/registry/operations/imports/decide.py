"""Deciding about faults: the proposed cure is taken, or the cell stands as it is; one fault, or all of its kind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, text, update
from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import FieldChange, SubjectRef
from portal.core.errors import IllegalTransition, NotFound
from portal.core.services import services
from portal.registry import values
from portal.registry.models import CameraImport, ImportFault, System
from portal.registry.operations.imports.course import ask_worker, held, move
from portal.registry.operations.imports.ground import NOTHING_SPOKEN, Spoken, judge_for, known_of, words_for
from portal.registry.operations.imports.run import columns_of
from portal.registry.operations.imports.staging import decisions_of, drop_staged, open_cells, stage, take_counts
from portal.registry.rules.sheets import KEEPABLE, UNDECIDED, Known, ParsedRow, Seen, place_key, record_of
from portal.registry.states import ImportAction, ImportStatus
from portal.registry.values.rows import FaultDecision

AT_ONCE = 500  # rows judged again while the person waits; more are the worker's


@dataclass(frozen=True, kw_only=True)
class Kind:
    """Faults of one kind: the same thing wrong in the same column, with the same cure."""

    field: str
    code: str
    cure: str = ""


def decide_kind(
    session: Session,
    *,
    actor: Identity,
    import_id: UUID,
    kind: Kind,
    decision: FaultDecision,
    spoken: Spoken = NOTHING_SPOKEN,
    now: datetime,
) -> int:
    """Decide about every open fault of a kind; how many there were. Raises NotFound for a kind that has none."""
    which = (ImportFault.field == kind.field) & (ImportFault.code == kind.code) & (ImportFault.cure_code == kind.cure)
    return _decide(session, actor, import_id, which=which, decision=decision, spoken=spoken, now=now)


def decide_fault(
    session: Session,
    *,
    actor: Identity,
    import_id: UUID,
    fault_id: int,
    decision: FaultDecision,
    spoken: Spoken = NOTHING_SPOKEN,
    now: datetime,
) -> int:
    """Decide about a single fault. Raises NotFound."""
    which = ImportFault.id == fault_id
    return _decide(session, actor, import_id, which=which, decision=decision, spoken=spoken, now=now)


def _decide(
    session: Session,
    actor: Identity,
    import_id: UUID,
    *,
    which: ColumnElement[bool],
    decision: FaultDecision,
    spoken: Spoken,
    now: datetime,
) -> int:
    run = held(session, actor, import_id)
    if run.status != ImportStatus.CHECKED:
        raise IllegalTransition("import", status=run.status)
    possible = ImportFault.code.in_(KEEPABLE) if decision is FaultDecision.KEPT else ImportFault.cure.is_not(None)
    rows = session.execute(
        update(ImportFault)
        .where(ImportFault.import_id == import_id, ImportFault.decision.is_(None), which, possible)
        .values(decision=decision)
        .returning(ImportFault.row_number, ImportFault.code)
    ).all()
    if not rows:
        raise NotFound()
    record(
        session,
        actor=actor.actor,
        tag=values.IMPORT_FAULTS_DECIDED,
        subject=SubjectRef("camera_import", run.id, session.get_one(System, run.system_id).name),
        unit_id=run.unit_id,
        district=run.district,
        changes=[FieldChange(name=f"{rows[0].code}:{decision}", new=len(rows))],
        now=now,
    )
    numbers = sorted({row.row_number for row in rows})
    if len(numbers) > AT_ONCE:
        move(run, ImportAction.RECHECK)
        run.rows_read = 0
        ask_worker(session, run, actor, step="check")
    else:
        judge_again(session, run, numbers, spoken, now=now)
    return len(rows)


def judge_again(session: Session, run: CameraImport, numbers: list[int], spoken: Spoken, *, now: datetime) -> None:
    """Judge some parked rows again, with what was decided, beside the others of their sheet."""
    envelope = services(session).envelope
    rows = session.execute(
        text(
            "select number, cells_sealed from camera_import_row "
            "where import_id = :id and number = any(:numbers) and cells_sealed is not null order by number"
        ),
        {"id": run.id, "numbers": numbers},
    ).all()
    decided = decisions_of(session, run.id, numbers)
    words = words_for(session, run, spoken, now=now)
    judge = judge_for(session, run, columns_of(run), words, Seen())
    parsed = []
    for number, sealed in rows:
        cells = open_cells(envelope, run.id, number, sealed)
        parsed.append(judge.reader.parse(number, cells, decided.get(number, UNDECIDED)))
    known = known_of(session, run, parsed)
    drop_staged(session, run.id, [number for number, _ in rows])
    others = _others(session, run, parsed, known)
    judged = []
    for row in parsed:
        codes, cameras, places = others.get(row.number, ({}, {}, {}))
        judge.seen.codes = {**codes, **judge.seen.codes}
        judge.seen.cameras = {**cameras, **judge.seen.cameras}
        judge.seen.places = {**places, **judge.seen.places}
        judged.append(judge.judge(row, known))
    stage(session, run, judged)
    take_counts(session, run)


_OTHERS = """
select s.number, r.number as other, r.gb_code, r.camera_id, r.label as name, r.content[:declared_lon] as lon,
       r.content[:declared_lat] as lat, r.content[:azimuth] as azimuth, r.content[:direction] as direction
  from unnest(cast(:numbers as int[]), cast(:codes as text[]), cast(:cameras as uuid[]), cast(:names as text[]))
       as s(number, code, camera, name)
  join camera_import_row r on r.import_id = :id and r.number <> all(:numbers)
   and (r.gb_code = s.code or r.camera_id = s.camera or (r.label = s.name and r.outcome = 'new' and r.gb_code is null))
   and (r.outcome in ('new', 'changed', 'same') or (r.outcome = 'parked' and r.number < s.number))
 order by r.number desc
"""
_APART = ("declared_lon", "declared_lat", "azimuth", "direction")
_Others = tuple[dict[str, int], dict[UUID, int], dict[int, int]]


def _others(session: Session, run: CameraImport, parsed: Sequence[ParsedRow], known: Known) -> Mapping[int, _Others]:
    """For each row, what other rows hold that must not stand in a sheet twice: those that go in, and parked ones above."""
    records, said = [record_of(row, known) for row in parsed], run.head["said"]
    asked = {
        "id": run.id,
        "numbers": [row.number for row in parsed],
        "codes": [row.values.get("gb_code") for row in parsed],
        "cameras": [str(record["id"]) if record else None for record in records],
        "names": [str(row.values.get("name", ""))[:120] for row in parsed],
        **{name: said.index(name) + 1 if name in said else None for name in _APART},
    }
    found: dict[int, _Others] = {}
    for one in session.execute(text(_OTHERS), asked):
        codes, cameras, places = found.setdefault(one.number, ({}, {}, {}))
        if one.gb_code:
            codes[one.gb_code] = one.other
        if one.camera_id:
            cameras[one.camera_id] = one.other
        if one.lon and one.lat:
            numbers = (int(part) if part else None for part in (one.azimuth, one.direction))
            places[place_key(one.name, Decimal(one.lon), Decimal(one.lat), *numbers)] = one.other
    return found
