"""The picture of what a camera sees, and the code suggested while a camera is entered."""

import io
import re

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from portal.accounts.values import Role
from portal.audit.models import AuditStage
from portal.registry.models import Camera, RowHistory
from portal.vault.models import StoredFile
from portal.vault.queries import content
from portal.vault.values import FileState
from tests.people import World, make_world, post, sign_in
from tests.registry.test_camera_file import a_camera
from tests.registry.test_filing import a_system


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def telephone_picture(width: int = 2000, height: int = 1500) -> io.BytesIO:
    """A photo with a maker and a place in its notes, as a telephone sends it."""
    made = io.BytesIO()
    image = Image.new("RGB", (width, height), "navy")
    notes = image.getexif()
    notes[0x010F] = "SecretPhoneMaker"
    notes.get_ifd(0x8825).update({1: "N", 2: (36.0, 5.0, 52.0), 3: "E", 4: (114.0, 23.0, 33.0)})
    image.save(made, "JPEG", exif=notes)
    assert b"SecretPhoneMaker" in made.getvalue()
    made.seek(0)
    return made


def test_a_scene_photo_is_cleaned_shown_replaced_and_taken_off(
    client: FlaskClient, session: Session, world: World
) -> None:
    filer, system = a_system(session, world)
    camera = a_camera(session, filer, system)
    address = f"/cameras/{camera.id}/scene"
    sign_in(client, world.login_of(filer))
    assert client.get(address).status_code == 404
    refused = post(client, address, {"photo": (io.BytesIO(b"<svg onload=1>"), "a.jpg")})
    assert refused.status_code == 422
    assert 'id="scene-e"' in refused.text
    assert post(client, address).status_code == 422

    kept = post(client, address, {"photo": (telephone_picture(), "东门.jpg")})
    assert kept.status_code == 200
    assert f'src="{address}"' in kept.text
    assert f'src="{address}"' in client.get(f"/cameras/{camera.id}").text
    shown = client.get(address)
    assert shown.mimetype == "image/jpeg"
    assert b"SecretPhoneMaker" not in shown.data
    picture = Image.open(io.BytesIO(shown.data))
    assert picture.size == (1280, 960)
    assert not picture.getexif()
    session.expire_all()
    first = session.get(StoredFile, session.get(Camera, camera.id).scene_file_id)
    # What came in stays whole, sealed, for whoever must know later what was shown.
    assert b"SecretPhoneMaker" in b"".join(content(session, first, original=True))

    post(client, address, {"photo": (telephone_picture(300, 200), "b.jpg")})
    session.expire_all()
    assert session.get(StoredFile, first.id).state == FileState.ERASED
    assert f'src="{address}"' not in post(client, f"{address}/remove").text
    assert client.get(address).status_code == 404
    tags = session.scalars(select(AuditStage.tag).where(AuditStage.tag.like("registry:scene:%"))).all()
    assert sorted(tags) == [
        "registry:scene:keep", "registry:scene:keep", "registry:scene:read", "registry:scene:remove",
    ]  # fmt: skip
    past = session.scalars(select(RowHistory).where(RowHistory.row_id == camera.id)).all()
    assert any(version.content.get("scene_file_id") for version in past)


def test_who_merely_supervises_does_not_see_what_a_camera_sees(
    client: FlaskClient, session: Session, world: World
) -> None:
    filer, system = a_system(session, world)
    camera = a_camera(session, filer, system)
    sign_in(client, world.login_of(filer))
    post(client, f"/cameras/{camera.id}/scene", {"photo": (telephone_picture(40, 30), "a.jpg")})
    for role, status, card in ((Role.REGISTRAR, 200, True), (Role.AUDITOR, 403, False)):
        post(client, "/sign-out")
        sign_in(client, world.login_of(world.person(role)))
        assert client.get(f"/cameras/{camera.id}/scene").status_code == status, role
        assert ('id="scene"' in client.get(f"/cameras/{camera.id}").text) == card, role


# -- the code of a camera being entered ----------------------------------------------------------------------------------


def typed(**changed: str) -> dict[str, str]:
    return {
        "act": "suggest", "gb_code": "", "code_edition": "2022", "camera_type": "fixed_bullet",
        "lon": "114.3925", "lat": "36.0977", "datum": "wgs84", **changed,
    }  # fmt: skip


def test_a_free_code_is_suggested_for_the_place_and_the_unit(
    client: FlaskClient, session: Session, world: World
) -> None:
    filer, system = a_system(session, world)
    a_camera(session, filer, system, gb_code="41050200111327000001")
    sign_in(client, world.login_of(filer))
    address = f"/systems/{system.id}/cameras/code"

    def asked(**changed: str) -> tuple[str, str]:
        answer = post(client, address, typed(**changed))
        assert answer.status_code == 200
        value = re.search(r'name="gb_code"[^>]*value="(\d*)"', answer.text)
        return value[1] if value else "", answer.text

    code, page = asked()
    assert code == "41050200111327000002"
    assert "该编码未被占用" in page
    assert asked(lon="114.36", lat="36.13")[0][:6] == "410503"
    assert asked(code_edition="2016")[0][13] == "8"
    code, page = asked(lon="", lat="")
    assert code[:6] == system.district
    assert "暂按系统所在区县取码" in page
    for code, told in {
        "41050200111327000001": "已",  # held by the other camera
        "41050300111327000009": "编码中的行政区划与安装地点不一致",
        "41050200111187000001": "类型",
        "41050200401327000001": "行业",
        "41050200111329000001": "网络",
        "4105020011132700000": "20",
    }.items():
        remarks = asked(act="", gb_code=code)[1].split('class="remarks"')[1]
        assert told in remarks, (code, remarks)
        assert "该编码未被占用" not in remarks
    assert asked(act="", gb_code="")[1].split('class="remarks"')[1].count("<p>") == 0


def test_the_form_of_a_new_camera_offers_the_suggestion(client: FlaskClient, session: Session, world: World) -> None:
    filer, system = a_system(session, world)
    sign_in(client, world.login_of(filer))
    assert 'id="code-field"' in client.get(f"/systems/{system.id}/cameras/new").text
    outsider = world.person(Role.UNIT_FILER, unit_id=world.unit().id)
    post(client, "/sign-out")
    sign_in(client, world.login_of(outsider))
    assert post(client, f"/systems/{system.id}/cameras/code", typed()).status_code == 404
    assert session.scalar(text("select count(*) from audit_stage where tag = 'registry:camera:assign_code'")) == 0
