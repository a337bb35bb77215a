"""What was declared against what is seen (REG-19): numbers by type, files, and what probes answer. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the registry and the last probes know of a system's cameras, dismantled ones left out."""

    by_type: Mapping[str, int] = field(default_factory=dict)
    live: Mapping[str, int] = field(default_factory=dict)
    with_sound: int = 0
    with_analysis: int = 0
    shortest_retention: int | None = None

    @property
    def total(self) -> int:
        """How many cameras have a file."""
        return sum(self.by_type.values())


@dataclass(frozen=True, kw_only=True)
class Declared:
    """What the filing says of them."""

    by_type: Mapping[str, int] = field(default_factory=dict)
    records_audio: bool = False
    has_analytics: bool = False
    retention_days: int | None = None


@dataclass(frozen=True, kw_only=True)
class Mismatch:
    """One point where the two differ. `grave` ones contradict the filing; the others may be a fault of the day."""

    code: str
    declared: str
    seen: str
    subject: str = ""
    grave: bool = True


def mismatches(declared: Declared, seen: Seen) -> list[Mismatch]:
    """Every point where what is seen contradicts what was declared."""
    found = []
    if seen.total:
        found += [
            Mismatch(
                code="devices_differ",
                subject=kind,
                declared=str(declared.by_type.get(kind, 0)),
                seen=str(seen.by_type.get(kind, 0)),
            )
            for kind in sorted({*declared.by_type, *seen.by_type})
            if declared.by_type and declared.by_type.get(kind, 0) != seen.by_type.get(kind, 0)
        ]
    if seen.with_sound and not declared.records_audio:
        found.append(Mismatch(code="sound_undeclared", declared="0", seen=str(seen.with_sound)))
    if seen.with_analysis and not declared.has_analytics:
        found.append(Mismatch(code="analysis_undeclared", declared="0", seen=str(seen.with_analysis)))
    shortest = seen.shortest_retention
    if shortest is not None and declared.retention_days is not None and shortest < declared.retention_days:
        found.append(Mismatch(code="retention_shorter", declared=str(declared.retention_days), seen=str(shortest)))
    return [*found, *_silent(seen)]


def _silent(seen: Seen) -> list[Mismatch]:
    """Cameras that are declared in use and that no probe reaches."""
    silent = seen.live.get("offline", 0) + seen.live.get("unreachable", 0)
    asked = silent + seen.live.get("online", 0) + seen.live.get("degraded", 0)
    if not silent:
        return []
    return [Mismatch(code="silent", declared=str(asked), seen=str(asked - silent), grave=silent == asked)]
