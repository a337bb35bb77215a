"""One camera's file through operations and pages: coordinates, codes, faults, rates, departments, past versions."""

import re
import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, insert, null, select, text, true, update
from sqlalchemy.orm import Session

from portal.accounts.values import Role
from portal.core.db import Database, narrow
from portal.core.errors import Invalid, NotAllowed, NotFound
from portal.core.geometry import Datum, bd09_to_gcj02, gcj02_to_bd09, lonlat, wgs84_to_gcj02
from portal.core.scope import EVERYTHING
from portal.registry import operations, queries
from portal.registry.models import Camera, RowHistory, System
from portal.registry.rules import CodeParts
from portal.registry.values import (
    AccessParticulars,
    CameraParticulars,
    CodeEdition,
    Direction,
    Encoding,
    FilingKind,
    FunctionType,
    HistoryKind,
    Maker,
    Networked,
    PatrolMode,
    PointType,
    PositionMethod,
    PositionType,
)
from tests.people import BEIGUAN, NOW, World, make_world, post, sign_in
from tests.registry.test_filing import CALENDAR, a_system, papers, particulars, submit
from tests.registry.test_forms import fields_of

WHOLE = CameraParticulars(
    name="东门-向东-枪机",
    lon=Decimal("114.392500"),
    lat=Decimal("36.097700"),
    position_method=PositionMethod.GPS,
    position_accuracy_m=Decimal(5),
    gb_code="41050200111327000001",
    popular_name="东门",
    address="文峰区文峰大道1号东门",
    camera_type="fixed_bullet",
    function_types=(FunctionType.ORDINARY,),
    point_type=PointType.SECOND,
    position_types=(PositionType.CAMPUS,),
    direction=Direction.EAST,
    azimuth=90,
    maker=Maker.UNIVIEW,
    model="IPC-2301",
    encoding=Encoding.H265,
    installed_on=NOW.date() - timedelta(days=200),
    retention_days=90,
    networked=Networked.NO,
    managing_phone="13900002207",
    department="保卫处",
)


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def a_camera(session: Session, filer, system, **changed) -> Camera:
    given = replace(WHOLE, **changed)
    return operations.add_camera(session, actor=filer, system_id=system.id, particulars=given, now=NOW)


def new_system(session: Session, filer, unit_id) -> System:
    return operations.create_system(session, actor=filer, unit_id=unit_id, particulars=particulars(), now=NOW)


def change(session: Session, actor, camera: Camera, *, now=NOW, reason: str = "", **changed) -> Camera:
    session.flush()
    return operations.edit_camera(
        session,
        actor=actor,
        camera_id=camera.id,
        seen_version=camera.version,
        particulars=replace(WHOLE, managing_phone="", **changed),
        reason=reason,
        now=now,
    )


# -- coordinates -------------------------------------------------------------------------------------------------------


def test_the_vectors_of_the_datums() -> None:
    assert wgs84_to_gcj02(116.404, 39.915) == pytest.approx((116.410244, 39.916404), abs=1e-6)
    assert gcj02_to_bd09(116.404, 39.915) == pytest.approx((116.410369, 39.921337), abs=1e-6)
    # The published vector comes from the one-step inverse, which is off by decimetres.
    assert bd09_to_gcj02(116.404, 39.915) == pytest.approx((116.397627, 39.908657), abs=3e-6)


@pytest.mark.parametrize("datum", list(Datum))
def test_a_position_is_converted_once_however_often_it_is_saved(session: Session, world: World, datum: Datum) -> None:
    filer, system = a_system(session, world)
    camera = a_camera(session, filer, system, datum=datum)
    first, bytes_ = lonlat(camera.position), bytes(camera.position.data)
    for round_ in range(3):
        change(session, filer, camera, datum=datum, model=f"IPC-{round_}")
        session.flush()
        session.refresh(camera)
        assert bytes(camera.position.data) == bytes_
    assert (camera.declared_lon, camera.declared_lat, camera.datum) == ("114.392500", "36.097700", str(datum))
    moved = lonlat(camera.position) != (114.3925, 36.0977)
    assert moved == (datum in (Datum.GCJ02, Datum.BD09))
    assert first == lonlat(camera.position)


