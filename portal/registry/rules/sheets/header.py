"""Finding out which column means what: by label in either language, by synonym, by the police's abbreviation."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as default
from functools import cache
from typing import Final

from portal.registry.rules.fields import CAMERA_FIELDS, REACHED, Home
from portal.registry.rules.rows import PORTAL_ID, PORTAL_ID_HEADERS
from portal.registry.rules.sheets.cells import plain

REQUIRED: Final = ("name", "lon", "lat")
PAIR: Final = "lonlat"  # one column that holds both degrees
HEADER_ROWS: Final = 10  # a title and merged notes may stand above the header
_PAIR_HEADERS: Final = ("经纬度", "坐标", "经纬度坐标", "地理坐标", "coordinates", "lon/lat", "position")
_REACHED: Final = frozenset(each.key for each in REACHED)
# Known, and not read: the district follows from the position.
_DERIVED: Final = frozenset(each.key for each in CAMERA_FIELDS if each.home is Home.DERIVED)
_IN_BRACKETS = re.compile(r"[(\[【〔][^)\]】〕]*[)\]】〕]")
# What the parked workbook adds; coming back, it says nothing.
REMARKS: Final = ("原行号", "问题说明", "row in the sheet", "what is wrong")


@dataclass(frozen=True, kw_only=True)
class Columns:
    """Where each field stands: zero-based column by field; `header_row` as the spreadsheet shows it.

    `unread` are headers that mean nothing here, stand a second time, or are not this person's to fill.
    """

    header_row: int
    places: Mapping[str, int]
    unread: Sequence[str] = ()

    def letter(self, name: str) -> str:
        """The spreadsheet's letter of a field's column, or nothing when the sheet has none."""
        place = self.places.get(name, self.places.get(PAIR) if name in ("lon", "lat") else None)
        return "" if place is None else letters(place)


def letters(place: int) -> str:
    """The letters over a zero-based column: 0 is A, 26 is AA."""
    found, place = "", place + 1
    while place:
        place, rest = divmod(place - 1, 26)
        found = chr(65 + rest) + found
    return found


def header_key(text: str) -> str:
    """How headers are compared: plain, lower-case, without blanks, curled quotes and the stars that mark what is needed."""
    return re.sub(r"[\s*＊※:：]", "", plain(text)).replace("’", "'").lower()


_OURS: Final = frozenset(header_key(header) for header in REMARKS)


@cache
def _synonyms() -> Mapping[str, str]:
    found = {header_key(header): PORTAL_ID for header in PORTAL_ID_HEADERS}
    found |= {header_key(header): PAIR for header in _PAIR_HEADERS}
    for each in CAMERA_FIELDS:
        for header in (*each.headers, each.abbreviation):
            if header:
                found.setdefault(header_key(header), each.key)
    return found


def find_header(
    rows: Sequence[tuple[int, Sequence[str]]], labels: Mapping[str, str] | None = None, *, access: bool = False
) -> Columns | None:
    """The first row that names what a camera needs, or the portal's id; None when no row near the top does.

    `labels` are further headers, by their key: what the portal itself calls the fields. How cameras are reached is read
    only with `access`.
    """
    known = {**(labels or {}), **_synonyms()}
    for number, cells in rows[:HEADER_ROWS]:
        columns = _columns(number, cells, known, closed=frozenset() if access else _REACHED)
        placed = columns.places
        pair = PAIR in placed
        if all(name in placed or (pair and name != "name") for name in REQUIRED) or (
            PORTAL_ID in placed and len(placed) > 1
        ):
            return columns
    return None


def _columns(number: int, cells: Sequence[str], known: Mapping[str, str], *, closed: frozenset[str]) -> Columns:
    places: dict[str, int] = {}
    unread = []
    for place, cell in enumerate(cells):
        key = header_key(cell)
        name = known.get(key) or known.get(_IN_BRACKETS.sub("", key))
        if name in _DERIVED or key in _OURS:
            continue
        if name is not None and name not in places and name not in closed:
            places[name] = place
        elif key:
            unread.append(cell.strip()[:40])
    return Columns(header_row=number, places=places, unread=tuple(unread))


@dataclass
class Merges:
    """Merged cells hold their text in the first of them; a column merged over rows means it for each of them."""

    ranges: Iterable[tuple[int, int, int, int]]
    _coming: list[tuple[int, int, int]] = default(init=False)
    _open: list[tuple[int, int, str]] = default(init=False, default_factory=list)

    def __post_init__(self) -> None:
        # Last row first, so that the next to begin is the last of the list.
        self._coming = sorted(
            ((top, bottom, left) for top, left, bottom, _ in self.ranges if bottom > top), reverse=True
        )

    def filled(self, rows: Iterable[tuple[int, Sequence[str]]]) -> Iterator[tuple[int, Sequence[str]]]:
        """The rows with what is merged downwards repeated."""
        if not self._coming:
            yield from rows
            return
        for number, cells in rows:
            yield number, self._fill(number - 1, cells)

    def _fill(self, row: int, cells: Sequence[str]) -> Sequence[str]:
        while self._coming and self._coming[-1][0] <= row:
            top, bottom, left = self._coming.pop()
            if top == row and left < len(cells):
                self._open.append((bottom, left, cells[left]))
        if not self._open:
            return cells
        self._open = [one for one in self._open if one[0] >= row]
        filled = list(cells)
        for _, left, text in self._open:
            filled += [""] * (left + 1 - len(filled))
            filled[left] = filled[left] or text
        return filled
