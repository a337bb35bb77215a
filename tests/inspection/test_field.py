"""The page in the field and what it exchanges: whose it is, what it holds, what it prints."""

import io
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy.orm import Session

from portal.accounts.values import Role
from portal.core.digest import sha256_hex
from portal.inspection.models import FieldDevice
from portal.inspection.queries import planned_visit
from portal.inspection.rules.sealing import Seal
from tests.inspection.test_acceptance import scheduled
from tests.people import World, make_world, post, sign_in
from tests.support.telephone import Telephone


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def send(client: FlaskClient, url: str, body: object, token: str):
    return client.post(url, json=body, headers={"X-CSRFToken": token})


def handed(seals: list[Seal]) -> list[dict[str, str]]:
    return [{"body": seal.body, "digest": seal.digest, "signature": seal.signature} for seal in seals]


def test_the_shell_is_nobodys_and_the_worker_keeps_only_its_files(
    client: FlaskClient, session: Session, world: World
) -> None:
    worker = client.get("/field/sw.js")
    assert (worker.status_code, worker.headers["Service-Worker-Allowed"]) == (200, "/field/")
    assert "/static/js/field/page." in worker.text
    assert "/field/visits" not in worker.text
    assert client.get("/field/manifest.webmanifest").json["scope"] == "/field/"
    assert client.get("/field/").status_code == 302
    inspector = world.person(Role.INSPECTOR, name="夏侯检查")
    sign_in(client, world.login_of(inspector))
    shell = client.get("/field/")
    assert shell.status_code == 200
    # It is kept by the worker: no name, no token, nothing of a session.
    assert "夏侯检查" not in shell.text
    assert "csrf" not in shell.text
    assert str(inspector.account_id) not in shell.text
    assert "unsafe" not in shell.headers["Content-Security-Policy"]


def test_a_visit_out_and_home_again(client: FlaskClient, session: Session, world: World) -> None:
    _, _, inspectors, acceptance = scheduled(session, world)
    visit = planned_visit(session, acceptance.id)
    phone = Telephone(inspectors[0], visit.id)
    stranger = world.person(Role.INSPECTOR)
    sign_in(client, world.login_of(stranger))
    told = client.get("/field/visits").json
    assert told["visits"] == []
    device = send(
        client, "/field/devices", {"public_key": Telephone(stranger, visit.id).public_key, "label": "x"}, told["token"]
    )
    assert client.get(f"/field/visits/{visit.id}?device={device.json['id']}").status_code == 404
    post(client, "/sign-out")

    sign_in(client, world.login_of(inspectors[0]))
    told = client.get("/field/visits").json
    assert [line["id"] for line in told["visits"]] == [str(visit.id)]
    token = told["token"]
    assert send(client, "/field/devices", {"public_key": "none", "label": "x"}, token).json["problem"] == "no_key"
    enrolled = send(client, "/field/devices", {"public_key": phone.public_key, "label": "测试手机"}, token)
    phone.device = session.get(FieldDevice, enrolled.json["id"]).id
    packed = client.get(f"/field/visits/{visit.id}?device={phone.device}").json
    items = [item["key"] for item in packed["list"]["items"]]
    assert packed["visit"]["system"] == acceptance.system.name
    assert packed["head"] is None
    assert packed["advance"] == {}
    assert items
    assert client.get(f"/field/visits/{visit.id}?device={uuid4()}").status_code == 404

    made = io.BytesIO()
    Image.new("RGB", (64, 48), "grey").save(made, "JPEG")
    picture = made.getvalue()
    sealed = sha256_hex(picture)
    seals = [phone.judge(item) for item in items[1:]] + [phone.judge(items[0], photos=[sealed])]
    named = [seal.digest for seal in seals]
    seals += [phone.write("周校长", named, capacity="unit"), phone.write(phone.who.name, named)]
    where = f"/field/visits/{visit.id}/entries"
    batch = {"device": str(phone.device), "now": "2026-11-20T02:00:00.000Z", "entries": handed(seals)}
    assert client.post(where, json=batch).status_code == 400  # without the page's token
    answer = send(client, where, batch, token).json
    assert {outcome["code"] for outcome in answer["outcomes"]} == {"taken"}
    assert (answer["awaited"], answer["head"]["seq"], len(answer["signatures"])) == ([sealed], len(seals), 2)
    assert {outcome["code"] for outcome in send(client, where, batch, token).json["outcomes"]} == {"known"}
    assert send(client, where, {"device": "x"}, token).status_code == 422

    def photo(content: bytes):
        form = {"photo": (io.BytesIO(content), "a.jpg")}
        return client.post(f"/field/visits/{visit.id}/photos/{sealed}", data=form, headers={"X-CSRFToken": token})

    assert photo(b"no picture").status_code == 422
    assert photo(picture).json == {"altered": False}
    assert photo(picture).json == {"altered": False}
    page = client.get(f"/acceptances/{acceptance.id}")
    assert "测试手机" in page.text
    assert "周校长" in page.text
    record = client.get(f"/acceptances/{acceptance.id}/inspection-record.pdf")
    assert record.data.startswith(b"%PDF-")
    assert client.get("/field-devices").text.count("测试手机") == 1
    assert post(client, f"/field-devices/{phone.device}/revoke").status_code == 303
    again = batch | {"entries": handed([phone.judge(items[0])])}
    assert send(client, where, again, token).json["outcomes"][0]["code"] == "device_revoked"
