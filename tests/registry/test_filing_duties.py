"""The life of a filing after it is accepted, through operations and pages: clocks, confirmation, moves, findings."""

import io
import json
import re
from datetime import date, datetime, timedelta

import openpyxl
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Notice
from portal.accounts.values import Identity, Role
from portal.audit.models import AuditStage
from portal.core.db import Database
from portal.core.errors import Invalid, NotAllowed
from portal.registry import operations, queries, tasks
from portal.registry.models import Filing, FilingClock, FilingRevision, System
from portal.registry.operations import FilingRefused
from portal.registry.papers import Print, basic_pdf, certificate_pdf
from portal.registry.states import FilingStatus, FindingStatus, UseAction, UseStatus
from portal.registry.values import (
    ComponentPart,
    ComponentParticulars,
    FilingKind,
    FindingBasis,
    Handler,
    SystemKind,
)
from portal.regulation.schema.vocabulary import Regime
from tests.people import BEIGUAN, NOW, TODAY, WENFENG, World, make_world, post, sign_in
from tests.registry.test_filing import CALENDAR, particulars

HERE, THERE, OUTSIDE = (114.3924, 36.0976), (114.3500, 36.1300), (113.62, 34.75)


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def a_shop(session: Session, world: World, **more) -> tuple[Identity, System]:
    """A small shop whose owner files himself: no papers, no camera files, a few numbers."""
    unit = world.unit("洹滨便民超市", unit_type="shop")
    owner = world.person(Role.UNIT_FILER, unit_id=unit.id, name="李建国")
    declared = {"declared_devices": {"fixed_bullet": 3, "ptz_dome": 1}, "lon": HERE[0], "lat": HERE[1], **more}
    system = operations.create_system(
        session, actor=owner, unit_id=unit.id, particulars=particulars(**declared), now=NOW
    )
    system.use_status = UseStatus.IN_USE  # its acceptance is another story
    session.flush()
    return owner, system


def file(session: Session, owner: Identity, system: System, *, now: datetime = NOW) -> Filing:
    filing = operations.open_filing(
        session, actor=owner, system_id=system.id, handled_by=Handler.PRINCIPAL, calendar=CALENDAR, now=now
    )
    session.flush()
    return operations.submit_filing(
        session,
        actor=owner,
        filing_id=filing.id,
        seen_version=filing.version,
        declared_by=owner.name,
        calendar=CALENDAR,
        now=now,
    )


def accept(session: Session, registrar: Identity, filing: Filing, *, now: datetime = NOW) -> Filing:
    session.flush()
    return operations.accept_filing(
        session, actor=registrar, filing_id=filing.id, seen_version=filing.version, national_number="", now=now
    )


def filed(session: Session, world: World, *, now: datetime = NOW, **more) -> tuple[Identity, System, Filing, Identity]:
    owner, system = a_shop(session, world, **more)
    registrar = world.person(Role.REGISTRAR, name="王敏")
    filing = accept(session, registrar, file(session, owner, system, now=now), now=now)
    return owner, system, filing, registrar


def clocks(session: Session, system: System) -> dict[str, tuple[date | None, date | None, int]]:
    session.flush()
    rows = session.scalars(select(FilingClock).where(FilingClock.system_id == system.id).order_by(FilingClock.id))
    return {row.kind: (row.due_on, row.ended_on, row.late_days) for row in rows}


def acts(session: Session, filing: Filing) -> dict[str, tuple[str, str | None]]:
    session.flush()
    rows = session.scalars(select(AuditStage).where(AuditStage.subject_id == str(filing.id)))
    return {row.tag.rpartition(":")[2]: (row.actor_name, row.reason) for row in rows}


def test_a_shop_files_with_a_few_numbers_and_no_paper(session: Session, world: World) -> None:
    owner, system = a_shop(session, world)
    assert clocks(session, system) == {"new": (date(2026, 12, 2), None, 0)}
    filing = file(session, owner, system)
    assert (filing.kind, filing.late_days, filing.declaration) == (FilingKind.NEW, 0, "2026-1")
    assert clocks(session, system)["new"][1] == TODAY  # handed in: the limit is met
    frozen = json.loads(session.scalars(select(FilingRevision.content)).one())
    assert frozen["system"]["declared_devices"] == {"fixed_bullet": 3, "ptz_dome": 1}
    assert frozen["filing"]["handled_by"] == "principal"
    assert frozen["declared_by"] == "李建国"


