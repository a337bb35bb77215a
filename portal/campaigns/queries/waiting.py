"""What waits in campaigns: schemes not handed in, for the bureau and for a job; each school's own next step."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.campaigns.models import Campaign
from portal.campaigns.queries.reading import LACKING, LAST, OWN, PAPER, PROGRESS, takes_part
from portal.campaigns.states import CampaignStatus, Progress
from portal.registry.models import Unit

_RUNS = Campaign.status == CampaignStatus.OPEN


def led_campaigns(session: Session, identity: Identity, *, most: int) -> Sequence[Campaign]:
    """The campaigns of the person's own bureau that are not closed, the earliest first."""
    seen = visibility(identity, Permission.CAMPAIGN_MANAGE)
    return session.scalars(
        select(Campaign)
        .where(visible(seen, organ=Campaign.organ_id), Campaign.status != CampaignStatus.CLOSED)
        .order_by(Campaign.ends_on, Campaign.id)
        .limit(most)
    ).all()


def awaiting_schemes(session: Session, *, on: date) -> Sequence[Campaign]:
    """The campaigns under way to which schools hand in a scheme."""
    statement = select(Campaign).where(_RUNS, Campaign.scheme_due.is_not(None), Campaign.ends_on >= on)
    return session.scalars(statement.order_by(Campaign.id)).all()


def count_lacking(session: Session, campaign_ids: Sequence[UUID]) -> dict[UUID, int]:
    """How many schools of each campaign lack a scheme; none where none does."""
    if not campaign_ids:
        return {}
    rows: Sequence[tuple[UUID, int]] = session.execute(
        select(Campaign.id, func.count())
        .select_from(Unit)
        .join(Campaign, takes_part())
        .join(PAPER, true())
        .outerjoin(LAST, true())
        .where(Campaign.id.in_(campaign_ids), LACKING)
        .group_by(Campaign.id)
    ).all()
    return dict(rows)


def schools_lacking(session: Session, campaign_id: UUID) -> Sequence[UUID]:
    """The schools of a campaign that lack a scheme."""
    statement = select(Unit.id).join(Campaign, takes_part()).join(PAPER, true()).outerjoin(LAST, true())
    return session.scalars(statement.where(Campaign.id == campaign_id, LACKING)).all()


def own_steps(
    session: Session, identity: Identity, *, on: date, most: int
) -> Sequence[tuple[Campaign, bool, Progress]]:
    """The campaigns under way that the person's own units take part in: whether the scheme is lacking, and how far
    the unit has come."""
    units = visibility(identity, Permission.CAMPAIGN_ENTER).units
    rows = session.execute(
        select(Campaign, LACKING, PROGRESS)
        .select_from(Unit)
        .join(Campaign, takes_part())
        .join(PAPER, true())
        .outerjoin(OWN, true())
        .outerjoin(LAST, true())
        .where(Unit.id.in_(units), _RUNS, Campaign.begins_on <= on, Campaign.ends_on >= on)
        .order_by(Campaign.scheme_due, Campaign.id)
        .limit(most)
    )
    return [(campaign, lacking, Progress(stage)) for campaign, lacking, stage in rows]
