"""Choosing the cameras of a request: around a place, in an outline, along a route, from a list; and what stays unseen."""

import io
import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, text, update
from sqlalchemy.orm import Session

from portal.core.db import Database
from portal.core.geometry import offset
from portal.evidence.queries.finding import cameras_named, cameras_within
from portal.evidence.rules import MAX_CAMERAS
from portal.evidence.rules.shapes import area_from, round_about, route
from portal.registry.models import Camera
from tests.evidence.city import EvidenceCity
from tests.evidence.test_breadth import HERE, many
from tests.evidence.test_views import at, fields
from tests.people import post

NEW = "/evidence/requests/new"


def text_of(page: str) -> str:
    """The words of a page."""
    return re.sub(r"<[^>]+>", " ", page)


@pytest.fixture
def row(city: EvidenceCity, session: Session) -> list[Camera]:
    """Nine cameras a hundred metres apart, eastward; two of them secret, one taken down."""
    cameras = many(city, 9, metres=100)
    for camera in cameras:
        camera.gb_code = f"4105020000132{cameras.index(camera):07d}"
    cameras[1].secret = cameras[2].secret = True
    cameras[3].status = "dismantled"
    session.flush()
    return cameras


def asked(client: FlaskClient, then: str, status: int = 200, **more: Any) -> str:
    """The first page after a button was pressed."""
    answer = post(client, NEW, {"then": then, "act": "copy", **more})
    assert answer.status_code == status, text_of(answer.get_data(as_text=True))[:1500]
    return answer.get_data(as_text=True)


def ticked(page: str, cameras: list[Camera]) -> list[int]:
    """Which of the row a page has chosen."""
    return [at for at, camera in enumerate(cameras) if f'name="camera" value="{camera.id}"' in page]


def test_what_is_secret_or_gone_is_found_by_no_way_and_counted_by_none(
    city: EvidenceCity, session: Session, row: list[Camera]
) -> None:
    square = area_from(
        {"type": "Polygon", "coordinates": [[[114.34, 36.09], [114.37, 36.09], [114.37, 36.11], [114.34, 36.11], [114.34, 36.09]]]}
    )  # fmt: skip
    way = route([HERE, offset(*HERE, 90, 850)], 20)
    open_ones = {camera.id for at, camera in enumerate(row) if at not in (1, 2, 3)}
    everything = open_ones | {city.gate.id, city.yard.id}
    for drawn in (square, way, round_about(HERE, 900)):
        found = cameras_within(session, city.officer, drawn, room=MAX_CAMERAS)
        assert set(found.ids) == everything
        assert found.total == len(everything)
    named = cameras_named(session, city.officer, [one.gb_code or "" for one in row] + ["410502999913100000099"])
    assert set(named.ids) == open_ones
    # A secret camera is as unknown as one that is not there.
    assert set(named.unknown) == {row[1].gb_code, row[2].gb_code, "410502999913100000099"}
    assert list(named.closed) == [row[3].gb_code]
    # Its own unit asks of it as of any other.
    own = cameras_within(session, city.filer, square, room=MAX_CAMERAS)
    assert {row[1].id, row[2].id} <= set(own.ids)
    assert city.yard.id not in own.ids


def test_a_route_finds_what_lies_beside_it_on_the_ground(city: EvidenceCity, session: Session) -> None:
    cameras = many(city, 3, metres=2000)
    for camera, metres in zip(cameras, (0, 48, 53), strict=True):
        place = offset(*offset(*HERE, 90, 2000 * cameras.index(camera)), 0, metres)
        session.execute(
            update(Camera).where(Camera.id == camera.id).values(position=f"SRID=4326;POINT({place[0]} {place[1]})")
        )
    found = cameras_within(session, city.officer, route([HERE, offset(*HERE, 90, 4200)], 50), room=MAX_CAMERAS)
    assert set(found.ids) & {one.id for one in cameras} == {cameras[0].id, cameras[1].id}


def test_more_than_fit_are_counted_and_none_is_taken(city: EvidenceCity, session: Session) -> None:
    many(city, MAX_CAMERAS + 1, metres=1)
    found = cameras_within(session, city.officer, round_about(HERE, 1000), room=MAX_CAMERAS)
    assert not found.ids
    assert found.total >= MAX_CAMERAS + 1


def test_the_spatial_index_finds_them_and_the_questions_do_not_grow(city: EvidenceCity, session: Session) -> None:
    asked_for: list[str] = []
    listen = lambda _conn, _cursor, statement, *_rest: asked_for.append(statement)  # noqa: E731
    event.listen(session.bind, "before_cursor_execute", listen)
    try:
        counts = []
        for count in (3, 60):
            many(city, count, metres=2)
            asked_for.clear()
            cameras_within(session, city.officer, route([HERE, offset(*HERE, 90, 5000)], 50), room=MAX_CAMERAS)
            counts.append(len(asked_for))
    finally:
        event.remove(session.bind, "before_cursor_execute", listen)
    assert counts[0] == counts[1] == 2


