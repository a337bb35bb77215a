"""The bars and the menu: only what is allowed, only what exists; addresses that cannot lead elsewhere."""

import pytest
from flask import Blueprint, Flask
from flask.testing import FlaskClient
from flask_babel import lazy_gettext as _
from hypothesis import given
from hypothesis import strategies as st

from portal.web.links import safe_next, url_with
from portal.web.navigation import NavItem, Section, add_to_navigation
from portal.web.shell import Viewer, hooks_of
from tests.web.conftest import make_app


def menu(app: Flask, path: str = "/style") -> list[tuple[str, str]]:
    """The links of the rail."""
    import re

    page = app.test_client().get(path, headers={"Accept-Language": "en"}).text
    rail = page[page.index('<nav class="rail"') : page.index('<div class="content">')]
    return re.findall(r'<a href="([^"]+)"(?: aria-current="page")?>([^<]+?)(?: <span|</a>)', rail)


@pytest.fixture
def menu_app() -> Flask:
    """A feature with three lines, one of them for nobody, one to an endpoint that is not there."""
    app = make_app()
    feature = Blueprint("feature", "feature")
    for name in ("one", "two"):
        feature.add_url_rule(f"/{name}", name, lambda: "page")
    add_to_navigation(
        feature,
        NavItem(section=Section.SYSTEM, label=_("Two"), endpoint="feature.two", permission="secret", order=1),
        NavItem(section=Section.WORK, label=_("Gone"), endpoint="feature.gone", permission="open"),
        NavItem(
            section=Section.WORK, label=_("One"), endpoint="feature.one", permission="open", badge=lambda: 120,
            covers=("style.",),
        ),
    )  # fmt: skip
    app.register_blueprint(feature)
    hooks_of(app).viewer = lambda: Viewer(name="陈海涛", key="7")
    return app


def test_the_menu_shows_what_is_allowed_and_exists(menu_app: Flask) -> None:
    hooks_of(menu_app).allows = lambda permission: permission == "open"
    assert menu(menu_app) == [("/one", "One")]
    hooks_of(menu_app).allows = lambda _permission: True
    assert menu(menu_app) == [("/one", "One"), ("/two", "Two")]
    hooks_of(menu_app).allows = lambda _permission: False
    assert menu(menu_app) == []


def test_a_badge_is_capped_and_the_current_line_is_marked(menu_app: Flask) -> None:
    hooks_of(menu_app).allows = lambda _permission: True
    page = menu_app.test_client().get("/style").text
    assert '<span class="count">99+</span>' in page
    assert '<a href="/one" aria-current="page">' in page


def test_the_account_menu_leads_nowhere_shut(menu_app: Flask) -> None:
    hooks = hooks_of(menu_app)
    hooks.menu += [(_("One"), "feature.one"), (_("Two"), "feature.two")]
    hooks.opens = lambda endpoint: endpoint == "feature.one"
    page = menu_app.test_client().get("/style").text
    panel = page[page.index('class="menu-panel"') :]
    assert 'href="/one"' in panel
    assert 'href="/two"' not in panel


def test_two_applications_do_not_share_a_menu(menu_app: Flask) -> None:
    other = make_app()
    hooks_of(other).allows = lambda _permission: True
    assert menu(other) == []
    assert menu_app.extensions["portal.navigation"]


def test_nobody_signed_in_sees_no_account_and_no_search() -> None:
    page = make_app().test_client().get("/style").text
    assert 'class="menu"' not in page
    assert 'id="search"' not in page


@pytest.mark.parametrize(
    ("query", "theme", "linked"),
    [("auto", 'media="(prefers-color-scheme: dark)"', True), ("dark", "dark.", True), ("light", "", False)],
)
def test_the_colour_switch(client: FlaskClient, query: str, theme: str, linked: bool) -> None:
    client.get(f"/style?theme={query}")
    page = client.get("/style").text
    assert theme in page
    assert ("/static/css/dark." in page) is linked


def test_the_density_switch(client: FlaskClient) -> None:
    client.get("/style?density=compact")
    assert 'data-density="compact"' in client.get("/style").text


@pytest.mark.parametrize("path", ["//evil.example/a", "/\\evil.example", "///evil.example"])
def test_a_switch_never_leads_to_another_host(client: FlaskClient, path: str) -> None:
    response = client.get(f"{path}?lang=en")
    location = response.headers.get("Location", "/")
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))


@pytest.mark.parametrize(
    ("address", "target"),
    [
        ("/units?a=1#b", "/units?a=1#b"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\nSet-Cookie: x", "/"),
        ("", "/"),
        (None, "/"),
    ],
)
def test_only_places_of_this_portal_are_gone_on_to(address: str | None, target: str) -> None:
    assert safe_next(address) == target


@given(st.text(alphabet="/\\:.ab\n\t", max_size=12))
def test_going_on_stays_here(address: str) -> None:
    target = safe_next(address)
    assert target.startswith("/")
    assert not target.startswith(("//", "/\\"))
    assert "\n" not in target


def test_a_refused_form_switches_language_on_the_page_it_came_from() -> None:
    app = make_app()
    with app.test_request_context(
        "/units/1/submit", method="POST", headers={"Referer": "http://localhost/units/1?tab=2"}
    ):
        assert url_with(lang="en") == "/units/1?lang=en"
    with app.test_request_context("/x", method="POST", headers={"Referer": "http://evil.example//evil.example/x"}):
        assert url_with(lang="en") == "/evil.example/x?lang=en"
