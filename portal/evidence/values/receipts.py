"""Receipts that requester, unit and oversight each hold alike: what they say, and the digest that proves it."""

from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class Stage(StrEnum):
    """When one is issued."""

    SUBMITTED = "submitted"
    CLEARED = "cleared"
    HANDED_OVER = "handed_over"


@dataclass(frozen=True, slots=True)
class ReceiptFacts:
    """What a receipt says: who asked whom for how much, and when; never what a case is about, nor which places."""

    number: str
    stage: Stage
    issued_at: datetime
    unit: str
    requester: str
    act: str
    cameras: int
    copy: str = ""
    manifest: str = ""

    def as_json(self) -> dict[str, Any]:
        """As it is digested and kept."""
        return {**asdict(self), "stage": str(self.stage), "issued_at": self.issued_at.isoformat()}
