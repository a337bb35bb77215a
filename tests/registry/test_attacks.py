"""What somebody with a right, and ill will, tries on the registry's forms."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from portal.accounts.values import Role
from portal.registry import operations
from portal.registry.models import Camera, CameraAccess, System
from portal.registry.values import AccessParticulars, CameraParticulars
from tests.people import BEIGUAN, NOW, World, make_world, post, sign_in
from tests.registry.test_filing import a_system

CODE = "41050200001320000001"
TYPED = {
    "name": "东门",
    "lon": "114.3925",
    "lat": "36.0977",
    "datum": "wgs84",
    "camera_type": "fixed_bullet",
    "point_type": "2",
}


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def test_a_code_of_a_camera_one_may_not_see_is_refused_at_its_field(
    client: FlaskClient, session: Session, world: World
) -> None:
    filer, foreign = a_system(session, world)
    particulars = CameraParticulars(name="南门", lon=114.3924, lat=36.0976, gb_code=CODE)
    operations.add_camera(session, actor=filer, system_id=foreign.id, particulars=particulars, now=NOW)
    mine, system = a_system(session, world)
    sign_in(client, world.login_of(mine))
    typed = dict(TYPED)
    answer = post(client, f"/systems/{system.id}/cameras/new", typed | {"gb_code": CODE})
    assert answer.status_code == 422
    assert "gb_code-error" in answer.text
    own = session.scalars(select(Camera).where(Camera.system_id == system.id)).one()
    typed |= {"gb_code": CODE, "version": str(own.version), "reason": "更正"}
    answer = post(client, f"/cameras/{own.id}/edit", typed)
    assert answer.status_code == 422
    assert "gb_code-error" in answer.text


def test_a_credit_code_registered_in_another_district_is_refused_at_its_field(
    client: FlaskClient, session: Session, world: World
) -> None:
    unit = world.unit()
    filer = world.person(Role.UNIT_FILER, unit_id=unit.id)
    sign_in(client, world.login_of(filer))
    typed = {"name": unit.name, "unit_type": "school", "district": unit.district, "address": "文峰大道1号"}
    typed |= {"contact_name": "李建国", "version": str(unit.version), "uscc": _with_check("91410500MA4000000")}
    world.unit(district=BEIGUAN, uscc=typed["uscc"])
    answer = post(client, f"/units/{unit.id}/edit", typed)
    assert answer.status_code == 422
    assert "uscc-error" in answer.text


def _with_check(body: str) -> str:
    from portal.core.codes import uscc_problem

    return next(body + last for last in "0123456789ABCDEFGHJKLMNPQRTUWXY" if uscc_problem(body + last) is None)


@pytest.mark.parametrize(("lon", "lat"), [("71", "36"), ("139", "36"), ("114", "0"), ("114", "59")])
def test_a_position_at_the_edge_of_the_form_is_refused_like_any_outside_the_city(
    client: FlaskClient, session: Session, world: World, lon: str, lat: str
) -> None:
    filer, system = a_system(session, world)
    sign_in(client, world.login_of(filer))
    answer = post(client, f"/systems/{system.id}/cameras/new", TYPED | {"lon": lon, "lat": lat})
    assert answer.status_code == 422


def test_a_stored_login_is_not_sent_to_another_address(session: Session, world: World) -> None:
    _, system = a_system(session, world)
    camera = session.scalars(select(Camera).where(Camera.system_id == system.id)).one()
    head = world.person(Role.UNIT_SECURITY_HEAD, unit_id=system.unit_id)

    def store(access: AccessParticulars) -> str | None:
        operations.set_access(session, actor=head, camera_id=camera.id, access=access, now=NOW)
        return session.get_one(CameraAccess, camera.id).credentials_sealed

    first = store(AccessParticulars(host="127.70.0.9", user="admin", password="geheim-9"))
    assert first
    assert store(AccessParticulars(host="127.70.0.9", rtsp_port=8554)) == first
    assert store(AccessParticulars(host="127.70.0.10")) is None


def test_a_camera_is_not_moved_into_another_system_by_a_field_the_form_does_not_ask(
    client: FlaskClient, session: Session, world: World
) -> None:
    _, foreign = a_system(session, world)
    mine, system = a_system(session, world)
    camera = session.scalars(select(Camera).where(Camera.system_id == system.id)).one()
    sign_in(client, world.login_of(mine))
    smuggled = {"system_id": str(foreign.id), "unit_id": str(foreign.unit_id), "id": str(foreign.id), "live": "3"}
    typed = TYPED | {"version": str(camera.version), "reason": "更正"} | smuggled
    assert post(client, f"/cameras/{camera.id}/edit", typed).status_code == 303
    session.refresh(camera)
    assert (camera.name, camera.system_id, camera.unit_id) == ("东门", system.id, system.unit_id)
    assert session.get(System, foreign.id) is not None


def test_a_reason_beyond_its_bounds_moves_nothing(client: FlaskClient, session: Session, world: World) -> None:
    filer, system = a_system(session, world)
    sign_in(client, world.login_of(filer))
    before = system.use_status
    answer = post(client, f"/systems/{system.id}/use/start_building", {"reason": "长" * 401})
    assert answer.status_code == 422
    session.refresh(system)
    assert system.use_status == before


def test_of_two_who_wait_for_each_other_one_is_told_to_look_again(
    client: FlaskClient, session: Session, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database gives one of them up; that is no fault of the portal's, and nothing of it is kept."""
    filer, system = a_system(session, world)
    sign_in(client, world.login_of(filer))

    class Deadlock(Exception):
        pgcode = "40P01"

    def lost(*_: object, **__: object) -> None:
        raise OperationalError("update system", {}, Deadlock())

    monkeypatch.setattr(operations, "change_use", lost)
    assert post(client, f"/systems/{system.id}/use/start_building").status_code == 409
