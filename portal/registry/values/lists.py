"""What can be asked of a list, as values: conditions, columns, order, and what comes out of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

MOST_COLUMNS = 80


class ListRunKind(StrEnum):
    """Long work on a list."""

    EXPORT = "export"
    EDIT = "edit"


class Sharing(StrEnum):
    """Whom a saved view is for."""

    SELF = "self"
    UNIT = "unit"
    ORGAN = "organ"


class ExportFormat(StrEnum):
    """What an export is written as."""

    XLSX = "xlsx"
    CSV = "csv"
    CSV_GB = "csv_gb"
    GEOJSON = "geojson"


class ExportLayout(StrEnum):
    """Which columns an export has: those on the page, or a camera's whole file, which the import reads back."""

    SHOWN = "shown"
    FILE = "file"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A list as it is asked for. `conditions` holds each filter's texts as they stand in the address."""

    conditions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    sort: str = ""
    after: str = ""
    before: str = ""

    def values(self, key: str) -> tuple[str, ...]:
        """What a filter is set to."""
        return self.conditions.get(key, ())

    def without(self, *keys: str) -> "Wanted":
        """The same list with these conditions gone."""
        kept = {key: values for key, values in self.conditions.items() if key not in keys}
        return Wanted(conditions=kept, columns=self.columns, sort=self.sort)

    def as_json(self) -> dict[str, object]:
        """What a job is given."""
        return {
            "conditions": {key: list(values) for key, values in self.conditions.items()},
            "columns": list(self.columns),
            "sort": self.sort,
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Wanted":
        """What a job was given."""
        return cls(
            conditions={key: tuple(values) for key, values in kept.get("conditions", {}).items()},
            columns=tuple(kept.get("columns", ())),
            sort=str(kept.get("sort", "")),
        )
