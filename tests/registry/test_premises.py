"""Zones, forbidden ground, protected sites, signs, masks and standards through operations and pages."""

import re
from dataclasses import replace
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from portal.accounts.values import Identity, Role
from portal.audit.operations import gate
from portal.core.db import Database, narrow
from portal.core.errors import IllegalTransition, Invalid, NotFound, Unavailable
from portal.core.geometry import Datum
from portal.core.scope import EVERYTHING
from portal.registry import operations
from portal.registry.models import Camera, CameraImport, PlaceReview, ProtectedSite, System, SystemZone
from portal.registry.operations.filings import missing_of
from portal.registry.operations.imports.ground import NOTHING_SPOKEN, words_for
from portal.registry.queries.reviews import sites_beside
from portal.registry.queries.zones import gaps, matrix_page, short_systems, zones_of
from portal.registry.rules import rules_for
from portal.registry.rules.sheets import Words, find_header, parse_row
from portal.registry.rules.zones import state_of
from portal.registry.states import ReviewAction, ReviewStatus
from portal.registry.values import CameraParticulars, FilingKind, PlaceType
from portal.registry.values.zones import (
    ReviewKind,
    SignParticulars,
    SiteKind,
    SiteParticulars,
    ZoneParticulars,
    ZoneState,
)
from tests.people import BEIGUAN, NOW, WENFENG, World, make_world, post, sign_in
from tests.registry.test_filing import CALENDAR, a_system, papers, submit

HERE = CameraParticulars(name="东门-向东-枪机", lon=114.3925, lat=36.0977, azimuth=90)


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


@pytest.fixture
def filer_and_system(session: Session, world: World) -> tuple[Identity, System]:
    return a_system(session, world)


def lay(session: Session, filer: Identity, system: System) -> dict[str, SystemZone]:
    operations.lay_zones(session, actor=filer, system_id=system.id, now=NOW)
    return {zone.row.key: zone.row for zone in zones_of(session, system.id)}


def states(session: Session, system: System) -> dict[str, ZoneState]:
    return {zone.row.key: state_of(zone.facts) for zone in zones_of(session, system.id)}


def hang(session: Session, filer: Identity, system: System, name: str, **more) -> Camera:
    given = replace(HERE, name=name, **more)
    return operations.add_camera(session, actor=filer, system_id=system.id, particulars=given, now=NOW)


def missing(session: Session, system: System) -> dict[str, object]:
    return {item.code: item for item in missing_of(session, system, now=NOW)}


def reviews(session: Session, camera: Camera) -> list[PlaceReview]:
    statement = select(PlaceReview).where(PlaceReview.camera_id == camera.id).order_by(PlaceReview.id)
    return list(session.scalars(statement))


# -- zones -------------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("CAT-05")
@pytest.mark.requirement("CAT-06")
def test_a_school_lays_its_zones_and_closes_its_gaps(session: Session, world: World, filer_and_system) -> None:
    filer, system = filer_and_system
    zones = lay(session, filer, system)
    assert len(zones) == 12
    assert operations.lay_zones(session, actor=filer, system_id=system.id, now=NOW) == 0
    assert set(states(session, system).values()) == {ZoneState.GAP}
    told = missing(session, system)["zones_uncovered"]
    assert (told.data["count"], told.blocking) == (12, False)
    assert ("guannan-schools-2018", "a2") in {(one.instrument, one.article) for one in told.citations}

    gate = session.scalars(select(Camera)).one()
    ticks = {"shown": [gate.id], "ticked": [gate.id], "reason": "", "now": NOW}
    for key in ("gate", "perimeter"):
        operations.assign_cameras(session, actor=filer, system_id=system.id, zone_id=zones[key].id, **ticks)
    assert (gate.zone, states(session, system)["perimeter"]) == ("gate", ZoneState.COVERED)

    # One camera that no longer answers leaves both zones without a picture.
    gate.live = 3
    session.flush()
    assert {key for key, state in states(session, system).items() if state is ZoneState.DARK} == {"gate", "perimeter"}
    assert missing(session, system)["zones_dark"].data["count"] == 2

    here = {"actor": filer, "system_id": system.id, "photo_file_id": None, "now": NOW}
    absent = ZoneParticulars(absent=True, absent_reason="走读学校，没有宿舍")
    with pytest.raises(Invalid) as refusal:
        operations.edit_zone(session, zone_id=zones["control_room"].id, seen_version=1, particulars=absent, **here)
    assert refusal.value.problems[0].code == "zone_everywhere"
    unsaid = ZoneParticulars(absent=True)
    with pytest.raises(Invalid) as refusal:
        operations.edit_zone(
            session, zone_id=zones["dormitory_entrance"].id, seen_version=1, particulars=unsaid, **here
        )
    assert refusal.value.problems[0].field == "absent_reason"
    operations.edit_zone(session, zone_id=zones["dormitory_entrance"].id, seen_version=1, particulars=absent, **here)
    assert states(session, system)["dormitory_entrance"] is ZoneState.ABSENT
    with pytest.raises(Invalid):
        operations.assign_cameras(
            session, actor=filer, system_id=system.id, zone_id=zones["dormitory_entrance"].id, **ticks
        )

    own = operations.add_zone(
        session, actor=filer, system_id=system.id, particulars=ZoneParticulars(name="体育馆", required=True), now=NOW
    )
    assert states(session, system)[own.key] is ZoneState.GAP