def test_a_camera_without_its_declared_degrees_is_not_converted_again(session: Session, world: World) -> None:
    filer, system = a_system(session, world)
    camera = a_camera(session, filer, system, datum=Datum.GCJ02)
    session.flush()
    stands = lonlat(camera.position)
    camera.declared_lon = camera.declared_lat = ""  # as a load by COPY may leave it
    given = replace(operations.particulars_of(camera), managing_phone="")
    session.flush()
    operations.edit_camera(
        session,
        actor=filer,
        camera_id=camera.id,
        seen_version=camera.version,
        particulars=given,
        reason="",
        now=NOW,
    )
    session.flush()
    session.refresh(camera)
    assert lonlat(camera.position) == pytest.approx(stands, abs=1e-7)


def test_the_form_sends_back_what_was_declared(client: FlaskClient, session: Session, world: World) -> None:
    filer, system = a_system(session, world)
    camera = a_camera(session, filer, system, datum=Datum.BD09)
    position = bytes(camera.position.data)
    sign_in(client, world.login_of(filer))
    for _ in range(2):
        shown = fields_of(client.get(f"/cameras/{camera.id}/edit").text)
        assert (shown["lon"], shown["lat"], shown["datum"]) == ("114.392500", "36.097700", "bd09")
        assert post(client, f"/cameras/{camera.id}/edit", shown | {"function_types": "5"}).status_code == 303
        session.expire_all()
        assert bytes(session.get(Camera, camera.id).position.data) == position


# -- codes -------------------------------------------------------------------------------------------------------------

PARTS = CodeParts(division="410502", grassroots="01", industry="11", network="7")


def test_the_next_serial_is_the_first_gap_whoever_holds_the_others(session: Session, world: World) -> None:
    filer, system = a_system(session, world)
    assert operations.next_serial(session, PARTS) == 1
    for serial in (1, 2, 4, 7):
        a_camera(session, filer, system, gb_code=f"{PARTS.prefix}{serial:06d}", azimuth=serial)
    session.flush()
    assert operations.next_serial(session, PARTS) == 3
    other = session.scalar(select(Camera).where(Camera.gb_code.is_(None)))
    operations.assign_code(
        session, actor=filer, camera_id=other.id, seen_version=other.version, parts=PARTS, reason="", now=NOW
    )
    assert (other.gb_code, other.code_edition) == (f"{PARTS.prefix}000003", CodeEdition.Y2022)
    assert operations.next_serial(session, PARTS) == 5
    with pytest.raises(Invalid) as refused:
        operations.next_serial(session, replace(PARTS, industry="99", network="9"))
    assert {problem.field for problem in refused.value.problems} == {"industry", "network"}


def test_a_code_that_is_taken_is_refused_at_its_field(session: Session, world: World) -> None:
    filer, system = a_system(session, world)
    a_camera(session, filer, system)
    with pytest.raises(Invalid) as refused:
        a_camera(session, filer, system, azimuth=91)
    assert [problem.code for problem in refused.value.problems] == ["gb_code_taken"]


def test_a_code_is_given_by_those_only_who_may_change_the_camera(session: Session, world: World) -> None:
    filer, system = a_system(session, world)
    camera = a_camera(session, filer, system, gb_code=None)
    reader = world.person(Role.UNIT_CUSTODIAN, unit_id=system.unit_id)
    stranger = world.person(Role.UNIT_FILER, unit_id=world.unit().id)
    for person, answer in ((reader, NotAllowed), (stranger, NotFound)):
        with pytest.raises(answer):
            operations.assign_code(
                session, actor=person, camera_id=camera.id, seen_version=camera.version, parts=PARTS, reason="", now=NOW
            )
    assert camera.gb_code is None


