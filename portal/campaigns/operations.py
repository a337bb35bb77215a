"""Campaigns drawn up, opened and closed; leading groups and the publicity log kept."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Organ
from portal.accounts.permissions import Permission
from portal.accounts.values import Identity, Scope
from portal.audit.operations import record
from portal.audit.values import FieldChange
from portal.campaigns import values
from portal.campaigns.models import Campaign, CampaignActivity, CampaignMember
from portal.campaigns.queries import (
    bureaus_of,
    get_campaign,
    get_managed,
    lock_campaign,
    require_of,
    schools_of,
    scope_of,
)
from portal.campaigns.states import CampaignAction, CampaignStatus, GroupRole, next_campaign_status
from portal.campaigns.values import Activity, CampaignPlan, GroupMember
from portal.core.clock import city_day
from portal.core.db import told_apart
from portal.core.errors import IllegalTransition, Invalid, NotFound, Problem
from portal.core.lifecycle import unchanged
from portal.core.outbox import TaskName, enqueue
from portal.registry.operations.recording import about
from portal.regulation.engine import effective_rules
from portal.regulation.schema.base import Citation
from portal.regulation.schema.keys import RuleKey
from portal.regulation.schema.vocabulary import Regime
from portal.regulation.values import RuleContext

TAKEN = {"uq_campaign_organ_id_year_title": Problem("title", "campaign_twice")}
_PLAIN = ("title", "year", "begins_on", "ends_on", "goal", "weight", "linked_programme", "note")


def scheme_day(district: str, unit_types: Iterable[str], begins_on: date) -> tuple[date | None, tuple[Citation, ...]]:
    """The day by which schools hand in their scheme: that of the year in which the campaign begins, or the next one
    that comes, and where it is said."""
    for unit_type in unit_types:
        context = RuleContext(on=begins_on, division_code=district, unit_type=unit_type, regime=Regime.PUBLIC_UNIT)
        rules = effective_rules(context)
        day = rules.year_day(RuleKey.GRADE_SCHEME_DUE)
        if day is not None:
            due = date(begins_on.year, day.month, day.day)
            due = due if due >= begins_on else due.replace(year=due.year + 1)
            return due, rules.citations(RuleKey.GRADE_SCHEME_DUE)
    return None, ()


def draw_up(session: Session, *, actor: Identity, plan: CampaignPlan, now: datetime) -> Campaign:
    """Draw up a campaign of the actor's bureau. Raises Invalid naming each field."""
    organ = _bureau(session, actor, plan)
    due, _ = scheme_day(plan.district, plan.unit_types, plan.begins_on)
    campaign = Campaign(
        organ_id=organ.id,
        organ_name=organ.name,
        district=plan.district,
        unit_types=sorted(plan.unit_types),
        scheme_due=plan.scheme_due or due,
        created_by=actor.person_id,
        created_at=now,
        **{name: getattr(plan, name) for name in _PLAIN},
    )
    with told_apart(session, TAKEN):
        session.add(campaign)
    _note(session, actor, values.PLANNED, campaign, now=now)
    return campaign


def change(
    session: Session, *, actor: Identity, campaign_id: UUID, seen_version: int, plan: CampaignPlan, now: datetime
) -> Campaign:
    """Change what is planned; district and kinds of school stay once it is open. Raises Invalid naming each field."""
    campaign = _managed(session, actor, campaign_id)
    unchanged(campaign, seen_version)
    if campaign.status == CampaignStatus.CLOSED:
        raise IllegalTransition("campaign_closed", status=campaign.status)
    _bureau(session, actor, plan)
    new: dict[str, Any] = {name: getattr(plan, name) for name in _PLAIN}
    new |= {"district": plan.district, "unit_types": sorted(plan.unit_types)}
    if campaign.status == CampaignStatus.OPEN and any(new[name] != getattr(campaign, name) for name in _FIXED):
        raise Invalid([Problem("unit_types", "campaign_scope_fixed")])
    new["scheme_due"] = plan.scheme_due or scheme_day(plan.district, plan.unit_types, plan.begins_on)[0]
    changes = [
        FieldChange(name=name, old=_told(getattr(campaign, name)), new=_told(value))
        for name, value in new.items()
        if getattr(campaign, name) != value
    ]
    with told_apart(session, TAKEN):
        for name, value in new.items():
            setattr(campaign, name, value)
    _note(session, actor, values.CHANGED, campaign, changes=changes, now=now)
    return campaign


_FIXED = ("district", "unit_types")


def move(session: Session, *, actor: Identity, campaign_id: UUID, action: CampaignAction, now: datetime) -> Campaign:
    """Open or close a campaign. It opens with a leading group that has a head, a deputy and an office (003 §2); raises
    Invalid without one."""
    campaign = _managed(session, actor, campaign_id)
    before = campaign.status
    after = next_campaign_status(CampaignStatus(before), action)
    if action is CampaignAction.OPEN:
        placed = {member.role for member in _placed(session, campaign, city_day(now))}
        lacking = [role for role in (GroupRole.HEAD, GroupRole.DEPUTY, GroupRole.OFFICE) if role not in placed]
        if lacking:
            raise Invalid([Problem("", f"group_without_{role}") for role in lacking])
    campaign.status = after
    changes = [FieldChange(name="status", old=before, new=campaign.status)]
    _note(session, actor, values.MOVED, campaign, changes=changes, now=now)
    if action is CampaignAction.OPEN:
        enqueue(session, TaskName.CAMPAIGNS_NOTIFY, dedupe=f"campaign:{campaign.id}", campaign_id=campaign.id)
    return campaign


