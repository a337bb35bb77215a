"""A year's standard creation: who leads it, what is due, how far each school has come, what its grade counts for."""

import csv
import io
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.models import Notice
from portal.accounts.values import Identity, Role
from portal.campaigns import operations, queries
from portal.campaigns.models import Campaign
from portal.campaigns.states import CampaignAction, CampaignStatus, Channel, GroupRole, Progress
from portal.campaigns.tasks import notify, remind
from portal.campaigns.values import Activity, CampaignPlan, GroupMember
from portal.core.clock import city_day, utcnow
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, NotFound
from portal.desk.queries import todos
from portal.inspection.models import Acceptance, SelfAssessment
from portal.inspection.states import AcceptanceKind
from portal.registry.models import Document, System, Unit
from portal.registry.queries.lists import Asked, stream_rows
from portal.registry.states import UseStatus
from portal.registry.values import SystemKind
from portal.registry.values.lists import Wanted
from portal.regulation.schema.vocabulary import Regime
from tests.inspection.test_acceptance import school_list
from tests.people import NOW, TODAY, WENFENG, World, make_world, post, sign_in

PLAN = CampaignPlan(
    title="2026年学校视频监控中心达标创建",
    year=2026,
    district=WENFENG,
    unit_types=("school",),
    begins_on=date(TODAY.year, 1, 5),
    ends_on=date(TODAY.year, 12, 20),
    goal=100,
    weight=Decimal("5.0"),
    linked_programme="平安校园建设",
)


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


@pytest.fixture
def bureau(world: World) -> Identity:
    return world.person(Role.SECTOR_SUPERVISOR, organ=world.education())


def led(session: Session, bureau: Identity, plan: CampaignPlan = PLAN) -> Campaign:
    """An open campaign with the group that 003 section 2 asks for."""
    campaign = operations.draw_up(session, actor=bureau, plan=plan, now=NOW)
    for role in (GroupRole.HEAD, GroupRole.DEPUTY, GroupRole.MEMBER, GroupRole.OFFICE):
        place(session, bureau, campaign, role)
    session.flush()
    return operations.move(session, actor=bureau, campaign_id=campaign.id, action=CampaignAction.OPEN, now=NOW)


def place(session: Session, actor: Identity, campaign: Campaign, role: GroupRole, unit: Unit | None = None):
    member = GroupMember(role=role, name="张" + role, post="安全科", since=TODAY - timedelta(days=9))
    return operations.name_member(
        session, actor=actor, campaign_id=campaign.id, unit_id=unit.id if unit else None, member=member, now=NOW
    )


def system_of(session: Session, world: World, unit: Unit) -> System:
    system = System(
        unit_id=unit.id, district=WENFENG, organ_id=world.branches[WENFENG].id, name=f"{unit.name}监控系统",
        kind=SystemKind.UNIT_INTERNAL, regime=Regime.PUBLIC_UNIT, address="文峰大道1号", created_at=NOW, updated_at=NOW,
        use_status=UseStatus.IN_USE,
    )  # fmt: skip
    session.add(system)
    session.flush()
    return system


def hand_in(session: Session, world: World, system: System, on: datetime) -> None:
    session.add(
        Document(
            system_id=system.id, unit_id=system.unit_id, district=WENFENG, slot=queries.SCHEME_SLOT, version_no=1,
            title="实施方案", stored_file_id=world.stored_file(), uploaded_at=on,
        )
    )  # fmt: skip
    session.flush()


def assessed(session: Session, system: System, score: str) -> None:
    session.add(
        SelfAssessment(
            system_id=system.id, unit_id=system.unit_id, district=WENFENG, checklist=school_list().as_json(),
            begun_at=NOW, signed_by="校长", signed_at=NOW, score=Decimal(score),
        )
    )  # fmt: skip
    session.flush()


