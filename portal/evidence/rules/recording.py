"""What of a camera's recording stays below what the rules ask. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from portal.evidence.rules.overwriting import short_of
from portal.evidence.values.overwriting import Said
from portal.evidence.values.recording import RecordingMode

_PIXELS = re.compile(r"\s*(\d{2,5})\s*[x×*X]\s*(\d{2,5})\s*")
_LINES = re.compile(r"\s*(\d{2,4})\s*(?:TVL|tvl|线|电视线)\s*")


class RecordingFault(StrEnum):
    """One shortfall of a camera's recording."""

    SHORT = "short"
    NOT_REAL_TIME = "not_real_time"
    LOW_RESOLUTION = "low_resolution"


@dataclass(frozen=True, slots=True)
class ImageFloor:
    """The least picture the rules admit (003 no. 3): pixels of a digital one, television lines of an analogue one."""

    width: int | None = None
    height: int | None = None
    live_lines: int | None = None
    playback_lines: int | None = None


def recording_faults(
    said: Sequence[Said],
    *,
    mode: RecordingMode | None,
    real_time: bool,
    resolution: str,
    picture: tuple[int, int] | None,
    floor: ImageFloor,
) -> list[RecordingFault]:
    """Every shortfall, from what is on file and from what was measured; what nobody knows is no shortfall."""
    found = [RecordingFault.SHORT] if short_of(said) else []
    if real_time and mode is not None and mode is not RecordingMode.CONTINUOUS:
        found.append(RecordingFault.NOT_REAL_TIME)
    if is_low(resolution, floor) or (picture is not None and _smaller(picture, floor)):
        found.append(RecordingFault.LOW_RESOLUTION)
    return found


def is_low(resolution: str, floor: ImageFloor) -> bool:
    """Whether a resolution as written in a camera's file stays below the floor. Playback is never finer than live."""
    if pixels := _PIXELS.fullmatch(resolution):
        return _smaller((int(pixels[1]), int(pixels[2])), floor)
    if lines := _LINES.fullmatch(resolution):
        asked = max(floor.live_lines or 0, floor.playback_lines or 0)
        return int(lines[1]) < asked
    return False


def _smaller(picture: tuple[int, int], floor: ImageFloor) -> bool:
    if floor.width is None or floor.height is None:
        return False
    # One turned on its side has as many lines as before.
    asked = (floor.width, floor.height)
    return max(picture) < max(asked) or min(picture) < min(asked)
