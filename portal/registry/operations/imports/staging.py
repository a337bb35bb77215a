"""Judged rows into the staging tables: by COPY, a batch a transaction, ready to be inserted as they lie."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from portal.core.copying import copy_into, copy_lines, escaped
from portal.core.crypto import Envelope
from portal.core.ids import new_id_texts
from portal.core.services import services
from portal.registry.models import CameraImport, ImportFault, ImportRow
from portal.registry.operations.cameras import PHONES, sealed_phone
from portal.registry.operations.imports.ground import cells_context, hex_point
from portal.registry.operations.imports.reach import seal_access
from portal.registry.rules import COLUMNS
from portal.registry.rules.sheets import Decided, Fault, Judged, Record, decided_of
from portal.registry.values.rows import FaultDecision, RowOutcome

TEXT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode
NOTHING = r"\N"
_NULLS = repeat("NULL")
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
    sheet = _Sheet(run.id, f"{run.unit_id}\t{run.district}", tuple(run.head["said"]), envelope)
    ids = new_id_texts(len(judged))
    lines = (sheet.line(one, fresh) for one, fresh in zip(judged, ids, strict=True))
    copy_lines(session, ImportRow.__tablename__, _COLUMNS, lines)
    copy_into(session, ImportFault.__tablename__, _faults(run, (fault for one in judged for fault in one.faults)))


@dataclass(frozen=True)
class _Sheet:
    """What all rows of a batch share, worked out once: `always` is whose they are, `said` what a new row fills."""

    import_id: UUID
    always: str
    said: Sequence[str]
    envelope: Envelope

    def line(self, judged: Judged, fresh: str) -> str:
        """A row in COPY's text format, written by hand: this runs for every row. A new camera gets the fresh id."""
        parsed, record, outcome = judged.parsed, judged.record, judged.outcome
        number, values = parsed.number, parsed.values
        payload, content, before, key, version, cells = (NOTHING,) * 6
        name = values.get("name")
        if outcome is RowOutcome.NEW:
            key, content = fresh, escaped(self._content(judged, fresh))
        elif record is not None:
            key, version, name = record["id"], record["version"], name or record["name"]
            if outcome is RowOutcome.CHANGED:
                payload, before = self._changes(judged, record)
        if outcome is RowOutcome.PARKED or outcome is RowOutcome.LEFT_OUT:
            cells = seal_cells(self.envelope, self.import_id, number, parsed.cells)
        access = seal_access(self.envelope, self.import_id, judged) if judged.access else (NOTHING, NOTHING)
        code, label = values.get("gb_code") or NOTHING, escaped(str(name or "")[:120])
        known = f"{outcome.value}\t{label}\t{code}\t{key}\t{version}\t{payload}\t{content}\t{before}"
        return f"{self.import_id.hex}\t{number}\t{self.always}\t{known}\t{access[0]}\t{access[1] or NOTHING}\t{cells}\n"

    def _content(self, judged: Judged, fresh: str) -> str:
        # Nobody asks a new row for one of its values: an array goes in and comes out at a third of what JSON takes.
        at = judged.columns
        filled = {
            **judged.parsed.written,
            "declared_lon": at["declared_lon"],
            "declared_lat": at["declared_lat"],
            "datum": at["datum"],
            "district": at["district"],
            "position": hex_point(at["lonlat"]),
        }
        for name, number in judged.phones.items():
            sealed = sealed_phone(self.envelope, UUID(fresh), name, number)
            filled |= {column: f'"{value}"' for column, value in sealed.items()}
        return f"{{{','.join(map(filled.get, self.said, _NULLS))}}}"

    def _changes(self, judged: Judged, record: Record) -> tuple[str, str]:
        """What a row writes into the columns of a camera on record, and what they held."""
        payload = dict(judged.columns)
        lonlat = payload.pop("lonlat", None)
        if lonlat is not None:
            payload["position"] = hex_point(lonlat)
        before = _before(record, payload, judged.phones)
        for name, number in judged.phones.items():
            payload |= sealed_phone(self.envelope, record["id"], name, number)
        return escaped(TEXT(payload)), escaped(TEXT(before)) if before else NOTHING


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
