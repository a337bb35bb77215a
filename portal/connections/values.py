"""What connection orders are made of, and the audit tags of this package."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from portal.audit.values import audit_tag
from portal.registry.values.archive import TargetPlatform


class ConnectionPurpose(StrEnum):
    """Anyang 2007 art. 12 knows these three; a fourth has no place to be written, neither here nor in the database."""

    PUBLIC_ORDER = "public_order"
    ROAD_TRAFFIC = "road_traffic"
    FIRE = "fire"


class RestsOn(StrEnum):
    """Why a connection is lawful: the unit's consent (Henan art. 15), or a law that needs none."""

    CONSENT = "consent"
    LAW = "law"


class Irregularity(StrEnum):
    """What is not as its order says."""

    PAST_END = "past_end"
    NOT_CUT = "not_cut"
    CAMERAS_LATER = "cameras_later"


@dataclass(frozen=True, kw_only=True)
class OrderDraft:
    """An order as it is proposed. It names no maker, no firm and no fee: Henan art. 23 forbids all three."""

    purpose: ConnectionPurpose
    platform: TargetPlatform
    platform_name: str
    need: str
    path: str
    officer_name: str
    officer_number: str
    starts_on: date
    ends_on: date
    camera_ids: tuple[UUID, ...]


ORDER_PROPOSED = audit_tag("connections:order:propose", "Connection order proposed")
ORDER_CONSENTED = audit_tag("connections:order:consent", "Consent to a connection given")
ORDER_REFUSED = audit_tag("connections:order:refuse", "Consent to a connection refused")
CONSENT_WITHDRAWN = audit_tag("connections:order:withdraw", "Consent to a connection taken back")
ORDER_CLAIMED = audit_tag("connections:order:claim", "Connection rested on a law")
ORDER_APPROVED = audit_tag("connections:order:approve", "Connection order approved")
ORDER_SECONDED = audit_tag("connections:order:second", "Connection order seconded")
ORDER_CONNECTED = audit_tag("connections:order:connect", "Connection made")
ORDER_SUSPENDED = audit_tag("connections:order:suspend", "Connection stopped")
LINE_CUT = audit_tag("connections:order:cut", "Line of a connection found cut")
ORDER_RESUMED = audit_tag("connections:order:resume", "Connection resumed")
ORDER_ENDED = audit_tag("connections:order:end", "Connection ended")
ORDER_DROPPED = audit_tag("connections:order:drop", "Connection order given up")
CAMERAS_CHECKED = audit_tag("connections:order:check", "Later cameras found not connected")
ORDER_PRINTED = audit_tag("connections:order:print", "Connection order printed")
