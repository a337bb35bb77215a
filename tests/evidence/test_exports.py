"""What leaves the portal as a sheet acts in nobody's spreadsheet."""

import io
import zipfile
from typing import Any

import openpyxl
import pytest

from portal.app import PortalApp
from portal.evidence.views import ledger

ACTS = ['=HYPERLINK("http://evil.example","x")', "+1+1", "-2", "@SUM(A1)", "\t=1", "http://evil.example"]


def test_a_name_that_begins_like_a_formula_stays_text(app: PortalApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "ledger_columns", lambda: [("=1+1", 1, str)])
    rows: list[Any] = list(ACTS)
    with app.test_request_context():
        written = ledger._sheet(rows)
    sheet = openpyxl.load_workbook(io.BytesIO(written)).worksheets[0]
    cells = [cell for (cell,) in sheet.iter_rows()]
    assert [cell.value for cell in cells] == ["=1+1", *ACTS]
    # A text that begins with "=" reads back as such from the shared strings; a formula would have the element <f>.
    assert all(cell.hyperlink is None for cell in cells)
    assert b"<f>" not in _part(written, "xl/worksheets/sheet1.xml")


def _part(book: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        return parts.read(name)
