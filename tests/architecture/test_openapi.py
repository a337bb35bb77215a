"""The interface description: complete, true, and saying who may ask."""

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.values import Role
from portal.app import PortalApp
from portal.maps.geojson import DistrictsAnswer
from portal.web.health import AliveAnswer, ReadyAnswer
from portal.web.openapi import MARK, Declared
from tests.people import make_world, sign_in

MACHINES = (".json", ".pbf", "/healthz", "/readyz", "/metrics")


def test_every_route_for_programs_is_described(app: PortalApp, client: FlaskClient) -> None:
    described = client.get("/openapi.json").json
    assert described is not None
    assert described["openapi"] == "3.1.0"
    for rule in app.url_map.iter_rules():
        if rule.rule.endswith(MACHINES) and rule.endpoint not in {"openapi.document", "api.openapi"}:
            declared = getattr(app.view_functions[rule.endpoint], MARK, None)
            assert isinstance(declared, Declared), f"{rule.rule} lacks @answers"
    operations = [operation for path in described["paths"].values() for operation in path.values()]
    assert len({operation["operationId"] for operation in operations}) == len(operations)
    schemas = described["components"]["schemas"]
    for reference in _references(described):
        assert reference.removeprefix("#/components/schemas/") in schemas


def _references(part: object) -> list[str]:
    if isinstance(part, dict):
        own = [str(part["$ref"])] if "$ref" in part else []
        return own + [found for value in part.values() for found in _references(value)]
    if isinstance(part, list):
        return [found for value in part for found in _references(value)]
    return []


def test_the_description_says_who_may_ask(client: FlaskClient) -> None:
    described = client.get("/openapi.json").json
    assert described is not None
    tile = described["paths"]["/map/tiles/{z}/{x}/{y}.pbf"]["get"]
    assert tile["x-permission"] == "maps:map:view"
    assert tile["security"] == [{"session": []}]
    assert {"401", "403", "404"} <= set(tile["responses"])
    assert [each["name"] for each in tile["parameters"]] == ["x", "y", "z"]
    assert described["paths"]["/healthz"]["get"]["security"] == []


def test_answers_have_the_declared_shape(client: FlaskClient, session: Session) -> None:
    AliveAnswer.model_validate_json(client.get("/healthz").data)
    ReadyAnswer.model_validate_json(client.get("/readyz").data)
    world = make_world(session)
    sign_in(client, world.login_of(world.person(Role.REGISTRAR)))
    districts = DistrictsAnswer.model_validate_json(client.get("/map/districts.json").data)
    assert districts.features
