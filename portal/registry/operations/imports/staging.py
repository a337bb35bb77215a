"""Judged rows into the staging tables: by COPY, a batch a transaction, ready to be inserted as they lie."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from portal.core.copying import copy_into, copy_lines, escaped
from portal.core.crypto import Envelope
from portal.core.ids import new_id
from portal.core.services import services
from portal.registry.models import CameraImport, ImportFault, ImportRow
from portal.registry.operations.cameras import PHONES, sealed_phone
from portal.registry.operations.imports.ground import cells_context, hex_point
from portal.registry.operations.imports.reach import seal_access
from portal.registry.rules import COLUMNS
from portal.registry.rules.sheets import Decided, Fault, Judged, decided_of
from portal.registry.values.rows import FaultDecision, RowOutcome

TEXT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode
NOTHING = r"\N"
_COLUMNS = "import_id, number, unit_id, district, outcome, label, gb_code, camera_id, seen_version, payload, content, before, access_sealed, access_before_sealed, cells_sealed"
_PLACE = ("declared_lon", "declared_lat", "district", "position")
_SEALED = tuple(f"{name}_{form}" for name in PHONES for form in ("sealed", "masked"))
# Columns that a new camera takes from its row; whatever else a camera has begins as the database says.
PAYLOAD = (*(each.key for each in COLUMNS), *_PLACE, *_SEALED)


def said_by(present: Collection[str]) -> list[str]:
    """The columns that rows of a sheet with these fields fill, in the order in which a staged new row holds them."""
    phones = [name for name in _SEALED if name.rpartition("_")[0] in present]
    return [*(each.key for each in COLUMNS if each.key in present or each.key == "datum"), *_PLACE, *phones]


def stage(session: Session, run: CameraImport, judged: Sequence[Judged]) -> None:
    """Write a batch of rows and their faults. The rows must not be there yet."""
    envelope = services(session).envelope
    always, said = "\t".join((str(run.unit_id), run.district)), run.head["said"]
    lines = (_line(run, one, envelope, always, said) for one in judged)
    copy_lines(session, ImportRow.__tablename__, _COLUMNS, lines)
    copy_into(session, ImportFault.__tablename__, _faults(run, (fault for one in judged for fault in one.faults)))


def _line(run: CameraImport, judged: Judged, envelope: Envelope, always: str, said: Sequence[str]) -> str:
    """A row in COPY's text format, written by hand: this runs for every row."""
    parsed, record, outcome = judged.parsed, judged.record, judged.outcome
    key = record["id"] if record is not None else new_id() if outcome is RowOutcome.NEW else None
    payload = dict(judged.columns)
    lonlat = payload.pop("lonlat", None)
    if lonlat is not None:
        payload["position"] = hex_point(lonlat)
    before = None
    if record is not None and outcome is RowOutcome.CHANGED:
        before = _before(record, payload, judged.phones)
    if key is not None:
        for name, number in judged.phones.items():
            payload |= sealed_phone(envelope, key, name, number)
    content = payload_text = NOTHING
    if outcome is RowOutcome.NEW:
        # Nobody asks a new row for one of its values: an array goes in and comes out at a third of what JSON takes.
        filled = {**parsed.written} | {name: f'"{value}"' for name, value in payload.items()}
        content = escaped(f"{{{','.join([filled.get(name, 'NULL') for name in said])}}}")
    elif outcome is RowOutcome.CHANGED:
        payload_text = escaped(TEXT(payload))
    parked = outcome in (RowOutcome.PARKED, RowOutcome.LEFT_OUT)
    cells = seal_cells(envelope, run.id, parsed.number, parsed.cells) if parked else NOTHING
    access = seal_access(envelope, run.id, judged) if judged.access else (NOTHING, NOTHING)
    label = escaped(str(parsed.values.get("name") or (record or {}).get("name", ""))[:120])
    code, version = parsed.values.get("gb_code") or NOTHING, record["version"] if record is not None else NOTHING
    held = escaped(TEXT(before)) if before else NOTHING
    known = f"{outcome.value}\t{label}\t{code}\t{key or NOTHING}\t{version}"
    return f"{run.id}\t{parsed.number}\t{always}\t{known}\t{payload_text}\t{content}\t{held}\t{access[0]}\t{access[1] or NOTHING}\t{cells}\n"


