"""Parts of the registry's requirements that no story of its own holds: what is mandatory, what is told, what is shown."""

import io
import json
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.values import Role
from portal.audit.models import AuditStage
from portal.registry import operations, queries
from portal.registry.models import Camera, Filing, FilingRevision, System
from portal.registry.operations.filings import gaps_of, missing_of
from portal.registry.papers import Print, receipt_pdf
from portal.registry.queries.zones import zones_of
from portal.registry.rules import Standing, asked_of, clocks_of, kind_of, rules_for
from portal.registry.states import UseStatus
from portal.registry.values import CameraParticulars, ClockKind, FilingKind, Handler, PatrolMode, SystemKind
from portal.regulation.schema.vocabulary import Regime
from tests.people import NOW, TODAY, WENFENG, World, make_world, post, sign_in
from tests.registry.test_filing import CALENDAR, a_system, papers, submit
from tests.registry.test_filing_duties import accept, filed
from tests.registry.test_forms import fields_of


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


@pytest.mark.requirement("REG-01")
def test_no_system_without_one_of_the_two_kinds(client: FlaskClient, session: Session, world: World) -> None:
    filer, system = a_system(session, world)
    sign_in(client, world.login_of(filer))
    new = f"/units/{system.unit_id}/systems/new"
    typed = {
        "name": "门卫系统",
        "regime": "a7_2",
        "district": WENFENG,
        "address": "文峰大道1号",
        "retention_days": "90",
    }
    for kind in ("", "private"):
        refused = post(client, new, typed | {"kind": kind})
        assert refused.status_code == 422
        assert 'id="kind-error"' in refused.text
    assert {str(kind) for kind in SystemKind} == {"public", "unit_internal"}
    for kind, word in (("public", "城市公共"), ("unit_internal", "单位内部")):
        entered = post(client, new, typed | {"kind": kind, "name": word})
        assert entered.status_code == 303
        assert word in client.get(entered.headers["Location"]).text
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(text("update system set kind = null"))


@pytest.mark.requirement("REG-03")
def test_what_was_being_built_before_the_measure_files_its_construction_and_its_papers(
    session: Session, world: World
) -> None:
    """Not in use yet, and due all the same: built or under construction, says the measure."""
    unit = world.unit("老厂", unit_type="other")
    building = System(
        unit=unit, name="厂区系统", regime=Regime.LOCAL_INTERNAL, district=WENFENG, kind="unit_internal", address="一路",
        construction_began_on=date(2007, 3, 1), declared_devices={"fixed_bullet": 3}, version=1,
    )  # fmt: skip
    held = rules_for(unit, building, on=date(2007, 8, 15))
    standing = Standing(use_status=UseStatus.UNDER_CONSTRUCTION)
    ((kind, counted),) = clocks_of(held, standing, calendar=CALENDAR).items()
    assert (kind, counted.due) == (ClockKind.EXISTING, date(2007, 8, 31))
    assert kind_of(held, standing=False) is FilingKind.EXISTING
    assert {"construction_began_on", "construction_finished_on"} <= asked_of(held, FilingKind.EXISTING)
    wanted = {paper.document: paper.required for paper in held.documents("filing")}
    assert wanted["construction_account"]
    assert "formal_design" in wanted
    # Under way, the account of the construction is not left out: a filing without it is not taken in.
    _, system = a_system(session, world)
    system.regime, system.in_use_on, system.construction_began_on = Regime.LOCAL_INTERNAL, None, date(2007, 3, 1)
    session.flush()
    lacking = {item.data.get("slot"): item.blocking for item in missing_of(session, system, now=NOW)}
    assert lacking["construction_account"]


