"""Jobs of this package."""

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.operations import News, notify_people, notify_units, people_with
from portal.accounts.values import Role
from portal.campaigns import labels  # noqa: F401 - the words of its list, for files that a worker writes
from portal.campaigns.models import Campaign
from portal.campaigns.queries import (
    STANDINGS,  # noqa: F401 - its list, for the same
    awaiting_schemes,
    schools_lacking,
    takes_part,
)
from portal.core.clock import city_day
from portal.core.outbox import TaskName
from portal.jobs import job
from portal.registry.models import Unit
from portal.regulation.engine import effective_rules
from portal.regulation.schema.keys import RuleKey
from portal.regulation.schema.vocabulary import Regime
from portal.regulation.values import RuleContext


@job(TaskName.CAMPAIGNS_NOTIFY)
def notify(session: Session, *, now: datetime, campaign_id: str, **_: object) -> None:
    """Tell the schools that take part that their campaign is open."""
    key = UUID(campaign_id)
    schools = session.scalars(select(Unit.id).join(Campaign, takes_part()).where(Campaign.id == key))
    news = [News(unit_id=unit, kind="campaigns.campaign", subject_id=key, occasion="open") for unit in schools]
    notify_units(session, (Role.UNIT_FILER, Role.UNIT_SECURITY_HEAD), news, now=now)


@job(TaskName.CAMPAIGNS_REMIND)
def remind(session: Session, *, now: datetime, **_: object) -> None:
    """Remind schools that have not handed in their scheme: once before it is due, and once a week after that, when the
    bureau hears of it, too. Nobody is told the same twice, however often the job runs."""
    today = city_day(now)
    week = today - timedelta(days=today.weekday())
    for campaign in awaiting_schemes(session, on=today):
        due = campaign.scheme_due
        if due is None or today < due - timedelta(days=_days_before(campaign, today)):
            continue
        lacking = schools_lacking(session, campaign.id)
        late = today > due
        occasion = f"late:{week}" if late else f"due:{due}"
        notify_units(
            session,
            (Role.UNIT_FILER, Role.UNIT_SECURITY_HEAD),
            [
                News(unit_id=unit, kind="campaigns.scheme", subject_id=campaign.id, occasion=occasion)
                for unit in lacking
            ],
            now=now,
        )
        if late and lacking:
            people = people_with(session, (Role.SECTOR_SUPERVISOR,), organ_id=campaign.organ_id)
            notify_people(
                session, people=people, kind="campaigns.scheme", subject_id=campaign.id, occasion=occasion, now=now
            )


def _days_before(campaign: Campaign, on: date) -> int:
    """How many days before the last one a school is reminded."""
    context = RuleContext(
        on=on, division_code=campaign.district, unit_type=campaign.unit_types[0], regime=Regime.PUBLIC_UNIT
    )
    return effective_rules(context).integer(RuleKey.GRADE_REMIND_DAYS) or 0