def applied(session: Session, system: System, bureau: Identity, status: str, **more: object) -> Acceptance:
    (organ,) = bureau.organ_ids
    row = Acceptance(
        system_id=system.id, unit_id=system.unit_id, district=WENFENG, organ_id=organ, kind=AcceptanceKind.STANDARD,
        status=status, requested_at=NOW, **more,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


@pytest.mark.requirement("ACC-06")
def test_the_bureau_draws_up_a_campaign_beside_its_programme_and_only_for_its_own_schools(
    session: Session, world: World, bureau: Identity
) -> None:
    campaign = operations.draw_up(session, actor=bureau, plan=PLAN, now=NOW)
    assert (campaign.linked_programme, campaign.begins_on, campaign.ends_on) == (
        PLAN.linked_programme, PLAN.begins_on, PLAN.ends_on,
    )  # fmt: skip

    def refused(**changed: object) -> list[tuple[str, str]]:
        with pytest.raises(Invalid) as refusal:
            operations.draw_up(session, actor=bureau, plan=replace(PLAN, title="另一活动", **changed), now=NOW)
        return [(problem.field, problem.code) for problem in refusal.value.problems]

    assert refused(district="410503") == [("district", "district_not_yours")]
    assert refused(unit_types=("bank",)) == [("unit_types", "kinds_not_yours")]
    assert refused(ends_on=PLAN.begins_on - timedelta(days=1)) == [("ends_on", "ends_before_start")]
    with pytest.raises(Invalid, match="campaign_twice"):
        operations.draw_up(session, actor=bureau, plan=PLAN, now=NOW)
    for stranger in (world.person(Role.REGISTRAR), world.person(Role.UNIT_FILER, unit_id=world.unit().id)):
        with pytest.raises(Invalid, match="district_not_yours"):
            operations.draw_up(session, actor=stranger, plan=replace(PLAN, title="别局活动"), now=NOW)


@pytest.mark.requirement("ACC-04")
def test_a_campaign_opens_with_a_leading_group_whose_places_have_their_time(
    session: Session, world: World, bureau: Identity
) -> None:
    campaign = operations.draw_up(session, actor=bureau, plan=PLAN, now=NOW)
    opening = {
        "session": session,
        "actor": bureau,
        "campaign_id": campaign.id,
        "action": CampaignAction.OPEN,
        "now": NOW,
    }
    with pytest.raises(Invalid) as bare:
        operations.move(**opening)
    assert [each.code for each in bare.value.problems] == [
        "group_without_head", "group_without_deputy", "group_without_office",
    ]  # fmt: skip
    assert campaign.status == CampaignStatus.DRAFT
    head = place(session, bureau, campaign, GroupRole.HEAD)
    with pytest.raises(Invalid, match="head_already"):
        place(session, bureau, campaign, GroupRole.HEAD)
    session.flush()
    operations.release_member(session, actor=bureau, campaign_id=campaign.id, member_id=head.id, now=NOW)
    assert head.until == city_day(NOW)
    for role in (GroupRole.DEPUTY, GroupRole.OFFICE):
        place(session, bureau, campaign, role)
    with pytest.raises(Invalid, match="group_without_head"):
        operations.move(**opening)
    member = GroupMember(role=GroupRole.HEAD, name="新组长", post="副局长", since=city_day(NOW))
    operations.name_member(session, actor=bureau, campaign_id=campaign.id, unit_id=None, member=member, now=NOW)
    operations.move(**opening)
    assert campaign.status == CampaignStatus.OPEN
    assert queries.members_of(session, campaign)[0].name == "新组长"
    assert queries.members_of(session, campaign)[-1].id == head.id, "who left stays on record, last"


@pytest.mark.requirement("ACC-07")
def test_the_scheme_is_due_by_the_standards_day_of_the_campaigns_year(session: Session, bureau: Identity) -> None:
    campaign = led(session, bureau)
    assert campaign.scheme_due == date(TODAY.year, 3, 25)
    due, citations = operations.scheme_day(WENFENG, ["school"], date(2026, 9, 1))
    assert due == date(2027, 3, 25)
    assert [(each.instrument, each.article) for each in citations] == [("guannan-schools-2018", "s4.2")]
    own = operations.draw_up(
        session, actor=bureau, plan=replace(PLAN, title="另定", scheme_due=date(TODAY.year, 4, 10)), now=NOW
    )
    assert own.scheme_due == date(TODAY.year, 4, 10)
    with pytest.raises(Invalid, match="scheme_outside"):
        operations.draw_up(
            session, actor=bureau, plan=replace(PLAN, title="再定", scheme_due=date(TODAY.year + 1, 4, 10)), now=NOW
        )


@pytest.mark.requirement("ACC-09", "ACC-10")
def test_coverage_says_how_far_each_school_has_come_and_what_its_grade_counts_for(
    session: Session, world: World, bureau: Identity
) -> None:
    campaign = led(session, bureau)
    before, after = (datetime(TODAY.year, month, 20, tzinfo=UTC) for month in (3, 4))
    systems = {}
    for name in ("未启动", "方案", "自评", "申报", "达标", "未达标"):
        systems[name] = system_of(session, world, world.unit(f"{name}中学", unit_type="school"))
    world.unit("银行网点", unit_type="bank")
    hand_in(session, world, systems["方案"], before)
    hand_in(session, world, systems["自评"], after)
    assessed(session, systems["自评"], "95")
    applied(session, systems["申报"], bureau, "requested", self_score=Decimal(90))
    applied(session, systems["达标"], bureau, "passed", self_score=Decimal(98), score=Decimal("89.5"), grade="grade_2")
    applied(session, systems["未达标"], bureau, "failed", self_score=Decimal(80), score=Decimal(61), grade="fail")
    found = {row.name.removesuffix("中学"): row for row in queries.standing_page(session, bureau, campaign).items}
    stages = {name: found[name].progress for name in systems}
    assert stages == dict(zip(systems, Progress, strict=True)) | {"达标": Progress.GRADED, "未达标": Progress.FAILED}
    assert [name for name in found if found[name].late] == ["自评"]
    counted = queries.coverage_of(session, bureau, campaign)
    others = counted.total - len(systems)
    assert counted.stages == dict.fromkeys(Progress, 1) | {Progress.NOT_BEGUN: 1 + others}
    assert counted.grades == {"grade_2": 1, "fail": 1}
    assert (counted.late, counted.gap) == (1, (Decimal("8.5") + Decimal(19)) / 2)
    assert counted.reached == Decimal(100) / counted.total
    begun = queries.standing_page(session, bureau, campaign, progress=Progress.NOT_BEGUN).items
    assert len(begun) == 1 + others
    lacking = queries.standing_page(session, bureau, campaign, lacking=True).items
    assert counted.lacking == len(lacking) == 1 + others
    # The export for the yearly assessment: 89.5 points at a weight of 5 percent.
    asked = Asked(session=session, identity=bureau, today=TODAY)
    wanted = Wanted(conditions={"campaign": (str(campaign.id),)})
    rows = [row._mapping for row in stream_rows(asked, queries.STANDINGS, wanted, queries.STANDINGS.columns)]
    told = {row["name"]: (row["progress"], row["weight"], row["contribution"]) for row in rows}
    assert told["达标中学"] == ("graded", Decimal("5.0"), Decimal("4.48"))
    assert told["未启动中学"] == ("not_begun", Decimal("5.0"), None)
    assert "银行网点" not in told


@pytest.mark.requirement("ACC-09", "ACC-10")
def test_a_school_forms_its_group_logs_its_publicity_and_sees_itself_alone(
    session: Session, world: World, bureau: Identity
) -> None:
    campaign = led(session, bureau)
    own, other = (world.unit(name, unit_type="school") for name in ("第一中学", "第二中学"))
    filer = world.person(Role.UNIT_FILER, unit_id=own.id)
    place(session, filer, campaign, GroupRole.HEAD, own)
    assert [row.role for row in queries.members_of(session, campaign, own.id)] == ["head"]
    activity = Activity(held_on=TODAY, channel=Channel.LESSON, text="安全教育主题班会", audience="全体学生", people=620)

    def log(actor: Identity, unit: Unit | None, **changed: object):
        return operations.enter_activity(
            session,
            actor=actor,
            campaign_id=campaign.id,
            unit_id=unit.id if unit else None,
            activity=replace(activity, **changed),
            now=NOW,
        )

    log(filer, own)
    log(bureau, None, channel=Channel.MEETING, text="动员部署会")
    with pytest.raises(NotFound):
        log(filer, other)
    with pytest.raises(NotAllowed):
        log(filer, None)
    for day in (city_day(NOW) + timedelta(days=1), PLAN.begins_on - timedelta(days=1)):
        with pytest.raises(Invalid, match="activity_day"):
            log(filer, own, held_on=day)
    told = [(row.text, name) for row, name in queries.activities_of(session, campaign, [own.id])]
    assert sorted(told) == [("动员部署会", ""), ("安全教育主题班会", "第一中学")]
    assert [row.name for row in queries.standing_page(session, filer, campaign).items] == ["第一中学"]
    assert queries.standing_of(session, filer, campaign, other.id) is None
    mall = world.person(Role.UNIT_FILER, unit_id=world.unit("商场", unit_type="mall").id)
    with pytest.raises(NotFound):
        queries.get_campaign(session, mall, campaign.id)
    session.flush()
    operations.move(session, actor=bureau, campaign_id=campaign.id, action=CampaignAction.CLOSE, now=NOW)
    with pytest.raises(IllegalTransition, match="campaign_closed"):
        log(filer, own)


def test_a_draft_is_the_bureaus_own_and_opening_tells_the_schools(
    session: Session, world: World, bureau: Identity
) -> None:
    campaign = operations.draw_up(session, actor=bureau, plan=PLAN, now=NOW)
    filer = world.person(Role.UNIT_FILER, unit_id=world.unit("第一中学", unit_type="school").id)
    police = world.person(Role.REGISTRAR)
    for reader in (filer, police):
        with pytest.raises(NotFound):
            queries.get_campaign(session, reader, campaign.id)
    for role in (GroupRole.HEAD, GroupRole.DEPUTY, GroupRole.OFFICE):
        place(session, bureau, campaign, role)
    session.flush()
    operations.move(session, actor=bureau, campaign_id=campaign.id, action=CampaignAction.OPEN, now=NOW)
    for reader in (filer, police):
        assert queries.get_campaign(session, reader, campaign.id).id == campaign.id
        with pytest.raises(NotAllowed):
            queries.get_managed(session, reader, campaign.id)
    notify(session, now=NOW, campaign_id=str(campaign.id))
    notify(session, now=NOW, campaign_id=str(campaign.id))
    told = session.query(Notice).filter_by(subject_id=campaign.id, person_id=filer.person_id).all()
    assert [row.kind for row in told] == ["campaigns.campaign"]
    changed = replace(PLAN, unit_types=("school", "kindergarten"))
    with pytest.raises(Invalid, match="campaign_scope_fixed"):
        operations.change(
            session, actor=bureau, campaign_id=campaign.id, seen_version=campaign.version, plan=changed, now=NOW
        )


def test_the_pages_of_a_campaign(client: FlaskClient, session: Session, world: World, bureau: Identity) -> None:
    sign_in(client, world.login_of(bureau))
    plan = {
        "title": "达标创建", "year": "2026", "district": WENFENG, "unit_types": ["school"],
        "begins_on": f"{PLAN.begins_on}", "ends_on": f"{PLAN.ends_on}", "goal": "100", "weight": "5",
    }  # fmt: skip
    bad = post(client, "/campaigns/new", plan | {"ends_on": "2020-01-01", "goal": "101"})
    assert (bad.status_code, 'id="goal-error"' in bad.text) == (422, True)
    made = post(client, "/campaigns/new", plan)
    assert made.status_code == 303, made.text[:600]
    address = made.headers["Location"]
    unready = post(client, f"{address}/open")
    assert (unready.status_code, "组长" in unready.text) == (422, True)
    for role in ("head", "deputy", "office"):
        person = {"role": role, "name": "李明", "post": "副局长", "since": f"{PLAN.begins_on}"}
        assert post(client, f"{address}/members", person).status_code == 303
    twice = {"role": "head", "name": "王红", "since": f"{PLAN.begins_on}"}
    assert post(client, f"{address}/members", twice).status_code == 422
    assert post(client, f"{address}/open").status_code == 303
    shown = client.get(address)
    assert (shown.status_code, "未启动" in shown.text, "3月25日" in shown.text or "03-25" in shown.text) == (
        200,
        True,
        True,
    )
    assert client.get("/campaigns").status_code == 200
    assert post(client, f"{address}/edit", plan | {"version": "1", "note": "x"}).status_code == 409
    post(client, "/sign-out")
    school = world.unit("第一中学", unit_type="school")
    filer = world.person(Role.UNIT_FILER, unit_id=school.id)
    sign_in(client, world.login_of(filer))
    own = client.get(address)
    assert (own.status_code, "本校情况" in own.text) == (200, True)
    line = {"held_on": f"{TODAY}", "channel": "lesson", "text": "主题班会"}
    assert post(client, f"{address}/activities?school={school.id}", line).status_code == 303
    # The school reads the campaign; the bureau's own log is not its to write: refused, not hidden.
    assert post(client, f"{address}/activities", line).status_code == 403
    assert client.get(f"{address}/edit").status_code == 403


def test_the_yearly_assessment_is_a_file_in_words(
    client: FlaskClient, session: Session, world: World, bureau: Identity
) -> None:
    campaign = led(session, bureau)
    school = world.unit("+达标中学", unit_type="school")
    applied(session, system_of(session, world, school), bureau, "passed", score=Decimal("89.5"), grade="grade_2")
    sign_in(client, world.login_of(bureau))
    order = {"format": "csv", "layout": "shown", "reason": "年度安全目标考核", "query": f"campaign={campaign.id}"}
    answer = post(client, "/lists/standings/export", order)
    (line,) = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))
    told = [
        line[name]
        for name in ("学校名称", "进展情况", "评定等级", "占年度安全考核权重（百分比）", "计入年度安全考核的分值")
    ]
    assert told == ["'+达标中学", "已达标", "二级达标", "5.0", "4.48"]


