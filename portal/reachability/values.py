"""What people ask for, and the audit tags of reachability."""

from dataclasses import dataclass
from uuid import UUID

from portal.audit.values import audit_tag
from portal.registry.states import LiveState

PROBE_ASKED = audit_tag("reachability:probe:ask", "Probe of a camera asked for")


@dataclass(frozen=True, kw_only=True)
class DeviceFilter:
    """What the list of devices is narrowed to; empty means all."""

    keyword: str = ""
    district: str = ""
    unit_id: UUID | None = None
    system_id: UUID | None = None
    state: LiveState | None = None
    reason: str = ""
    flapping: bool = False


@dataclass(frozen=True, kw_only=True)
class LiveSummary:
    """How many cameras of a system, unit or district stand in each live state."""

    unknown: int = 0
    online: int = 0
    degraded: int = 0
    offline: int = 0
    unreachable: int = 0
    disabled: int = 0

    @property
    def total(self) -> int:
        """Every camera counted."""
        return self.unknown + self.online + self.degraded + self.offline + self.unreachable + self.disabled

    @property
    def known(self) -> int:
        """Cameras that were probed at all."""
        return self.online + self.degraded + self.offline + self.unreachable

    @property
    def online_rate(self) -> float | None:
        """The share of probed cameras that answer, the figure police reports call the online rate; None unprobed."""
        return (self.online + self.degraded) / self.known if self.known else None
