"""The gap of those who must install, on the map: who stands there, by category, and for whose eyes."""

from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.values import Role
from portal.mandates.operations import entries
from portal.mandates.values import EntryDraft
from portal.maps.geojson import GapsAnswer
from portal.registry.models import Filing
from portal.registry.states import UseStatus
from tests.people import BEIGUAN, NOW, WENFENG, World, make_world, post, sign_in
from tests.registry.test_filing_duties import a_shop

KTV = EntryDraft(name="夜色歌厅", category="entertainment_hotels", district=WENFENG, position=(114.351, 36.1))


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


@pytest.mark.requirement("CAT-01")
def test_places_without_a_filed_system_stand_on_the_map_by_category(
    client: FlaskClient, session: Session, world: World
) -> None:
    registrar = world.person(Role.REGISTRAR)
    away = world.person(Role.REGISTRAR, organ=world.branches[BEIGUAN])

    def enter(**changed: object) -> object:
        return entries.add_entry(session, actor=registrar, draft=replace(KTV, **changed), now=NOW)  # type: ignore[arg-type]

    enter()
    enter(name="没有坐标的歌厅", position=None)
    enter(name="第一医院", category="education_research_medical")
    hanging, filed = enter(name="迎宾馆", position=None), enter(name="已备案宾馆")
    for entry, number in ((hanging, ""), (filed, "410502-2026-000009")):
        owner, system = a_shop(session, world)
        system.use_status = UseStatus.IN_USE
        system.unit.position = "SRID=4326;POINT(114.36 36.11)"
        entry.unit_id, entry.matched_at, entry.matched_how = system.unit_id, NOW, "person"
        if number:
            session.add(
                Filing(
                    system_id=system.id, unit_id=system.unit_id, district=WENFENG, organ_id=system.organ_id,
                    kind="new", status="accepted", number=number, decided_at=NOW, created_at=NOW,
                )
            )  # fmt: skip
        else:
            head = owner
    session.flush()

    def shown(category: str = "") -> dict[str, tuple[bool, str]]:
        answer = GapsAnswer.model_validate_json(client.get(f"/map/gaps.json?category={category}").data)
        return {one.properties.name: (one.properties.missing, one.properties.state.label) for one in answer.features}

    sign_in(client, world.login_of(registrar))
    assert set(shown()) == {"夜色歌厅", "第一医院", "迎宾馆"}
    assert client.get("/map/gaps.json").json["unplaced"] == 1  # the one whose position nobody knows
    hotels = shown("entertainment_hotels")
    assert {name: missing for name, (missing, _) in hotels.items()} == {"夜色歌厅": True, "迎宾馆": False}
    page = client.get("/map").text
    assert 'data-gaps="/map/gaps.json"' in page
    assert '<option value="entertainment_hotels">' in page
    (link,) = {
        one["properties"]["url"]
        for one in client.get("/map/gaps.json").json["features"]
        if one["properties"]["name"] == "夜色歌厅"
    }
    assert client.get(link).status_code == 200
    post(client, "/sign-out")
    sign_in(client, world.login_of(away))
    assert shown() == {}
    assert "gaps-on" not in client.get("/map").text

    post(client, "/sign-out")
    sign_in(client, world.login_of(world.person(Role.UNIT_SECURITY_HEAD, unit_id=head.memberships[0].unit_id)))
    assert set(shown()) == {"迎宾馆"}  # a unit sees its own place