@pytest.mark.requirement("ACC-10")
def test_schools_without_a_scheme_are_reminded_and_the_bureau_sees_who_has_not_begun(
    client: FlaskClient, session: Session, world: World, bureau: Identity
) -> None:
    """Not before the days that practice names; then once, after the day once a week, and then the bureau, too."""
    campaign = led(session, bureau)
    idle, keen = (world.unit(name, unit_type="school") for name in ("未报中学", "已报中学"))
    people = {unit.id: world.person(Role.UNIT_FILER, unit_id=unit.id) for unit in (idle, keen)}
    hand_in(session, world, system_of(session, world, keen), datetime(TODAY.year, 3, 1, tzinfo=UTC))
    due = campaign.scheme_due
    assert due is not None

    def told(day: date, times: int = 1) -> dict[str, int]:
        for _ in range(times):
            remind(session, now=datetime(day.year, day.month, day.day, 1, tzinfo=UTC))
        rows = session.query(Notice).filter_by(subject_id=campaign.id, kind="campaigns.scheme").all()
        readers = {people[idle.id].person_id: "idle", people[keen.id].person_id: "keen", bureau.person_id: "bureau"}
        return dict(Counter(readers[row.person_id] for row in rows))

    assert told(due - timedelta(days=15)) == {}
    assert told(due - timedelta(days=14), times=2) == {"idle": 1}
    assert told(due) == {"idle": 1}
    assert told(due + timedelta(days=1), times=2) == {"idle": 2, "bureau": 1}
    assert told(due + timedelta(days=8)) == {"idle": 3, "bureau": 2}

    def desk(who: Identity, day: date) -> list[tuple[str, int, bool]]:
        return [(row.kind, row.count, row.late) for row in todos(session, who, today=day) if row.id == campaign.id]

    assert desk(people[idle.id], due) == [("campaign_scheme", 0, False)]
    assert desk(people[keen.id], due) == [("campaign_assess", 0, False)]
    assert desk(bureau, due + timedelta(days=1)) == [("campaign_schemes", 1, True)]
    assert desk(world.person(Role.REGISTRAR), due) == []
    # The pages live by the clock: the campaign lasts at least to the day of the run.
    campaign.ends_on = max(campaign.ends_on, city_day(utcnow()))
    session.flush()
    sign_in(client, world.login_of(bureau))
    assert f"/campaigns/{campaign.id}?scheme=lacking" in client.get("/").text
    shown = client.get(f"/campaigns/{campaign.id}?scheme=lacking").text
    assert ("未报中学" in shown, "已报中学" in shown) == (True, False)
    # Over without being closed: nobody is reminded any more, the bureau is to close it.
    after = campaign.ends_on + timedelta(days=1)
    assert told(after) == {"idle": 3, "bureau": 2}
    assert desk(bureau, after) == [("campaign_close", 0, True)]
    assert desk(people[idle.id], after) == []


