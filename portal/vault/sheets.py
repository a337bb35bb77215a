"""Looks over sheets with a streaming scan and reads their rows as text; runs in the child only.

The scan comes first because calamine lays a sheet out densely: one cell at XFD1048576 makes it ask for 549 GB and abort
(measured). The scan is a courtesy that yields a clear message; a file that fools it still meets the memory limit.
"""

import csv
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import python_calamine as calamine

from portal.vault.containers import check_directory
from portal.vault.sniff import identify
from portal.vault.values import SHEET_TYPES, FileType, Refusal, Refused, SheetLimits

_SHEET_PART = re.compile(r"xl/worksheets/[^/]+\.xml")
_ROW = re.compile(rb"<(?:\w+:)?row[\s/>]")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_FORMULA_AT = re.compile(rb"""<(?:\w+:)?c\s(?:[^<>]*\s)?r=["']([A-Z]{1,3}\d{1,7})["'][^<>]*><(?:\w+:)?f[\s/>]""")
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_CHUNK = 1024 * 1024
_OVERLAP = 64

_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_MOST_MERGES = 10_000


def look_over_sheet(path: Path, kind: FileType, limits: SheetLimits) -> dict[str, object]:
    """Refuse what cannot be read safely; the facts that the upload page shows."""
    if kind is FileType.XLSX:
        return _scan_workbook(path, limits)
    if kind is FileType.CSV:
        return {"encoding": find_encoding(path)}
    return {}


def read_sheet(request: dict[str, Any]) -> dict[str, Any]:
    """Takes `file`, `sheet`, `sheet_limits`; writes `rows.jsonl`, one `[row number, [cells]]` a line."""
    workdir = Path(request["workdir"])
    limits = SheetLimits(**request["sheet_limits"])
    path = workdir / request["file"]
    kind = _type_of_sheet(path)
    facts = look_over_sheet(path, kind, limits)
    if kind is FileType.CSV:
        source: _Source = _CsvSource(path, str(facts["encoding"]))
    else:
        source = _WorkbookSource(path, request.get("sheet"), limits)
    rows, width = 0, 0
    with (workdir / "rows.jsonl").open("w", encoding="utf-8") as out:
        for number, cells in source.rows():
            rows += 1
            width = max(width, len(cells))
            _check_row(number, cells, rows, limits)
            out.write(json.dumps([number, cells], ensure_ascii=False) + "\n")
    return {
        "type": kind.value,
        "rows": rows,
        "columns": width,
        "encoding": facts.get("encoding"),
        "formulas": facts.get("formulas", 0),
        "sheet_name": source.sheet_name,
        "sheet_names": source.sheet_names,
        "merged": source.merged,
    }


def _type_of_sheet(path: Path) -> FileType:
    found = identify(path)
    if found not in SHEET_TYPES:
        raise Refused(Refusal.TYPE_NOT_ALLOWED, found=str(found), allowed=sorted(SHEET_TYPES))
    return FileType(found)


def find_encoding(path: Path) -> str:
    """BOM, else strict UTF-8, else strict GB 18030: right on every sample tried. Refuses what is neither."""
    with path.open("rb") as stream:
        head = stream.read(4)
    for mark, name in _BOMS:
        if head.startswith(mark):
            return _decodes(path, name) or _no_encoding()
    return _decodes(path, "utf-8") or _decodes(path, "gb18030") or _no_encoding()


def _decodes(path: Path, encoding: str) -> str | None:
    try:
        with path.open(encoding=encoding, newline="") as stream:
            while piece := stream.read(_CHUNK):
                if "\x00" in piece:
                    return None
    except UnicodeError:
        return None
    return encoding


def _no_encoding() -> str:
    raise Refused(Refusal.ENCODING)


def _check_row(number: int, cells: list[str], rows: int, limits: SheetLimits) -> None:
    if rows > limits.most_rows:
        raise Refused(Refusal.TOO_MANY_ROWS, most=limits.most_rows)
    if len(cells) > limits.most_columns:
        raise Refused(Refusal.TOO_MANY_COLUMNS, row=number, found=len(cells), most=limits.most_columns)
    for column, cell in enumerate(cells, start=1):
        if len(cell) > limits.most_cell_characters:
            raise Refused(Refusal.CELL_TOO_LONG, row=number, column=column, most=limits.most_cell_characters)


class _Source:
    sheet_name: str = ""
    sheet_names: tuple[str, ...] = ()
    merged: tuple[tuple[int, int, int, int], ...] = ()

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Row numbers as the reader's program shows them, and the cells as text."""
        raise NotImplementedError