@pytest.mark.requirement("CAT-05")
def test_the_police_see_the_gaps_of_their_district_and_no_other(
    session: Session, world: World, filer_and_system
) -> None:
    filer, system = filer_and_system
    lay(session, filer, system)
    registrar = world.person(Role.REGISTRAR)
    far = world.person(Role.REGISTRAR, organ=world.branches[BEIGUAN])
    (row,) = gaps(session, registrar)
    assert (row.district, row.unit_type, row.asked, row.gaps, row.systems_short) == (WENFENG, "school", 12, 12, 1)
    assert [one.system.id for one in short_systems(session, registrar).items] == [system.id]
    assert gaps(session, far) == []
    assert gaps(session, filer) == []


def test_the_zone_of_a_file_goes_out_and_comes_in_as_before(
    client: FlaskClient, session: Session, world: World, filer_and_system
) -> None:
    """`zone` stays one field of the file; the unit's own zones are offered by name where the rules' are."""
    filer, system = filer_and_system
    lay(session, filer, system)
    own = operations.add_zone(
        session, actor=filer, system_id=system.id, particulars=ZoneParticulars(name="体育馆入口"), now=NOW
    )
    run = CameraImport(system_id=system.id, datum=Datum.WGS84)
    words = words_for(session, run, NOTHING_SPOKEN, now=NOW)
    columns = find_header([(1, ["设备名称", "经度", "纬度", "监控区域"])])
    assert columns is not None
    for name, key in (("体育馆入口", own.key), ("门卫室（传达室）", "gate_house")):
        row = parse_row(2, ["新点位", "114.39", "36.09", name], columns, words)
        assert (row.read.zone, list(row.faults)) == (key, [])
    sign_in(client, world.login_of(filer))
    assert f'value="{own.key}"' in client.get(f"/systems/{system.id}/cameras/new").text
    added = hang(session, filer, system, "体育馆-向东", zone=own.key)
    assert states(session, system)[own.key] is ZoneState.COVERED
    with pytest.raises(IllegalTransition):
        operations.remove_zone(session, actor=filer, system_id=system.id, zone_id=own.id, now=NOW)
    assert added.zone == own.key


def test_a_matrix_of_five_hundred_cameras_and_twenty_zones_is_read_in_few_questions_a_page_at_a_time(
    client: FlaskClient, session: Session, world: World, filer_and_system
) -> None:
    filer, system = filer_and_system
    zones = lay(session, filer, system)
    for number in range(8):
        particulars = ZoneParticulars(name=f"自定{number}")
        operations.add_zone(session, actor=filer, system_id=system.id, particulars=particulars, now=NOW)
    first = session.scalars(select(Camera)).one()
    plain = {
        column.key: getattr(first, column.key)
        for column in Camera.__table__.columns
        if column.key not in ("id", "name", "zone", "mercator", "passes", "gb_code")
    }
    keys = list(zones)
    rows = [
        plain | {"id": UUID(int=number), "name": f"点位{number}", "zone": keys[number % 12]} for number in range(1, 501)
    ]
    session.execute(insert(Camera), rows)
    session.flush()
    page = matrix_page(session, filer, system.id)
    assert (len(page.items), page.total) == (100, 501)
    sign_in(client, world.login_of(filer))
    html = client.get(f"/systems/{system.id}/zones")
    assert html.status_code == 200
    assert html.text.count('<th scope="row">') == 100
    assert len(html.text) < 200_000
    assert len(set(re.findall(r'data-zone="(\S+) ', html.text))) == 12
    session.execute(text("update camera set zone = 'offices' where id = :id"), {"id": page.items[3].camera.id})
    lost = client.get(f"/systems/{system.id}/zones").text.split('class="matrix"')[1].split("</table>")[0]
    assert "不在所列区域" in lost
    assert {row.count("<td") for row in lost.split("<tbody>")[1].split("</tr>")[:-1]} == {lost.count('scope="col"') - 1}