@pytest.mark.requirement("REG-02")
def test_the_pin_decides_the_district_and_a_pin_outside_the_city_is_refused(session: Session, world: World) -> None:
    owner, system = a_shop(session, world, district=BEIGUAN)  # chosen from a list, and wrong
    assert system.district == WENFENG
    with pytest.raises(Invalid) as refused:
        a_shop(session, world, lon=OUTSIDE[0], lat=OUTSIDE[1])
    assert [(one.field, one.code) for one in refused.value.problems] == [("position", "outside_city")]
    assert (
        operations.open_filing(session, actor=owner, system_id=system.id, calendar=CALENDAR, now=NOW).organ_id
        == world.branches[WENFENG].id
    )


@pytest.mark.requirement("REG-04")
def test_only_the_competent_organ_decides(session: Session, world: World) -> None:
    owner, system = a_shop(session, world)
    filing = file(session, owner, system)
    assert filing.organ_id == world.branches[WENFENG].id
    assert filing.routed_why
    assert filing.routed_why["citations"] == [["decree-799-2025", "14"]]
    # A system the city measure wants filed with the city bureau is not the branch's to decide; the superior may.
    internal = {
        "regime": Regime.LOCAL_INTERNAL,
        "in_use_on": date(2006, 5, 1),
        "construction_began_on": date(2005, 1, 1),
    }
    other, old = a_shop(session, world, **internal)
    account = {"slot": "construction_account", "title": "建设情况说明", "stored_file_id": world.stored_file()}
    operations.attach_document(session, actor=other, system_id=old.id, now=NOW, **account)
    addressed = file(session, other, old)
    assert (addressed.organ_id, addressed.kind) == (world.city.id, FilingKind.EXISTING)
    with pytest.raises(NotAllowed) as refused:
        accept(session, world.person(Role.REGISTRAR), addressed)
    assert refused.value.code == "not_competent_organ"
    assert accept(session, world.person(Role.REGISTRAR, organ=world.city), addressed).number
    # However it came to point elsewhere, submission sends it where its system stands.
    operations.withdraw_filing(session, actor=owner, filing_id=filing.id, reason="", now=NOW)
    stray = operations.open_filing(
        session, actor=owner, system_id=system.id, handled_by=Handler.PRINCIPAL, calendar=CALENDAR, now=NOW
    )
    stray.organ_id = world.branches[BEIGUAN].id
    session.flush()
    operations.submit_filing(
        session,
        actor=owner,
        filing_id=stray.id,
        seen_version=stray.version,
        declared_by="李建国",
        calendar=CALENDAR,
        now=NOW,
    )
    assert stray.organ_id == world.branches[WENFENG].id


@pytest.mark.requirement("REG-03")
def test_late_filing_is_flagged_extended_and_listed_by_organ(session: Session, world: World) -> None:
    owner, system = a_shop(session, world, in_use_on=date(2026, 10, 1))
    registrar = world.person(Role.REGISTRAR)
    page = queries.clock_page(session, registrar, queries.ClockFilter(), today=TODAY)
    assert [(row.system.id, row.due_on) for row in page.items] == [(system.id, date(2026, 10, 31))]
    assert queries.clocks_by_organ(session, registrar, today=TODAY)[0][2:] == (1, 1)
    elsewhere = world.person(Role.REGISTRAR, organ=world.branches[BEIGUAN])
    assert not queries.clock_page(session, elsewhere, queries.ClockFilter(), today=TODAY).items
    with pytest.raises(Invalid):
        operations.extend_clock(session, actor=registrar, clock_id=page.items[0].id, days=10, reason=" ", now=NOW)
    operations.extend_clock(
        session, actor=registrar, clock_id=page.items[0].id, days=10, reason="门店装修停业", now=NOW
    )
    assert clocks(session, system)["new"][0] == date(2026, 11, 10)
    operations.settle_clocks(session, [queries.lock_system(session, system.id)], calendar=CALENDAR, now=NOW)
    assert clocks(session, system)["new"][0] == date(2026, 11, 10)  # what was decided is not counted anew
    filing = file(session, owner, system)
    assert (filing.due_on, filing.late_days) == (date(2026, 11, 10), 10)
    assert clocks(session, system)["new"] == (date(2026, 11, 10), TODAY, 10)
    operations.return_filing(
        session,
        actor=registrar,
        filing_id=filing.id,
        seen_version=filing.version,
        reason="请补充门牌号",
        field_comments={"system.address": "到门牌号"},
        now=NOW,
    )
    assert clocks(session, system)["new"][1] is None  # back with the unit: it runs again
    system.use_status, system.construction_began_on = UseStatus.UNDER_CONSTRUCTION, TODAY - timedelta(days=500)
    session.flush()
    assert [row.id for row in queries.stalled_systems(session, registrar, before=TODAY)] == [system.id]
    assert not queries.stalled_systems(session, elsewhere, before=TODAY)