def _before(record: Mapping[str, Any], payload: Mapping[str, Any], phones: Mapping[str, str]) -> dict[str, Any]:
    """What the columns held that a row changes."""
    names = [name for name in payload if name != "position"]
    names += [f"{name}_{form}" for name in phones for form in ("sealed", "masked")]
    held = {name: record[name] for name in names}
    return held | ({"position": hex_point((record["lon"], record["lat"]))} if "position" in payload else {})


def seal_cells(envelope: Envelope, import_id: UUID, number: int, cells: Sequence[str]) -> str:
    """A row's cells as they stood in the sheet, sealed."""
    return envelope.seal(TEXT(list(cells)).encode(), context=cells_context(import_id, number))


def open_cells(envelope: Envelope, import_id: UUID, number: int, sealed: str) -> list[str]:
    """The cells of a parked row."""
    cells: list[str] = json.loads(envelope.open(sealed, context=cells_context(import_id, number)))
    return cells


def _faults(run: CameraImport, faults: Iterable[Fault]) -> Iterator[dict[str, Any]]:
    for fault in faults:
        yield {
            "import_id": run.id,
            "unit_id": run.unit_id,
            "district": run.district,
            "row_number": fault.row,
            "column_letters": fault.column,
            "field": fault.field,
            "code": fault.code,
            "data": TEXT(dict(fault.data)),
            "cure_code": fault.cure.code if fault.cure else "",
            "cure": TEXT(dict(fault.cure.cells)) if fault.cure else None,
        }


def drop_staged(session: Session, import_id: UUID, numbers: Sequence[int] | None = None) -> None:
    """Forget rows, all or some, and the faults that nobody has decided about; decisions stay."""
    rows = delete(ImportRow).where(ImportRow.import_id == import_id)
    faults = delete(ImportFault).where(ImportFault.import_id == import_id, ImportFault.decision.is_(None))
    if numbers is not None:
        rows, faults = rows.where(ImportRow.number.in_(numbers)), faults.where(ImportFault.row_number.in_(numbers))
    session.execute(rows)
    session.execute(faults)


def decisions_of(session: Session, import_id: UUID, numbers: Sequence[int] | None = None) -> Mapping[int, Decided]:
    """What was decided, by row."""
    fault = ImportFault
    wanted = (
        select(fault.row_number, fault.field, fault.code, fault.cure, fault.decision)
        .where(fault.import_id == import_id, fault.decision.is_not(None))
        .order_by(fault.id)
    )
    if numbers is not None:
        wanted = wanted.where(fault.row_number.in_(numbers))
    rows: dict[int, list[Mapping[str, Any]]] = {}
    for one in session.execute(wanted):
        kept = one.decision == FaultDecision.KEPT
        rows.setdefault(one.row_number, []).append(
            {"field": one.field, "code": one.code, "cells": one.cure or {}, "kept": kept}
        )
    return {number: decided_of(decisions) for number, decisions in rows.items()}


def take_counts(session: Session, run: CameraImport) -> None:
    """How many rows came to what, from the rows themselves."""
    found = session.execute(
        text("select outcome, count(*) from camera_import_row where import_id = :id group by outcome"), {"id": run.id}
    )
    counts = {outcome: int(count) for outcome, count in found}
    run.counts = {outcome.value: counts.get(outcome, 0) for outcome in RowOutcome}
    run.rows_good = sum(run.counts[outcome] for outcome in (RowOutcome.NEW, RowOutcome.CHANGED, RowOutcome.SAME))
    run.rows_bad = run.counts[RowOutcome.PARKED]