class _CsvSource(_Source):
    def __init__(self, path: Path, encoding: str) -> None:
        self._path, self._encoding = path, encoding

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        csv.field_size_limit(1024 * 1024)
        with self._path.open(encoding=self._encoding, newline="") as stream:
            first = stream.readline(_CHUNK)
            stream.seek(0)
            # strict: a stray quote must not swallow the rest of the file into one cell unnoticed.
            reader = csv.reader(stream, delimiter=_delimiter(first), strict=True)
            number = 0
            while True:
                begins = number + 1
                try:
                    cells = next(reader, None)
                except csv.Error:
                    raise Refused(Refusal.DAMAGED, reason="csv", row=begins) from None
                if cells is None:
                    return
                # Line numbers, because a quoted cell may span lines and editors count lines.
                number = reader.line_num
                yield begins, [cell.strip("\ufeff") for cell in cells]


def _delimiter(first_line: str) -> str:
    return max((",", "\t", ";"), key=first_line.count)


class _WorkbookSource(_Source):
    def __init__(self, path: Path, wanted: str | None, limits: SheetLimits) -> None:
        try:
            book = calamine.CalamineWorkbook.from_path(path)
            sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == calamine.SheetTypeEnum.WorkSheet]
            shown = [sheet.name for sheet in sheets if sheet.visible == calamine.SheetVisibleEnum.Visible]
            self.sheet_names = tuple(shown)
            name = wanted if wanted is not None else next(iter(shown), None)
            if name is None or name not in shown:
                raise Refused(Refusal.NO_SUCH_SHEET, wanted=wanted or "", found=list(shown))
            self._sheet = book.get_sheet_by_name(name)
        except calamine.PasswordError:
            raise Refused(Refusal.ENCRYPTED_WORKBOOK) from None
        except calamine.CalamineError as error:
            raise Refused(Refusal.DAMAGED, reason=type(error).__name__) from None
        self.sheet_name = name
        self.merged = tuple((*start, *end) for start, end in (self._sheet.merged_cell_ranges or ())[:_MOST_MERGES])
        if self._sheet.total_height > limits.most_rows:
            raise Refused(Refusal.TOO_MANY_ROWS, found=self._sheet.total_height, most=limits.most_rows)
        if self._sheet.total_width > limits.most_columns:
            raise Refused(Refusal.TOO_MANY_COLUMNS, found=self._sheet.total_width, most=limits.most_columns)

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        start = self._sheet.start
        if start is None:
            return
        margin = [""] * start[1]
        for number, row in enumerate(self._sheet.iter_rows(), start=1):
            if number > start[0]:
                yield number, margin + [as_text(cell) for cell in row]


def as_text(cell: object) -> str:
    """A cell as a person would read it. A long number that lost digits keeps its exponent, so that it shows."""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    return str(cell)


def _scan_workbook(path: Path, limits: SheetLimits) -> dict[str, object]:
    formulas, first = 0, ""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            check_directory(entries, packed_bytes=path.stat().st_size)
            for entry in entries:
                found, at = _scan_part(archive, entry, limits)
                formulas, first = formulas + found, first or at
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise Refused(Refusal.DAMAGED, reason=type(error).__name__) from None
    return {"formulas": formulas, "formula_at": first}


def _scan_part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: SheetLimits) -> tuple[int, str]:
    """Unpack a part piece by piece, which also proves its true size and checksum; the number of formulas, and a cell."""
    is_sheet = bool(_SHEET_PART.fullmatch(entry.filename))
    references = _far_references(limits)
    rows, formulas, at, before = 0, 0, "", b""
    with archive.open(entry) as part:
        while piece := part.read(_CHUNK):
            if entry.filename.endswith((".xml", ".rels")) and _DOCTYPE.search(before + piece):
                raise Refused(Refusal.BOMB, reason="entities")
            if is_sheet:
                rows += len(_ROW.findall(piece))
                found = len(_FORMULA.findall(piece))
                if found and not at and (where := _FORMULA_AT.search(before + piece)):
                    at = where[1].decode()
                formulas += found
                _check_references(references.findall(before + piece), limits)
                if rows > limits.most_rows:
                    raise Refused(Refusal.TOO_MANY_ROWS, most=limits.most_rows)
            before = piece[-_OVERLAP:]
    return formulas, at


def _far_references(limits: SheetLimits) -> re.Pattern[bytes]:
    """Cell and row names that may lie too far; names with fewer digits and one letter, the most, are passed over."""
    digits = len(str(limits.most_rows))
    pattern = rf"""\sr=["'](?=[A-Za-z]{{2}}|[A-Za-z]?\d{{{digits}}})([A-Za-z]{{0,3}})(\d{{1,8}})["']"""
    return re.compile(pattern.encode())


def _check_references(found: list[tuple[bytes, bytes]], limits: SheetLimits) -> None:
    seen = set(found)
    for letters, digits in sorted((one for one in seen if int(one[1]) > limits.most_rows), reverse=True):
        raise Refused(Refusal.TOO_MANY_ROWS, cell=(letters + digits).decode(), most=limits.most_rows)
    wide = {letters for letters, _ in seen if column_number(letters.decode()) > limits.most_columns}
    for letters in sorted(wide):
        raise Refused(Refusal.TOO_MANY_COLUMNS, cell=letters.decode(), most=limits.most_columns)


def column_number(letters: str) -> int:
    """A is 1, XFD is 16384."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number
