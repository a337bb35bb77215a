"""What can be wrong at a cell, what would cure it, and what a person decided."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as default
from typing import Any, Final

from portal.registry.rules.rows import PORTAL_ID

# What a cure may set besides the fields of a camera: the row is left out, or it is the camera with this id.
LEAVE_OUT: Final = "leave_out"
SAME_CAMERA: Final = PORTAL_ID

# Faults that may be no faults at all: a person may let the cell stand.
KEEPABLE: Final = frozenset({"position_shifted", "camera_on_record", "sheet_same_camera", "sheet_code_rounded"})


@dataclass(frozen=True)
class Cure:
    """How a fault may be put right: the rule that says so, and what the cells are to read instead."""

    code: str
    cells: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault: the row and column as the spreadsheet shows them, a code and the data for its sentence."""

    row: int
    column: str
    field: str
    code: str
    data: Mapping[str, str] = default(default_factory=dict)
    cure: Cure | None = None


class Unreadable(Exception):
    """A cell that says nothing its field can hold; `instead` is what it may have meant, by the rule `cure`."""

    def __init__(self, code: str, *, cure: str = "", instead: str | None = None, **data: str) -> None:
        super().__init__(code)
        self.code, self.data = code, data
        self.cure, self.instead = cure, instead


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What people decided about the faults of one row."""

    cells: Mapping[str, str] = default(default_factory=dict)
    kept: frozenset[tuple[str, str]] = frozenset()

    @property
    def left_out(self) -> bool:
        """Whether the row is not to go in."""
        return LEAVE_OUT in self.cells


UNDECIDED: Final = Decided()


def decided_of(decisions: list[Mapping[str, Any]]) -> Decided:
    """The decisions of one row together: mappings with field, code, kept and the cure's cells."""
    cells: dict[str, str] = {}
    for one in decisions:
        if not one["kept"]:
            cells |= one["cells"]
    return Decided(cells=cells, kept=frozenset((one["field"], one["code"]) for one in decisions if one["kept"]))
