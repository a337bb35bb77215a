"""The pages of an acceptance, as unit, inspector and bureau leader see them."""

import io
import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.accounts.values import Role
from portal.core.clock import CITY_TZ, utcnow
from portal.inspection import queries
from portal.inspection.rules import FrozenList
from portal.registry.models import Camera, System
from portal.registry.states import LIVE_CODES, LiveState, UseStatus
from tests.inspection.test_acceptance import apply, setting
from tests.people import NOW, WENFENG, World, make_world, post, sign_in
from tests.support.visits import photograph


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def picture() -> io.BytesIO:
    """A photo as a telephone sends it."""
    made = io.BytesIO()
    Image.new("RGB", (64, 48), "white").save(made, "JPEG")
    made.seek(0)
    return made


def photographed(client: FlaskClient, address: str, item: str) -> None:
    """A photo is attached, opened, taken off; what is none is refused at its place."""

    def send(content: io.BytesIO, name: str, at: str = item) -> TestResponse:
        return post(client, f"{address}/photos/{at}", {"photo": (content, name)})

    refused = send(io.BytesIO(b"no picture"), "a.jpg")
    assert refused.status_code == 422
    assert f'id="{item}-photo-e"' in refused.text
    assert send(picture(), "a.jpg", "no-such-item").status_code == 422
    added = send(picture(), "门卫室.jpg")
    assert added.status_code == 200
    link = re.search(r'href="([^"]+/photos/[^"]+)"', added.text)
    assert link is not None
    assert client.get(link[1]).data[:2] == b"\xff\xd8"
    assert link[1] in client.get(address).text
    assert link[1] not in post(client, f"{link[1]}/remove").text
    assert client.get(link[1]).status_code == 404


def test_from_application_to_publication(client: FlaskClient, session: Session, world: World) -> None:
    filer, system = setting(session, world)
    inspectors = [world.person(Role.INSPECTOR), world.person(Role.INSPECTOR)]
    leader = world.person(Role.BUREAU_LEADER)
    sign_in(client, world.login_of(filer))
    assert client.get(f"/systems/{system.id}/acceptance").status_code == 200
    assert (
        post(client, f"/systems/{system.id}/acceptance", {"kind": "standard", "project_class": "second"}).status_code
        == 422
    )
    applied = post(
        client, f"/systems/{system.id}/acceptance", {"kind": "new", "project_class": "second", "statement": "请予验收"}
    )
    address = applied.headers["Location"]
    assert client.get(address).status_code == 200
    assert client.get("/acceptances").status_code == 200
    assert client.get(f"{address}/checklist").status_code == 403
    post(client, "/sign-out")

    sign_in(client, world.login_of(inspectors[0]))
    refused = post(client, f"{address}/check", {"verdict": "complete"})
    assert refused.status_code == 422  # required papers are missing: going on needs a reason
    assert post(client, f"{address}/check", {"verdict": "complete", "note": "材料已现场核对"}).status_code == 303
    start = utcnow().astimezone(CITY_TZ) + timedelta(days=2)
    times = {
        "starts_at": f"{start:%Y-%m-%d %H:%M}",
        "ends_at": f"{start + timedelta(hours=2):%Y-%m-%d %H:%M}",
    }
    one = post(client, f"{address}/schedule", times | {"inspectors": [str(inspectors[0].person_id)]})
    assert one.status_code == 422
    both = [str(person.person_id) for person in inspectors]
    # Nobody says yet which groups they stand for: the organ goes on only with a reason.
    unsaid = post(client, f"{address}/schedule", times | {"inspectors": both})
    assert unsaid.status_code == 422
    assert 'id="override"' in unsaid.text
    booked = post(client, f"{address}/schedule", times | {"inspectors": both, "override": "人员另行报备"})
    assert booked.status_code == 303, booked.text[booked.text.find("error-summary") :][:600]
    session.expire_all()
    acceptance = queries.latest_acceptance(session, system.id)
    frozen = FrozenList.from_json(acceptance.checklist)
    assert client.get(f"{address}/checklist").status_code == 200
    items = frozen.checklist.items
    typed = {f"{item.key}-verdict": "met" for item in items}
    first = items[0].key
    bad = post(client, f"{address}/checklist", typed | {f"{first}-verdict": "not_met"})
    assert bad.status_code == 422
    assert post(client, f"{address}/checklist", typed).status_code == 303
    photographed(client, address, first)
    session.expire_all()
    version = queries.latest_acceptance(session, system.id).version
    unproved = post(client, f"{address}/conclude", {"version": version, "opinion": "符合要求"})
    assert (unproved.status_code, "缺少检查表要求" in unproved.text) == (422, True)
    named = {f"{item.key}-note": "已查阅原件" for item in items if item.proof == "document"}
    assert post(client, f"{address}/checklist", typed | named).status_code == 303
    photograph(session, inspectors[0], queries.latest_acceptance(session, system.id), now=utcnow())
    assert post(client, f"{address}/conclude", {"version": version, "opinion": "符合要求"}).status_code == 303
    pdf = client.get(f"{address}/record.pdf")
    assert pdf.data[:5] == b"%PDF-"
    assert client.get(f"{address}/certificate.pdf").data[:5] == b"%PDF-"
    assert post(client, f"{address}/publish").status_code == 403
    post(client, "/sign-out")

    sign_in(client, world.login_of(leader))
    assert post(client, f"{address}/publish").status_code == 303
    assert post(client, f"{address}/publish").status_code == 409
    assert client.get(address).status_code == 200


@pytest.mark.requirement("ACC-01")
def test_devices_that_answer_before_the_acceptance_are_told(
    client: FlaskClient, session: Session, world: World
) -> None:
    """004 art. 10: nothing is used before it is accepted; what the probes see of it stands on the application's page."""
    filer, system = setting(session, world)
    acceptance = apply(session, filer, system)
    for number, live in enumerate((LiveState.ONLINE, LiveState.ONLINE, LiveState.OFFLINE)):
        camera = Camera(
            unit_id=system.unit_id, system_id=system.id, district=WENFENG, name=f"点位{number}", point_type=2,
            live=LIVE_CODES[live], address="校门", position="SRID=4326;POINT(114.35 36.1)", created_at=NOW, updated_at=NOW,
        )  # fmt: skip
        session.add(camera)
    session.flush()
    address = f"/acceptances/{acceptance.id}"
    sign_in(client, world.login_of(world.person(Role.INSPECTOR)))
    assert "2 台（共 3 台）" in client.get(address).text
    post(client, "/sign-out")
    # The education bureau reads the application, and nothing of what probes find.
    sign_in(client, world.login_of(world.person(Role.SECTOR_SUPERVISOR)))
    assert "验收前已在线" not in client.get(address).text
    post(client, "/sign-out")
    session.get_one(System, system.id).use_status = UseStatus.IN_USE
    session.flush()
    sign_in(client, world.login_of(world.person(Role.INSPECTOR)))
    assert "验收前已在线" not in client.get(address).text
