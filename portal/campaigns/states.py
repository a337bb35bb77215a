"""The life of a campaign, and how far a school has come in it (003 §3, §4)."""

from collections.abc import Mapping
from enum import StrEnum

from portal.core.lifecycle import follow


class CampaignStatus(StrEnum):
    """A campaign is drawn up, runs, and is closed."""

    DRAFT = "draft"
    OPEN = "open"
    CLOSED = "closed"


class CampaignAction(StrEnum):
    """What moves it."""

    OPEN = "open"
    CLOSE = "close"


CAMPAIGN_TRANSITIONS: Mapping[tuple[CampaignStatus, CampaignAction], CampaignStatus] = {
    (CampaignStatus.DRAFT, CampaignAction.OPEN): CampaignStatus.OPEN,
    (CampaignStatus.OPEN, CampaignAction.CLOSE): CampaignStatus.CLOSED,
}


def next_campaign_status(status: CampaignStatus, action: CampaignAction) -> CampaignStatus:
    """The status after an action. Raises IllegalTransition where the table has none."""
    return follow(CAMPAIGN_TRANSITIONS, status, action, of="campaign")


class Progress(StrEnum):
    """How far a school has come: worked out from what it handed in, never set."""

    NOT_BEGUN = "not_begun"
    SCHEME = "scheme"
    ASSESSED = "assessed"
    APPLIED = "applied"
    FAILED = "failed"
    GRADED = "graded"


class GroupRole(StrEnum):
    """A place in a leading group (003 §2)."""

    HEAD = "head"
    DEPUTY = "deputy"
    MEMBER = "member"
    OFFICE = "office"


class Channel(StrEnum):
    """How the campaign is made known (003 §4.3)."""

    MEETING = "meeting"
    TRAINING = "training"
    NOTICE = "notice"
    ONLINE = "online"
    LESSON = "lesson"
    OTHER = "other"