@pytest.mark.requirement("REG-03")
def test_the_receipt_names_the_number_the_day_and_the_officer(
    session: Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, _, filing, registrar = filed(session, world)
    printed = []
    monkeypatch.setattr("portal.registry.papers.render", lambda _form, paper, **_: printed.append(paper) or b"%PDF")
    how = Print(printed_by=registrar.name, base_url="http://portal", now=NOW, lang="zh")
    receipt_pdf(session, filing, officer=filing.decided_by_name, how=how)
    (receipt,) = printed
    told = repr(receipt)
    assert filing.number
    assert filing.number in told
    assert registrar.name in told
    assert repr(TODAY) in told or TODAY.isoformat() in told


@pytest.mark.requirement("REG-12")
def test_sound_is_a_fact_of_each_camera_shown_filed_and_found_where_undeclared(
    client: FlaskClient, session: Session, world: World
) -> None:
    filer, system = a_system(session, world)
    system.records_audio = False
    camera = session.scalars(select(Camera)).one()
    sign_in(client, world.login_of(filer))
    assert edited(client, camera, audio_pickup="y").status_code == 303
    session.expire_all()
    assert "records_audio:undeclared" in camera.fault_keys
    assert edited(client, camera, records_audio="y", audio_pickup="y").status_code == 303
    session.expire_all()
    assert camera.records_audio
    assert "records_audio:system" in camera.fault_keys  # the camera says so, its system does not
    assert '"records_audio":true' in frozen(session, world, filer, system)


TICKS = ("key_point", "faces_homes", "city_platform", "shared_outward", "audio_pickup", "records_audio")


def edited(client: FlaskClient, camera: Camera, **typed: str):
    """The camera's form sent back with these answers, nothing else ticked."""
    shown = fields_of(client.get(f"/cameras/{camera.id}/edit").text)
    return post(client, f"/cameras/{camera.id}/edit", {k: v for k, v in shown.items() if k not in TICKS} | typed)


def frozen(session: Session, world: World, filer, system: System) -> str:
    """What a filing of the system freezes now."""
    papers(session, world, filer, queries.lock_system(session, system.id))
    filing = operations.open_filing(
        session, actor=filer, system_id=system.id, kind=FilingKind.NEW, calendar=CALENDAR, now=NOW
    )
    submit(session, filer, filing)
    session.flush()
    return queries.revisions_of(session, filing.id)[0].content


@pytest.mark.requirement("REG-17")
def test_each_point_says_what_it_watches_and_what_says_nothing_is_told(
    client: FlaskClient, session: Session, world: World
) -> None:
    unit = world.unit("豫北学院", unit_type="college", house_profiles=["petroleum-university"])
    filer = world.person(Role.UNIT_FILER, unit_id=unit.id)
    _, model = a_system(session, world)
    system = System(
        **{c.key: getattr(model, c.key) for c in System.__table__.columns if c.key not in ("id", "version", "unit_id")},
        unit_id=unit.id,
    )
    system.use_status = "in_use"
    session.add(system)
    session.flush()
    given = CameraParticulars(name="东门", lon=Decimal("114.3924"), lat=Decimal("36.0976"), azimuth=0)
    camera = operations.add_camera(session, actor=filer, system_id=system.id, particulars=given, now=NOW)
    session.flush()
    locked = queries.lock_system(session, system.id)
    (gap,) = [item for item in gaps_of(session, locked, now=NOW) if item.code == "points_undescribed"]
    assert (gap.data["count"], gap.blocking) == (1, False)
    assert [(one.instrument, one.article) for one in gap.citations] == [("petroleum-university-2013", "16 i5")]
    sign_in(client, world.login_of(filer))
    assert "未明确监控范围" in client.get(f"/systems/{system.id}").text
    told = {
        "coverage": "东门内外三十米",
        "key_sections": "东门岗亭",
        "key_hours": "22:00–6:00",
        "main_content": "人员车辆出入",
    }
    assert edited(client, camera, **told, patrol_mode=str(PatrolMode.TIMED.value), key_point="y").status_code == 303
    page = client.get(f"/cameras/{camera.id}").text
    assert all(word in page for word in ("东门内外三十米", "东门岗亭", "22:00–6:00", "人员车辆出入"))
    session.expire_all()
    locked = queries.lock_system(session, system.id)
    assert "points_undescribed" not in {item.code for item in gaps_of(session, locked, now=NOW)}
    # Elsewhere no text asks it of every point.
    assert "points_undescribed" not in {
        item.code for item in gaps_of(session, queries.lock_system(session, model.id), now=NOW)
    }


@pytest.mark.requirement("REG-19")
def test_the_declaration_is_owed_evidence_goes_with_it_and_a_falsehood_stays_visible(
    client: FlaskClient, session: Session, world: World
) -> None:
    owner, system, _, registrar = filed(session, world)
    evidence = {"slot": "truth_evidence", "title": "录像保存时长截图", "stored_file_id": world.stored_file()}
    operations.attach_document(session, actor=owner, system_id=system.id, now=NOW, **evidence)
    second = operations.open_filing(
        session, actor=owner, system_id=system.id, handled_by=Handler.PRINCIPAL, calendar=CALENDAR, now=NOW
    )
    session.flush()
    sign_in(client, world.login_of(owner))
    address = f"/filings/{second.id}"
    unsigned = post(client, f"{address}/submit", {"version": second.version, "declared_by": owner.name})
    assert unsigned.status_code == 422  # nobody declared anything
    signed = {"version": second.version, "declared_by": owner.name, "truth": "y"}
    assert post(client, f"{address}/submit", signed).status_code == 303
    session.expire_all()
    assert (second.declared_by, second.declaration, second.submitted_at) == (owner.name, "2026-1", second.submitted_at)
    content = queries.revisions_of(session, second.id)[0].content
    assert '"slot":"truth_evidence"' in content
    assert '"declared_by":"李建国"' in content
    accept(session, registrar, second)
    # What its files tell against what was declared stands before the registrar.
    given = CameraParticulars(name="收银台", lon=Decimal("114.3924"), lat=Decimal("36.0976"), retention_days=7)
    operations.add_camera(session, actor=owner, system_id=system.id, particulars=given, now=NOW)
    session.flush()
    post(client, "/sign-out")
    sign_in(client, world.login_of(registrar))
    page = client.get(address).text
    assert "李建国" in page
    assert "情况属实" in page or "真实、准确、完整" in page
    assert "录像保存时长截图" in page
    raised = post(client, f"{address}/findings", {"basis": "probe", "item": "录像", "declared": "90", "found": "7"})
    decided = {"version": 1, "decision": "现场查实", "correct_within": "15", "verdict": "uphold"}
    assert post(client, f"{raised.headers['Location']}/decide", decided).status_code == 303
    assert "认定不实" in client.get(address).text
    tags = set(session.scalars(select(AuditStage.tag).where(AuditStage.subject_id == str(second.id))))
    assert any(tag.endswith(":uphold") for tag in tags)


@pytest.mark.requirement("CAT-06")
def test_a_zone_is_shown_covered_by_a_picture(client: FlaskClient, session: Session, world: World) -> None:
    filer, system = a_system(session, world)
    operations.lay_zones(session, actor=filer, system_id=system.id, now=NOW)
    gate = next(zone.row for zone in zones_of(session, system.id) if zone.row.key == "gate")
    address = f"/systems/{system.id}/zones/{gate.id}"
    sign_in(client, world.login_of(filer))
    assert client.get(f"{address}/photo").status_code == 404
    made = io.BytesIO()
    Image.new("RGB", (64, 48), "navy").save(made, "JPEG")
    made.seek(0)
    assert post(client, f"{address}/edit", {"version": gate.version, "photo": (made, "校门.jpg")}).status_code == 303
    assert f'src="{address}/photo"' in client.get(address).text
    assert client.get(f"{address}/photo").mimetype == "image/jpeg"
    post(client, "/sign-out")
    sign_in(client, world.login_of(world.person(Role.REGISTRAR)))
    assert client.get(f"{address}/photo").status_code == 200
    post(client, "/sign-out")
    sign_in(client, world.login_of(world.person(Role.SECTOR_SUPERVISOR)))
    assert "/photo" not in client.get(address).text, "it shows the place from within"
    assert client.get(f"{address}/photo").status_code == 403
    stranger = world.person(Role.UNIT_FILER, unit_id=world.unit().id)
    post(client, "/sign-out")
    sign_in(client, world.login_of(stranger))
    assert client.get(f"{address}/photo").status_code == 404


def test_what_was_frozen_of_a_secret_camera_is_its_units_own(
    client: FlaskClient, session: Session, world: World
) -> None:
    """The revision keeps it whole, with its digest; whoever decides on the filing is told that it is there."""
    filer, system = a_system(session, world)
    given = CameraParticulars(name="机要室外走廊", lon=Decimal("114.3931"), lat=Decimal("36.0981"), azimuth=0)
    hidden = operations.add_camera(
        session, actor=filer, system_id=system.id, particulars=given, now=NOW - timedelta(days=10)
    )
    hidden.secret, hidden.updated_at = True, NOW - timedelta(days=8)
    session.flush()
    assert "机要室外走廊" in frozen(session, world, filer, system)
    (filing,) = session.scalars(select(Filing))
    registrar = world.person(Role.REGISTRAR)
    for reader, sees in ((registrar, False), (filer, True)):
        sign_in(client, world.login_of(reader))
        page = client.get(f"/filings/{filing.id}/revisions/1").text
        assert ("机要室外走廊" in page) == sees
        assert ("114.3931" in page) == sees
        assert ("1 路涉密摄像机" in page) != sees
        assert "南门入口-向北-球机" in page
        post(client, "/sign-out")
    # It is secret no more, and the revision is one from before the mark was frozen: how it was then stays its unit's.
    hidden.secret, hidden.updated_at = False, NOW - timedelta(days=2)
    session.flush()
    first = session.scalars(select(FilingRevision)).one()
    content = json.loads(first.content)
    for camera in content["cameras"]:
        del camera["secret"]
    session.add(
        FilingRevision(
            filing_id=filing.id, unit_id=filing.unit_id, district=filing.district, revision=2, digest="0" * 64,
            content=json.dumps(content, ensure_ascii=False), submitted_at=NOW,
        )
    )  # fmt: skip
    session.flush()
    day = (NOW - timedelta(days=5)).date()
    for reader, sees in ((registrar, False), (filer, True)):
        sign_in(client, world.login_of(reader))
        page = client.get(f"/filings/{filing.id}/revisions/2").text
        assert ("机要室外走廊" in page, "南门入口-向北-球机" in page) == (sees, True)
        past = client.get(f"/cameras/{hidden.id}/history?as_of={day}").text
        assert ("114.3931" in past) == sees
        changes = client.get(f"/cameras/{hidden.id}/history").text
        assert ('<section class="card change"' in changes) == sees
        post(client, "/sign-out")