def test_zones_nobody_has_spoken_about_are_not_short_yet(
    client: FlaskClient, session: Session, world: World, filer_and_system
) -> None:
    filer, system = filer_and_system
    lay(session, filer, system)
    sign_in(client, world.login_of(filer))
    fresh = client.get(f"/systems/{system.id}/zones").text
    assert ("尚未评估" in fresh, "未覆盖" in fresh) == (True, False)
    papers(session, world, filer, system)
    filing = operations.open_filing(session, actor=filer, system_id=system.id, calendar=CALENDAR, now=NOW)
    submit(session, filer, filing)
    filed = client.get(f"/systems/{system.id}/zones").text
    assert ("尚未评估" in filed, "未覆盖" in filed) == (False, True)


# -- forbidden ground --------------------------------------------------------------------------------------------------


@pytest.mark.requirement("CAT-07")
def test_forbidden_ground_is_refused_at_entry_and_import_with_its_article(
    client: FlaskClient, session: Session, world: World, filer_and_system
) -> None:
    filer, system = filer_and_system
    for told, at in (({"name": "女更衣室-向北-半球"}, "name"), ({"place_type": PlaceType.TOILET}, "place_type")):
        with pytest.raises(Invalid) as refusal:
            operations.add_camera(session, actor=filer, system_id=system.id, particulars=replace(HERE, **told), now=NOW)
        assert [problem.field for problem in refusal.value.problems] == [at]
    sign_in(client, world.login_of(filer))
    typed = {"name": "一层浴室-向东", "lon": "114.3925", "lat": "36.0977", "datum": "wgs84", "status": "in_use"}
    typed |= {"camera_type": "fixed_bullet", "point_type": "3", "code_edition": "2022", "position_method": "unknown"}
    page = post(client, f"/systems/{system.id}/cameras/new", typed)
    assert page.status_code == 422
    assert "“浴室”属于公共浴室，禁止安装图像采集设备" in page.text
    assert "第八条" in page.text, re.findall(r".{30}属于公共浴室.{80}", page.text)
    assert 'value="一层浴室-向东"' in page.text
    assert len(session.scalars(select(Camera)).all()) == 1

    columns = find_header([(1, ["设备名称", "经度", "纬度", "场所部位类型"])])
    assert columns is not None
    row = parse_row(7, ["三楼试衣间", "114.39", "36.09", "出入口"], columns, Words(Datum.WGS84))
    (fault,) = row.faults
    assert (fault.row, fault.column, fault.code) == (7, "A", "forbidden_word")
    assert fault.data["private_cites"] == "fitting_room"