def name_member(
    session: Session, *, actor: Identity, campaign_id: UUID, unit_id: UUID | None, member: GroupMember, now: datetime
) -> CampaignMember:
    """Place a person in the bureau's leading group, or with `unit_id` in a school's own. A group has one head."""
    campaign = _taking_part(session, actor, campaign_id, unit_id)
    if member.until is not None and member.until < member.since:
        raise Invalid([Problem("until", "ends_before_start")])
    heads = [row for row in _placed(session, campaign, member.since, unit_id) if row.role == GroupRole.HEAD]
    if member.role is GroupRole.HEAD and heads:
        raise Invalid([Problem("role", "head_already", {"name": heads[0].name})])
    row = CampaignMember(
        campaign_id=campaign.id,
        unit_id=unit_id,
        district=campaign.district,
        role=member.role,
        name=member.name.strip(),
        post=member.post.strip(),
        since=member.since,
        until=member.until,
    )
    session.add(row)
    changes = [FieldChange(name="role", new=row.role), FieldChange(name="name", new=row.name)]
    _note(session, actor, values.MEMBER_NAMED, campaign, unit_id=unit_id, changes=changes, now=now)
    return row


def release_member(
    session: Session, *, actor: Identity, campaign_id: UUID, member_id: UUID, now: datetime
) -> CampaignMember:
    """A member's last day is today; the place stays on record."""
    row = session.get(CampaignMember, member_id)
    if row is None or row.campaign_id != campaign_id:
        raise NotFound()
    campaign = _taking_part(session, actor, campaign_id, row.unit_id)
    if row.until is not None:
        raise IllegalTransition("member_left", status="left")
    row.until = max(city_day(now), row.since)
    changes = [FieldChange(name="until", new=row.until)]
    _note(session, actor, values.MEMBER_LEFT, campaign, unit_id=row.unit_id, changes=changes, now=now)
    return row


def enter_activity(
    session: Session, *, actor: Identity, campaign_id: UUID, unit_id: UUID | None, activity: Activity, now: datetime
) -> CampaignActivity:
    """Write a line into the publicity log. Raises Invalid for a day that has not come or lies before the campaign."""
    campaign = _taking_part(session, actor, campaign_id, unit_id)
    if not campaign.begins_on <= activity.held_on <= city_day(now):
        raise Invalid([Problem("held_on", "activity_day")])
    row = CampaignActivity(
        campaign_id=campaign.id,
        unit_id=unit_id,
        district=campaign.district,
        held_on=activity.held_on,
        channel=activity.channel,
        text=activity.text.strip(),
        audience=activity.audience.strip(),
        people=activity.people,
        entered_by=actor.person_id,
        entered_by_name=actor.name[:40],
        entered_at=now,
    )
    session.add(row)
    _note(session, actor, values.ACTIVITY_ENTERED, campaign, unit_id=unit_id, now=now)
    return row


def _bureau(session: Session, actor: Identity, plan: CampaignPlan) -> Organ:
    """The actor's organ that covers the district and supervises these kinds of unit."""
    problems = []
    if not plan.title.strip():
        problems.append(Problem("title", "required"))
    if plan.ends_on < plan.begins_on:
        problems.append(Problem("ends_on", "ends_before_start"))
    if plan.scheme_due is not None and not plan.begins_on <= plan.scheme_due <= plan.ends_on:
        problems.append(Problem("scheme_due", "scheme_outside"))
    fitting = [organ for organ, district in bureaus_of(session, actor) if district == plan.district]
    if not fitting:
        problems.append(Problem("district", "district_not_yours"))
    elif not plan.unit_types or not set(plan.unit_types) <= set(fitting[0].sectors):
        problems.append(Problem("unit_types", "kinds_not_yours"))
    if problems:
        raise Invalid(problems)
    return fitting[0]


def _managed(session: Session, actor: Identity, campaign_id: UUID) -> Campaign:
    get_managed(session, actor, campaign_id)
    return lock_campaign(session, campaign_id)


def _taking_part(session: Session, actor: Identity, campaign_id: UUID, unit_id: UUID | None) -> Campaign:
    """The campaign, for its bureau or for a school of its own; locked, so that two heads cannot be named at once."""
    campaign = get_campaign(session, actor, campaign_id)
    if unit_id is None:
        require_of(actor, Permission.CAMPAIGN_ENTER, scope_of(campaign))
    else:
        if unit_id not in {unit.id for unit in schools_of(session, actor, campaign)}:
            raise NotFound()
        require_of(actor, Permission.CAMPAIGN_ENTER, Scope(unit_ids=frozenset({unit_id})))
    campaign = lock_campaign(session, campaign_id)
    if campaign.status == CampaignStatus.CLOSED:
        raise IllegalTransition("campaign_closed", status=campaign.status)
    return campaign


def _placed(session: Session, campaign: Campaign, on: date, unit_id: UUID | None = None) -> list[CampaignMember]:
    """The places of a group that are held on a day."""
    statement = select(CampaignMember).where(
        CampaignMember.campaign_id == campaign.id, CampaignMember.unit_id.is_not_distinct_from(unit_id)
    )
    return [row for row in session.scalars(statement) if row.since <= on and (row.until is None or row.until > on)]


def _note(
    session: Session,
    actor: Identity,
    tag: str,
    campaign: Campaign,
    *,
    unit_id: UUID | None = None,
    changes: Iterable[FieldChange] = (),
    now: datetime,
) -> None:
    session.flush()
    record(
        session,
        actor=actor.actor,
        tag=tag,
        subject=about(campaign, campaign.title),
        unit_id=unit_id,
        district=campaign.district,
        changes=list(changes),
        now=now,
    )


def _told(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
