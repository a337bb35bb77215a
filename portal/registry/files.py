"""A list as a file: rows from the database's cursor straight into XLSX, CSV or GeoJSON, however many there are."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func

from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever, require
from portal.accounts.values import Identity
from portal.core.clock import city_day
from portal.core.errors import NotAllowed
from portal.core.sheets import WorkbookWriter, write_csv
from portal.registry.labels.lists import LIST_TITLE, Speaker, column_label, speaker_of
from portal.registry.queries.lists import Asked, ListColumn, ListSpec, columns_for, stream_rows
from portal.registry.rules.rows import PORTAL_ID
from portal.registry.values.lists import ExportFormat, ExportLayout, Wanted
from portal.vault.values import FileType

FILE_TYPE = {
    ExportFormat.XLSX: FileType.XLSX,
    ExportFormat.CSV: FileType.CSV,
    ExportFormat.CSV_GB: FileType.CSV,
    ExportFormat.GEOJSON: FileType.GEOJSON,
}
_ENCODING = {ExportFormat.CSV: "utf-8-sig", ExportFormat.CSV_GB: "gb18030"}
_WIDTHS = {"name": 32, "unit": 28, "system": 28, "address": 36, "id": 38, "gb_code": 22, "uscc": 20}
Progress = Callable[[int], None]


@dataclass(frozen=True, kw_only=True)
class Export:
    """What is written: which rows and columns of which list, as what, in which language."""

    spec: ListSpec
    wanted: Wanted
    format: ExportFormat
    layout: ExportLayout
    locale: str

    def columns(self, identity: Identity) -> tuple[ListColumn, ...]:
        """The columns that come out: never one that this person may nowhere see, never one that stays in the portal.

        The whole file begins with the portal's own id and goes on with the fields in their order, as the import reads it.
        """
        if self.layout is ExportLayout.SHOWN:
            columns = columns_for(identity, self.spec, self.wanted.columns)
        else:
            every = columns_for(identity, self.spec, self.spec.column_keys)
            columns = (self.spec.column(PORTAL_ID), *(each for each in every if each.field is not None))
        return tuple(each for each in columns if each.exported)


def file_name(export: Export, now: datetime) -> str:
    """What the file is called when it is fetched."""
    return f"{export.spec.key}-{city_day(now)}{FILE_TYPE[export.format].suffix}"


def formats_for(identity: Identity, spec: ListSpec) -> list[ExportFormat]:
    """What this person may take the list out as: positions only with the right to the map."""
    positions = spec.position is not None and may_ever(identity, Permission.MAP_VIEW)
    return [each for each in ExportFormat if each is not ExportFormat.GEOJSON or positions]


def write_list(asked: Asked, export: Export, target: Path, *, told: Progress = lambda _rows: None) -> int:
    """Write a list into a file; how many rows. Memory does not grow with them. Raises NotAllowed."""
    require(asked.identity, Permission.LIST_EXPORT)
    if export.format not in formats_for(asked.identity, export.spec):
        raise NotAllowed("permission", permission=str(Permission.MAP_VIEW))
    columns, words = export.columns(asked.identity), speaker_of(asked, export.spec, export.locale)
    if export.format is ExportFormat.GEOJSON:
        return _write_geojson(asked, export, columns, target, told)
    writers = [words.writer(export.spec, each) for each in columns]
    rows = _counted(stream_rows(asked, export.spec, export.wanted, columns), told)
    cells = ([write(value) for write, value in zip(writers, row, strict=True)] for row in rows)
    head = _head(export, columns, words)
    if export.format is ExportFormat.XLSX:
        widths = [_WIDTHS.get(each.key, 14) for each in columns]
        return _write_workbook(words.say(LIST_TITLE[export.spec.key]), widths, head, cells, target)
    with target.open("w", encoding=_ENCODING[export.format], newline="") as out:
        return write_csv(out, _with_head(head, cells)) - 1


def _head(export: Export, columns: Sequence[ListColumn], words: Speaker) -> list[str]:
    names = [words.say(column_label(export.spec, each.key)) for each in columns]
    if export.layout is ExportLayout.FILE:
        names[0] = words.sheet.portal_id
    return names


def _with_head(head: Sequence[str], rows: Iterator[list[str]]) -> Iterator[Sequence[str]]:
    yield head
    yield from rows


def _counted(rows: Iterator[Any], told: Progress) -> Iterator[Any]:
    number = 0
    for number, row in enumerate(rows, start=1):
        if number % 1_000 == 0:
            told(number)
        yield row
    told(number)


def _write_workbook(
    name: str, widths: Sequence[int], head: Sequence[str], rows: Iterator[list[str]], target: Path
) -> int:
    written = 0
    with target.open("wb") as out, WorkbookWriter(out, name, widths=widths) as book:
        book.head(head)
        for cells in rows:
            book.row(cells)
            written += 1
    return written


def _write_geojson(asked: Asked, export: Export, columns: Sequence[ListColumn], target: Path, told: Progress) -> int:
    """RFC 7946: positions in WGS-84, longitude first. Rows without one keep their properties and have no geometry."""
    spec, words, number = export.spec, speaker_of(asked, export.spec, export.locale), 0
    place = [func.st_x(spec.position).label("x"), func.st_y(spec.position).label("y"), spec.model.id.label("key")]
    columns = [each for each in columns if each.key not in ("lon", "lat", "datum", PORTAL_ID)]
    writers = [(each.key, words.writer(spec, each)) for each in columns]
    with target.open("w", encoding="utf-8") as out:
        out.write('{"type": "FeatureCollection", "features": [')
        for number, row in enumerate(
            _counted(stream_rows(asked, spec, export.wanted, columns, extra=place), told), start=1
        ):
            *values, x, y, key = row
            feature = {
                "type": "Feature",
                "id": str(key),
                "geometry": None if x is None else {"type": "Point", "coordinates": [round(x, 7), round(y, 7)]},
                "properties": {name: write(value) for (name, write), value in zip(writers, values, strict=True)},
            }
            out.write(("," if number > 1 else "") + "\n" + json.dumps(feature, ensure_ascii=False))
        out.write("\n]}\n")
    return number
