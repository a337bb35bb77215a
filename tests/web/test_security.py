"""Headers, content policy, origin check, form tokens and body limits."""

import re

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from portal.web.security import PortalRequest, accepts_upload, csrf
from tests.web.conftest import make_app


@pytest.fixture
def guarded() -> FlaskClient:
    """An application with one view that changes state, free of tokens so that each protection is seen alone."""
    app = make_app()

    @app.post("/change")
    @csrf.exempt
    def change() -> str:
        return f"done {len(request.form)}"

    @app.post("/upload")
    @csrf.exempt
    @accepts_upload(4 * 1024 * 1024)
    def upload() -> str:
        with request.files["file"].stream as file:
            return str(len(file.read()))

    @app.post("/with-token")
    def with_token() -> str:
        return "done"

    return app.test_client()


def test_the_content_policy_admits_no_inline_script_or_style(client: FlaskClient) -> None:
    policy = client.get("/style").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "http" not in policy
    assert "default-src 'none'" in policy
    assert re.search(r"script-src 'self' 'nonce-[\w-]{20,}'(;|$)", policy)
    assert "style-src 'self';" in policy
    for directive in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"):
        assert directive in policy


def test_each_answer_has_its_own_nonce(client: FlaskClient) -> None:
    nonces = {re.search(r"nonce-([\w-]+)", client.get("/style").headers["Content-Security-Policy"]) for _ in range(5)}
    assert len({found.group(1) for found in nonces if found}) == 5


@pytest.mark.parametrize("path", ["/style", "/nowhere", "/style/fault?status=500", "/api/nowhere"])
def test_every_answer_carries_the_fixed_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "Content-Security-Policy" in headers
    assert re.fullmatch(r"[0-9a-f-]{16,40}", headers["X-Request-ID"])


def test_the_request_id_is_not_taken_from_outside(client: FlaskClient) -> None:
    assert client.get("/style", headers={"X-Request-ID": "forged-0001"}).headers["X-Request-ID"] != "forged-0001"


def test_over_tls_the_cookie_is_bound_to_the_host() -> None:
    app = make_app(base_url="https://portal.example")
    response = app.test_client().get("/style", base_url="https://portal.example")
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-portal=")
    assert "Secure" in cookie
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert response.headers["Strict-Transport-Security"].startswith("max-age=31536000")


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
    ],
)
def test_a_foreign_page_cannot_change_anything(guarded: FlaskClient, headers: dict[str, str]) -> None:
    assert guarded.post("/change", headers=headers).status_code == 403
    assert guarded.get("/style", headers=headers).status_code == 200


@pytest.mark.parametrize("headers", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}])
def test_our_own_page_can(guarded: FlaskClient, headers: dict[str, str]) -> None:
    assert guarded.post("/change", headers=headers).status_code == 200


def test_a_form_without_its_token_is_refused_in_words(guarded: FlaskClient) -> None:
    response = guarded.post("/with-token", headers={"Accept-Language": "zh-CN"})
    assert response.status_code == 400
    assert "表单已失效" in response.text


def test_the_body_is_bounded_before_it_is_parsed(guarded: FlaskClient) -> None:
    response = guarded.post("/change", data={"text": "x" * (2 * 1024 * 1024 + 1)})
    assert response.status_code == 413
    assert "2.0 MB" in response.text


def multipart(size: int) -> bytes:
    """One file, written out by hand: the test client would leave a temporary file open."""
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
    return head + b"p" * size + b"\r\n--x--\r\n"


@pytest.mark.parametrize(("megabytes", "status"), [(3, 200), (5, 413)])
def test_an_upload_view_has_its_own_bound(guarded: FlaskClient, megabytes: int, status: int) -> None:
    body = multipart(megabytes * 1024 * 1024)
    response = guarded.post("/upload", data=body, content_type="multipart/form-data; boundary=x")
    assert response.status_code == status


def test_the_style_guide_is_missing_in_production() -> None:
    app: Flask = make_app(profile="production")
    assert app.test_client().get("/style").status_code == 404


def test_no_word_of_a_form_holds_what_the_database_cannot() -> None:
    """Views that read a word of the form by themselves would meet it as a fault of the portal's own."""
    asked = PortalRequest.from_values("/?q=a%00b", method="POST", data={"reason": "x\x00y", "n\x00": "1"})
    assert (asked.args["q"], asked.form["reason"], asked.form["n"]) == ("ab", "xy", "1")
