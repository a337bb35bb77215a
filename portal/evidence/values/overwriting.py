"""What is said of how long a camera's footage is kept, and of how its clock stands: each with source and date."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from portal.audit.values import audit_tag

CLOCKS_RECKONED = audit_tag("evidence:clock:reckon", "Overwrite clock of a request reckoned anew")


class KeptBy(StrEnum):
    """Who says how many days are kept, in the order in which equal numbers are named."""

    MEASURED = "measured"
    CONFIGURED = "configured"
    ON_FILE = "on_file"
    DECLARED = "declared"
    REQUIRED = "required"


# What a unit states. What is measured and what is required are no statement of its own.
STATED: frozenset[KeptBy] = frozenset({KeptBy.CONFIGURED, KeptBy.ON_FILE, KeptBy.DECLARED})


@dataclass(frozen=True, slots=True)
class Said:
    """One number of days, who says so and as of when. What does not count is shown, and decides nothing."""

    source: KeptBy
    days: int
    at: datetime | None = None
    counts: bool = True

    def as_json(self) -> dict[str, Any]:
        """As it is kept with the request."""
        return {
            "source": str(self.source),
            "days": self.days,
            "at": self.at.isoformat() if self.at else None,
            "counts": self.counts,
        }


def said_from(rows: Iterable[Mapping[str, Any]]) -> tuple[Said, ...]:
    """The statements as kept with the request."""
    return tuple(
        Said(
            source=KeptBy(row["source"]),
            days=int(row["days"]),
            at=datetime.fromisoformat(row["at"]) if row["at"] else None,
            counts=bool(row["counts"]),
        )
        for row in rows
    )


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """How a camera's own clock stands against Beijing time: seconds ahead, give or take, as of when."""

    seconds: int
    margin: int
    at: datetime


@dataclass(frozen=True, slots=True)
class CameraClock:
    """When a camera's part of a span is lost: from the first moment on, wholly by the last; and what decided it."""

    first: datetime
    last: datetime
    decided: Said
    said: tuple[Said, ...]
    offset: ClockOffset | None = None
