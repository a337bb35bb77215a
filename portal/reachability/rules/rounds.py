"""A whole round: how its results are kept in bytes, whether to believe it, and what fell together."""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from portal.reachability.probes.base import Reason
from portal.reachability.rules.standing import Level, Observation

# A fifth of a city does not fall in one round; a prober short of sockets or time sees exactly that.
ILL_SHARE: Final = 0.20
ILL_AT_LEAST: Final = 20
# Said three times in a row it is believed: a power cut must not stay invisible.
DISCARDS_IN_A_ROW: Final = 2
# An event loop this late gives up on devices that had answered (0.5 % false failures were measured).
CHUNK_BAD_LAG_MS: Final = 1_000
GROUP_AT_LEAST: Final = 4

_REASONS: Final = tuple(Reason)
_CODES: Final[Mapping[Reason, int]] = {reason: number for number, reason in enumerate(_REASONS)}
_NOT_PROBED: Final = 255
_NO_DRIFT: Final = -32_768
DRIFT_FURTHEST: Final = 32_767

# The two bytes of a drift of -1, 0 or 1 second, and of none.
_QUIET_DRIFTS: Final = frozenset({(0xFF, 0xFF), (0, 0), (0, 1), (0x80, 0)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What a round is judged by."""

    checked: int = 0
    newly_down: int = 0


def round_is_believable(tally: Tally, *, discarded_before: int) -> bool:
    """False when so many live devices failed at once that the prober is the likelier fault."""
    if discarded_before >= DISCARDS_IN_A_ROW or tally.newly_down < ILL_AT_LEAST:
        return True
    return tally.newly_down <= tally.checked * ILL_SHARE


def group_is_down(*, members: int, failing: int) -> bool:
    """Whether a site or network segment fell as a whole rather than its cameras one by one."""
    return members >= GROUP_AT_LEAST and failing * 2 > members


def encode_chunk(results: Mapping[int, tuple[Observation, int | None]], *, low: int, high: int) -> tuple[bytes, bytes]:
    """Results of targets low ≤ id < high: a byte for level and reason, three for drift and answer time.

    A row a result would be 7.5 GB a day at a million devices; this is two hundred rows a round.
    """
    states = bytearray([_NOT_PROBED]) * (high - low)
    details = bytearray(3 * (high - low))
    for number, (seen, rtt_ms) in results.items():
        at = number - low
        states[at] = seen.level << 6 | _CODES[seen.reason]
        drift = _NO_DRIFT if seen.drift_s is None else max(-DRIFT_FURTHEST, min(DRIFT_FURTHEST, round(seen.drift_s)))
        struct.pack_into(">hB", details, 3 * at, drift, _rtt_code(rtt_ms))
    return bytes(states), bytes(details)


def decode_one(states: bytes, details: bytes, *, low: int, number: int) -> tuple[Observation, int | None] | None:
    """One target's result: what was seen, and the answer time in milliseconds; None when it was not probed."""
    at = number - low
    if not 0 <= at < len(states) or states[at] == _NOT_PROBED:
        return None
    drift, rtt = struct.unpack_from(">hB", details, 3 * at)
    code = states[at]
    seen = Observation(Level(code >> 6), _REASONS[code & 63], None if drift == _NO_DRIFT else float(drift))
    return seen, _rtt_of(rtt)


def decode_chunk(states: bytes, details: bytes, *, low: int) -> Iterator[tuple[int, Observation, int | None]]:
    """Every result of a chunk."""
    for number in range(low, low + len(states)):
        found = decode_one(states, details, low=low, number=number)
        if found is not None:
            yield number, *found


def decode_notable(states: bytes, details: bytes, *, low: int) -> list[int]:
    """Targets whose result may concern a steady device: not a plain success, or a clock two seconds off.

    At a million devices this loop is the cost of a round in which nothing happened, so it decodes nothing.
    """
    found = [low + at for at, code in enumerate(states) if code not in (0, _NOT_PROBED)]
    drifts = zip(details[0::3], details[1::3], strict=True)
    found += [low + at for at, drift in enumerate(drifts) if drift not in _QUIET_DRIFTS and states[at] == 0]
    return found


def _rtt_code(rtt_ms: int | None) -> int:
    """4 ms steps to 800 ms, then 200 ms steps: fine where it matters, one byte in all."""
    if rtt_ms is None:
        return 0
    return min(200, 1 + rtt_ms // 4) if rtt_ms < 800 else min(255, 200 + (rtt_ms - 600) // 200)


def _rtt_of(code: int) -> int | None:
    if code == 0:
        return None
    return (code - 1) * 4 + 2 if code <= 200 else 600 + (code - 200) * 200 + 100