@pytest.mark.requirement("CAT-07")
def test_a_doubtful_point_is_reviewed_before_its_filing_is_accepted(
    session: Session, world: World, filer_and_system
) -> None:
    filer, system = filer_and_system
    registrar = world.person(Role.REGISTRAR)
    doubtful = hang(session, filer, system, "一层卫生间门口-向南-枪机")
    (review,) = reviews(session, doubtful)
    assert (review.kind, review.place, review.word, review.status) == ("interior", "toilet", "卫生间", "open")
    filing = operations.open_filing(
        session, actor=filer, system_id=system.id, kind=FilingKind.NEW, calendar=CALENDAR, now=NOW
    )
    papers(session, world, filer, system)
    waiting = missing(session, system)["points_waiting"]
    assert (waiting.blocking, waiting.data["count"]) == (False, 1)
    submit(session, filer, filing)
    session.flush()
    decision = {"actor": registrar, "filing_id": filing.id, "national_number": "", "now": NOW}
    with pytest.raises(IllegalTransition) as held:
        operations.accept_filing(session, seen_version=filing.version, **decision)
    assert held.value.code == "points_unsettled"

    verdict = {"actor": registrar, "review_id": review.id, "action": ReviewAction.CLEAR, "now": NOW}
    for reason, field in (("", "reason"), ("视场不及室内", "photo")):
        with pytest.raises(Invalid) as refusal:
            operations.decide_review(session, seen_version=review.version, reason=reason, photo_file_id=None, **verdict)
        assert field in {problem.field for problem in refusal.value.problems}
    picture = world.stored_file()
    operations.decide_review(
        session, seen_version=review.version, reason="视场不及室内", photo_file_id=picture, **verdict
    )
    assert (review.status, review.decided_by, review.photo_file_id) == ("cleared", registrar.person_id, picture)
    accepted = operations.accept_filing(session, seen_version=filing.version, **decision)
    assert accepted.number

    # Turned or renamed, it is another point: the verdict holds no more.
    operations.edit_camera(
        session,
        actor=filer,
        camera_id=doubtful.id,
        seen_version=doubtful.version,
        particulars=replace(HERE, name="一层卫生间门口-向南-枪机", azimuth=180),
        reason="调整朝向",
        now=NOW,
    )
    assert [one.status for one in reviews(session, doubtful)] == ["lapsed", "open"]


@pytest.mark.requirement("CAT-07")
def test_what_came_in_before_the_rule_is_found_and_holds_the_filing_up(
    session: Session, world: World, filer_and_system
) -> None:
    filer, system = filer_and_system
    registrar = world.person(Role.REGISTRAR)
    old = session.scalars(select(Camera)).one()
    old.name = "二层更衣室-向北-半球"
    session.flush()
    filing = operations.open_filing(
        session, actor=filer, system_id=system.id, kind=FilingKind.NEW, calendar=CALENDAR, now=NOW
    )
    papers(session, world, filer, system)
    with pytest.raises(operations.FilingIncomplete) as incomplete:
        submit(session, filer, filing)
    (blocked,) = incomplete.value.shortfalls
    assert (blocked.code, blocked.data["camera"]) == ("points_forbidden", "二层更衣室-向北-半球")
    assert ("decree-799-2025", "8 p1 i3") in {(one.instrument, one.article) for one in blocked.citations}
    (review,) = reviews(session, old)
    stranger = world.person(Role.REGISTRAR, organ=world.branches[BEIGUAN])
    with pytest.raises(NotFound):
        operations.decide_review(
            session, actor=stranger, review_id=review.id, seen_version=1, action=ReviewAction.FORBID,
            reason="-", photo_file_id=None, now=NOW,
        )  # fmt: skip
    operations.decide_review(
        session, actor=registrar, review_id=review.id, seen_version=review.version, action=ReviewAction.FORBID,
        reason="现场核实在更衣室内，应予拆除", photo_file_id=None, now=NOW,
    )  # fmt: skip
    assert missing(session, system)["points_forbidden"].blocking
    old.status = "dismantled"
    session.flush()
    operations.look_over(session, [old], actor=filer.actor, source="check", now=NOW)
    assert review.status == ReviewStatus.LAPSED
    assert "points_forbidden" not in missing(session, system)


@pytest.mark.requirement("CAT-07")
@pytest.mark.requirement("CAT-08")
def test_a_secret_point_is_reviewed_too_and_tells_the_police_nothing_of_itself(
    client: FlaskClient, session: Session, world: World, filer_and_system
) -> None:
    filer, system = filer_and_system
    registrar = world.person(Role.REGISTRAR)
    hidden = hang(session, filer, system, "南廊-向南-枪机")
    hidden.name, hidden.secret = "一层卫生间门口-向南-枪机", True
    session.flush()
    enter(session, registrar, float(HERE.lon), radius=500)
    operations.look_over_system(session, system, actor=filer.actor, source="check", now=NOW)
    found = {review.kind: review for review in reviews(session, hidden)}
    assert set(found) == {"interior", "near_secret"}
    review = found["interior"]
    assert (review.place, review.word) == ("toilet", "")
    assert missing(session, system)["points_waiting"].data["count"] >= 2

    sign_in(client, world.login_of(registrar))
    for address in ("/reviews", f"/reviews/{review.id}"):
        page = client.get(address).text
        assert "涉密点位" in page
        assert "卫生间门口" not in page
    assert world.session.get(type(system.unit), system.unit_id).name in page
    narrow(session, EVERYTHING)
    operations.decide_review(
        session, actor=registrar, review_id=review.id, seen_version=review.version, action=ReviewAction.CLEAR,
        reason="现场查看，视场不及室内", photo_file_id=world.stored_file(), now=NOW,
    )  # fmt: skip
    assert review.status == ReviewStatus.CLEARED
    client.get("/sign-out")
    sign_in(client, world.login_of(filer))
    assert "一层卫生间门口-向南-枪机" in client.get(f"/systems/{system.id}/privacy").text