def test_a_campaign_that_is_drawn_up_waits_for_its_bureau_alone(
    session: Session, world: World, bureau: Identity
) -> None:
    campaign = operations.draw_up(session, actor=bureau, plan=PLAN, now=NOW)
    filer = world.person(Role.UNIT_FILER, unit_id=world.unit("第一中学", unit_type="school").id)
    session.flush()
    kinds = [[row.kind for row in todos(session, who, today=TODAY) if row.id == campaign.id] for who in (bureau, filer)]
    assert kinds == [["campaign_open"], []]


@pytest.mark.requirement("ACC-09")
def test_a_weight_that_is_not_raised_against_the_year_before_is_said(
    client: FlaskClient, session: Session, bureau: Identity, world: World
) -> None:
    """003 §4.1: the result counts with a raised weight; campaigns of other kinds and years to come say nothing of it."""
    led(session, bureau, replace(PLAN, year=PLAN.year - 1, weight=Decimal("5.0")))
    led(session, bureau, replace(PLAN, year=PLAN.year + 1, weight=Decimal("9.0")))
    led(
        session,
        bureau,
        replace(PLAN, year=PLAN.year - 1, title="幼儿园", unit_types=("kindergarten",), weight=Decimal(8)),
    )
    same, raised = (
        led(session, bureau, replace(PLAN, title=f"权重{each}", weight=Decimal(each))) for each in ("5.0", "6.5")
    )
    first = led(session, bureau, replace(PLAN, year=PLAN.year - 2, title="首年"))
    assert [queries.weight_before(session, one) for one in (same, raised, first)] == [Decimal(5), Decimal(5), None]
    sign_in(client, world.login_of(bureau))
    shown = ["未提高" in client.get(f"/campaigns/{one.id}").text for one in (same, raised, first)]
    assert shown == [True, False, False]
