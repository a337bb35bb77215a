"""Sheets we write: text stays text, marks stand at their cells, CSV runs nothing and reads back."""

import csv
import io

import openpyxl
from hypothesis import given
from hypothesis import strategies as st

from portal.core.sheets import RISKY, Mark, WorkbookWriter, harmed, harmless, write_csv


def test_a_workbook_keeps_codes_whole_runs_no_formula_and_marks_cells() -> None:
    out = io.BytesIO()
    with WorkbookWriter(out, "摄像机", widths=[12, 24]) as book:
        book.title(["台账"])
        book.head(["名称", "编码"])
        book.row(["=1+1", "41050200001320000001"], [Mark(1, "重复"), Mark(3, "缺少")])
    sheet = openpyxl.load_workbook(out).active
    assert [[cell.value for cell in row[:2]] for row in sheet.iter_rows()] == [
        ["台账", None],
        ["名称", "编码"],
        ["=1+1", "41050200001320000001"],
    ]
    assert sheet["B3"].comment.text == "重复"
    assert sheet["B3"].fill.fgColor.rgb == sheet["D3"].fill.fgColor.rgb == "FFFFD9D6"
    assert sheet["A3"].comment is None


@given(st.text() | st.text(alphabet="'=+-@ a1"))
def test_what_csv_guards_comes_back(text: str) -> None:
    assert harmed(harmless(text)) == text


@given(st.text(min_size=1))
def test_no_cell_begins_like_a_formula(text: str) -> None:
    written = harmless(text)
    if written.startswith(RISKY):
        float(written)


def test_csv_is_written_as_a_chinese_spreadsheet_reads_it() -> None:
    out = io.StringIO(newline="")
    assert write_csv(out, [["名称", "=HYPERLINK(1)"], ["-1.5", "＠x"]]) == 2
    out.seek(0)
    assert list(csv.reader(out)) == [["名称", "'=HYPERLINK(1)"], ["-1.5", "'＠x"]]