# -- protected sites, masks --------------------------------------------------------------------------------------------


def enter(session: Session, registrar: Identity, lon: float, *, radius: int) -> ProtectedSite:
    particulars = SiteParticulars(
        kind=SiteKind.SECRET_ORGAN, name="涉密单位甲", lon=lon, lat=HERE.lat, radius_m=radius, contact="保密办"
    )
    return operations.enter_site(session, actor=registrar, particulars=particulars, now=NOW)


@pytest.mark.requirement("CAT-08")
def test_a_point_beside_a_protected_site_needs_review_and_the_unit_learns_no_more(
    client: FlaskClient, session: Session, world: World, filer_and_system, monkeypatch: pytest.MonkeyPatch
) -> None:
    filer, system = filer_and_system
    registrar = world.person(Role.REGISTRAR)
    site = enter(session, registrar, float(HERE.lon), radius=200)
    near = hang(session, filer, system, "东门-向东-枪机")
    far = hang(session, filer, system, "西门-向西-枪机", lon=114.3965)  # some 360 m away
    (review,) = reviews(session, near)
    assert (review.kind, reviews(session, far)) == ("near_secret", [])
    # The database itself shows the register to nobody but the organ that keeps it.
    for reader, count in ((filer, 0), (registrar, 1), (world.person(Role.REGISTRAR, organ=world.branches[BEIGUAN]), 0)):
        narrow(session, reader.data_scope)
        assert len(session.scalars(select(ProtectedSite)).all()) == count
        narrow(session, EVERYTHING)

    sign_in(client, world.login_of(filer))
    for address in (
        f"/reviews/{review.id}",
        "/reviews",
        "/reviews?kind=near_secret",
        f"/systems/{system.id}/privacy",
        f"/cameras/{near.id}/masks",
    ):
        page = client.get(address)
        assert page.status_code == 200
        assert [word for word in ("涉密单位甲", "毗邻", "保密办") if word in page.text] == [], address
    # A filter would be an answer: for the unit it is none.
    assert "东门-向东-枪机" in client.get("/reviews?kind=interior").text
    assert client.get("/protected-sites").status_code == 403
    narrow(session, registrar.data_scope)
    assert [(one.name, metres < 1) for one, metres in sites_beside(session, near.id)] == [("涉密单位甲", True)]
    narrow(session, EVERYTHING)
    # Nothing of the register is shown before the look at it stands sealed in the log, which no one does here.
    monkeypatch.setattr(gate.wait_until_sealed, "__kwdefaults__", {"patience": 0.1})
    with pytest.raises(Unavailable):
        operations.note_register_read(session, actor=registrar, now=NOW)

    operations.decide_review(
        session, actor=registrar, review_id=review.id, seen_version=review.version, action=ReviewAction.ASK_CONSENT,
        reason="请取得同意", photo_file_id=None, now=NOW,
    )  # fmt: skip
    asked = [item for item in missing_of(session, system, now=NOW) if item.data.get("slot") == "secret_unit_consent"]
    assert [item.blocking for item in asked] == [True]
    assert ("decree-799-2025", "10") in {(one.instrument, one.article) for one in asked[0].citations}
    assert site.organ_id == world.branches[WENFENG].id


