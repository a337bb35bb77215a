"""Static files: hashed addresses cached for ever, and every file a template names exists."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient

from portal.web.static_files import STATIC_DIR
from tests.web.test_templates import ROOT, faults

# Filled from node_modules by ./run and ./test; named here so that a slip in the name is still found.
VENDOR = {path.name for path in (ROOT / "node_modules").glob("*/dist/**/*.*s")}


def test_a_hashed_address_is_cached_for_ever(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        address = render_template_string("{{ static_url('css/tokens.css') }}")
    assert re.fullmatch(r"/static/css/tokens\.[0-9a-f]{10}\.css", address)
    response = client.get(address, buffered=True)
    assert response.status_code == 200
    assert "immutable" in response.headers["Cache-Control"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "Access-Control-Allow-Origin" not in response.headers
    assert response.data == (STATIC_DIR / "css/tokens.css").read_bytes()


def test_a_plain_address_is_not(client: FlaskClient) -> None:
    assert "immutable" not in client.get("/static/css/tokens.css", buffered=True).headers["Cache-Control"]


@pytest.mark.parametrize(
    "address", ["/static/../security.py", "/static/%2e%2e/security.py", "/static/css/tokens.0000000000.css"]
)
def test_nothing_else_is_served(client: FlaskClient, address: str) -> None:
    assert client.get(address, buffered=True).status_code == 404


def unknown_files(path: Path) -> Iterator[str]:
    for name in re.findall(r"static_url\(['\"]([^'\"~]+)['\"]\)", path.read_text()):
        known = Path(name).name in VENDOR if name.startswith("vendor/") else (STATIC_DIR / name).is_file()
        if not known:
            yield name


def test_the_files_a_template_names_exist() -> None:
    assert faults(unknown_files) == []


@pytest.mark.parametrize("sheet", sorted(STATIC_DIR.glob("css/*.css")), ids=lambda path: path.name)
def test_every_block_of_a_style_sheet_is_closed(sheet):
    """An open media query swallows all rules after it, and no tool of ours reads style sheets."""
    depth = 0
    for character in re.sub(r"/\*.*?\*/", "", sheet.read_text("utf-8"), flags=re.DOTALL):
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0