def test_two_who_ask_at_once_get_two_codes(own_database: Database) -> None:
    with own_database.transaction() as session:
        world = make_world(session)
        filer, system = a_system(session, world)
        ids = [a_camera(session, filer, system, gb_code=None, azimuth=n).id for n in range(4)]
    given: list[str] = []

    def take(camera_id) -> None:
        with own_database.transaction() as session:
            camera = session.get(Camera, camera_id)
            operations.assign_code(
                session, actor=filer, camera_id=camera_id, seen_version=camera.version, parts=PARTS, reason="", now=NOW
            )
            given.append(camera.gb_code)

    threads = [threading.Thread(target=take, args=(each,)) for each in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == [f"{PARTS.prefix}{serial:06d}" for serial in range(1, 5)]


def test_the_page_that_builds_a_code(client: FlaskClient, session: Session, world: World) -> None:
    filer, system = a_system(session, world)
    camera = a_camera(session, filer, system, gb_code=None)
    sign_in(client, world.login_of(filer))
    page = client.get(f"/cameras/{camera.id}/code")
    assert page.status_code == 200
    assert re.sub(r"</?span>", "", page.text.split('class="built"')[1].split("</code>")[0]).endswith(
        "41050200111327000001"
    )
    shown = fields_of(page.text)
    bad = post(client, f"/cameras/{camera.id}/code", shown | {"division": "41"})
    assert bad.status_code == 422
    assert 'id="division-error"' in bad.text
    assert post(client, f"/cameras/{camera.id}/code", shown | {"then": "preview"}).status_code == 200
    assert post(client, f"/cameras/{camera.id}/code", shown).status_code == 303
    session.expire_all()
    assert session.get(Camera, camera.id).gb_code == "41050200111327000001"


# -- faults and rates --------------------------------------------------------------------------------------------------


def test_faults_stand_at_their_fields_and_go_when_they_are_cured(
    client: FlaskClient, session: Session, world: World
) -> None:
    filer, system = a_system(session, world)
    camera = a_camera(session, filer, system, gb_code="41050300111327000001", maker=None)
    assert camera.fault_keys == ["maker:missing", "gb_code:division"]
    assert not camera.passes
    sign_in(client, world.login_of(filer))
    page = client.get(f"/cameras/{camera.id}").text
    assert "编码中的行政区划与安装地点不一致" in page.split('id="file-gb_code"')[1].split("</div>")[0]
    assert "未填写" in page.split('id="file-maker"')[1].split("</div>")[0]
    form = client.get(f"/cameras/{camera.id}/edit").text
    assert "编码中的行政区划与安装地点不一致" in form.split('id="f-gb_code"')[1].split('id="f-popular_name"')[0]
    change(session, filer, camera)
    session.flush()
    session.refresh(camera)
    assert (camera.fault_keys, camera.passes) == ([], True)
    assert "合格：档案完整" in client.get(f"/cameras/{camera.id}").text


def test_cameras_at_one_place_and_direction_or_on_one_device_are_found(session: Session, world: World) -> None:
    filer, system = a_system(session, world)
    head = world.person(Role.UNIT_SECURITY_HEAD, unit_id=system.unit_id)
    one = a_camera(session, filer, system)
    other = a_camera(session, filer, system, gb_code=None, name="东门二")
    assert "lon:duplicate" in other.fault_keys
    for camera in (one, other):
        access = AccessParticulars(host="127.70.0.9", rtsp_port=8554)
        operations.set_access(session, actor=head, camera_id=camera.id, access=access, now=NOW)
    session.flush()
    operations.mark_twins(session)
    session.expire_all()
    assert set(one.fault_keys) == {"lon:duplicate", "host:duplicate"}
    assert {"lon:duplicate", "host:duplicate"} <= set(other.fault_keys)
    assert [twin.id for twin in operations.twins_of(session, filer, one)["lon:duplicate"]] == [other.id]
    assert [twin.id for twin in operations.twins_of(session, filer, one)["host:duplicate"]] == [other.id]
    change(session, filer, other, gb_code=None, name="东门二", azimuth=100, storage_channel=2)
    session.flush()
    operations.mark_twins(session)
    session.expire_all()
    assert one.fault_keys == []


def test_the_twins_of_one_system_are_marked_without_a_look_at_the_rest(session: Session, world: World) -> None:
    filer, system = a_system(session, world)
    head = world.person(Role.UNIT_SECURITY_HEAD, unit_id=system.unit_id)
    beside = new_system(session, filer, system.unit_id)
    far = world.unit("北关一中", district=BEIGUAN)
    far_filer, far_head = (world.person(role, unit_id=far.id) for role in (Role.UNIT_FILER, Role.UNIT_SECURITY_HEAD))
    elsewhere = new_system(session, far_filer, far.id)
    one = a_camera(session, filer, system)
    twin = a_camera(session, filer, beside, gb_code=None, name="东门二")
    third = a_camera(
        session, far_filer, elsewhere, gb_code=None, name="东门三", lon=Decimal("114.36"), lat=Decimal("36.09")
    )
    for camera, actor in ((one, head), (twin, head), (third, far_head)):
        access = AccessParticulars(host="127.70.0.9", rtsp_port=8554)
        operations.set_access(session, actor=actor, camera_id=camera.id, access=access, now=NOW)
    wrong = a_camera(
        session, far_filer, elsewhere, gb_code=None, name="东门四", lon=Decimal("114.37"), lat=Decimal("36.09")
    )
    session.flush()
    session.execute(update(Camera).values(fault_keys=[]).where(Camera.id != wrong.id))
    session.execute(update(Camera).values(fault_keys=["lon:duplicate"], district=BEIGUAN).where(Camera.id == wrong.id))

    def marked() -> list[set[str]]:
        operations.mark_twins(session, system_id=system.id)
        session.expire_all()
        return [set(camera.fault_keys) for camera in (one, twin, third)]

    both = {"lon:duplicate", "host:duplicate"}
    assert marked() == [both, both, {"host:duplicate"}]
    assert wrong.fault_keys == ["lon:duplicate"], "far from everything of the system: not looked at"
    session.execute(update(Camera).values(azimuth=100, storage_channel=2).where(Camera.id == one.id))
    assert marked()[:2] == [set(), {"host:duplicate"}]
    operations.mark_twins(session)
    session.refresh(wrong)
    assert wrong.fault_keys == []


def crowd(session: Session, like: Camera, count: int) -> None:
    """So many more cameras of one system, each at a place of its own, all with another fault."""
    number = func.generate_series(1, count).table_valued("n").render_derived()
    place = func.st_setsrid(func.st_makepoint(114.3 + number.c.n / 10000.0, 36.1), 4326)
    other = {
        "id": func.gen_random_uuid(),
        "gb_code": null(),
        "position": place,
        "fault_keys": text("'{maker:missing}'"),
    }
    columns = [each for each in Camera.__table__.c if each.computed is None]
    rows = select(*(other.get(each.key, each) for each in columns)).join_from(Camera, number, true())
    session.execute(insert(Camera.__table__).from_select(columns, rows.where(Camera.id == like.id)))


def rows_read(session: Session) -> int:
    """How many rows of cameras this transaction has looked at so far, one after the other or by an index."""
    read = "select seq_tup_read + idx_tup_fetch from pg_stat_xact_user_tables where relname = 'camera'"
    return int(session.scalar(text(read)) or 0)


@pytest.mark.usefixtures("no_statistics")
def test_twins_are_found_without_a_look_at_the_city(session: Session, world: World) -> None:
    """Row-level security lets `~=` choose no row by an index: one camera saved would read them all."""
    filer, system = a_system(session, world)
    beside = new_system(session, filer, system.unit_id)
    one = a_camera(session, filer, system)
    twin = a_camera(session, filer, beside, gb_code=None, name="东门二")
    session.flush()
    other = world.person(Role.UNIT_FILER, unit_id=world.unit("另一所中学").id)
    elsewhere = new_system(session, other, next(iter(other.unit_ids)))
    crowd(session, a_camera(session, other, elsewhere, gb_code=None, lon=Decimal("114.36"), lat=Decimal("36.09")), 1500)
    session.execute(text("set local enable_seqscan = off"))
    for scope in (filer.data_scope, EVERYTHING):
        narrow(session, scope)
        for azimuth, shared in ((100, False), (90, True)):
            before = rows_read(session)
            change(session, filer, one, azimuth=azimuth)
            session.flush()
            operations.mark_twins(session, system_id=system.id)
            operations.twins_of(session, filer, one)
            assert rows_read(session) - before < 150
            session.expire_all()
            assert [("lon:duplicate" in camera.fault_keys) for camera in (one, twin)] == [shared, shared]


def test_a_twin_is_told_of_and_never_which(session: Session, world: World) -> None:
    """A unit learns that its camera shares a place with another of the city, when it saves, and nothing of the other."""
    filer, system = a_system(session, world)
    far = world.unit("北关一中", district=BEIGUAN)
    far_filer = world.person(Role.UNIT_FILER, unit_id=far.id)
    foreign = a_camera(session, far_filer, new_system(session, far_filer, far.id), gb_code=None)
    foreign.secret = True
    one = a_camera(session, filer, system)
    session.flush()
    narrow(session, filer.data_scope)
    change(session, filer, one, name="东门三")
    session.flush()
    assert one.fault_keys == ["lon:duplicate"]
    assert operations.twins_of(session, filer, one)["lon:duplicate"] == []
    told = "select row_id from portal_twins('lon:duplicate', array[:one, :foreign]::uuid[]) where twin"
    assert session.scalars(text(told), {"one": one.id, "foreign": foreign.id}).all() == [one.id]
    narrow(session, EVERYTHING)
    registrar = world.person(Role.REGISTRAR, organ=world.city)
    assert operations.twins_of(session, registrar, one)["lon:duplicate"] == [], "a secret camera is its unit's own"
    foreign.secret = False
    session.flush()
    assert operations.twins_of(session, registrar, one)["lon:duplicate"] == [foreign]


def test_addresses_and_telephones_are_sealed(session: Session, world: World) -> None:
    filer, system = a_system(session, world)
    head = world.person(Role.UNIT_SECURITY_HEAD, unit_id=system.unit_id)
    camera = a_camera(session, filer, system)
    access = operations.set_access(
        session,
        actor=head,
        camera_id=camera.id,
        access=AccessParticulars(host="127.70.0.9", mac="3c-1a-cc-02-7f-10", storage_address="10.2.3.4"),
        now=NOW,
    )
    assert (camera.managing_phone_masked, access.mac) == ("139****2207", "3C:1A:CC:02:7F:10")
    assert "13900002207" not in camera.managing_phone_sealed
    assert "10.2.3.4" not in access.storage_address_sealed
    for bad in ({"mac": "xyz"}, {"ipv6": "10.0.0.1"}, {"storage_address": "nvr.local"}):
        given = AccessParticulars(host="127.70.0.9", **bad)
        with pytest.raises(Invalid):
            operations.set_access(session, actor=head, camera_id=camera.id, access=given, now=NOW)


def test_the_job_judges_every_file_anew(own_database: Database) -> None:
    with own_database.transaction() as session:
        world = make_world(session)
        filer, system = a_system(session, world)
        camera = a_camera(session, filer, system)
    with own_database.transaction() as session:
        session.execute(text("update camera set fault_keys = null"))
        session.execute(text("update unit set unit_type = 'hospital'"))
    assert operations.recheck_all(own_database, now=NOW) == 2
    with own_database.transaction() as session:
        found = session.get(Camera, camera.id)
        assert found.fault_keys == ["gb_code:industry"]
        assert session.scalar(select(RowHistory.id).where(RowHistory.kind == HistoryKind.CAMERA)) is None
    assert operations.recheck_all(own_database, now=NOW) == 0


def test_rates_by_district_unit_and_fault(client: FlaskClient, session: Session, world: World) -> None:
    filer, system = a_system(session, world)  # its first camera lacks most of what is asked
    a_camera(session, filer, system, networked=Networked.NO)
    registrar = world.person(Role.REGISTRAR)
    session.flush()
    session.execute(text("update camera set live = 1 where gb_code is not null"))
    session.execute(text("update camera set live = 3 where gb_code is null"))
    standing = queries.standing_of(session, registrar, unit_id=system.unit_id)
    assert (standing.cameras, standing.passing, standing.failing) == (2, 1, 1)
    assert (standing.online_rate, standing.networking_rate, standing.pass_rate) == (0.5, 0.0, 0.5)
    assert queries.standings_by_district(session, registrar)["410502"] == standing
    assert [row.id for row in queries.standings_by_unit(session, registrar, "410502").items] == [system.unit_id]
    assert ("gb_code:missing", 1) in queries.faults_by_kind(session, registrar, district="410502")
    sign_in(client, world.login_of(registrar))
    for address in (
        "/quality",
        "/quality/districts/410502",
        f"/units/{system.unit_id}/quality",
        f"/units/{system.unit_id}",
    ):
        page = client.get(address)
        assert page.status_code == 200, address
        assert "合格率" in page.text
    assert client.get("/quality/districts/410503").status_code == 404
    assert "南门入口" in client.get(f"/cameras?unit={system.unit_id}&fault=gb_code:missing").text
    assert "东门" not in client.get(f"/cameras?unit={system.unit_id}&failing=1").text.split("<tbody>")[1]
    assert client.get(f"/units/{system.unit_id}/quality?fault=gb_code:missing").status_code == 200


def test_the_list_of_units_goes_on_by_key(session: Session, world: World) -> None:
    registrar = world.person(Role.REGISTRAR)
    unit = world.unit()
    filer = world.person(Role.UNIT_FILER, unit_id=unit.id)
    system = operations.create_system(session, actor=filer, unit_id=unit.id, particulars=particulars(), now=NOW)
    for number in range(30):
        owner = world.unit()
        session.flush()
        own = System(
            **{c.key: getattr(system, c.key) for c in System.__table__.columns if c.key not in ("id", "version")}
        )
        own.unit_id = owner.id
        session.add(own)
        session.flush()
        camera = a_camera(session, filer, system, gb_code=None, azimuth=number)
        camera.unit_id, camera.system_id = owner.id, own.id
    session.flush()
    first = queries.standings_by_unit(session, registrar, "410502")
    second = queries.standings_by_unit(session, registrar, "410502", after=first.next_cursor)
    ids = [row.id for row in (*first.items, *second.items)]
    assert (len(first.items), len(ids), len(set(ids)), second.next_cursor) == (25, 30, 30, None)


# -- departments, processing and storage -------------------------------------------------------------------------------


@pytest.mark.requirement("REG-14")
def test_departments_of_a_unit_and_the_one_without_a_listed_system(
    client: FlaskClient, session: Session, world: World
) -> None:
    filer, system = a_system(session, world)
    a_camera(session, filer, system)
    system.department = "教务处"
    a_camera(session, filer, system, gb_code=None, department="", azimuth=1)
    session.flush()
    found = {row.name: row for row in queries.departments_of(session, filer, system.unit_id)}
    assert (found["保卫处"].systems, found["保卫处"].cameras, found["保卫处"].unlisted) == (0, 1, True)
    assert (found["教务处"].systems, found["教务处"].cameras, found["教务处"].unlisted) == (1, 1, False)
    sign_in(client, world.login_of(filer))
    page = client.get(f"/units/{system.unit_id}/quality").text
    assert "有摄像机，但未登记所属系统" in page
    assert "东门" in client.get(f"/cameras?unit={system.unit_id}&department=保卫处").text


@pytest.mark.requirement("REG-11")
def test_processing_and_storage_are_told_filed_and_kept(client: FlaskClient, session: Session, world: World) -> None:
    filer, system = a_system(session, world)
    papers(session, world, filer, system)
    sign_in(client, world.login_of(filer))
    shown = fields_of(client.get(f"/systems/{system.id}/edit").text)
    for unticked in ("records_audio", "networked"):
        shown.pop(unticked)
    told = shown | {"has_analytics": "y", "storage_kind": "platform", "software": "视频平台 3.2"}
    assert post(client, f"/systems/{system.id}/edit", told).status_code == 303
    page = client.get(f"/systems/{system.id}").text
    facts = dict(re.findall(r"<dt>([^<]+)</dt><dd>([^<]*)", page))
    assert facts["存储方式"] == "视频平台"
    assert page.count("<dd>是</dd>") == 1
    session.expire_all()
    filing = operations.open_filing(
        session, actor=filer, system_id=system.id, kind=FilingKind.NEW, calendar=CALENDAR, now=NOW
    )
    submit(session, filer, filing)
    session.flush()
    content = queries.revisions_of(session, filing.id)[0].content
    assert '"has_analytics":true' in content
    assert '"storage_kind":"platform"' in content


# -- past versions -----------------------------------------------------------------------------------------------------


def test_a_filed_camera_is_changed_only_with_a_reason_and_its_past_stays(
    client: FlaskClient, session: Session, world: World
) -> None:
    filer, system = a_system(session, world)
    registrar = world.person(Role.REGISTRAR, name="陈登记")
    camera = a_camera(session, filer, system)
    papers(session, world, filer, system)
    filing = operations.open_filing(
        session, actor=filer, system_id=system.id, kind=FilingKind.NEW, calendar=CALENDAR, now=NOW
    )
    submit(session, filer, filing)
    operations.accept_filing(
        session, actor=registrar, filing_id=filing.id, seen_version=filing.version, national_number="", now=NOW
    )
    later = NOW + timedelta(days=10)
    with pytest.raises(Invalid) as refused:
        change(session, filer, camera, now=later, model="IPC-9", reason=" ")
    assert refused.value.problems[0].field == "reason"
    session.expire(camera)
    change(session, registrar, camera, now=later, model="IPC-9", azimuth=80, reason="设备更换")
    session.flush()
    session.execute(text("update camera set live = 2"))  # what reachability writes is no version
    kept = session.scalars(select(RowHistory).where(RowHistory.row_id == camera.id)).all()
    assert [(row.actor_name, row.reason, row.valid_from, row.valid_to) for row in kept] == [
        ("陈登记", "设备更换", NOW, later)
    ]
    assert (kept[0].content["model"], kept[0].content["azimuth"]) == ("IPC-2301", 90)
    assert not [key for key in kept[0].content if key.endswith("_sealed") or key in ("live", "mercator", "version")]
    sign_in(client, world.login_of(filer))
    page = client.get(f"/cameras/{camera.id}/history").text
    for told in ("陈登记", "设备更换", "IPC-2301", "IPC-9", "90°", "80°"):
        assert told in page, told
    past = client.get(f"/cameras/{camera.id}/history?as_of=2026-11-25").text
    assert "当前查看的是历史状态" in past
    assert "IPC-2301" in past
    assert "IPC-9" not in past
    assert "尚未录入" in client.get(f"/cameras/{camera.id}/history?as_of=2026-11-01").text
    assert client.get(f"/cameras/{camera.id}/history?as_of=x").status_code == 422
    stranger = world.person(Role.UNIT_FILER, unit_id=world.unit().id)
    post(client, "/sign-out")
    sign_in(client, world.login_of(stranger))
    assert client.get(f"/cameras/{camera.id}/history").status_code == 404


def test_units_and_systems_have_a_past_too(client: FlaskClient, session: Session, world: World) -> None:
    filer, system = a_system(session, world)
    later = NOW + timedelta(days=3)
    operations.edit_system(
        session,
        actor=filer,
        system_id=system.id,
        seen_version=system.version,
        particulars=particulars(retention_days=30, parties={"manager": "后勤集团"}),
        reason="更换管理单位",
        now=later,
    )
    session.flush()
    sign_in(client, world.login_of(filer))
    page = client.get(f"/systems/{system.id}/history").text
    for told in ("更换管理单位", "第一实验小学", "后勤集团", "90", "30"):
        assert told in page, told
    shown = fields_of(client.get(f"/units/{system.unit_id}/edit").text)
    changed = shown | {"address": "文峰大道9号", "contact_name": "李建国", "reason": "迁址"}
    assert post(client, f"/units/{system.unit_id}/edit", changed).status_code == 303
    page = client.get(f"/units/{system.unit_id}/history").text
    assert "迁址" in page
    assert "文峰大道9号" in page
    past = client.get(f"/systems/{system.id}/history?as_of=2026-11-21").text
    assert "后勤集团" not in past


def test_long_histories_are_read_a_page_at_a_time(session: Session, world: World) -> None:
    filer, system = a_system(session, world)
    camera = a_camera(session, filer, system)
    for number in range(1, 31):
        change(session, filer, camera, now=NOW + timedelta(hours=number), model=f"IPC-{number}")
        session.flush()
    first = queries.changes_of(session, HistoryKind.CAMERA, camera.id)
    second = queries.changes_of(session, HistoryKind.CAMERA, camera.id, after=first.next_cursor)
    told = [(one.before["model"], one.after["model"]) for one in (*first.items, *second.items)]
    assert len(first.items) == 25
    assert told == [(f"IPC-{n - 1}" if n > 1 else "IPC-2301", f"IPC-{n}") for n in range(30, 0, -1)]
    assert second.next_cursor is None
    for hours in (0, 7, 29, 30):
        content = queries.content_at(session, HistoryKind.CAMERA, camera.id, NOW + timedelta(hours=hours, minutes=5))
        if content is None:
            content = queries.present_content(session, HistoryKind.CAMERA, camera.id)
        assert content["model"] == (f"IPC-{hours}" if hours else "IPC-2301")


def test_a_bulk_change_keeps_every_rows_past_and_a_delete_the_last(session: Session, world: World) -> None:
    filer, system = a_system(session, world)
    cameras = [a_camera(session, filer, system, gb_code=None, azimuth=n) for n in range(5)]
    session.flush()
    session.execute(text("update camera set pole_number = 'G-1' where azimuth < 3 and gb_code is null"))
    session.execute(text("delete from camera where id = :id"), {"id": cameras[0].id})
    rows = session.scalars(select(RowHistory).where(RowHistory.row_id == cameras[0].id).order_by(RowHistory.id)).all()
    assert [row.content["pole_number"] for row in rows] == [""]  # the second version ended where it began
    touched = set(session.scalars(select(RowHistory.row_id)))
    assert {camera.id for camera in cameras[:3]} <= touched
    assert not {camera.id for camera in cameras[3:]} & touched
    assert queries.present_content(session, HistoryKind.CAMERA, cameras[0].id) == {}


def test_a_secret_cameras_history_is_read_on_record(client: FlaskClient, session: Session, world: World) -> None:
    filer, system = a_system(session, world)
    camera = a_camera(session, filer, system)
    camera.secret = True
    session.flush()
    sign_in(client, world.login_of(filer))
    assert client.get(f"/cameras/{camera.id}/history").status_code == 200
    seen = session.scalar(text("select count(*) from audit_stage where tag = 'registry:history:read'"))
    assert seen == 1


def test_the_form_tells_every_field_it_shows(client: FlaskClient, session: Session, world: World) -> None:
    filer, system = a_system(session, world)
    sign_in(client, world.login_of(filer))
    assert client.get(f"/systems/{system.id}/cameras/new").status_code == 200
    typed = {
        "name": "西门-向西-球机",
        "lon": "114.392600",
        "lat": "36.097800",
        "datum": "wgs84",
        "camera_type": "ptz_dome",
        "point_type": "3",
        "key_point": "y",
        "patrol_mode": "timed",
        "coverage": "西门内外三十米",
        "install_height_m": "4.5",
        "direction": "2",
    }
    answer = post(client, f"/systems/{system.id}/cameras/new", typed | {"function_types": "1"})
    assert answer.status_code == 303
    camera = session.scalars(select(Camera).where(Camera.name == typed["name"])).one()
    assert (camera.patrol_mode, camera.key_point, camera.direction) == (PatrolMode.TIMED, True, 2)
    assert (camera.install_height_m, camera.function_types, camera.status) == (Decimal("4.50"), [1], "in_use")
    assert camera.police_organ == "410502000000"
    bad = post(
        client, f"/systems/{system.id}/cameras/new", typed | {"install_height_m": "900", "position_accuracy_m": "x"}
    )
    assert bad.status_code == 422
    assert 'id="install_height_m-error"' in bad.text
    assert 'value="西门-向西-球机"' in bad.text
