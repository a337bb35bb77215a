"""Writing sheets that a spreadsheet cannot turn against its reader: text stays text, long codes stay whole.

A workbook is written row by row and keeps none of them in memory. CSV carries the mark that makes a Chinese spreadsheet
read it as UTF-8, or is GB 18030, which holds every character; a text that a spreadsheet would run begins with an
apostrophe, which the import takes off again.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import IO, TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from xlsxwriter.format import Format

CSV_ENCODINGS: Final = ("utf-8-sig", "gb18030")
# What a spreadsheet takes for the beginning of a formula; a Chinese one takes the wide signs for the narrow ones.
RISKY: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_GUARDED: Final = (*RISKY, "'")  # a text that begins with the guard itself is guarded too, or it would be lost
# Comments are drawn as shapes, each kept until the book is closed; beyond these the fill alone marks a cell.
MOST_COMMENTS: Final = 5_000
_WIDEST: Final = 60
_MOST_BLANK: Final = 10_000  # rows of a blank sheet that offer their choices
_LOOKS: Final[Mapping[str, Mapping[str, object]]] = {
    "text": {"num_format": "@"},
    "title": {"bold": True, "font_size": 14, "num_format": "@"},
    "head": {"bold": True, "bg_color": "#E8EEF4", "border": 1, "border_color": "#9AA7B4", "num_format": "@"},
    "marked": {"bg_color": "#FFD9D6", "num_format": "@"},
    "mended": {"bg_color": "#DDF2E0", "num_format": "@"},
}


@dataclass(frozen=True)
class Mark:
    """What is said at a cell: its zero-based column, and the sentence. A `mended` cell is right as it stands now."""

    column: int
    text: str
    mended: bool = False


@dataclass
class WorkbookWriter:
    """One sheet of a workbook, written downwards into `target`. Every cell is text, so that no code loses digits."""

    target: IO[bytes]
    sheet_name: str
    widths: Sequence[int] = ()
    _row: int = field(default=0, init=False)
    _comments: int = field(default=0, init=False)

    def __enter__(self) -> Self:
        import xlsxwriter

        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
        self._book = xlsxwriter.Workbook(self.target, options)
        self._sheet = self._book.add_worksheet(self.sheet_name[:31])
        self._looks: dict[str, Format] = {name: self._book.add_format(dict(look)) for name, look in _LOOKS.items()}
        for column, width in enumerate(self.widths):
            self._sheet.set_column(column, column, min(width, _WIDEST))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._book.close()

    def title(self, cells: Sequence[str]) -> None:
        """A row above the header."""
        self._write(cells, "title")

    def head(self, cells: Sequence[str], *, freeze: bool = True) -> None:
        """The header row; what stands above the rows stays in sight."""
        self._write(cells, "head")
        if freeze:
            self._sheet.freeze_panes(self._row, 0)

    def row(self, cells: Sequence[str], marks: Iterable[Mark] = ()) -> None:
        """One row; marked cells are filled, and say why when they are pointed at."""
        marked: dict[int, list[str]] = {}
        wrong: set[int] = set()
        for mark in marks:
            marked.setdefault(mark.column, []).append(mark.text)
            wrong |= set() if mark.mended else {mark.column}
        for column in range(max(len(cells), *(place + 1 for place in marked)) if marked else len(cells)):
            text = cells[column] if column < len(cells) else ""
            look = self._looks["marked" if column in wrong else "mended" if column in marked else "text"]
            if text:
                self._sheet.write_string(self._row, column, text, look)
            elif column in marked:
                self._sheet.write_blank(self._row, column, None, look)
        for column, texts in marked.items():
            if self._comments < MOST_COMMENTS:
                self._comments += 1
                self._sheet.write_comment(self._row, column, "\n".join(texts), {"x_scale": 1.6})
        self._row += 1

    def _write(self, cells: Sequence[str], look: str) -> None:
        for column, text in enumerate(cells):
            if text:
                self._sheet.write_string(self._row, column, text, self._looks[look])
        self._row += 1


@dataclass(frozen=True, kw_only=True)
class BlankColumn:
    """One column to be filled in. Where there are `choices` a spreadsheet offers them, and refuses all else unless the
    column is `free`: several of them may stand in one cell."""

    header: str
    choices: Sequence[str] = ()
    free: bool = False


def write_blank(
    target: IO[bytes], names: tuple[str, str, str], columns: Sequence[BlankColumn], explained: Sequence[Sequence[str]]
) -> None:
    """A workbook to be filled in: the header alone, the choices on a second sheet, what each column means on a third."""
    import xlsxwriter

    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    looks = {name: book.add_format(dict(look)) for name, look in _LOOKS.items()}
    wrapped = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    sheet, lists, notes = (book.add_worksheet(name[:31]) for name in names)
    sheet.freeze_panes(1, 0)
    quoted = names[1][:31].replace("'", "''")
    offered = 0
    for place, column in enumerate(columns):
        # The whole column is text: no code typed below loses its digits.
        sheet.set_column(place, place, min(_WIDEST, 2 * len(column.header) + 4), looks["text"])
        sheet.write_string(0, place, column.header, looks["head"])
        if not column.choices:
            continue
        lists.set_column(offered, offered, 24, looks["text"])
        lists.write_string(0, offered, column.header, looks["head"])
        for row, choice in enumerate(column.choices, start=1):
            lists.write_string(row, offered, choice, looks["text"])
        letter = xlsxwriter.utility.xl_col_to_name(offered, col_abs=True)
        source = f"='{quoted}'!{letter}$2:{letter}${len(column.choices) + 1}"
        sheet.data_validation(
            1, place, _MOST_BLANK, place, {"validate": "list", "source": source, "show_error": not column.free}
        )
        offered += 1
    lists.freeze_panes(1, 0)
    for row, cells in enumerate(explained):
        for place, text in enumerate(cells):
            notes.write_string(row, place, text, wrapped if row else looks["head"])
    for place, width in enumerate((28, 12, 22, 46, 60, 30)):
        notes.set_column(place, place, width)
    notes.freeze_panes(1, 1)
    book.close()


def harmless(text: str) -> str:
    """A text for CSV that no spreadsheet runs: signed numbers stay as they are, all else gets an apostrophe."""
    if not text.startswith(_GUARDED):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text


def harmed(text: str) -> str:
    """What `harmless` was given."""
    return text[1:] if text.startswith("'") and text[1:].startswith(_GUARDED) else text


def write_csv(target: IO[str], rows: Iterable[Sequence[str]]) -> int:
    """Write rows into a stream opened with `newline=""` in one of CSV_ENCODINGS; how many there were."""
    writer, count = csv.writer(target), 0
    for row in rows:
        writer.writerow([harmless(cell) for cell in row])
        count += 1
    return count
