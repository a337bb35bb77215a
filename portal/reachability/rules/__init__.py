"""From answers to states: pure functions, no database, no clock of their own.

The thresholds are operational practice, not law: three failures and two successes as in Zabbix's and Gatus's
defaults, five seconds of drift as in Home Assistant, Nagios's 21 results for flapping.
"""

from portal.reachability.rules.pictures import is_smaller, pixels_of
from portal.reachability.rules.rounds import (
    CHUNK_BAD_LAG_MS,
    DRIFT_FURTHEST,
    Tally,
    decode_chunk,
    decode_notable,
    decode_one,
    encode_chunk,
    group_is_down,
    round_is_believable,
)
from portal.reachability.rules.standing import (
    DRIFT_LIMIT_S,
    Level,
    Observation,
    Standing,
    advance,
    after_deep,
    mark_unreachable,
    next_deep_at,
    observe,
)
from portal.reachability.rules.uptime import Outage, outages, uptime

__all__ = [
    "CHUNK_BAD_LAG_MS",
    "DRIFT_FURTHEST",
    "DRIFT_LIMIT_S",
    "Level",
    "Observation",
    "Outage",
    "Standing",
    "Tally",
    "advance",
    "after_deep",
    "decode_chunk",
    "decode_notable",
    "decode_one",
    "encode_chunk",
    "group_is_down",
    "is_smaller",
    "mark_unreachable",
    "next_deep_at",
    "observe",
    "outages",
    "pixels_of",
    "round_is_believable",
    "uptime",
]
