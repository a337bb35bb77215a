"""What a refusal looks like: page, problem document, message for a part of a page."""

import json
import logging

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.core.errors import (
    IllegalTransition,
    Invalid,
    NotAllowed,
    NotFound,
    PortalError,
    Problem,
    Stale,
    TooMany,
    Unavailable,
)
from portal.web.labels import ERROR_TEXTS
from portal.web.security import csrf
from tests.web.conftest import make_app

RAISED: dict[str, Exception] = {
    "not-allowed": NotAllowed("permission"),
    "not-found": NotFound("filing", number="4105-2026-000318"),
    "stale": Stale("stale"),
    "illegal": IllegalTransition("illegal_transition"),
    "invalid": Invalid([Problem("uscc", "uscc_length", {"length": 17}), Problem("note", "no_such_code")]),
    "too-many": TooMany("locked", retry_after=900),
    "unavailable": Unavailable("audit"),
    "fault": RuntimeError("password=hunter2 at /srv/portal"),
}


@pytest.fixture
def faulty() -> FlaskClient:
    """An application whose views raise."""
    app = make_app()

    @app.route("/raise/<name>", methods=["GET", "POST"])
    @app.route("/api/raise/<name>", methods=["GET", "POST"])
    @csrf.exempt
    def boom(name: str) -> str:
        raise RAISED[name]

    return app.test_client()


STATUS = {
    "not-allowed": 403, "not-found": 404, "stale": 409, "illegal": 409, "invalid": 422, "too-many": 429,
    "unavailable": 503, "fault": 500,
}  # fmt: skip


@pytest.mark.parametrize(("name", "status"), STATUS.items())
@pytest.mark.parametrize(("language", "lang"), [("zh-CN", "zh-Hans-CN"), ("en", "en")])
def test_a_page_in_the_readers_language(faulty: FlaskClient, name: str, status: int, language: str, lang: str) -> None:
    response = faulty.get(f"/raise/{name}", headers={"Accept-Language": language})
    assert response.status_code == status
    assert f'<html lang="{lang}"' in response.text
    assert "<h1>" in response.text


@pytest.mark.parametrize("status", sorted(ERROR_TEXTS))
def test_each_status_has_words_of_its_own(status: int) -> None:
    titles = [str(text.title) for text in ERROR_TEXTS.values()]
    assert len(set(titles)) == len(titles)


def test_unknown_and_hidden_are_the_same_bytes(faulty: FlaskClient) -> None:
    unknown, hidden = faulty.get("/no/such/page"), faulty.get("/raise/not-found")
    assert unknown.data == hidden.data
    assert unknown.status_code == hidden.status_code == 404
    assert "4105-2026-000318" not in hidden.text
    assert "no/such" not in unknown.text
    names = {name for name, _ in unknown.headers} ^ {name for name, _ in hidden.headers}
    assert names == set()
    for headers in ({"HX-Request": "true"}, {}):
        prefix = "" if headers else "/api"
        first = faulty.get(f"{prefix}/no/such/page", headers=headers)
        second = faulty.get(f"{prefix}/raise/not-found", headers=headers)
        assert first.data == second.data


def test_a_fault_tells_the_reader_a_number_and_nothing_else(
    faulty: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        response = faulty.get("/raise/fault")
    assert "hunter2" not in response.text
    assert "/srv" not in response.text
    assert "Traceback" not in response.text
    number = response.headers["X-Request-ID"]
    assert number in response.text
    assert number in caplog.text


@pytest.mark.parametrize(("name", "status"), STATUS.items())
def test_the_api_answers_with_a_problem_document(faulty: FlaskClient, name: str, status: int) -> None:
    response = faulty.get(f"/api/raise/{name}", headers={"Accept-Language": "en"})
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    body = json.loads(response.data)
    assert body["status"] == status
    assert body["type"].startswith("urn:portal:problem:")
    assert "hunter2" not in response.text
    if name == "invalid":
        assert body["problems"][0] == {
            "field": "uscc",
            "code": "uscc_length",
            "message": "A unified social credit code has 18 characters; 17 were given",
        }


@pytest.mark.parametrize(("name", "status"), STATUS.items())
def test_a_part_of_a_page_stays_and_shows_a_message(faulty: FlaskClient, name: str, status: int) -> None:
    response = faulty.post(f"/raise/{name}", headers={"HX-Request": "true", "Accept-Language": "zh-CN"})
    assert response.status_code == status
    assert response.headers["HX-Reswap"] == "none"
    assert json.loads(response.headers["HX-Trigger"])["portal:problem"]["text"]
    assert "<" not in response.text


def test_a_lock_out_says_when_to_come_back(faulty: FlaskClient) -> None:
    assert faulty.get("/raise/too-many").headers["Retry-After"] == "900"


def test_a_wrong_method_names_the_right_ones() -> None:
    app: Flask = make_app()
    app.add_url_rule("/only-post", "only_post", lambda: "", methods=["POST"])
    response = app.test_client().get("/only-post")
    assert response.status_code == 405
    assert "POST" in response.headers["Allow"]


def test_every_typed_error_is_answered_with_its_status() -> None:
    for error in RAISED.values():
        if isinstance(error, PortalError):
            assert error.status in ERROR_TEXTS
