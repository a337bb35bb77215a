"""The camera list: what it finds by name is what a plain reading finds, within the reader's scope, however it is found."""

from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portal.accounts.values import Identity, Role
from portal.core.db import narrow
from portal.core.scope import EVERYTHING
from portal.registry import operations, queries
from portal.registry.models import Camera
from portal.registry.queries import CameraFilter
from portal.registry.states import LiveState
from portal.registry.values import CameraParticulars
from tests.people import NOW, World, make_world
from tests.registry.test_filing import a_system

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


def listed(session: Session, reader: Identity, **wanted) -> tuple[list[str], dict[LiveState, int]]:
    """Names over all pages, and the tally, under the reader's own row scope."""
    narrow(session, reader.data_scope)
    try:
        names, after = [], None
        while True:
            page, tally = queries.camera_page(session, reader, CameraFilter(**wanted), after=after)
            names += [camera.name for camera in page.items]
            after = page.next_cursor
            if after is None:
                return names, {state: count for state, count in tally.items() if count}
    finally:
        narrow(session, EVERYTHING)


@pytest.mark.parametrize("word", ["门", "东门", "东门口", "0%东", "a_b", "a/b", "%%%", "没有的", "门口-枪机"])
def test_names_are_found_as_a_plain_reading_finds_them(session: Session, readers, word: str) -> None:
    for reader in readers:
        everything = session.execute(select(Camera.name, Camera.unit_id).order_by(Camera.id.desc())).all()
        own = reader.unit_ids
        expected = [name for name, unit in everything if word in name and (not own or unit in own)]
        names, tally = listed(session, reader, keyword=word)
        assert names == expected
        assert sum(tally.values()) == len(expected)


def test_the_tally_leaves_the_state_open_and_the_page_keeps_to_it(session: Session, readers) -> None:
    names, tally = listed(session, readers[0], keyword="东门口", live=LiveState.ONLINE)
    assert names == ["100%东门口", "东门口-球机"]
    assert tally == {LiveState.ONLINE: 2, LiveState.UNKNOWN: 4}
    names, tally = listed(session, readers[1], live=LiveState.ONLINE)
    assert (names, tally[LiveState.ONLINE]) == (["100%东门口", "东门口-球机"], 2)


def test_pages_of_a_name_join_without_gap(session: Session, world: World) -> None:
    filer, system = a_system(session, world)
    for number in range(60):
        particulars = CameraParticulars(name=f"走廊{number}号-半球", lon=114.3924, lat=36.0976)
        operations.add_camera(session, actor=filer, system_id=system.id, particulars=particulars, now=NOW)
    for word in ("走廊", "号-半球"):
        names, tally = listed(session, filer, keyword=word)
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
