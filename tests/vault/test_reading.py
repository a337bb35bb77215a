"""Sheets as people make them, read to the last character, and sheets as nobody should make them."""

import csv
import io
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from portal.vault.reading import SheetReading, SheetRow, column_letters, open_sheet
from portal.vault.sheets import as_text, column_number
from portal.vault.values import Refused, SheetLimits
from tests.vault import hostile

RARE = "李𡒄𢀖"
LINES = [
    ["编号", "名称", "备注"],
    ["41050200001310000001", f"{RARE}大街，东口", '含"引号"'],
    ["", "第二行\n换行", "=1+1"],
]


def as_csv(encoding: str, delimiter: str = ",") -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(LINES)
    return out.getvalue().encode(encoding)


def as_xlsx(rows: list[list[Any]], *, blank_before: int = 0, hidden_first: bool = False) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    if hidden_first:
        sheet.sheet_state = "hidden"
        sheet = book.create_sheet("摄像机")
    for _ in range(blank_before):
        sheet.append([])
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(tmp_path: Path, content: bytes, **options: Any) -> tuple[SheetReading, list[SheetRow]]:
    path = tmp_path / "upload"
    path.write_bytes(content)
    with open_sheet(path, scratch=tmp_path / "scratch", **options) as reading:
        rows = list(reading.rows())
        assert rows == list(reading.rows())
    assert list((tmp_path / "scratch").iterdir()) == []
    return reading, rows


@pytest.mark.parametrize(
    ("encoding", "named", "delimiter"),
    [
        ("utf-8", "utf-8", ","),
        ("utf-8-sig", "utf-8-sig", ";"),
        ("gb18030", "gb18030", ","),
        ("gb18030", "gb18030", "\t"),
        ("utf-16", "utf-16", "\t"),
    ],
)
def test_text_in_every_encoding_in_use(tmp_path: Path, encoding: str, named: str, delimiter: str) -> None:
    reading, rows = read(tmp_path, as_csv(encoding, delimiter))
    assert (reading.encoding, reading.row_count, reading.column_count) == (named, 3, 3)
    assert [list(row.cells) for row in rows] == LINES
    assert [row.number for row in rows] == [1, 2, 3]


def test_line_numbers_are_those_of_an_editor(tmp_path: Path) -> None:
    _, rows = read(tmp_path, b'a,b\r\n"1\n2",x\r\n\r\nlast,y\r\n')
    assert [(row.number, row.cells) for row in rows] == [
        (1, ("a", "b")),
        (2, ("1\n2", "x")),
        (4, ()),
        (5, ("last", "y")),
    ]
    assert rows[3].ref(1) == "B5"


def test_workbook_cells_become_what_a_person_reads(tmp_path: Path) -> None:
    cells = [
        RARE,
        12,
        12.5,
        1e15,
        41050200001310000001,
        True,
        date(2026, 11, 2),
        datetime(2026, 11, 2, 8, 30),
        None,
        "=1+1",
    ]
    reading, rows = read(tmp_path, as_xlsx([["x"] * 10, cells]))
    assert rows[1].cells == (
        RARE, "12", "12.5", "1000000000000000.0", "4.105020000131e+19", "TRUE", "2026-11-02", "2026-11-02 08:30:00", "", "",
    )  # fmt: skip
    assert reading.formulas == 1
    assert reading.sheet_name == "Sheet"


def test_rows_keep_the_numbers_excel_shows(tmp_path: Path) -> None:
    _, rows = read(tmp_path, as_xlsx([[None, "a"], [None, "b"]], blank_before=3))
    assert [(row.number, row.cells) for row in rows] == [(4, ("", "a")), (5, ("", "b"))]
    assert rows[0].ref(1) == "B4"


def test_the_first_visible_sheet_is_read_unless_one_is_named(tmp_path: Path) -> None:
    content = as_xlsx([["a"]], hidden_first=True)
    assert read(tmp_path, content)[0].sheet_name == "摄像机"
    with pytest.raises(Refused) as refused:
        read(tmp_path, content, sheet="Sheet")
    assert (refused.value.code, refused.value.data["found"]) == ("no_such_sheet", ["摄像机"])


def test_merged_cells_are_told(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"], sheet["A2"] = "标题", "编号"
    sheet.merge_cells("A1:C1")
    out = io.BytesIO()
    book.save(out)
    assert read(tmp_path, out.getvalue())[0].merged == ((0, 0, 0, 2),)


HOSTILE: list[tuple[str, bytes | Callable[[], bytes], str, dict[str, Any]]] = [
    ("far cell", hostile.far_cell(), "too_many_rows", {}),
    ("far cell the scan does not see", hostile.unnamed_far_cell, "too_complex", {"how": "too_big"}),
    ("far cell in small letters", hostile.workbook('<row><c r="xfd1"><v>1</v></c></row>'), "too_many_columns", {}),
    ("far row", hostile.workbook('<row r="1048576"><c><v>1</v></c></row>'), "too_many_rows", {}),
    ("three million rows", hostile.endless_rows, "bomb", {}),
    ("entities", hostile.billion_laughs(), "bomb", {"reason": "entities"}),
    ("macros", hostile.workbook("", macro=True), "macro_workbook", {}),
    ("old workbook without content", hostile.legacy_workbook("Workbook"), "damaged", {}),
    ("picture", hostile.picture(), "type_not_allowed", {"found": "png"}),
    ("open quote", b'a,b\n"never closed,1\n2,3\n', "damaged", {"reason": "csv", "row": 2}),
    ("endless cell", b"a," + b"x" * 20_000 + b"\n", "cell_too_long", {"row": 1, "column": 2}),
    ("too wide", b",".join([b"x"] * 300) + b"\n", "too_many_columns", {"found": 300}),
    ("empty", b"", "empty", {}),
    ("not xml inside", hostile.workbook("<row r='1'><c r='A1'><v>1</row>"), "damaged", {}),
]  # fmt: skip


@pytest.mark.parametrize(("content", "code", "data"), [case[1:] for case in HOSTILE], ids=[case[0] for case in HOSTILE])
def test_hostile_sheets_are_refused_by_name(
    tmp_path: Path, content: bytes | Callable[[], bytes], code: str, data: dict[str, Any]
) -> None:
    with pytest.raises(Refused) as refused:
        read(tmp_path, hostile.built(content))
    assert refused.value.code == code, dict(refused.value.data)
    assert data.items() <= refused.value.data.items()


def test_the_row_limit_counts_from_the_callers_side(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="too_many_rows"):
        read(tmp_path, b"a\n" * 11, limits=SheetLimits(most_rows=10))
    assert read(tmp_path, b"a\n" * 10, limits=SheetLimits(most_rows=10))[0].row_count == 10


def test_column_names_go_both_ways() -> None:
    for column, letters in ((0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16383, "XFD")):
        assert column_letters(column) == letters
        assert column_number(letters) == column + 1


def test_numbers_are_never_rounded_quietly() -> None:
    assert as_text(1e20) == "1e+20"
    assert as_text(-0.0) == "0"
    assert as_text(0.1) == "0.1"
