"""Campaigns as rows, for worlds that need one of each thing."""

from datetime import timedelta
from uuid import UUID

from portal.campaigns.models import Campaign, CampaignActivity, CampaignMember
from portal.core.clock import city_day
from tests.support.world import NOW

TODAY = city_day(NOW)


def a_campaign(organ_id: UUID, district: str, unit_types: list[str], title: str = "达标创建") -> Campaign:
    """An open campaign round today."""
    return Campaign(
        organ_id=organ_id,
        organ_name="教育局",
        title=title,
        year=TODAY.year,
        district=district,
        unit_types=unit_types,
        goal=100,
        begins_on=TODAY - timedelta(days=60),
        ends_on=TODAY + timedelta(days=60),
        status="open",
        created_at=NOW,
    )


def campaign_lines(campaign: Campaign, unit_id: UUID | None) -> list[CampaignMember | CampaignActivity]:
    """A member of the group of the bureau or a school, and a line of its publicity."""
    owned = {"campaign_id": campaign.id, "unit_id": unit_id, "district": campaign.district}
    return [
        CampaignMember(role="member", name="张三", since=TODAY, **owned),
        CampaignActivity(held_on=TODAY, channel="notice", text="横幅", entered_by_name="张三", entered_at=NOW, **owned),
    ]
