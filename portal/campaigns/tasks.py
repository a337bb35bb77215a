"""Jobs of this package."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.operations import News, notify_units
from portal.accounts.values import Role
from portal.campaigns import labels  # noqa: F401 - the words of its list, for files that a worker writes
from portal.campaigns.models import Campaign
from portal.campaigns.queries import (
    STANDINGS,  # noqa: F401 - its list, for the same
    takes_part,
)
from portal.core.outbox import TaskName
from portal.jobs import job
from portal.registry.models import Unit


@job(TaskName.CAMPAIGNS_NOTIFY)
def notify(session: Session, *, now: datetime, campaign_id: str, **_: object) -> None:
    """Tell the schools that take part that their campaign is open."""
    key = UUID(campaign_id)
    schools = session.scalars(select(Unit.id).join(Campaign, takes_part()).where(Campaign.id == key))
    news = [News(unit_id=unit, kind="campaigns.campaign", subject_id=key, occasion="open") for unit in schools]
    notify_units(session, (Role.UNIT_FILER, Role.UNIT_SECURITY_HEAD), news, now=now)
