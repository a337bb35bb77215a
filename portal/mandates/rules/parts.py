"""CAT-02: is each important part covered? Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from portal.mandates.values import Part


class Coverage(StrEnum):
    """What is known of a part."""

    COVERED = "covered"
    DOWN = "down"
    SUGGESTED = "suggested"
    ABSENT = "absent"
    UNCOVERED = "uncovered"


@dataclass(frozen=True, kw_only=True)
class PartCamera:
    """A camera as the check sees it."""

    id: UUID
    name: str
    zones: frozenset[str]
    working: bool


@dataclass(frozen=True, kw_only=True)
class PartCheck:
    """One part with the cameras named for it, those that stand in its zones, and what follows."""

    part: Part
    coverage: Coverage
    cameras: tuple[PartCamera, ...] = ()
    suggested: tuple[PartCamera, ...] = ()
    absent_reason: str = ""


FLAGGED = frozenset({Coverage.UNCOVERED, Coverage.DOWN, Coverage.SUGGESTED})


def check_parts(
    parts: Sequence[Part],
    cameras: Iterable[PartCamera],
    named: Mapping[str, Sequence[UUID]],
    absent: Mapping[str, str],
) -> tuple[PartCheck, ...]:
    """Judge each part. Named cameras decide; a camera of the right zone is only a hint until somebody names it, and a
    camera out of use covers nothing."""
    known = {camera.id: camera for camera in cameras}
    checks = []
    for part in parts:
        mine = tuple(known[key] for key in named.get(part.key, ()) if key in known)
        hints = tuple(one for one in known.values() if one.working and one.zones & set(part.zones) and one not in mine)
        if any(one.working for one in mine):
            coverage = Coverage.COVERED
        elif mine:
            coverage = Coverage.DOWN
        elif part.key in absent:
            coverage = Coverage.ABSENT
        else:
            coverage = Coverage.SUGGESTED if hints else Coverage.UNCOVERED
        reason = absent.get(part.key, "")
        checks.append(PartCheck(part=part, coverage=coverage, cameras=mine, suggested=hints, absent_reason=reason))
    return tuple(checks)
