"""Rows of a sheet for an import: read in the child, handed over one by one, gone from disk when done."""

import contextlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

from portal.vault.intake import ORIGINAL
from portal.vault.sandbox import Limits, SandboxFailure, job_directory, run_limited
from portal.vault.values import MIB, FileType, Refusal, Refused, SheetLimits

_LIMITS = Limits(memory_bytes=2048 * MIB, cpu_seconds=120, wall_seconds=180, file_bytes=1024 * MIB)


@dataclass(frozen=True)
class SheetRow:
    """One row: the number a spreadsheet or an editor shows beside it, and the cells as text."""

    number: int
    cells: tuple[str, ...]

    def ref(self, column: int) -> str:
        """The name of the cell in a zero-based column, as in C12."""
        return f"{column_letters(column)}{self.number}"


@dataclass(frozen=True, kw_only=True)
class SheetReading:
    """An opened sheet. `rows()` may be called again; the rows live as long as the `open_sheet` block."""

    type: FileType
    row_count: int
    column_count: int
    encoding: str | None
    sheet_name: str
    sheet_names: tuple[str, ...]
    merged: tuple[tuple[int, int, int, int], ...] = field(repr=False)
    """Merged ranges, zero-based: first row, first column, last row, last column."""
    formulas: int
    """Cells that hold a formula; their last computed value was read, and an uncomputed one is empty."""
    path: Path = field(repr=False)

    def rows(self) -> Iterator[SheetRow]:
        """Every row from the first to the last that holds anything."""
        with self.path.open(encoding="utf-8") as lines:
            for line in lines:
                number, cells = json.loads(line)
                yield SheetRow(number, tuple(cells))


@contextlib.contextmanager
def open_sheet(
    path: Path, *, scratch: Path, sheet: str | None = None, limits: SheetLimits | None = None
) -> Iterator[SheetReading]:
    """Read an XLSX, XLS or CSV file by its content. Raises `Refused`; `scratch` is where the job may work."""
    with job_directory(scratch) as workdir:
        shutil.copyfile(path, workdir / ORIGINAL)
        yield read_rows(workdir, sheet=sheet, limits=limits or SheetLimits())


def read_rows(workdir: Path, *, sheet: str | None, limits: SheetLimits) -> SheetReading:
    """Read `original` in a job's directory; the rows stay there."""
    request = {"file": ORIGINAL, "sheet": sheet, "sheet_limits": asdict(limits)}
    try:
        answer = run_limited("read_sheet", request, limits=_LIMITS, workdir=workdir)
    except SandboxFailure as failure:
        raise Refused(Refusal.TOO_COMPLEX, how=failure.code.value) from failure
    return SheetReading(
        type=FileType(answer["type"]),
        row_count=answer["rows"],
        column_count=answer["columns"],
        encoding=answer["encoding"],
        sheet_name=answer["sheet_name"],
        sheet_names=tuple(answer["sheet_names"]),
        merged=tuple(tuple(cells) for cells in answer["merged"]),
        formulas=answer["formulas"],
        path=workdir / "rows.jsonl",
    )


def column_letters(column: int) -> str:
    """The letters over a zero-based column: 0 is A, 26 is AA."""
    letters, rest = "", column + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        letters = chr(65 + digit) + letters
    return letters
