"""Reading where devices stand, what they went through, and how probing itself is doing."""

from portal.reachability.queries.devices import (
    DeviceRow,
    device_page,
    device_tally,
    reasons_in_use,
    status_of,
    without_access,
)
from portal.reachability.queries.history import (
    Check,
    changes_of,
    daily_uptime,
    last_check,
    outages_of,
    uptime_of,
)
from portal.reachability.queries.measured import (
    Drift,
    Measured,
    drifts_of,
    last_round_at,
    measured_among,
    measured_of,
)
from portal.reachability.queries.rounds import Pulse, pulse
from portal.reachability.queries.runs import get_run, latest_run
from portal.reachability.queries.summaries import StateSince, first_seen_live, live_summary, state_since

__all__ = [
    "Check",
    "DeviceRow",
    "Drift",
    "Measured",
    "Pulse",
    "StateSince",
    "changes_of",
    "daily_uptime",
    "device_page",
    "device_tally",
    "drifts_of",
    "first_seen_live",
    "get_run",
    "last_check",
    "last_round_at",
    "latest_run",
    "live_summary",
    "measured_among",
    "measured_of",
    "outages_of",
    "pulse",
    "reasons_in_use",
    "state_since",
    "status_of",
    "uptime_of",
    "without_access",
]
