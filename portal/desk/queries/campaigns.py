"""Campaigns that wait: for the bureau to open, press on or close; for a school to take its next step."""

from datetime import date

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever
from portal.accounts.values import Identity
from portal.campaigns.models import Campaign
from portal.campaigns.queries import count_lacking, led_campaigns, own_steps
from portal.campaigns.states import CampaignStatus, Progress
from portal.desk.values import Todo

_STEP = {Progress.SCHEME: "campaign_assess", Progress.ASSESSED: "campaign_apply"}


def campaigns_waiting(session: Session, identity: Identity, *, today: date, most: int) -> list[Todo]:
    """What a bureau has to do for its campaigns, and a school in those it takes part in."""
    found = []
    if may_ever(identity, Permission.CAMPAIGN_MANAGE):
        found += _of_bureau(session, identity, today, most)
    if identity.unit_ids and may_ever(identity, Permission.CAMPAIGN_ENTER):
        found += _of_school(session, identity, today, most)
    return found


def _of_bureau(session: Session, identity: Identity, today: date, most: int) -> list[Todo]:
    led = led_campaigns(session, identity, most=most)
    running = [one for one in led if one.status == CampaignStatus.OPEN]
    lacking = count_lacking(session, [one.id for one in running if one.scheme_due and one.ends_on >= today])
    found = [_line("campaign_open", one, one.begins_on, today) for one in led if one.status == CampaignStatus.DRAFT]
    found += [
        _line("campaign_schemes", one, one.scheme_due, today, count=lacking[one.id])
        for one in running
        if one.id in lacking
    ]
    return found + [_line("campaign_close", one, one.ends_on, today) for one in running if one.ends_on < today]


def _of_school(session: Session, identity: Identity, today: date, most: int) -> list[Todo]:
    found = []
    for campaign, lacking, progress in own_steps(session, identity, on=today, most=most):
        if lacking and campaign.scheme_due:
            found.append(_line("campaign_scheme", campaign, campaign.scheme_due, today))
        if progress in _STEP or (progress is Progress.NOT_BEGUN and not campaign.scheme_due):
            found.append(_line(_STEP.get(progress, "campaign_assess"), campaign, campaign.ends_on, today))
    return found


def _line(kind: str, campaign: Campaign, due: date | None, today: date, *, count: int = 0) -> Todo:
    return Todo(
        kind=kind,
        id=campaign.id,
        text=campaign.title,
        count=count,
        query={"scheme": "lacking"} if count else {},
        due=due,
        late=due is not None and due < today,
    )
