"""Addresses that nobody types by accident: every list answers them, and none of them with a fault."""

import base64
import json

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.accounts.values import Role
from portal.core.errors import Invalid
from portal.core.paging import decode_cursor
from tests.people import World, make_world, post, sign_in

LISTS = (
    "/units",
    "/filings",
    "/cameras",
    "/acceptances",
    "/findings",
    "/evidence/requests",
    "/evidence/ledger",
    "/public/results",
    "/contractors",
    "/expiries",
)
DAYS = ("0001-01-01", "9999-12-31", "-9999-01-01", "NaN")


def cursor(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


DEEP = base64.urlsafe_b64encode(b"[" * 2200).decode()
CURSORS = (DEEP, cursor(10**30), cursor("2026-01-01", 10**30), cursor("\x00"), cursor("\ud800"), cursor(True), "é")


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


@pytest.mark.parametrize("text", [DEEP, cursor(2**63), cursor(True), cursor(1.5), cursor({}), "é", "x"])
def test_a_cursor_that_never_was_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        decode_cursor(text, length=1)


def test_no_list_falls_over_a_tampered_cursor_or_day(client: FlaskClient, session: Session, world: World) -> None:
    sign_in(client, world.login_of(world.person(Role.REGISTRAR)))
    for address in LISTS:
        for text in CURSORS:
            assert client.get(address, query_string={"after": text}).status_code < 500, (address, text)
    sign_in(client, world.login_of(world.person(Role.AUDITOR, organ=world.city)))
    for day in DAYS:
        assert client.get(f"/evidence/ledger?from={day}&to={day}").status_code == 200
        assert client.get(f"/audit?from={day}&to={day}").status_code == 422


def test_the_address_of_the_register_does_not_bend_its_links(
    client: FlaskClient, session: Session, world: World
) -> None:
    sign_in(client, world.login_of(world.person(Role.AUDITOR, organ=world.city)))
    page = client.get("/evidence/ledger?kind=xlsx&_scheme=javascript&_external=1&_anchor=%0aalert(1)&q=%E5%8D%97")
    assert page.status_code == 200
    assert "javascript:" not in page.text


def test_brackets_deeper_than_the_stack_are_no_area(client: FlaskClient, session: Session, world: World) -> None:
    sign_in(client, world.login_of(world.person(Role.REGISTRAR)))
    for shape in (
        "[" * 150_000,
        '{"type":"Polygon","coordinates":[[[NaN,36],[114,36],[114,37],[NaN,36]]]}',
        "1" * 5000,
    ):
        assert post(client, "/map/area", {"shape": shape}).status_code == 422
