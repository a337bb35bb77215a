"""This year's standard creation of the district's schools: drawn up, opened, taken part in; last year's is closed."""

from datetime import timedelta
from decimal import Decimal

from portal.accounts.values import Role
from portal.campaigns import operations
from portal.campaigns.queries import SCHEME_SLOT
from portal.campaigns.states import CampaignAction, Channel, GroupRole
from portal.campaigns.values import Activity, CampaignPlan, GroupMember
from portal.demo.stage import Stage
from portal.demo.timeline import Story

_GROUP = (
    (GroupRole.HEAD, "王建华", "局长"),
    (GroupRole.DEPUTY, "陈志强", "副局长"),
    (GroupRole.OFFICE, "刘海波", "安全科科长"),
    (GroupRole.MEMBER, "赵敏", "基础教育科科长"),
    (GroupRole.MEMBER, "孙立新", "教育技术中心主任"),
    (GroupRole.MEMBER, "周晓燕", "财务科科长"),
)


def stories(stage: Stage) -> list[Story]:
    """Two campaigns."""
    return [_running(stage), _over(stage)]


def _running(stage: Stage) -> Story:
    yield (now := stage.ago(100, 9, 0))
    district = stage.plans["school"].place.district
    bureau = stage.who(stage.cast.officer(Role.SECTOR_SUPERVISOR, district).login, now)
    plan = CampaignPlan(
        title="学校视频监控中心（室）达标创建活动",
        year=now.year,
        district=district,
        unit_types=("kindergarten", "school"),
        begins_on=now.date(),
        ends_on=now.date() + timedelta(days=220),
        scheme_due=now.date() + timedelta(days=25),
        goal=100,
        weight=Decimal(5),
        linked_programme="河南省平安校园建设工程",
    )
    campaign = operations.draw_up(stage.session, actor=bureau, plan=plan, now=now)
    for role, name, post in _GROUP:
        member = GroupMember(role=role, name=name, post=post, since=now.date())
        operations.name_member(
            stage.session, actor=bureau, campaign_id=campaign.id, unit_id=None, member=member, now=now
        )
    yield (now := stage.ago(98, 9, 0))
    operations.move(stage.session, actor=bureau, campaign_id=campaign.id, action=CampaignAction.OPEN, now=now)
    yield (now := stage.ago(95, 15, 0))
    meeting = Activity(
        held_on=now.date(),
        channel=Channel.MEETING,
        text="召开达标创建动员部署会",
        audience="各学校分管负责人",
        people=86,
    )
    operations.enter_activity(
        stage.session, actor=bureau, campaign_id=campaign.id, unit_id=None, activity=meeting, now=now
    )
    yield (now := stage.ago(88, 10, 0))
    school = stage.units["school"]
    login = stage.cast.holder("school", Role.UNIT_SECURITY_HEAD).login
    head = stage.who(login, now)
    stage.attach("school_campus", login, [SCHEME_SLOT], now=now)
    principal = GroupMember(role=GroupRole.HEAD, name="李校长", post="校长", since=now.date())
    operations.name_member(
        stage.session, actor=head, campaign_id=campaign.id, unit_id=school, member=principal, now=now
    )
    lesson = Activity(
        held_on=now.date(), channel=Channel.LESSON, text="开展校园安全主题班会", audience="全体学生", people=1860
    )
    operations.enter_activity(
        stage.session, actor=head, campaign_id=campaign.id, unit_id=school, activity=lesson, now=now
    )


def _over(stage: Stage) -> Story:
    yield (now := stage.ago(420, 9, 0))
    district = stage.plans["school"].place.district
    bureau = stage.who(stage.cast.officer(Role.SECTOR_SUPERVISOR, district).login, now)
    plan = CampaignPlan(
        title="学校视频监控室达标创建试点",
        year=now.year,
        district=district,
        unit_types=("school",),
        begins_on=now.date(),
        ends_on=now.date() + timedelta(days=200),
        goal=60,
    )
    campaign = operations.draw_up(stage.session, actor=bureau, plan=plan, now=now)
    for role, name, post in _GROUP[:3]:
        member = GroupMember(role=role, name=name, post=post, since=now.date())
        operations.name_member(
            stage.session, actor=bureau, campaign_id=campaign.id, unit_id=None, member=member, now=now
        )
    operations.move(stage.session, actor=bureau, campaign_id=campaign.id, action=CampaignAction.OPEN, now=now)
    yield (now := stage.ago(215, 9, 0))
    operations.move(stage.session, actor=bureau, campaign_id=campaign.id, action=CampaignAction.CLOSE, now=now)
