"""Acceptances and findings leave as files: under the page's conditions, in words, with a reason, each to its own reader."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

import portal.inspection.tasks
import portal.registry.tasks  # noqa: F401 - the jobs of both
from portal.accounts.values import Identity, Role
from portal.audit.models import AuditStage
from portal.desk.queries import todos
from portal.inspection import operations, queries
from portal.inspection.states import ClockKind, OverrideState
from portal.jobs import Runner
from portal.registry.models import System
from portal.registry.queries.lists import Asked, ListSpec, stream_rows
from portal.registry.values.lists import Wanted
from tests.inspection.test_findings import concluded
from tests.inspection.test_overriding import ask, decide
from tests.people import BEIGUAN, NOW, TODAY, World, make_world, post, sign_in

SINCE, UNTIL = TODAY - timedelta(days=9), TODAY + timedelta(days=9)
TAKEN = {"layout": "shown", "reason": "年度考核"}


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def changed(session: Session, world: World, leader: Identity):
    """An acceptance that passed by the arithmetic and was set to fail, and one that failed."""
    filer, system, inspectors, acceptance = concluded(session, world, "clock")
    ask(session, inspectors[0], acceptance, "fail")
    session.flush()
    decide(session, leader, acceptance)
    _, _, others, second = concluded(session, world, "front_end", "control_room", "cabling")
    ask(session, others[0], second, "pass")
    session.flush()
    return filer, system, inspectors, acceptance, second


def streamed(session: Session, who: Identity, spec: ListSpec, conditions: dict[str, str]) -> set[Any]:
    wanted = Wanted(conditions={key: (value,) for key, value in conditions.items()})
    asked = Asked(session=session, identity=who, today=TODAY)
    return {row[-1] for row in stream_rows(asked, spec, wanted, [spec.columns[0]], extra=[spec.model.id])}


def test_a_file_holds_what_its_page_shows_under_each_condition(session: Session, world: World) -> None:
    leader = world.person(Role.BUREAU_LEADER)
    _, _, inspectors, acceptance, second = changed(session, world, leader)
    session.flush()
    days = {"from": f"{SINCE}", "until": f"{UNTIL}"}
    span = {"concluded_from": SINCE, "concluded_until": UNTIL}
    inspector = inspectors[0].person_id
    seen = []
    for asked_for, told in (
        ({}, {}),
        ({"status": "failed"}, {"status": "failed"}),
        ({"override": "approved"}, {"override": OverrideState.APPROVED}),
        ({"override": "pending"}, {"override": OverrideState.PENDING}),
        ({"unit": f"{acceptance.unit_id}"}, {"unit_id": acceptance.unit_id}),
        ({**days, "try": "first"}, {**span, "first_try": True}),
        ({**days, "clock": "review"}, {**span, "clock": ClockKind.REVIEW}),
        ({**days, "clock": "review", "late": "1"}, {**span, "clock": ClockKind.REVIEW, "late": True}),
        ({**days, "inspector": f"{inspector}"}, {**span, "visited_by": inspector}),
        ({"q": acceptance.unit.name, "overdue": "1"}, {"keyword": acceptance.unit.name, "overdue_on": TODAY}),
    ):
        shown = queries.acceptance_page(session, leader, queries.AcceptanceFilter(**told)).items
        left = streamed(session, leader, queries.ACCEPTANCES, asked_for)
        assert left == {row.id for row in shown}, asked_for
        seen.append(len(left))
    assert seen == [4, 2, 1, 1, 2, 2, 2, 0, 1, 0]
    for asked_for, told in (
        ({"acceptance": f"{second.id}"}, {"acceptance_id": second.id}),
        ({"item": "clock", "list": "acceptance-three-rates"}, {"item": "clock"}),
        ({"severity": "critical"}, {"severity": "critical"}),
        ({"from": f"{TODAY + timedelta(days=1)}"}, {"stated_from": TODAY + timedelta(days=1)}),
    ):
        found = queries.finding_page(session, leader, queries.FindingFilter(**told)).items
        assert streamed(session, leader, queries.FINDINGS, asked_for) == {row.id for row in found}, asked_for


def test_what_leaves_is_in_words_without_formulas_and_on_record(
    client: FlaskClient, session: Session, world: World
) -> None:
    leader = world.person(Role.BUREAU_LEADER)
    filer, system, inspectors, acceptance, _ = changed(session, world, leader)
    system.name = "=HYPERLINK(1)系统"
    session.flush()
    sign_in(client, world.login_of(leader))
    page = client.get("/acceptances?override=approved")
    assert 'href="/lists/acceptances/export?override=approved"' in page.text
    assert "计算结果：通过" in page.text, "beside the result that was set stands the computed one"
    form = client.get("/lists/acceptances/export?override=approved")
    assert "结论：结论经变更" in form.text
    taken = {**TAKEN, "format": "xlsx", "query": "override=approved"}
    assert post(client, "/lists/acceptances/export", taken | {"reason": ""}).status_code == 422
    answer = post(client, "/lists/acceptances/export", taken)
    head, row = load_workbook(io.BytesIO(answer.data)).active.iter_rows()
    assert (row[0].value, row[0].data_type) == ("=HYPERLINK(1)系统", "s"), "a text, never a formula"
    told = {above.value: cell.value for above, cell in zip(head, row, strict=True)}
    assert (told["类别"], told["状态"], told["计算结论"], told["结论经变更"]) == ("新建", "不通过", "通过", "是")
    assert inspectors[0].name in told["检查人员"]
    exported = session.scalars(select(AuditStage).where(AuditStage.tag == "registry:list:export")).one()
    assert (exported.reason, {each["field"]: each["new"] for each in exported.changes or ()}["rows"]) == ("年度考核", 1)
    answer = post(client, "/lists/findings/export", {**TAKEN, "format": "csv", "query": f"acceptance={acceptance.id}"})
    (line,) = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert (line["检查情况"], line["状态"]) == ("时钟偏差三分钟", "待整改")
    assert "时钟" in line["项目"]
    assert line["系统"].startswith("'=")
    # The unit takes out its own; not who of the police went where by the thousand.
    post(client, "/sign-out")
    sign_in(client, world.login_of(filer))
    own = post(client, "/lists/acceptances/export", taken)
    assert "检查人员" not in next(load_workbook(io.BytesIO(own.data)).active.iter_rows(values_only=True))
    post(client, "/sign-out")
    sign_in(client, world.login_of(world.person(Role.UNIT_CUSTODIAN, unit_id=acceptance.unit_id)))
    assert "/lists/acceptances/export" not in client.get("/acceptances").text
    assert client.get("/lists/acceptances/export").status_code == 403


def test_a_long_list_leaves_through_a_worker_and_a_secret_system_with_its_own_unit_only(
    client: FlaskClient, session: Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    filer, system, _, acceptance = concluded(session, world, "clock")
    *_, other = concluded(session, world, "clock")
    name = other.unit.name
    session.get_one(System, system.id).secret = True
    session.flush()
    leader, far = (world.person(Role.BUREAU_LEADER, organ=world.branches[code]) for code in ("410502", BEIGUAN))
    for spec, mine in (
        (queries.ACCEPTANCES, acceptance.id),
        (queries.FINDINGS, queries.findings_of(session, acceptance.id)[0].id),
    ):
        assert streamed(session, far, spec, {}) == set()
        assert mine not in streamed(session, leader, spec, {})
        assert streamed(session, filer, spec, {}) == {mine}
    monkeypatch.setattr("portal.registry.views.exports.NOW_ROWS", 0)
    sign_in(client, world.login_of(leader))
    client.get("/findings?lang=en", follow_redirects=True)
    run = post(client, "/lists/findings/export", {**TAKEN, "format": "csv", "query": "item=clock"})
    assert run.status_code == 303
    assert 'href="/findings"' in client.get(run.location).text
    Runner(client.application.extensions["portal_database"]).drain("import")
    session.expire_all()
    (line,) = csv.DictReader(io.StringIO(client.get(f"{run.location}/file").data.decode("utf-8-sig")))
    assert (line["Unit"], line["Status"]) == (name, "To be cured")
    assert "lock" in line["Item"]


def test_who_asked_for_another_conclusion_waits_and_nobody_publishes_meanwhile(session: Session, world: World) -> None:
    """The desk names what truly waits, and for whom: a publication that the portal would refuse is on nobody's."""
    _, _, inspectors, acceptance = concluded(session, world, "clock")
    leader = world.person(Role.BUREAU_LEADER)

    def waits(who: Identity) -> set[str]:
        session.flush()
        return {item.kind for item in todos(session, who, today=TODAY) if item.id == acceptance.id}

    assert waits(leader) == {"result_publish"}
    ask(session, inspectors[0], acceptance, "fail")
    assert waits(leader) == {"override_decide"}
    decide(session, leader, acceptance, approved=False, note="理由不充分")
    assert waits(leader) == {"result_publish"}
    operations.publish_result(session, actor=leader, acceptance_id=acceptance.id, now=NOW)
    assert waits(leader) == set()
