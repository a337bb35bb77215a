"""Reading the rows of a sheet of cameras: what each says, as far as it could be read, and every fault at its cell."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as default
from datetime import date
from enum import Enum
from typing import Any, Final
from uuid import UUID

from portal.core.geometry import BadGeometry, Datum, check_lonlat
from portal.core.sheets import harmed
from portal.registry.rules.fields import (
    BY_KEY,
    COLUMNS,
    REACHED,
    TYPED,
    CameraField,
    Shape,
    column_value,
    field_problem,
)
from portal.registry.rules.interiors import forbidden_problems
from portal.registry.rules.rows import PORTAL_ID
from portal.registry.rules.sheets import cells as read
from portal.registry.rules.sheets.faults import KEEPABLE, LEAVE_OUT, UNDECIDED, Cure, Decided, Fault, Unreadable
from portal.registry.rules.sheets.header import PAIR, REQUIRED, Columns
from portal.registry.rules.words import WORDS, understood
from portal.registry.values import CameraParticulars, Maker

STAND_IN: Final[Mapping[str, Any]] = {"name": "", "lon": 114.0, "lat": 36.0}
_COLUMNS: Final = frozenset(each.key for each in COLUMNS)
_NOWHERE: Final = 10**6  # the place of a field that has no column: no row is that wide
_MEMO: Final = 5_000  # words repeat, names do not; beyond this a column is no vocabulary
_REMEMBERED: Final = frozenset({Shape.ONE, Shape.MANY, Shape.FLAG, Shape.ZONE, Shape.DAY, Shape.WHOLE, Shape.DECIMAL})
_NOTES: Final = re.compile(r"^(合计|总计|小计|共计|填表人|填报人|审核人|制表|备注|说明|注[:：]|total)", re.IGNORECASE)
_DATUMS: Final = {
    Datum.WGS84: ("WGS-84", "wgs84", "gps", "北斗"),
    Datum.CGCS2000: ("CGCS2000", "国家大地坐标系", "国家2000"),
    Datum.GCJ02: ("GCJ-02", "gcj02", "火星坐标", "高德", "腾讯"),
    Datum.BD09: ("BD-09", "bd09", "百度", "百度坐标"),
}


@dataclass(frozen=True, kw_only=True)
class ParsedRow:
    """One row. `values` holds what its cells say, `access` how the camera is reached, `written` the same as a column takes it; what is not said has no entry.

    `portal_id` is the camera that the row claims to be: a UUID, or the text that is none.
    """

    number: int
    cells: Sequence[str]
    values: Mapping[str, Any]
    faults: Sequence[Fault]
    written: Mapping[str, str] = default(default_factory=dict)
    access: Mapping[str, str] = default(default_factory=dict)
    portal_id: UUID | None = None
    decided: Decided = UNDECIDED

    def sound(self, *fields: str) -> bool:
        """Whether these fields, or with none named the whole row, are without a fault."""
        return not self.faults or not any(fault.field in fields or not fields for fault in self.faults)

    @property
    def read(self) -> CameraParticulars:
        """The row as a camera, something harmless in the place of what could not be read."""
        return CameraParticulars(**{**STAND_IN, **self.values})


@dataclass(frozen=True)
class Words:
    """What a sheet's words and numbers mean here: the datum of its positions, the zones by every name they go by.

    `spoken` are the labels of the portal's own pages, in every language it speaks, by word.
    """

    datum: Datum
    zones: Mapping[str, str] = default(default_factory=dict)
    spoken: Mapping[type[Enum], Mapping[str, Enum]] = default(default_factory=dict)

    def of(self, kind: type[Enum]) -> tuple[Mapping[str, Enum], Mapping[Enum, str]]:
        """The words that mean a value of a vocabulary, and the word that a cure writes for each."""
        if kind is Datum:
            known: dict[str, Enum] = {word: value for value, words in _DATUMS.items() for word in words}
            written: Mapping[Enum, str] = {value: words[0] for value, words in _DATUMS.items()}
        else:
            known = dict(understood(kind))
            written = {value: words[0] for value, words in WORDS[kind].items()}
        merged = {read.word_key(word): value for word, value in {**self.spoken.get(kind, {}), **known}.items()}
        return merged, written


_Read = Callable[[str], Any]
_ADDRESSES: Final[Mapping[str, _Read]] = {
    "host": read.read_address,
    "ipv6": read.read_ipv6,
    "mac": read.read_mac,
    "storage_address": read.read_address,
}
_NOTHING: Final = object()


class SheetReader:
    """Reads the rows of one sheet; what a column has said before is not worked out again."""

    def __init__(self, columns: Columns, words: Words) -> None:
        self.columns, self.words = columns, words
        self._plan: list[tuple[CameraField, int, _Read, dict[str, Any] | None]] = [
            (
                each,
                columns.places.get(each.key, _NOWHERE),
                self._reader(each),
                {} if each.shape in _REMEMBERED else None,
            )
            for each in (*TYPED, *REACHED)
            if each.key in (*columns.places, "datum") or (PAIR in columns.places and each.shape is Shape.DEGREES)
        ]
        # A cure may name the datum of a position in a sheet that has no column for it.
        self.present = frozenset(each.key for each, place, *_ in self._plan if each.key != "datum" or place != _NOWHERE)
        self._reached = tuple(each.key for each in REACHED if each.key in self.present)

    def parse(self, number: int, cells: Sequence[str], decided: Decided = UNDECIDED) -> ParsedRow:
        """Read one row; every fault in it is named, not only the first."""
        values: dict[str, Any] = {}
        written: dict[str, str] = {}
        faults: list[Fault] = []
        given = decided.cells
        pair = self._pair(cells) if PAIR in self.columns.places else {}
        for each, place, reader, memo in self._plan:
            key = each.key
            text = (
                given[key] if key in given else pair[key] if key in pair else cells[place] if place < len(cells) else ""
            )
            text = text.strip()
            if not text:
                continue
            found = memo.get(text) if memo is not None else None
            if found is None:
                found = _attempt(each, reader, text)
                if memo is not None and len(memo) < _MEMO:
                    memo[text] = found
            value, problem, said = found
            if problem is not None:
                self._add(faults, number, each, problem, decided)
            if value is not None:
                values[key] = value
                if said:
                    written[key] = said
        settle(values, written)
        access = {key: values.pop(key) for key in self._reached if key in values}
        claimed = self._claimed(cells, decided)
        self._judge(number, cells, values, faults, claimed)
        identity = claimed if isinstance(claimed, UUID) else None
        return ParsedRow(
            number=number,
            cells=cells,
            values=values,
            faults=faults,
            written=written,
            access=access,
            portal_id=identity,
            decided=decided,
        )

    def fault(self, number: int, name: str, code: str, /, *, cure: Cure | None = None, **data: str) -> Fault:
        """A fault at a field's cell."""
        return Fault(row=number, column=self.columns.letter(name), field=name, code=code, data=data, cure=cure)

    def _add(self, faults: list[Fault], number: int, each: CameraField, problem: Unreadable, decided: Decided) -> None:
        if problem.code in KEEPABLE and (each.key, problem.code) in decided.kept:
            return
        cure = Cure(problem.cure, {each.key: problem.instead}) if problem.cure and problem.instead is not None else None
        faults.append(self.fault(number, each.key, problem.code, cure=cure, **problem.data))

    def _claimed(self, cells: Sequence[str], decided: Decided) -> UUID | str | None:
        place = self.columns.places.get(PORTAL_ID, -1)
        text = decided.cells.get(PORTAL_ID, cells[place] if 0 <= place < len(cells) else "").strip()
        try:
            return UUID(text) if text else None
        except ValueError:
            return text

    def _judge(
        self,
        number: int,
        cells: Sequence[str],
        values: dict[str, Any],
        faults: list[Fault],
        claimed: UUID | str | None,
    ) -> None:
        """What only several cells together tell."""
        if isinstance(claimed, str):
            forget = Cure("as_new", {PORTAL_ID: ""})
            faults.append(self.fault(number, PORTAL_ID, "sheet_id_unknown", cure=forget))
        told = {fault.field for fault in faults}
        missing = [name for name in REQUIRED if name not in values and name not in told]
        if claimed is not None:
            # A sheet of chosen columns says nothing of the others.
            missing = [name for name in missing if name in self.present]
        if not told and {"lon", "lat"} <= set(missing) and _is_note(cells, named="name" in values):
            faults.append(self.fault(number, "name", "sheet_note_row", cure=Cure("leave_out", {LEAVE_OUT: "1"})))
            return
        faults += [self.fault(number, name, "sheet_empty") for name in missing]
        for closed in forbidden_problems(values):
            place = {name: str(value) for name, value in closed.data.items()}
            faults.append(self.fault(number, closed.field, closed.code, cure=None, **place))
        if "lon" in values and "lat" in values:
            self._place(number, values, faults)

    def _place(self, number: int, values: dict[str, Any], faults: list[Fault]) -> None:
        lon, lat = values["lon"], values["lat"]
        try:
            check_lonlat(float(lon), float(lat))
        except BadGeometry as bad:
            restored = {
                name: point
                for name, value, digits in (("lon", lon, 3), ("lat", lat, 2))
                if (point := read.point_restored(value, digits=digits))
            }
            if bad.code == "lonlat_swapped":
                swap = Cure("swap", {"lon": str(lat), "lat": str(lon)})
                faults.append(self.fault(number, "lon", bad.code, cure=swap))
            elif restored:
                faults.append(
                    self.fault(number, next(iter(restored)), "sheet_point_lost", cure=Cure("point", restored))
                )
            else:
                faults.append(self.fault(number, "lon", bad.code))

    def _pair(self, cells: Sequence[str]) -> Mapping[str, str]:
        """Both degrees from one cell."""
        place = self.columns.places[PAIR]
        text = read.plain(cells[place]) if place < len(cells) else ""
        parts = [part for part in re.split(r"[,;，；、|/\s]+", text.strip("()[]")) if part]
        return {"lon": parts[0], "lat": parts[1]} if len(parts) == 2 else {"lon": text, "lat": text}

    def _reader(self, each: CameraField) -> _Read:
        if each.shape in (Shape.ONE, Shape.MANY) and each.kind is not None:
            known, written = self.words.of(each.kind)
            if each.kind is Maker:
                # A maker that has no number of its own is written by its name.
                return lambda text: known.get(read.word_key(text)) or _NamedMaker(text)
            many = read.read_many if each.shape is Shape.MANY else read.read_one
            return lambda text: many(text, known, written)
        plain: Mapping[Shape, _Read] = {
            Shape.CODE: read.read_code,
            Shape.WHOLE: read.read_whole,
            Shape.DECIMAL: read.read_decimal,
            Shape.DEGREES: read.read_degrees,
            Shape.DAY: read.read_day,
            Shape.FLAG: read.read_flag,
            Shape.PHONE: read.read_phone,
            Shape.ZONE: self._zone,
        }
        return _ADDRESSES.get(each.key) or plain.get(each.shape, read.read_text)

    def _zone(self, text: str) -> str:
        # Who must approve a look at the footage hangs on the zone: a name that is nearly right must not slip through.
        zones = self.words.zones
        if text in zones:
            return zones[text]
        near = read.nearest(read.plain(text), tuple(zones))
        raise Unreadable(
            "sheet_unknown_zone", cure="nearest_word" if near else "", instead=near, text=text[: read.SHOWN]
        )