def test_confirmed_yearly_stale_when_it_lapses_and_reminded(
    session: Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, system, filing, _ = filed(session, world)
    assert clocks(session, system)["confirmation"][:2] == (date(2027, 11, 20), None)
    soon, late = NOW + timedelta(days=360), NOW + timedelta(days=400)
    for _ in range(2):  # however often the job runs, one line
        tasks.remind(session, today=soon.date(), now=soon)
    told = session.scalars(select(Notice).where(Notice.subject_id == system.id)).all()
    assert [notice.person_id for notice in told] == [owner.person_id]
    assert not operations.lapse_filings(session, today=soon.date(), now=soon)
    assert operations.lapse_filings(session, today=late.date(), now=late) == [filing]
    assert filing.status == FilingStatus.STALE
    session.flush()
    operations.confirm_filing(
        session, actor=owner, filing_id=filing.id, seen_version=filing.version, calendar=CALENDAR, now=late
    )
    assert filing.status == FilingStatus.ACCEPTED
    (word,) = queries.confirmations_of(session, filing.id)
    assert (word.declared_by, word.declaration, word.next_due_on) == ("李建国", "2026-1", date(2028, 12, 24))
    assert clocks(session, system)["confirmation"][:2] == (date(2028, 12, 24), None)
    assert acts(session, filing).keys() >= {"lapse", "confirm"}


def test_a_change_is_a_new_edition_with_a_readable_difference(session: Session, world: World) -> None:
    owner, system, filing, registrar = filed(session, world)
    session.flush()
    operations.edit_system(
        session,
        actor=owner,
        system_id=system.id,
        seen_version=system.version,
        particulars=particulars(declared_devices={"fixed_bullet": 5}, retention_days=60),
        reason="新增收银区设备",
        now=NOW,
    )
    assert clocks(session, system)["change"] == (None, None, 0)  # promptly: no day is named
    second = accept(session, registrar, file(session, owner, system))
    assert (second.kind, second.edition, second.previous_id) == (FilingKind.CHANGE, 2, filing.id)
    assert second.number == f"{filing.number}-2"
    assert filing.status == FilingStatus.SUPERSEDED
    assert clocks(session, system)["change"][1] == TODAY


def test_use_and_filing_go_together(session: Session, world: World) -> None:
    owner, system, filing, _ = filed(session, world)

    def use(action: UseAction, reason: str = "") -> None:
        operations.change_use(
            session, actor=owner, system_id=system.id, action=action, on=TODAY, reason=reason, now=NOW
        )
        session.flush()

    with pytest.raises(Invalid):
        use(UseAction.SUSPEND)  # a reason is owed
    assert system.use_status == UseStatus.IN_USE
    use(UseAction.SUSPEND, "门店停业装修")
    assert (filing.status, filing.standing_by_name, filing.standing_reason) == ("suspended", "李建国", "门店停业装修")
    assert clocks(session, system)["confirmation"][1] is not None
    use(UseAction.RESUME)
    assert filing.status == FilingStatus.ACCEPTED
    use(UseAction.DISMANTLE, "门店关闭")
    assert filing.status == FilingStatus.CANCELLED
    assert not queries.running_clocks(session, system.id)
    assert acts(session, filing)["cancel"] == ("李建国", "门店关闭")


def test_a_move_sends_the_filing_to_the_organ_of_the_new_place(session: Session, world: World) -> None:
    owner, system, filing, _ = filed(session, world)

    def move(to: tuple[float, float]) -> Filing:
        session.flush()
        return operations.move_system(
            session,
            actor=owner,
            system_id=system.id,
            seen_version=system.version,
            address="洹滨北路8号",
            lon=to[0],
            lat=to[1],
            reason="门店搬迁",
            calendar=CALENDAR,
            now=NOW,
        )

    with pytest.raises(Invalid):
        move(OUTSIDE)
    there = session.scalar(select(System.district).where(System.id == system.id))
    assert there == WENFENG
    begun = move(THERE)
    assert system.district == BEIGUAN
    assert (begun.kind, begun.status, begun.previous_id) == (FilingKind.MOVE, FilingStatus.DRAFT, filing.id)
    assert begun.organ_id == world.branches[BEIGUAN].id
    assert filing.status == FilingStatus.MOVED
    assert acts(session, filing)["move"] == ("李建国", "门店搬迁")


def test_what_was_registered_voluntarily_is_removed_on_request_and_nothing_else(session: Session, world: World) -> None:
    owner, system, filing, _ = filed(
        session, world, regime=Regime.OTHER_PUBLIC, in_use_on=None, retention_days=None, parties={}
    )
    assert filing.kind == FilingKind.VOLUNTARY
    operations.remove_filing(session, actor=owner, filing_id=filing.id, reason="不再登记", now=NOW)
    assert filing.status == FilingStatus.REMOVED
    assert (system.position, system.declared_devices) == (None, {})
    other, _, owed, _ = filed(session, world)
    with pytest.raises(FilingRefused) as refused:
        operations.remove_filing(session, actor=other, filing_id=owed.id, reason="不再登记", now=NOW)
    assert [one.article for one in refused.value.why.citations] == ["14"]


@pytest.mark.requirement("REG-19")
def test_a_falsehood_is_noted_upheld_with_a_limit_and_corrected(session: Session, world: World) -> None:
    owner, system, filing, registrar = filed(session, world)
    with pytest.raises(NotAllowed):
        operations.raise_finding(
            session,
            actor=owner,
            filing_id=filing.id,
            basis=FindingBasis.VISIT,
            item="录像",
            declared="90",
            found="21",
            now=NOW,
        )
    finding = operations.raise_finding(
        session,
        actor=registrar,
        filing_id=filing.id,
        basis=FindingBasis.PROBE,
        item="录像保存天数",
        declared="90 日",
        found="21 日",
        now=NOW,
    )
    with pytest.raises(Invalid):  # upheld, but in how many days is it put right?
        operations.decide_finding(
            session, actor=registrar, finding_id=finding.id, seen_version=1, upheld=True, reason="属实", now=NOW
        )
    operations.decide_finding(
        session,
        actor=registrar,
        finding_id=finding.id,
        seen_version=finding.version,
        upheld=True,
        reason="现场查实",
        correct_within=15,
        now=NOW,
    )
    assert (finding.status, finding.correct_by) == (FindingStatus.UPHELD, date(2026, 12, 5))
    (clock,) = [one for one in queries.running_clocks(session, system.id) if one.kind == "correction"]
    assert (clock.due_on, clock.why["citations"]) == (date(2026, 12, 5), [["decree-799-2025", "29"]])
    operations.close_finding(session, actor=registrar, finding_id=finding.id, seen_version=finding.version, now=NOW)
    assert finding.status == FindingStatus.CORRECTED
    assert clocks(session, system)["correction"][1] == TODAY
    assert acts(session, filing)["uphold"] == ("王敏", "现场查实")


@pytest.mark.requirement("REG-01")
def test_a_system_has_its_kind_its_equipment_and_its_software_with_version(session: Session, world: World) -> None:
    owner, system = a_shop(session, world)
    assert system.kind == SystemKind.UNIT_INTERNAL

    def add(part: ComponentPart, name: str, **more) -> None:
        given = ComponentParticulars(part=part, name=name, **more)
        operations.add_component(session, actor=owner, system_id=system.id, particulars=given, now=NOW)

    with pytest.raises(Invalid) as refused:
        add(ComponentPart.SOFTWARE, "管理平台")
    assert refused.value.problems[0].field == "version"
    for part in ComponentPart:
        add(part, f"{part}设备", version="V4.1" if part is ComponentPart.SOFTWARE else "", count=2)
    rows = queries.components_of(session, system.id)
    assert {row.part for row in rows} == set(ComponentPart)
    filing = file(session, owner, system)
    frozen = json.loads(queries.revisions_of(session, filing.id)[0].content)
    assert {(row["name"], row["software_version"]) for row in frozen["components"] if row["part"] == "software"} == {
        ("software设备", "V4.1")
    }


def test_papers_say_what_was_submitted(session: Session, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    _, system, filing, _ = filed(session, world)
    system.declared_devices, system.address = {"ptz_dome": 9}, "别处"
    how = Print(printed_by="李建国", base_url="http://portal", now=NOW, lang="zh")
    printed = []
    monkeypatch.setattr("portal.registry.papers.render", lambda _form, paper, **_: printed.append(paper) or b"%PDF")
    from portal.registry.views.prints import _words

    certificate_pdf(session, filing, how=how)
    basic_pdf(session, filing, phone="139****2207", words=_words(), how=how)
    certificate, basic = printed
    assert (certificate.camera_count, certificate.address) == (4, "文峰大道1号")
    assert certificate.verify.url == f"http://portal/public/receipts/{filing.receipt_code}"
    assert [(one.name, one.count) for one in basic.device_types] == [("固定枪机", 3), ("球机", 1)]
    assert (basic.retention_days, basic.declaration.name, basic.received.name) == (90, "李建国", "王敏")


def test_pages_of_a_filings_later_life(client: FlaskClient, session: Session, world: World) -> None:
    owner, system, filing, registrar = filed(session, world)
    sign_in(client, world.login_of(owner))
    address = f"/filings/{filing.id}"
    session.flush()
    page = client.get(address).text
    assert "确认仍然属实" in page
    assert "国务院令第799号" in page
    assert post(client, f"{address}/confirm", {"version": filing.version}).status_code == 303
    refused = post(client, f"{address}/remove", {"reason": "不想登记了"})
    assert refused.status_code == 422
    assert "第十四条" in refused.text
    session.expire_all()
    national = {"version": filing.version, "national_number": "GB4105020001", "national_filed_on": "2026-11-19"}
    refused = post(client, f"{address}/national", national | {"national_number": "还没有下来，等通知"})
    assert (refused.status_code, "national_number-error" in refused.text) == (422, True)
    typed = {"national_number": "gb－4105 0200 01"}  # full-width, with gaps
    assert post(client, f"{address}/national", national | typed).status_code == 303
    session.refresh(filing)
    assert filing.national_number == "GB-4105020001"
    sheet = openpyxl.load_workbook(io.BytesIO(client.get(f"{address}/basic.xlsx").data)).active
    _, head, row = sheet.iter_rows(values_only=True)
    told = dict(zip(head, row, strict=True))
    assert (told["全国备案编号"], told["摄像机数量"], told["存储期限（日）"]) == ("GB-4105020001", "4", "90")
    assert client.get(f"{address}/basic.pdf").data.startswith(b"%PDF")
    assert client.get(f"{address}/certificate.pdf").data.startswith(b"%PDF")
    public = client.get(f"/public/receipts/{filing.receipt_code}").text
    assert "有效" in public
    assert not re.search(r"114\.\d|36\.\d|文峰大道", public)
    assert client.get(f"/systems/{system.id}/components").status_code == 200
    assert post(client, f"/systems/{system.id}/use/suspend", {}).status_code == 422
    post(client, "/sign-out")
    sign_in(client, world.login_of(registrar))
    assert "/extend" in client.get("/filings/deadlines").text
    session.refresh(filing)
    right = national | {"version": filing.version}
    unsaid = post(client, f"{address}/national", right)  # the organ puts a number right, and says why
    assert (unsaid.status_code, 'id="reason-error"' in unsaid.text) == (422, True)
    assert post(client, f"{address}/national", right | {"reason": "抄写有误"}).status_code == 303
    assert "GB-4105020001 → GB4105020001 · 抄写有误" in client.get(address).text
    noted = post(client, f"{address}/findings", {"basis": "visit", "item": "录像", "declared": "90", "found": "21"})
    finding = noted.headers["Location"]
    assert "第二十九条" in client.get(finding).text
    decided = {"version": 1, "decision": "现场查实", "correct_within": "15", "verdict": "uphold"}
    assert post(client, f"{finding}/decide", decided).status_code == 303
    assert "认定不实" in client.get(address).text
    post(client, "/sign-out")
    sign_in(client, world.login_of(world.person(Role.INSPECTOR)))
    deadlines = client.get("/filings/deadlines").text
    assert system.name in deadlines
    assert "/extend" not in deadlines


def test_the_short_way_asks_what_the_regime_needs_and_hands_in(
    client: FlaskClient, session: Session, world: World
) -> None:
    unit = world.unit("洹滨便民超市", unit_type="shop")
    owner = world.person(Role.UNIT_FILER, unit_id=unit.id, name="李建国")
    sign_in(client, world.login_of(owner))
    start = client.get("/quick")
    assert start.headers["Location"].endswith(f"/units/{unit.id}/quick")
    quick = f"/units/{unit.id}/quick"
    assert "公共场所" in client.get(quick).text
    barred = client.get(f"{quick}?public_place=yes&place=venues&responsible=no").text
    assert "不得安装" in barred
    voluntary = client.get(f"{quick}?public_place=yes&place=other&safety_duty=yes").text
    assert 'name="retention_days"' not in voluntary
    assert 'name="in_use_on"' not in voluntary
    way = f"{quick}?public_place=yes&place=venues&responsible=yes"
    typed = {
        "name": "超市视频监控系统",
        "address": "文峰大道1号",
        "position": "113.62, 34.75",
        "fixed_bullet": "3",
        "retention_days": "30",
        "in_use_on": "2026-11-02",
        "handled_by": "agent",
    }
    refused = post(client, way, typed)
    assert refused.status_code == 422
    assert "truth-error" in refused.text
    refused = post(client, way, typed | {"truth": "y"})
    assert "position-error" in refused.text  # outside the city
    good = typed | {"truth": "y", "position": f"{HERE[0]}, {HERE[1]}"}
    refused = post(client, way, good)
    assert "letter-error" in refused.text  # somebody sent brings the letter
    assert "identity-error" in refused.text
    assert not session.scalars(select(System)).all()  # nothing half-saved
    done = post(client, way, good | {"handled_by": "principal"})
    assert done.status_code == 303
    filing = session.scalars(select(Filing)).one()
    assert (filing.status, filing.kind) == (FilingStatus.SUBMITTED, FilingKind.NEW)
    system = session.get(System, filing.system_id)
    assert system.regime == Regime.PUBLIC_UNIT
    assert system.regime_answers == {"public_place": "yes", "place": "venues", "responsible": "yes"}


def test_the_limit_of_what_was_handed_in_is_told_as_met(client: FlaskClient, session: Session, world: World) -> None:
    owner, system = a_shop(session, world)
    sign_in(client, world.login_of(owner))
    late = file(session, owner, system, now=NOW + timedelta(days=20))
    page = client.get(f"/filings/{late.id}").text
    assert "逾期 8 日" in page.split('class="clock')[1].split("</b>")[0]
    assert "应于" not in page.split("</b>")[0]


def test_the_nightly_job_settles_every_system(database: Database, session: Session, world: World) -> None:
    _, system = a_shop(session, world)
    session.execute(FilingClock.__table__.delete())  # as in a register that was loaded with an older version
    assert tasks.settle_batch(session, after=None, now=NOW) is None
    assert clocks(session, system) == {"new": (date(2026, 12, 2), None, 0)}
