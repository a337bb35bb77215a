"""The cameras of a system as tallies by value. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from portal.reachability.rules import is_smaller, pixels_of
from portal.readiness.values import WORST, CameraFact, Cameras, Named
from portal.registry.rules import DUPLICATES
from portal.registry.states import LiveState

# The file itself is judged by `files`; these are the matter of `device_codes`.
_OF_CODE = "gb_code:"
_MISSING_CODE = "gb_code:missing"
_DOWN = frozenset({LiveState.OFFLINE, LiveState.UNREACHABLE})


def tally(cameras: Sequence[CameraFact]) -> Cameras:
    """Count them by value."""
    spans = Counter(
        (each.days_measured, each.days_alive) for each in cameras if each.days_measured is not None and each.records
    )
    judged = [each for each in cameras if each.faults is not None]
    faults = {each.id: [key for key in each.faults or () if not about_code(key)] for each in judged}
    return Cameras(
        total=len(cameras),
        declared_days=_counted(each.declared_days for each in cameras),
        declared_pixels=_counted(each.pixels or None for each in cameras),
        states=_counted(each.state for each in cameras),
        spans=tuple((days, alive, number) for (days, alive), number in sorted(spans.items())),
        recording=sum(each.records is True for each in cameras),
        not_recording=sum(each.records is False for each in cameras),
        measured_pixels=_counted(each.measured_pixels or None for each in cameras),
        pictures=_pairs(cameras),
        drifts=_counted(each.drift_s for each in cameras),
        guarded=sum(each.open_access is False for each in cameras),
        open=sum(each.open_access is True for each in cameras),
        coded=sum(each.coded for each in cameras),
        code_faults=sum(any(about_code(key) for key in each.faults or ()) for each in judged),
        unjudged=len(cameras) - len(judged),
        file_faults=_counted(key for keys in faults.values() for key in keys),
        faulty=sum(bool(keys) for keys in faults.values()),
        worst=_worst(cameras),
    )


def _pairs(cameras: Sequence[CameraFact]) -> tuple[tuple[str, str, int], ...]:
    told = Counter(
        (each.measured_pixels, each.pixels)
        for each in cameras
        if pixels_of(each.measured_pixels) and pixels_of(each.pixels)
    )
    return tuple((measured, filed, number) for (measured, filed), number in sorted(told.items()))


def about_code(fault: str) -> bool:
    """Whether a fault of a file is one of the device's code, or of a device entered twice."""
    return (fault.startswith(_OF_CODE) and fault != _MISSING_CODE) or fault in DUPLICATES


def _counted(values: Iterable[Any]) -> dict[Any, int]:
    return dict(Counter(value for value in values if value is not None))


def _worst(cameras: Sequence[CameraFact]) -> dict[str, tuple[Named, ...]]:
    """The cameras to look at first, by what is measured; which of them fall short, the rules say."""
    measures: dict[str, Callable[[CameraFact], tuple[float, str] | None]] = {
        "declared_days": lambda one: None if one.declared_days is None else (one.declared_days, str(one.declared_days)),
        "span": lambda one: None if one.days_measured is None else (one.days_measured, str(one.days_measured)),
        "declared_pixels": lambda one: _area(one.pixels),
        "measured_pixels": lambda one: _area(one.measured_pixels),
        "smaller": _smaller,
        "drift": lambda one: None if one.drift_s is None else (-abs(one.drift_s), f"{one.drift_s:+d}"),
        "not_recording": lambda one: (0, "") if one.records is False else None,
        "down": lambda one: (0, "") if one.state in _DOWN else None,
        "open": lambda one: (0, "") if one.open_access else None,
        "code": lambda one: (0, "") if any(about_code(key) for key in one.faults or ()) else None,
        "file": lambda one: (-len(one.faults or ()), "") if any(not about_code(k) for k in one.faults or ()) else None,
    }
    found = {}
    for name, measure in measures.items():
        told = [(value, one) for one in cameras if one.name and (value := measure(one)) is not None]
        told.sort(key=lambda pair: (pair[0][0], pair[1].name, pair[1].id))
        found[name] = tuple(
            Named(key=one.id, zh=one.name, en=one.name, value=shown) for (_, shown), one in told[:WORST]
        )
    return found


def _smaller(one: CameraFact) -> tuple[float, str] | None:
    """The size measured beside the one on file, of a camera that gives less than it is said to."""
    measured, filed = pixels_of(one.measured_pixels), pixels_of(one.pixels)
    if measured is None or filed is None or not is_smaller(measured, filed):
        return None
    return measured[0] * measured[1] / (filed[0] * filed[1]), f"{one.measured_pixels} < {filed[0]}×{filed[1]}"


def _area(text: str) -> tuple[float, str] | None:
    pixels = pixels_of(text)
    return (pixels[0] * pixels[1], text) if pixels else None
