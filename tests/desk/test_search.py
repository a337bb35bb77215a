"""The search over everything: short Chinese words, initials, codes; what may be read and nothing else."""

from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.accounts.values import Identity, Role
from portal.core.db import narrow
from portal.core.scope import EVERYTHING
from portal.desk.queries import EACH, search
from portal.registry import operations
from portal.registry.models import Camera, System, Unit
from portal.registry.queries.cameras import camera_named, visible_cameras
from portal.registry.queries.lists import CAMERAS, Asked, read_counts, read_page
from portal.registry.queries.units import systems_visible_to, units_visible_to
from portal.registry.values import CameraParticulars, FilingKind
from portal.registry.values.lists import Wanted
from portal.regulation.calendar import WorkCalendar
from tests.people import BEIGUAN, NOW, TODAY, make_world, sign_in
from tests.registry.test_filing import a_system, submit

CODE = "41050205011310000042"


@pytest.fixture
def city(session: Session):
    """A unit with a system, a camera and a filing; another unit in another district with a camera of the same street."""
    world = make_world(session)
    filer, system = a_system(session, world)
    unit = session.get(Unit, system.unit_id)
    assert unit is not None
    unit.name, unit.uscc = "安阳市建设银行文峰支行", "91410500MA44CXYZ1X"
    session.flush()
    camera = add(session, filer, system, "文峰大道Ａ3 出入口", gb_code=CODE)
    far = world.unit("北关长春路幼儿园", district=BEIGUAN)
    far_filer = world.person(Role.UNIT_FILER, unit_id=far.id)
    return SimpleNamespace(
        world=world, filer=filer, system=system, unit=unit, camera=camera, far=far, far_filer=far_filer,
        registrar=world.person(Role.REGISTRAR), city=world.person(Role.REGISTRAR, organ=world.city),
    )  # fmt: skip


def add(session: Session, filer: Identity, system: System, name: str, **more) -> Camera:
    particulars = CameraParticulars(name=name, lon=114.3924, lat=36.0976, **more)
    return operations.add_camera(session, actor=filer, system_id=system.id, particulars=particulars, now=NOW)


def found(session: Session, who: Identity, word: str) -> dict[str, list[str]]:
    narrow(session, who.data_scope)
    try:
        groups = search(session, who, word, today=TODAY).groups
        return {kind: [hit.text for hit in hits] for kind, hits in groups.items()}
    finally:
        narrow(session, EVERYTHING)


PARTS = ("大道", "文峰大道", "a3出", "Ａ３", "出入口", "wfdd", "WFDD", "dda3", CODE, CODE[-6:], "000042")
STRANGE = ("道文", "峰大文", "wfad", "口出", "不存", "大", "峰", "  ", "%%", "__", "000043", "' or 1=1 --")


def test_a_camera_is_found_by_every_part_of_what_it_is_called(session: Session, city) -> None:
    for word in PARTS:
        assert found(session, city.registrar, word)["camera"] == [city.camera.name]
        assert found(session, city.filer, word)["camera"] == [city.camera.name]
        assert "camera" not in found(session, city.far_filer, word)


def test_any_six_digits_of_a_code_that_stand_together_find_it(session: Session, city) -> None:
    parts = [CODE[start:end] for start in range(15) for end in range(start + 6, 21)]
    for part in parts:
        for who in (city.registrar, city.filer, city.city):
            assert found(session, who, part)["camera"] == [city.camera.name], part
    assert "camera" not in found(session, city.far_filer, CODE[4:12])
    assert found(session, city.registrar, "91410500")["unit"] == [city.unit.name]
    for other in ("410502050114", "020501131001", "000043"):
        assert found(session, city.registrar, other) == {}
    narrow(session, city.registrar.data_scope)
    asked = Asked(session=session, identity=city.registrar, today=TODAY)
    for part in (CODE[:6], CODE[3:12], CODE[-7:]):
        wanted = Wanted(conditions={"q": (part,)})
        assert [row["row_id"] for row in read_page(asked, CAMERAS, wanted).rows] == [city.camera.id]
        assert read_counts(asked, CAMERAS, wanted).total.number == 1
        for by_index in (True, False, None):
            assert session.scalars(select(Camera.id).where(camera_named(part, by_index=by_index))).all() == [
                city.camera.id
            ]
    narrow(session, EVERYTHING)


def test_what_is_not_there_is_not_found(session: Session, city) -> None:
    for word in STRANGE:
        assert "camera" not in found(session, city.registrar, word)


def test_a_character_read_in_two_ways_is_found_by_both(session: Session, city) -> None:
    for word in ("jsyh", "jsyx"):  # 银行: yinhang; xing elsewhere
        assert found(session, city.registrar, word)["unit"] == [city.unit.name]
    for word in ("bgcc", "ccl", "zcl"):
        assert found(session, city.city, word)["unit"] == [city.far.name]


