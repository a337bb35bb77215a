"""Tiles: who sees which cameras, and whether the pyramid counts right."""

import random

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.accounts.values import Role
from portal.core.geometry import point, to_element
from portal.maps import operations, queries
from portal.maps.values import Reach, Tile
from portal.registry.models import Camera, System
from portal.registry.queries import visible_cameras
from portal.registry.values import SystemKind
from portal.regulation.schema.vocabulary import Regime
from tests.people import BEIGUAN, NOW, WENFENG, World, make_world, sign_in

CITY = Tile(z=10, x=837, y=401)


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def cameras(session: Session, world: World, district: str, count: int, *, secret: bool = False, live: int = 1):
    unit = world.unit(district=district)
    system = System(
        unit_id=unit.id,
        district=district,
        organ_id=world.branches[district].id,
        name="系统",
        kind=SystemKind.UNIT_INTERNAL,
        regime=Regime.PUBLIC_UNIT,
        address="x",
        created_at=NOW,
        updated_at=NOW,
    )
    session.add(system)
    session.flush()
    dice = random.Random(7)
    rows = [
        Camera(
            system_id=system.id,
            unit_id=unit.id,
            district=district,
            name=f"球机{n}",
            position=to_element(point(114.35 + dice.random() / 50, 36.08 + dice.random() / 50)),
            live=live,
            secret=secret,
            created_at=NOW,
            updated_at=NOW,
        )
        for n in range(count)
    ]
    session.add_all(rows)
    session.flush()
    return unit, rows


def cells(session: Session) -> list[tuple]:
    found = session.execute(
        text(
            "select level, x, y, district, n, n_online, n_degraded, n_offline, round(sum_x), round(sum_y) "
            "from map_cell where n <> 0 order by 1, 2, 3, 4"
        )
    ).all()
    return [tuple(row) for row in found]


def test_folded_deltas_equal_a_rebuild_after_random_writes(session: Session, world: World) -> None:
    dice = random.Random(3)
    _, rows = cameras(session, world, WENFENG, 60)
    operations.fold_changes(session)
    for row in dice.sample(rows, 20):
        row.live = dice.choice([0, 1, 2, 3])
    for row in dice.sample(rows, 8):
        row.position = to_element(point(114.40, 36.10))
    session.flush()
    for row in dice.sample(rows, 5):
        session.delete(row)
    session.flush()
    operations.fold_changes(session)
    folded = cells(session)
    operations.rebuild(session)
    assert folded == cells(session)
    assert sum(row[4] for row in folded if row[0] == 17) == 55


def test_secret_cameras_are_in_no_count(session: Session, world: World) -> None:
    cameras(session, world, WENFENG, 3, secret=True)
    operations.fold_changes(session)
    assert cells(session) == []


def test_a_tile_holds_the_readers_reach_and_nothing_more(session: Session, world: World) -> None:
    unit, mine = cameras(session, world, WENFENG, 5)
    cameras(session, world, BEIGUAN, 7)
    operations.fold_changes(session)
    connection = session.connection()
    everything = queries.grid_tile(connection, CITY, Reach(everything=True))
    wenfeng = queries.grid_tile(connection, CITY, Reach(districts=(WENFENG,)))
    assert len(everything) > 0
    assert len(wenfeng) > 0
    assert queries.grid_tile(connection, CITY, Reach(districts=())) == b""
    by_row = session.execute(text("select st_x(mercator), st_y(mercator) from camera limit 1")).one()
    half = 20037508.342789244
    street = Tile(z=16, x=int((by_row[0] + half) / (2 * half) * 65536), y=int((half - by_row[1]) / (2 * half) * 65536))
    seen = queries.camera_tile(connection, street, Reach(units=(unit.id,)))
    ids = {str(row.id).encode() for row in mine}
    others = {str(row.id).encode() for row in session.query(Camera).filter(Camera.unit_id != unit.id)}
    assert any(one in seen for one in ids)
    assert not any(one in seen for one in others)


def test_a_camera_beside_the_edge_of_a_tile_stands_in_one_tile_only(session: Session, world: World) -> None:
    """Its mark reaches into the next tile as drawn; told twice, its field of view would be drawn twice over."""
    unit, (camera,) = cameras(session, world, WENFENG, 1)
    edge = 53600 / 65536 * 360 - 180  # between two tiles of zoom 16, as degrees of longitude
    camera.position = to_element(point(edge + 0.00001, 36.09))
    session.flush()
    half = 20037508.342789244
    north = session.execute(text("select st_y(mercator) from camera")).scalar_one()
    row = int((half - north) / (2 * half) * 65536)
    reach = Reach(units=(unit.id,))
    west, east = (
        queries.camera_tile(session.connection(), Tile(z=16, x=column, y=row), reach) for column in (53599, 53600)
    )
    assert str(camera.id).encode() in east
    assert west == b""


def test_visible_cameras_and_tiles_agree_for_secret_rows(session: Session, world: World) -> None:
    unit, rows = cameras(session, world, WENFENG, 2, secret=True)
    officer = world.person(Role.REGISTRAR)
    owner = world.person(Role.UNIT_FILER, unit_id=unit.id)
    assert session.scalars(visible_cameras(officer)).all() == []
    assert len(session.scalars(visible_cameras(owner)).all()) == len(rows)


def test_map_page_tiles_and_area_search(client: FlaskClient, session: Session, world: World) -> None:
    cameras(session, world, WENFENG, 5)
    operations.fold_changes(session)
    officer = world.person(Role.REGISTRAR)
    sign_in(client, world.login_of(officer))
    page = client.get("/map")
    assert page.status_code == 200
    assert "http://" not in page.text.replace("http://www.w3.org", "")
    assert client.get("/map/districts.json").json["features"]
    assert "gaps-on" not in page.text  # nothing is missing yet
    token = page.text.split('name="csrf-token" content="')[1].split('"')[0]
    found = client.post(
        "/map/area", data={"mode": "circle", "centre": "114.36, 36.09", "radius": "5000", "csrf_token": token}
    )
    assert found.status_code == 200
    assert "球机0" in found.text
    bad = client.post("/map/area", data={"mode": "shape", "shape": "{", "csrf_token": token})
    assert bad.status_code == 422
    assert client.get("/map/tiles/3/0/0.pbf").status_code == 404
