"""The camera list: what it finds by name is what a plain reading finds, within the reader's scope, however it is found."""

from dataclasses import replace
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.accounts.values import Identity, Role
from portal.core.clock import city_day
from portal.core.db import narrow
from portal.core.scope import EVERYTHING
from portal.registry import operations
from portal.registry.models import Camera
from portal.registry.queries.lists import CAMERAS, Asked, read_counts, read_page, walking
from portal.registry.queries.searching import Best, Kind, best_matches
from portal.registry.values import CameraParticulars
from portal.registry.values.lists import Wanted
from tests.people import BEIGUAN, NOW, World, make_world, sign_in
from tests.registry.test_filing import a_system
from tests.registry.test_forms import fields_of

NAMES = ["东门口-枪机", "东门口-球机", "东门", "100%东门口", "a_b东门口", "a/b东门口", "西门口", "axb东门口"]


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


@pytest.fixture
def readers(session: Session, world: World) -> tuple[Identity, Identity, Identity]:
    """A filer with all the names, a registrar of the district, and another unit's filer with one of the names."""
    filer, system = a_system(session, world)
    for name in NAMES:
        particulars = CameraParticulars(name=name, lon=114.3924, lat=36.0976)
        operations.add_camera(session, actor=filer, system_id=system.id, particulars=particulars, now=NOW)
    stranger, other = a_system(session, world)
    particulars = CameraParticulars(name="别处东门口", lon=114.3924, lat=36.0976)
    operations.add_camera(session, actor=stranger, system_id=other.id, particulars=particulars, now=NOW)
    session.execute(text("update camera set live = 1 where name in ('东门口-球机', '100%东门口')"))
    session.flush()
    return filer, world.person(Role.REGISTRAR), stranger


def listed(session: Session, reader: Identity, **conditions: str) -> tuple[list[str], dict[str, int]]:
    """Names over all pages, and the count of each state, under the reader's own row scope."""
    narrow(session, reader.data_scope)
    asked = Asked(session=session, identity=reader, today=city_day(NOW))
    wanted = Wanted(conditions={key: (text,) for key, text in conditions.items()}, columns=("name",))
    try:
        names = []
        while True:
            page = read_page(asked, CAMERAS, wanted)
            names += [row["name"] for row in page.rows]
            if not page.next_cursor:
                tally = read_counts(asked, CAMERAS, wanted).facets["live"]
                return names, {state: count.number for state, count in tally.items()}
            wanted = replace(wanted, after=page.next_cursor)
    finally:
        narrow(session, EVERYTHING)


@pytest.mark.parametrize("word", ["门", "东门", "东门口", "0%东", "a_b", "a/b", "%%%", "没有的", "门口-枪机"])
def test_names_are_found_as_a_plain_reading_finds_them(session: Session, readers, word: str) -> None:
    for reader in readers:
        everything = session.execute(select(Camera.name, Camera.unit_id).order_by(Camera.id.desc())).all()
        own = reader.unit_ids
        expected = [name for name, unit in everything if word in name and (not own or unit in own)]
        names, tally = listed(session, reader, q=word)
        assert names == expected
        assert sum(tally.values()) == len(expected)


def test_the_tally_leaves_the_state_open_and_the_page_keeps_to_it(session: Session, readers) -> None:
    names, tally = listed(session, readers[0], q="东门口", live="online")
    assert names == ["100%东门口", "东门口-球机"]
    assert tally == {"online": 2, "unknown": 4}
    names, tally = listed(session, readers[1], live="online")
    assert (names, tally["online"]) == (["100%东门口", "东门口-球机"], 2)


def test_pages_of_a_name_join_without_gap(session: Session, world: World) -> None:
    filer, system = a_system(session, world)
    for number in range(60):
        particulars = CameraParticulars(name=f"走廊{number}号-半球", lon=114.3924, lat=36.0976)
        operations.add_camera(session, actor=filer, system_id=system.id, particulars=particulars, now=NOW)
    for word in ("走廊", "号-半球"):
        names, tally = listed(session, filer, q=word)
        assert names == [f"走廊{number}号-半球" for number in reversed(range(60))]
        assert sum(tally.values()) == 60


def test_the_databases_own_function_keeps_to_the_signed_scope(session: Session, readers) -> None:
    filer, registrar, stranger = readers

    def found(reader: Identity | None) -> set[UUID]:
        if reader is not None:
            narrow(session, reader.data_scope)
        keys = set(session.scalars(select(func.portal_cameras_named("东门口"))))
        narrow(session, EVERYTHING)
        return keys

    everything = found(None)
    assert len(everything) == 7
    assert found(registrar) == everything
    assert (len(found(filer)), len(found(stranger))) == (6, 1)
    assert found(filer).isdisjoint(found(stranger))
    session.execute(text("select set_config('portal.scope', 'forged', true)"))
    assert set(session.scalars(select(func.portal_cameras_named("东门口")))) == set()
    narrow(session, EVERYTHING)