def test_every_kind_is_found_and_an_exact_code_is_told(session: Session, city) -> None:
    filing = operations.open_filing(
        session, actor=city.filer, system_id=city.system.id, kind=FilingKind.NEW, calendar=WorkCalendar(), now=NOW
    )
    assert found(session, city.filer, city.system.name)["filing"] == [city.system.name]
    assert "filing" not in found(session, city.registrar, city.system.name), "a draft is its unit's own"
    assert found(session, city.registrar, "建设银行")["unit"] == [city.unit.name]
    filing.number, filing.status = "410502-2026-000318", "accepted"
    session.flush()
    for who, number in ((city.registrar, filing.number), (city.filer, filing.number)):
        narrow(session, who.data_scope)
        (hit,) = search(session, who, city.system.name, today=TODAY).groups["system"]
        narrow(session, EVERYTHING)
        assert (hit.code, hit.note) == (number, city.unit.name)
    filing.national_number = "GA-2026-7788990"
    session.flush()
    for word in (CODE, "91410500ma44cxyz1x", "GA-2026-7788990"):
        narrow(session, city.filer.data_scope)
        result = search(session, city.filer, word, today=TODAY)
        narrow(session, EVERYTHING)
        assert result.only is not None, word


def test_names_changed_and_rows_gone_are_followed(session: Session, city) -> None:
    operations.edit_camera(
        session, actor=city.filer, camera_id=city.camera.id, seen_version=city.camera.version,
        particulars=CameraParticulars(name="汽车库坡道", lon=114.3924, lat=36.0976), reason="改名", now=NOW,
    )  # fmt: skip
    session.flush()
    assert "camera" not in found(session, city.registrar, "大道")
    assert "camera" not in found(session, city.registrar, CODE)
    assert found(session, city.registrar, "坡道")["camera"] == ["汽车库坡道"]
    city.unit.name = "安阳市商都书店"
    session.flush()
    assert found(session, city.registrar, "书店")["unit"] == ["安阳市商都书店"]
    session.execute(text("delete from camera where id = :id"), {"id": city.camera.id})
    assert "camera" not in found(session, city.registrar, "坡道")


def test_secret_cameras_and_systems_are_their_units_own(session: Session, city) -> None:
    city.system.secret = True
    session.flush()
    for who in (city.registrar, city.city):
        assert found(session, who, city.system.name) == {}
        assert "camera" not in found(session, who, "大道")
    assert found(session, city.filer, "大道")["camera"] == [city.camera.name]
    assert found(session, city.filer, city.system.name)["system"] == [city.system.name]
    city.system.secret = False
    city.camera.secret = True
    session.flush()
    assert "camera" not in found(session, city.city, "大道")
    assert found(session, city.filer, "大道")["camera"] == [city.camera.name]


def test_cameras_that_come_by_the_hundred_are_found_when_the_worker_has_caught_up(session: Session, city) -> None:
    columns = "system_id, unit_id, district, position, camera_type, created_at, updated_at"
    session.execute(
        text(
            f"insert into camera (id, name, {columns}) select gen_random_uuid(), '仓库' || n, {columns} "
            "from camera, generate_series(1, 501) n where camera.id = :id"
        ),
        {"id": city.camera.id},
    )
    assert "camera" not in found(session, city.filer, "仓库501")
    assert [operations.index_cameras(session, most=most) for most in (500, 500, 500)] == [500, 1, 0]
    assert found(session, city.filer, "仓库501")["camera"] == ["仓库501"]
    assert not session.scalar(text("select has_table_privilege('portal_app', 'search_due', 'select')"))


def test_the_index_itself_is_closed_to_the_application(session: Session, city) -> None:
    assert not session.scalar(text("select has_table_privilege('portal_app', 'search_entry', 'select')"))
    asked = "select count(*) from portal_search('{3}', '大道', true, '{}', '{}', 10)"
    narrow(session, city.far_filer.data_scope)
    assert session.scalar(text(asked)) == 0, "a wider permission than the signed scope opens nothing"
    session.execute(text("select set_config('portal.scope', 'forged', true)"))
    assert session.scalar(text(asked)) == 0
    narrow(session, EVERYTHING)
    assert session.scalar(text(asked)) == 1


def test_more_than_a_page_says_so_and_an_exact_code_opens_at_once(client: FlaskClient, session: Session, city) -> None:
    for number in range(EACH + 2):
        add(session, city.filer, city.system, f"操场看台{number}号")
    sign_in(client, city.world.login_of(city.registrar))
    page = client.get("/search?q=看台").text
    assert f"{EACH}+" in page
    assert page.count("/cameras/") == EACH
    assert "/cameras?q=" in page
    straight = client.get(f"/search?q={CODE}")
    assert straight.status_code == 302
    assert straight.headers["Location"].endswith(f"/cameras/{city.camera.id}")


