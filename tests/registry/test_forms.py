"""What a form does not ask it must not take away; what may not be reached is refused where it is typed."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.values import Role
from portal.core.geometry import lonlat, point, to_element
from portal.registry.labels.past import told
from portal.registry.models import Camera, CameraAccess
from portal.registry.values import HistoryKind
from tests.people import World, make_world, post, sign_in
from tests.registry.test_filing import a_system


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def fields_of(page: str) -> dict[str, str]:
    """What a form shows, as a browser would send it back."""
    form = page.split("<form", 2)[-1]
    shown = dict(re.findall(r'<input[^>]*name="([a-z_]+)"[^>]*value="([^"]*)"', form))
    shown |= {name: value for value, name in re.findall(r'<input[^>]*value="([^"]*)"[^>]*name="([a-z_]+)"', form)}
    for name, options in re.findall(r'<select[^>]*name="([a-z_]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(
            r'<option[^>]*selected[^>]*value="([^"]*)"|<option[^>]*value="([^"]*)"[^>]*selected', options
        )
        shown[name] = (chosen[1] or chosen[2]) if chosen else ""
    return {name: value for name, value in shown.items() if name not in ("_key", "csrf_token", "truth")}


def test_a_units_form_keeps_what_it_does_not_ask(client: FlaskClient, session: Session, world: World) -> None:
    unit = world.unit(category="key_unit", house_profiles=["guannan-schools"], contact_name="李建国")
    unit.position = to_element(point(114.3924, 36.0976))
    filer = world.person(Role.UNIT_FILER, unit_id=unit.id)
    sign_in(client, world.login_of(filer))
    shown = fields_of(client.get(f"/units/{unit.id}/edit").text)
    assert shown["position"] == "114.3924, 36.0976"
    done = post(client, f"/units/{unit.id}/edit", shown | {"address": "文峰大道2号"})
    assert done.status_code == 303
    session.refresh(unit)
    assert (unit.address, unit.category, unit.house_profiles) == ("文峰大道2号", "key_unit", ["guannan-schools"])
    assert lonlat(unit.position) == pytest.approx((114.3924, 36.0976))


def test_a_systems_form_does_not_lift_its_secrecy(client: FlaskClient, session: Session, world: World) -> None:
    filer, system = a_system(session, world)
    system.secret, system.regime_answers = True, {"public_place": "yes"}
    sign_in(client, world.login_of(filer))
    shown = fields_of(client.get(f"/systems/{system.id}/edit").text)
    assert post(client, f"/systems/{system.id}/edit", shown | {"purpose": "保护学生"}).status_code == 303
    session.refresh(system)
    assert (system.purpose, system.secret, system.regime_answers) == ("保护学生", True, {"public_place": "yes"})


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ({"host": "camera.example"}, "不支持域名"),
        ({"host": "169.254.169.254"}, "平台不予访问"),
        ({"host": "8.8.8.8"}, "允许巡检的网段"),
        ({"host": "127.70.0.9", "rtsp_port": "22"}, "端口不在"),
    ],
)
def test_an_address_out_of_bounds_is_refused_at_its_field(
    client: FlaskClient, session: Session, world: World, typed: dict[str, str], reason: str
) -> None:
    _, system = a_system(session, world)
    camera = session.scalars(select(Camera).where(Camera.system_id == system.id)).one()
    head = world.person(Role.UNIT_SECURITY_HEAD, unit_id=system.unit_id)
    sign_in(client, world.login_of(head))
    answer = post(client, f"/cameras/{camera.id}/access", {"user": "admin", "password": "geheim-9"} | typed)
    assert answer.status_code == 422
    message = answer.text.split(f'id="{[*typed][-1]}-error"')[1].split("</p>")[0]
    assert reason in message
    assert f'value="{typed["host"]}"' in answer.text
    assert "geheim-9" not in answer.text
    assert session.get(CameraAccess, camera.id) is None


def test_an_address_in_bounds_is_stored_sealed(client: FlaskClient, session: Session, world: World) -> None:
    _, system = a_system(session, world)
    camera = session.scalars(select(Camera).where(Camera.system_id == system.id)).one()
    head = world.person(Role.UNIT_SECURITY_HEAD, unit_id=system.unit_id)
    sign_in(client, world.login_of(head))
    typed = {"host": "127.70.0.9", "rtsp_port": "8554", "user": "admin", "password": "geheim-9"}
    assert post(client, f"/cameras/{camera.id}/access", typed).status_code == 303
    access = session.get(CameraAccess, camera.id)
    assert access is not None
    assert access.credentials_sealed
    assert "geheim-9" not in access.credentials_sealed


LISTS = (
    "/units",
    "/filings",
    "/cameras",
    "/search",
    "/public/results",
    "/public/receipts",
    "/acceptances",
    "/evidence/ledger",
)


def test_a_nul_in_the_address_line_breaks_no_list(client: FlaskClient, session: Session, world: World) -> None:
    a_system(session, world)
    sign_in(client, world.login_of(world.person(Role.REGISTRAR)))
    for address in LISTS:
        for name in ("q", "district", "type", "status", "live", "unit", "system", "after", "code", "keyword"):
            answer = client.get(f"{address}?{name}=a%00b")
            assert answer.status_code < 500, (address, name)
    assert client.get("/units?q=%00").status_code == 200
    assert client.get("/search?q=%E5%AD%A6%00").status_code in (200, 302)


def test_a_picked_place_needs_no_asking_for_its_datum(client: FlaskClient, session: Session, world: World) -> None:
    filer, system = a_system(session, world)
    sign_in(client, world.login_of(filer))
    page = client.get(f"/systems/{system.id}/cameras/new?lon=114.3924&lat=36.0976&datum=wgs84").text
    shown = fields_of(page)
    assert (shown["lon"], shown["lat"], shown["datum"]) == ("114.3924", "36.0976", "wgs84")


def test_the_house_rules_of_a_past_unit_are_told_by_their_name(client: FlaskClient) -> None:
    with client.application.test_request_context():
        told_of = {key: value for key, _, value in told(HistoryKind.UNIT, {"house_profiles": ["guannan-schools"]})}
    assert told_of["house_profiles"]
    assert "guannan" not in told_of["house_profiles"]