def test_a_camera_across_a_border_is_listed_where_it_hangs_and_where_it_is_filed(
    client: FlaskClient, session: Session, world: World
) -> None:
    """In rows, sums, search and on its page alike; however it got there, and no longer once its system is there, too."""
    filer, system = a_system(session, world)
    camera = session.scalars(select(Camera).where(Camera.system_id == system.id)).one()
    filed, ground = world.person(Role.REGISTRAR), world.person(Role.REGISTRAR, organ=world.branches[BEIGUAN])

    def seen_by(reader: Identity) -> tuple[list[str], int, int, int]:
        names, tally = listed(session, reader)
        narrow(session, reader.data_scope)
        hits = best_matches(session, reader, "南门入口", most=5, kinds=[Kind.CAMERA]).get(Kind.CAMERA, Best()).rows
        asked = Asked(session=session, identity=reader, today=city_day(NOW))
        abroad = read_page(asked, CAMERAS, Wanted(conditions={"across": ("1",)})).rows
        narrow(session, EVERYTHING)
        return names, sum(tally.values()), len(hits), len(abroad)

    here = ([camera.name], 1, 1, 0)
    assert (seen_by(filed), seen_by(ground)) == (here, ([], 0, 0, 0))
    session.execute(text("update camera set district = :code where id = :id"), {"code": BEIGUAN, "id": camera.id})
    session.expire_all()
    across = ([camera.name], 1, 1, 1)
    assert (seen_by(filed), seen_by(ground), seen_by(filer)) == (across, across, across)
    for reader in (filed, ground):
        sign_in(client, world.login_of(reader))
        page = client.get(f"/cameras/{camera.id}")
        assert (page.status_code, system.name in page.text) == (200, True)
        assert (f"/systems/{system.id}" in page.text) is (reader is filed)
        client.post("/sign-out", data=fields_of(page.text))
    kept = session.scalars(text("select count(*) from row_history where row_id = :id").bindparams(id=camera.id)).one()
    copied = "create temporary table copied on commit drop as select * from camera"
    session.execute(text(f"{copied}; delete from camera; insert into camera {_whole(session)}"))
    assert seen_by(filed) == across, "entered in bulk"
    session.execute(text("update system set district = :code where id = :id"), {"code": BEIGUAN, "id": system.id})
    assert (seen_by(filed), seen_by(ground)) == (([], 0, 0, 0), here)
    assert kept == 1, "where it is filed is no version of its file"


def _whole(session: Session) -> str:
    """Every column that can be written, but the one that follows from others."""
    columns = [
        each.name
        for each in Camera.__table__.columns
        if each.computed is None and each.name not in ("filed_district", "secret_inherited")
    ]
    return f"({', '.join(columns)}) select {', '.join(columns)} from copied"


CONDITIONS = ({"q": ("岗亭",)}, {"q": ("走廊",)}, {"q": ("岗",)}, {"maker": ("3",)}, {"q": ("岗亭",), "maker": ("3",)})


def test_a_page_is_the_same_however_far_off_it_lies(
    session: Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by walking, by the index of words or out of order: the same rows, once each, either way through the list."""
    for name in ("STRETCH", "NARROW_STRETCH"):
        monkeypatch.setattr(walking, name, 5)
    monkeypatch.setattr(walking, "SPARE", 1)
    filer, system = a_system(session, world)
    for number in range(24):
        name = f"{'岗亭' if number % 7 == 0 or 11 < number < 15 else '走廊'}{number * 5 % 24:02d}"
        camera = operations.add_camera(
            session,
            actor=filer,
            system_id=system.id,
            particulars=CameraParticulars(name=name, lon=114.3924, lat=36.0976, maker=3 if number % 4 == 0 else None),
            now=NOW,
        )
        camera.secret = number == 14
    session.flush()
    cameras = session.scalars(select(Camera)).all()
    for reader in (filer, world.person(Role.REGISTRAR, organ=world.city)):
        narrow(session, reader.data_scope)
        asked = Asked(session=session, identity=reader, today=city_day(NOW))
        for conditions in CONDITIONS:
            word, maker = conditions.get("q", ("",))[0], "maker" in conditions
            good = [
                camera
                for camera in cameras
                if word in camera.name and (not maker or camera.maker == 3) and (reader is filer or not camera.secret)
            ]
            for sort in ("", "id", "-name"):
                ordered = sorted(good, key=lambda camera: (camera.name if "name" in sort else "", camera.id))
                if sort in {"", "-name"}:
                    ordered.reverse()
                assert both_ways(asked, Wanted(conditions=conditions, sort=sort)) == [each.id for each in ordered]
        narrow(session, EVERYTHING)


def both_ways(asked: Asked, wanted: Wanted) -> list[UUID]:
    """The keys of a whole list by pages of four, forward; and going back from its end shows the same pages."""
    pages = [read_page(asked, CAMERAS, wanted, size=4)]
    while pages[-1].next_cursor:
        pages.append(read_page(asked, CAMERAS, replace(wanted, after=pages[-1].next_cursor), size=4))
    for later, earlier in zip(reversed(pages), reversed(pages[:-1]), strict=False):
        back = read_page(asked, CAMERAS, replace(wanted, before=later.previous_cursor), size=4)
        assert [row["row_id"] for row in back.rows] == [row["row_id"] for row in earlier.rows]
    return [row["row_id"] for page in pages for row in page.rows]