def test_a_submitted_filing_is_found_by_its_number(session: Session, city, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.registry.test_filing import papers

    papers(session, city.world, city.filer, city.system)
    filing = operations.open_filing(
        session, actor=city.filer, system_id=city.system.id, kind=FilingKind.NEW, calendar=WorkCalendar(), now=NOW
    )
    submit(session, city.filer, filing)
    operations.accept_filing(
        session, actor=city.registrar, filing_id=filing.id, seen_version=filing.version, national_number="", now=NOW
    )
    session.flush()
    for word in (filing.number, filing.number[-6:], filing.number[7:]):
        assert found(session, city.registrar, word)["filing"] == [city.system.name]


NAMES = st.text(alphabet="文峰大道行长重庆门口AaＢ3 -号楼", min_size=2, max_size=12)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(name=NAMES, start=st.integers(0, 10), length=st.integers(2, 12))
def test_every_part_of_a_name_has_its_pairs_in_the_index(database, name: str, start: int, length: int) -> None:
    """Whatever neighbouring characters are asked for, none of their pairs is missing among those of the name."""
    part = name[start : start + length]
    with database.session(EVERYTHING) as session:
        pairs = "(portal_indexed(portal_search_fold(:{}))).pairs"
        asked = text(f"select {pairs.format('name')} @> {pairs.format('part')}")
        assert session.scalar(asked, {"name": name, "part": part})


PLACES = ("文峰大道与中华路口", "库房Ａ3走廊", "大门值班室", "行政楼银行柜台")
ASKED = (
    "大道",
    "中华",
    "a3走",
    "走廊",
    "值班室",
    "yhgt",
    "xzlyxg",
    "wfdd",
    "枪机",
    "球机",
    "410502",
    "1310",
    "无此名",
    "0043",
    "监控",
)


def by_reading(session: Session, who: Identity, word: str) -> dict[str, set[str]]:
    """Whatever the person may read whose words hold the word, by kind: each row is read, nothing is bounded."""
    narrow(session, who.data_scope)
    found = {}
    columns = {"unit": (Unit.name, Unit.uscc), "system": (System.name, None), "camera": (Camera.name, Camera.gb_code)}
    readable = {"unit": units_visible_to(who), "system": systems_visible_to(who), "camera": visible_cameras(who)}
    for kind, rows in readable.items():
        name, code = columns[kind]
        folded = func.portal_search_fold(name)
        words = func.concat_ws("|", folded, text(f"(portal_indexed(portal_search_fold({kind}.name))).spelt"), code)
        holding = rows.with_only_columns(rows.selected_columns.id).where(func.strpos(func.lower(words), word) > 0)
        found[kind] = {str(key) for key in session.scalars(holding)}
    narrow(session, EVERYTHING)
    return {kind: keys for kind, keys in found.items() if keys}


def test_what_is_found_is_what_reading_every_row_finds(session: Session, city) -> None:
    """Where twenty at most bear a word, all of them; where more do, twenty of them, and that there is more."""
    columns = "system_id, unit_id, district, position, camera_type, created_at, updated_at"
    for number, place in enumerate(PLACES):
        session.execute(
            text(
                "insert into camera (id, name, gb_code, secret, " + columns + ") "
                "select gen_random_uuid(), :place || n || case when n % 3 = 0 then '球机' else '枪机' end, "
                "       '4105020501131' || lpad((:number * 1000 + n)::text, 7, '0'), n % 11 = 0, " + columns + " "
                "  from camera, generate_series(1, :most) n where camera.id = :id"
            ),
            {"place": place, "number": number, "most": 9 + 12 * number, "id": city.camera.id},
        )
    narrow(session, EVERYTHING)
    for who in (city.registrar, city.city, city.filer, city.far_filer):
        for word in (*ASKED, CODE, CODE[-6:]):
            expected = by_reading(session, who, word)
            narrow(session, who.data_scope)
            result = search(session, who, word, today=TODAY)
            narrow(session, EVERYTHING)
            assert set(result.groups) == set(expected), (word, who.name)
            for kind, keys in expected.items():
                hits = [str(hit.id) for hit in result.groups[kind]]
                assert len(hits) == len(set(hits)) == min(len(keys), EACH), (word, kind)
                assert set(hits) <= keys, (word, kind)
                assert (kind in result.more) == (len(keys) > EACH), (word, kind)


def test_a_statement_planned_once_keeps_to_whoever_asks(session: Session, city) -> None:
    """The plan is kept over the fifth time, when one serves all values; scope and permission are read anew each time."""
    for _ in range(8):
        for who, cameras in ((city.filer, 1), (city.far_filer, 0), (city.registrar, 1), (city.city, 1)):
            assert len(found(session, who, "大道").get("camera", ())) == cameras
    narrow(session, EVERYTHING)
    kept = session.execute(text("select generic_plans from pg_prepared_statements where generic_plans > 0")).all()
    assert kept
    other = a_system(session, city.world)[1]
    add(session, city.world.person(Role.UNIT_FILER, unit_id=other.unit_id), other, "朝阳大道")
    assert found(session, city.registrar, "大道")["camera"] == ["朝阳大道", city.camera.name]