class _NamedMaker(str):
    """The name of a maker without a number."""


def _attempt(each: CameraField, reader: _Read, text: str) -> tuple[Any, Unreadable | None, str]:
    """A cell's value or what is wrong with it, and what its column gets."""
    try:
        value = reader(harmed(text))
    except Unreadable as fault:
        return None, fault.with_traceback(None), ""
    # Degrees are judged as a pair, where what is wrong with them shows.
    judged = each.shape is not Shape.DEGREES and not isinstance(value, date | Enum | tuple | _NamedMaker)
    problem = field_problem(each, value) if judged else None
    if problem is None:
        return value, None, as_element(each, value) if each.key in _COLUMNS else ""
    data = {key: str(one) for key, one in problem.data.items()}
    if problem.code == "sheet_long":
        return None, Unreadable(problem.code, cure="shorten", instead=str(value)[: each.longest].strip(), **data), ""
    if each.key == "azimuth" and value == 360:
        return None, Unreadable(problem.code, cure="full_turn", instead="0", **data), ""
    return None, Unreadable(problem.code, **data), ""


def as_element(each: CameraField, value: Any) -> str:
    """A value as an element of PostgreSQL's array of texts; this runs for every cell that is not remembered."""
    stored = value if type(value) is str else column_value(each, value)
    if isinstance(stored, list):
        stored = f"{{{','.join(map(str, stored))}}}"
    said = str(stored)
    if '"' in said or "\\" in said:
        said = said.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{said}"'


def _is_note(cells: Sequence[str], *, named: bool) -> bool:
    """A line of totals or of signatures below the table, not a camera."""
    said = [cell.strip() for cell in cells if cell.strip()]
    return any(_NOTES.match(cell) for cell in said[:2]) or (not named and len(said) <= 2)


def settle(values: dict[str, Any], written: dict[str, str]) -> None:
    """Put a maker's name where names of makers stand."""
    maker = values.get("maker")
    if not isinstance(maker, _NamedMaker):
        return
    values |= {"maker": Maker.OTHER, "manufacturer": values.get("manufacturer") or str(maker)[:40]}
    for key in ("maker", "manufacturer"):
        written[key] = as_element(BY_KEY[key], values[key])


def parse_row(number: int, cells: Sequence[str], columns: Columns, words: Words) -> ParsedRow:
    """Read a single row; whoever reads many keeps a SheetReader."""
    return SheetReader(columns, words).parse(number, cells)