@pytest.mark.requirement("CAT-08")
def test_a_new_site_sends_the_cameras_around_it_to_review(own_database: Database) -> None:
    with own_database.transaction() as session:
        world = make_world(session)
        filer, system = a_system(session, world)
        near = hang(session, filer, system, "东门-向东-枪机").id
        hang(session, filer, system, "西门-向西-枪机", lon=114.3965)
        site = enter(session, world.person(Role.REGISTRAR), float(HERE.lon), radius=150).id
    assert operations.check_points(own_database, now=NOW, site_id=site) == 2  # the first camera stands 15 m off
    assert operations.check_points(own_database, now=NOW, site_id=site) == 0
    assert operations.lay_all(own_database, now=NOW) == 12
    assert operations.check_points(own_database, now=NOW) == 0
    with own_database.transaction() as session:
        found = session.scalars(select(PlaceReview)).all()
        assert near in {review.camera_id for review in found}
        assert {review.kind for review in found} == {ReviewKind.NEAR_SECRET}


@pytest.mark.requirement("CAT-08")
def test_a_view_into_homes_needs_its_mask_on_record(session: Session, world: World, filer_and_system) -> None:
    filer, system = filer_and_system
    camera = hang(session, filer, system, "北墙-向北-球机", faces_homes=True)
    told = missing(session, system)["mask_missing"]
    assert (told.blocking, told.data["count"]) == (True, 1)
    assert told.citations
    record = {"actor": filer, "camera_id": camera.id, "now": NOW}
    with pytest.raises(Invalid):
        operations.record_mask(session, masked=" ", photo_file_id=world.stored_file(), **record)
    mask = operations.record_mask(session, masked="三号楼窗户", photo_file_id=world.stored_file(), **record)
    assert "mask_missing" not in missing(session, system)
    operations.remove_mask(session, mask_id=mask.id, **record)
    assert "mask_missing" in missing(session, system)


# -- signs, standards --------------------------------------------------------------------------------------------------


def test_a_sign_is_missing_until_it_is_recorded_with_photo_and_day(
    session: Session, world: World, filer_and_system
) -> None:
    filer, system = filer_and_system
    lay(session, filer, system)
    told = missing(session, system)["sign_missing"]
    assert ("decree-799-2025", "13") in {(one.instrument, one.article) for one in told.citations}
    given = SignParticulars(zone_key="gate", place="南大门右侧", put_up_on=NOW.date(), lon=114.3925, lat=36.0977)
    record = {"actor": filer, "system_id": system.id, "now": NOW}
    wrong = replace(given, zone_key="forecourt")
    with pytest.raises(Invalid):
        operations.record_sign(session, particulars=wrong, photo_file_id=world.stored_file(), **record)
    sign = operations.record_sign(session, particulars=given, photo_file_id=world.stored_file(), **record)
    assert "sign_missing" not in missing(session, system)
    operations.remove_sign(session, sign_id=sign.id, on=NOW.date(), **record)
    assert "sign_missing" in missing(session, system)


@pytest.mark.requirement("CAT-04")
def test_a_system_names_the_editions_it_is_built_to(
    client: FlaskClient, session: Session, world: World, filer_and_system
) -> None:
    filer, system = filer_and_system
    named = {"actor": filer, "system_id": system.id, "now": NOW}
    assert missing(session, system)["standards_missing"].citations
    operations.name_standards(session, keys=["gb-50348-2018", "gb-t-28181-2016"], **named)
    old = missing(session, system)["standard_withdrawn"]  # in use since 2026, by an edition withdrawn in 2023
    assert old.data["number"] == "GB/T 28181-2016"
    with pytest.raises(Invalid):
        operations.name_standards(session, keys=["gb-1"], **named)
    sign_in(client, world.login_of(filer))
    page = client.get(f"/systems/{system.id}/standards").text
    assert all(text in page for text in ("GB/T 28181-2016", "2023-07-01 废止", "GB/T 28181-2022", "现行有效"))
    operations.name_standards(session, keys=["gb-50348-2018", "gb-t-28181-2022"], **named)
    assert not {"standards_missing", "standard_withdrawn"} & missing(session, system).keys()


def test_the_rules_of_the_system_are_asked_not_the_unit_types(world: World, filer_and_system) -> None:
    """A non-public system of the same school needs no sign (Decree 799 art. 33)."""
    _, system = filer_and_system
    system.regime = "a33"
    assert not rules_for(system.unit, system, on=NOW.date()).flag("sign.required")
