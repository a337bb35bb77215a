"""The facts a run of the checks starts from, frozen with its report, and what it comes to.

The cameras are kept as tallies by value: what the rules ask is not in them, so that the same facts can be judged again
by other rules.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.readiness.states import CheckKey, CheckVerdict, Source
from portal.registry.states import LiveState
from portal.registry.values.archive import ContractorKind, Validity
from portal.registry.values.zones import ZoneState
from portal.regulation.schema.base import Citation, Frozen, Text

# As many of the worst as fit on a page; the list behind the link has the rest.
WORST = 5


class Named(Frozen):
    """Something that falls short: a zone, a camera, a paper or a firm, with the value that does."""

    key: str = ""
    zh: str
    en: str
    value: str = ""


class ZoneFound(Frozen):
    """A zone the rules ask for, and how it is covered."""

    key: str
    name: Text
    state: ZoneState


class FirmFound(Frozen):
    """A firm at work on the system, and how it stands for that work."""

    name: str
    kind: ContractorKind
    standing: Validity


class Cameras(Frozen):
    """The cameras in use, tallied: by value how many. `long` are measured spans of days, by how long the device has
    been answering in days; `worst` are the lowest or furthest by measure."""

    total: int = 0
    declared_days: Mapping[int, int] = {}
    declared_pixels: Mapping[str, int] = {}
    states: Mapping[LiveState, int] = {}
    spans: tuple[tuple[int, int, int], ...] = ()  # days measured, days alive, cameras
    recording: int = 0
    not_recording: int = 0
    measured_pixels: Mapping[str, int] = {}
    pictures: tuple[tuple[str, str, int], ...] = ()  # size measured, size on file, cameras
    drifts: Mapping[int, int] = {}
    guarded: int = 0
    open: int = 0
    coded: int = 0
    code_faults: int = 0
    unjudged: int = 0
    file_faults: Mapping[str, int] = {}
    faulty: int = 0
    worst: Mapping[str, tuple[Named, ...]] = {}


class Facts(Frozen):
    """All a run of the checks knew. `probed_at` is the last round of probes, `examined_at` the oldest examination of a
    camera by its own login that still counts, `pictures_at` the oldest measurement of a picture that does."""

    at: datetime
    zones: tuple[ZoneFound, ...] = ()
    cameras: Cameras = Cameras()
    declared_days: int | None = None
    probed_at: datetime | None = None
    examined_at: datetime | None = None
    pictures_at: datetime | None = None
    papers: Mapping[str, Validity] = {}
    forbidden: int = 0
    waiting: int = 0
    unmasked: int = 0
    unsigned: tuple[Text, ...] | None = None
    firms: tuple[FirmFound, ...] = ()
    filed: bool = False
    in_use: bool = False


@dataclass(frozen=True, kw_only=True)
class CameraFact:
    """What is on file of one camera and what probes found of it; `None` is what nobody could tell. A secret camera has
    no name here: a report goes further than its unit."""

    id: str
    name: str
    declared_days: int | None = None
    pixels: str = ""
    faults: Sequence[str] | None = ()
    coded: bool = False
    state: LiveState = LiveState.UNKNOWN
    drift_s: int | None = None
    days_measured: int | None = None
    days_alive: int = 0
    records: bool | None = None
    measured_pixels: str = ""
    open_access: bool | None = None


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check with its evidence: what was found of what is asked, where and when it was seen."""

    key: CheckKey
    verdict: CheckVerdict
    source: Source = Source.REGISTRY
    measured_at: datetime | None = None
    found: str = ""
    wanted: str = ""
    code: str = ""
    short: Sequence[Named] = ()
    more: int = 0
    blocking: bool = False
    citations: Sequence[Citation] = ()
    fills: Sequence[str] = ()

    def as_json(self) -> dict[str, Any]:
        """As it is kept in a report."""
        return {
            "key": str(self.key),
            "verdict": str(self.verdict),
            "source": str(self.source),
            "measured_at": self.measured_at and self.measured_at.isoformat(),
            "found": self.found,
            "wanted": self.wanted,
            "code": self.code,
            "short": [one.model_dump() for one in self.short],
            "more": self.more,
            "blocking": self.blocking,
            "citations": [[one.instrument, one.article] for one in self.citations],
            "fills": list(self.fills),
        }

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Check":
        """Back from a report."""
        told = kept["measured_at"]
        return cls(
            key=CheckKey(kept["key"]),
            verdict=CheckVerdict(kept["verdict"]),
            source=Source(kept["source"]),
            measured_at=datetime.fromisoformat(told) if told else None,
            found=kept["found"],
            wanted=kept["wanted"],
            code=kept["code"],
            short=tuple(Named.model_validate(one) for one in kept["short"]),
            more=kept["more"],
            blocking=kept["blocking"],
            citations=tuple(Citation.of(*pair) for pair in kept["citations"]),
            fills=tuple(kept["fills"]),
        )
