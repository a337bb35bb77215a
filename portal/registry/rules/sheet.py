"""Reading cameras out of the rows of a sheet: headers by synonym, cells with every fault named at its place."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as default
from datetime import date
from enum import Enum
from functools import cache
from typing import Any

from portal.core.geometry import Datum
from portal.registry.rules.fields import TYPED, CameraField, Shape, camera_problems
from portal.registry.rules.words import understood
from portal.registry.values import CameraParticulars, Maker

REQUIRED = ("name", "lon", "lat")
STAND_IN: Mapping[str, Any] = {"name": "", "lon": 114.0, "lat": 36.0}
HEADER_ROWS = 10  # a title and merged notes may stand above the header

_DATE = re.compile(r"^(\d{4})\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2})\s*日?)?(?:[ T].*)?$")
_BETWEEN = re.compile(r"[/、,，;；|]")
_YES = {"是", "有", "1", "y", "yes", "true", "√"}
_NO = {"否", "无", "0", "n", "no", "false", "×"}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault: the row and column as the spreadsheet shows them, a code and the data for its sentence."""

    row: int
    column: str
    field: str
    code: str
    data: Mapping[str, str] = default(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Where each field stands: zero-based column by field; `header_row` as the spreadsheet shows it."""

    header_row: int
    places: Mapping[str, int]

    def letter(self, name: str) -> str:
        """The spreadsheet's letter of a field's column, or nothing when the sheet has none."""
        place = self.places.get(name)
        if place is None:
            return ""
        letters = ""
        place += 1
        while place:
            place, rest = divmod(place - 1, 26)
            letters = chr(65 + rest) + letters
        return letters


@dataclass(frozen=True, kw_only=True)
class ParsedRow:
    """One row: what it says, as far as it could be read, and what is wrong with it."""

    number: int
    read: CameraParticulars
    faults: Sequence[Fault]

    def sound(self, *fields: str) -> bool:
        """Whether these fields, or with none named the whole row, are without a fault."""
        return not any(fault.field in fields or not fields for fault in self.faults)


@dataclass(frozen=True)
class Words:
    """What a sheet's words and numbers mean here: the datum of its positions, the zones by every name they go by."""

    datum: Datum
    zones: Mapping[str, str] = default(default_factory=dict)


@cache
def _headers() -> Mapping[str, str]:
    """The field each header means."""
    return {header: each.key for each in TYPED for header in each.headers}


def find_header(rows: Sequence[tuple[int, Sequence[str]]]) -> Columns | None:
    """The first row that names what a camera needs; None when no row near the top does."""
    for number, cells in rows[:HEADER_ROWS]:
        places: dict[str, int] = {}
        for place, cell in enumerate(cells):
            name = _headers().get(plain(cell).strip("*＊ ").lower())
            if name is not None:
                places.setdefault(name, place)
        if all(name in places for name in REQUIRED):
            return Columns(header_row=number, places=places)
    return None


def plain(text: str) -> str:
    """Full-width digits and letters as plain ones, outer space gone. For codes and numbers, not for names."""
    return unicodedata.normalize("NFKC", text).strip()


def parse_row(number: int, cells: Sequence[str], columns: Columns, words: Words) -> ParsedRow:
    """Read one row; every fault in it is named, not only the first. A column of datums overrules the sheet's."""
    reader = _Row(number, cells, columns, words)
    values: dict[str, Any] = {"datum": words.datum}
    for each in TYPED:
        value = reader.read(each)
        if value is not None:
            values[each.key] = value
    if values.get("maker") is None and (named := reader.raw("maker")):
        # A maker that has no number of its own is written by its name.
        values |= {"maker": Maker.OTHER, "manufacturer": values.get("manufacturer") or named[:40]}
    # A cell that could not be read hides no fault of another: the rest is judged with something harmless in its place.
    missing = {name: stand_in for name, stand_in in STAND_IN.items() if name not in values}
    particulars = CameraParticulars(**(values | missing))
    seen = {fault.field for fault in reader.faults}
    for problem in camera_problems(particulars):
        if problem.field not in seen and not (missing and problem.field in STAND_IN):
            reader.fault(problem.field, problem.code, **{key: str(value) for key, value in problem.data.items()})
    return ParsedRow(number=number, read=particulars, faults=reader.faults)


class _Row:
    """One row's cells by field, collecting faults. What is not said is None, and stays as a camera has it by default."""

    def __init__(self, number: int, cells: Sequence[str], columns: Columns, words: Words) -> None:
        self.line, self.cells, self.columns, self.words = number, cells, columns, words
        self.faults: list[Fault] = []

    def fault(self, name: str, code: str, **data: str) -> None:
        self.faults.append(Fault(row=self.line, column=self.columns.letter(name), field=name, code=code, data=data))

    def raw(self, name: str) -> str:
        place = self.columns.places.get(name)
        return self.cells[place].strip() if place is not None and place < len(self.cells) else ""

    def read(self, each: CameraField) -> Any:
        """The value of a field, by its shape."""
        found = self.raw(each.key)
        if not found:
            if each.key in REQUIRED:
                self.fault(each.key, "sheet_empty")
            return None
        readers: Mapping[Shape, Callable[[CameraField, str], Any]] = {
            Shape.CODE: self._code,
            Shape.WHOLE: self._whole,
            Shape.DECIMAL: self._decimal,
            Shape.DEGREES: self._degrees,
            Shape.DAY: self._day,
            Shape.ONE: self._one,
            Shape.MANY: self._many,
            Shape.FLAG: self._flag,
            Shape.ZONE: self._zone,
        }
        return readers.get(each.shape, self._text)(each, found)

    def _text(self, each: CameraField, found: str) -> str:
        if each.longest and len(found) > each.longest:
            self.fault(each.key, "sheet_long", limit=str(each.longest))
        return found

    def _code(self, each: CameraField, found: str) -> str | None:
        code = plain(found).replace(" ", "")
        if re.fullmatch(r"\d(\.\d+)?[eE]\+?\d+", code):
            # A spreadsheet kept the code as a number: its last digits are gone and must not be guessed.
            self.fault(each.key, "sheet_code_damaged", text=code)
            return None
        return code

    def _degrees(self, each: CameraField, found: str) -> float | None:
        value = self._decimal(each, found.strip("°").replace("东经", "").replace("北纬", ""))
        if value == 0:
            self.fault(each.key, "sheet_zero")
        return value

    def _decimal(self, each: CameraField, found: str) -> float | None:
        try:
            return float(re.sub(r"(米|m)$", "", plain(found)))
        except ValueError:
            self.fault(each.key, "sheet_not_a_number", text=found[:40])
            return None

    def _whole(self, each: CameraField, found: str) -> int | None:
        digits = re.sub(r"(天|日|度|°|米|m)$", "", plain(found))
        if not re.fullmatch(r"\d{1,6}(\.0+)?", digits):
            self.fault(each.key, "sheet_not_a_number", text=found[:40])
            return None
        return int(float(digits))

    def _one(self, each: CameraField, found: str) -> Enum | None:
        word = plain(found).removesuffix(".0").lower()
        value = understood(each.kind).get(word) if each.kind is not None and each.kind is not Datum else _datum(word)
        if value is None and each.kind is not Maker:
            self.fault(each.key, "sheet_unknown_word", text=found[:40])
        return value

    def _many(self, each: CameraField, found: str) -> tuple[Enum, ...]:
        values = [self._one(each, part) for part in _BETWEEN.split(found) if part.strip()]
        return tuple(dict.fromkeys(value for value in values if value is not None))

    def _zone(self, each: CameraField, found: str) -> str | None:
        # Who must approve a look at the footage hangs on the zone: a name that is nearly right must not slip through.
        if found not in self.words.zones:
            self.fault(each.key, "sheet_unknown_zone", text=found[:40])
        return self.words.zones.get(found)

    def _flag(self, each: CameraField, found: str) -> bool | None:
        word = plain(found).removesuffix(".0").lower()
        if word not in _YES and word not in _NO:
            self.fault(each.key, "sheet_unknown_word", text=found[:40])
            return None
        return word in _YES

    def _day(self, each: CameraField, found: str) -> date | None:
        match = _DATE.match(plain(found))
        try:
            if match is None:
                raise ValueError
            return date(int(match[1]), int(match[2]), int(match[3] or 1))
        except ValueError:
            self.fault(each.key, "sheet_not_a_date", text=found[:40])
            return None


def _datum(word: str) -> Datum | None:
    bare = re.sub(r"[\s\-_]", "", word)
    names = {"wgs84": Datum.WGS84, "cgcs2000": Datum.CGCS2000, "gcj02": Datum.GCJ02, "bd09": Datum.BD09}
    return names.get(bare)
