"""Words of filing: why one is made and who makes it, what its clocks count, what a system consists of."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

# The wording somebody declared under stays with what they declared: a new wording gets a new version.
DECLARATION_VERSION: Final = "2026-1"


class FilingKind(StrEnum):
    """Why a filing is made; decides its clock."""

    NEW = "new"
    EXISTING = "existing"
    CHANGE = "change"
    MOVE = "move"
    VOLUNTARY = "voluntary"


class Handler(StrEnum):
    """Who hands a filing in: somebody else than the principal needs a letter and shows who they are."""

    PRINCIPAL = "principal"
    AGENT = "agent"


class ClockKind(StrEnum):
    """What a running time limit of a system is about."""

    NEW = "new"
    EXISTING = "existing"
    CHANGE = "change"
    CONFIRMATION = "confirmation"
    CORRECTION = "correction"


class ComponentPart(StrEnum):
    """REG-01: what a system consists of by Anyang 2007 art. 2, and the storage that later texts add."""

    CAPTURE = "capture"
    TRANSMISSION = "transmission"
    CONTROL = "control"
    DISPLAY = "display"
    STORAGE = "storage"
    SOFTWARE = "software"


class FindingBasis(StrEnum):
    """How it came out that something filed is false."""

    VISIT = "visit"
    PROBE = "probe"
    PAPERS = "papers"
    TIP_OFF = "tip_off"


@dataclass(frozen=True, kw_only=True)
class ComponentParticulars:
    """What the form of one piece of equipment or software yields."""

    part: ComponentPart
    name: str
    maker: str = ""
    model: str = ""
    version: str = ""
    count: int = 1