def test_the_map_role_may_go_by_the_spatial_index(database: Database) -> None:
    """Its policies hide nothing, so that the place may be asked first; under a row policy it may not (decision 2)."""
    place = "c.position && st_expand(st_geomfromtext(leg, 4326), 0.001, 0.001)"
    legs = "unnest(array['LINESTRING(114.3 36,114.31 36.01)']) leg"
    with database.map_connection() as connection:
        connection.execute(text("set local enable_seqscan = off"))
        rows = connection.execute(text(f"explain select c.id from {legs} join camera c on {place}"))
        assert "idx_camera_position" in "\n".join(row[0] for row in rows)


def test_by_pages_each_way_adds_and_says_what_it_added(
    client: FlaskClient, city: EvidenceCity, session: Session, row: list[Camera]
) -> None:
    at(client, "security")
    page = asked(client, "place", place="114.35, 36.1", radius="250")
    assert ticked(page, row) == [0, 1, 2]
    assert "Area" in page or "区域" in page
    (drawn,) = [part.split('"')[0] for part in page.split('name="drawn" value="')[1:]]
    line = "\n".join(f"{lon:.6f}, {lat:.6f}" for lon, lat in (offset(*HERE, 90, 380), offset(*HERE, 90, 520)))
    keep = {"camera": [str(row[0].id)], "drawn": [drawn.replace("&#34;", '"').replace("&quot;", '"')]}
    page = asked(client, "route", line=line, either_side="30", **keep)
    assert ticked(page, row) == [0, 4, 5]
    assert page.count('name="drawn"') == 2
    codes = (io.BytesIO(f"编码\n{row[6].gb_code}\n{row[3].gb_code}\n".encode("gb18030")), "codes.csv")
    page = asked(client, "list", codes=f"点位7，{row[6].gb_code}", code_file=codes, camera=[str(row[0].id)])
    assert ticked(page, row) == [0, 6, 7]
    assert row[3].gb_code in text_of(page)
    assert "编码" in text_of(page)
    page = asked(client, f"drop:{row[0].unit_id}", camera=[str(one.id) for one in row])
    assert ticked(page, row) == []


def test_faults_are_told_at_their_place_and_nothing_typed_is_lost(
    client: FlaskClient, city: EvidenceCity, row: list[Camera]
) -> None:
    at(client, "security")
    kept = {"camera": [str(row[0].id)], "case_name": "盗窃案", "span_from": "2026-11-18 08:00"}
    for then, more in (
        ("place", {"place": "114.35, 36.1"}),
        ("place", {"place": "abc", "radius": "100"}),
        ("route", {"line": "114.35, 36.1"}),
        ("route", {"line": "hier"}),
        ("list", {}),
        ("shape", {"shape": "[[["}),
        ("list", {"list_address": "https://x/cameras"}),
    ):
        page = asked(client, then, 422, **kept, **more)
        assert ticked(page, row) == [0]
        assert "盗窃案" in page
        assert "2026-11-18 08:00" in page
    assert post(client, NEW, {"then": "details", "drawn": "{"}).status_code in (400, 422)


def test_from_the_list_of_cameras_as_it_is_narrowed(client: FlaskClient, city: EvidenceCity, row: list[Camera]) -> None:
    at(client, "security")
    assert "%E7%82%B9%E4%BD%8D" in client.get("/cameras?q=点位").get_data(as_text=True)
    page = client.get(f"{NEW}?list=q%3D点位").get_data(as_text=True)
    assert ticked(page, row) == [0, 1, 2, 4, 5, 6, 7, 8]


def test_the_meter_says_beforehand_that_a_second_approver_will_be_asked(
    client: FlaskClient, city: EvidenceCity, session: Session
) -> None:
    cameras = many(city, 41)
    at(client, "officer")
    typed = fields(city, camera=[str(one.id) for one in cameras])
    told = text_of(post(client, "/evidence/breadth", {**typed, "page": "details"}).get_data(as_text=True))
    assert "40" in told
    assert "41" in told
    assert "上一级" in told or "second approver" in told
    refused = post(client, "/evidence/requests", typed)
    assert refused.status_code == 422
    assert 'name="necessity"' in refused.get_data(as_text=True)
    saved = post(client, "/evidence/requests", {**typed, "necessity": "沿途逐一核查"})
    assert saved.status_code == 303
    small = text_of(
        post(client, "/evidence/breadth", {**typed, "camera": [str(cameras[0].id)], "page": "details"}).get_data(
            as_text=True
        )
    )
    assert "necessity" not in small


def test_json_that_is_drawn_is_taken_as_it_is(client: FlaskClient, city: EvidenceCity, row: list[Camera]) -> None:
    at(client, "security")
    shape = {"type": "LineString", "coordinates": [list(HERE), list(offset(*HERE, 90, 220))]}
    page = asked(client, "shape", shape=json.dumps(shape), map="1")
    assert ticked(page, row) == [0, 1, 2]
    assert 'id="map"' in page
