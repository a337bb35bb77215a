"""What a paper or a sheet says to its reader; the bytes of both are compressed, so looking for words in them finds none."""

import io
import re
import subprocess
from collections.abc import Mapping, Sequence
from typing import Any

import openpyxl

from portal.registry.rules.fields import TYPED, CameraField
from portal.registry.rules.rows import PORTAL_ID, SheetWords, field_cell


def text_of(pdf: bytes) -> str:
    """What a PDF says, without the spaces that type-setting puts in."""
    said = subprocess.run(["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True)
    return re.sub(r"\s+", "", said.stdout.decode())


def cells_of(book: bytes) -> str:
    """What a workbook says: every cell of every sheet, a line each row."""
    sheets = openpyxl.load_workbook(io.BytesIO(book)).worksheets
    rows = (row for sheet in sheets for row in sheet.iter_rows(values_only=True))
    return "\n".join("\t".join("" if cell is None else str(cell) for cell in row) for row in rows)


def header_cells(words: SheetWords, fields: Sequence[CameraField] = TYPED) -> list[str]:
    """The header row of a sheet that the import reads back."""
    return [words.portal_id, *(words.headers[each.key] for each in fields)]


def row_cells(camera: Mapping[str, Any], words: SheetWords, fields: Sequence[CameraField] = TYPED) -> list[str]:
    """One camera as a row of such a sheet."""
    return [str(camera[PORTAL_ID]), *(field_cell(camera, each, words) for each in fields)]
