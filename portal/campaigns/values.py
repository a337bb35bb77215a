"""What a campaign says, and the audit tags of campaigns."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from portal.audit.values import audit_tag
from portal.campaigns.states import Channel, GroupRole


@dataclass(frozen=True, kw_only=True)
class CampaignPlan:
    """What the bureau plans. `weight` is the share, in percent, of the yearly safety assessment (003 §4.1); the goal is
    the percentage of schools that reach a grade."""

    title: str
    year: int
    district: str
    unit_types: tuple[str, ...]
    begins_on: date
    ends_on: date
    scheme_due: date | None = None
    goal: int = 100
    weight: Decimal | None = None
    linked_programme: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class GroupMember:
    """A person of a leading group, and from when to when."""

    role: GroupRole
    name: str
    post: str
    since: date
    until: date | None = None


@dataclass(frozen=True, kw_only=True)
class Activity:
    """Something done to make the campaign known."""

    held_on: date
    channel: Channel
    text: str
    audience: str
    people: int | None = None


PLANNED = audit_tag("campaigns:campaign:plan", "Campaign drawn up")
CHANGED = audit_tag("campaigns:campaign:change", "Campaign changed")
MOVED = audit_tag("campaigns:campaign:move", "Campaign opened or closed")
MEMBER_NAMED = audit_tag("campaigns:member:name", "Member of a leading group named")
MEMBER_LEFT = audit_tag("campaigns:member:leave", "Member of a leading group released")
ACTIVITY_ENTERED = audit_tag("campaigns:activity:enter", "Publicity activity entered")
