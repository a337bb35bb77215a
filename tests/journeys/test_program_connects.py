"""A unit's own system is connected: a token, a camera entered through the interface, and the message that tells of it."""

import base64
import hashlib
import hmac
import json
import secrets
import time
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.api.test_webhooks import Receiver, listening
from tests.support.browser import PHONE, assert_accessible
from tests.support.live import LivePortal

pytestmark = pytest.mark.journey

Enter = Callable[..., Page]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as server:
        yield server


def ask(portal: LivePortal, token: str, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """One request of a program."""
    request = urllib.request.Request(
        f"{portal.url}/api/v1{path}",
        method=method,
        data=json.dumps(body).encode() if body else None,
        headers={
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Idempotency-Key": secrets.token_urlsafe(18),
        },
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def test_a_token_a_write_and_the_message_about_it(
    signed_in: Enter, live_portal: LivePortal, receiver: Receiver
) -> None:
    page = signed_in("filer")
    page.goto("/account/webhooks/new")
    page.fill("#name", "学校安防平台")
    page.fill("#url", receiver.url)
    page.locator("#topics input[value=camera]").check()
    page.locator("main .primary").click()
    secret = page.locator("dl.facts dd").first.inner_text().split()[0]
    assert secret.startswith("whsec_")

    page.goto("/account/tokens/new")
    page.fill("#name", "夜间比对")
    for scope in ("registry:system:read", "registry:camera:edit", "registry:camera:read"):
        page.locator(f"#scopes input[value='{scope}']").check()
    page.fill("#current", live_portal.logins["filer"])
    assert_accessible(page)
    page.locator("main .primary").click()
    token = page.locator("dl.facts dd").first.inner_text().split()[0]
    assert token.startswith("vrp_")

    page.goto("/account/interface")
    page.locator("details.operation summary", has_text="/systems/{system_id}/cameras").first.click()
    expect(page.locator("details.operation[open]")).to_contain_text("Idempotency-Key")
    assert_accessible(page)

    system = ask(live_portal, token, "GET", "/systems?limit=1")["items"][0]["id"]
    entered = ask(
        live_portal,
        token,
        "POST",
        f"/systems/{system}/cameras",
        {"name": "接口录入-北门", "lon": "114.3924", "lat": "36.0976", "datum": "wgs84"},
    )
    expected = {"type": "camera.create", "subject": {"kind": "camera", "id": entered["id"]}}
    headers, body = awaited(receiver, entered["id"])
    (event,) = [each for each in json.loads(body)["events"] if each["subject"]["id"] == entered["id"]]
    assert {name: event[name] for name in expected} == expected
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    assert headers["webhook-signature"] == "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()

    page.goto("/account/webhooks")
    page.locator("td.lead a", has_text="学校安防平台").click()
    expect(page.locator("table.table tbody tr").first).to_contain_text("HTTP 204")
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert_accessible(page)
    page.locator("form[action$='/pause'] button").click()
    page.locator("dialog[open] button.danger, dialog[open] button.primary").first.click()
    expect(page.locator(".notice.ok")).to_be_visible()
    page.goto("/search?q=%E6%8E%A5%E5%8F%A3%E5%BD%95%E5%85%A5")  # the new camera, by its first characters
    assert page.url.endswith(f"/cameras/{entered['id']}")


def awaited(receiver: Receiver, word: str) -> tuple[dict[str, str], bytes]:
    """The message that holds a word, once the log is sealed, the news told and the message sent."""
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        for headers, body in list(receiver.taken):
            if word.encode() in body:
                return headers, body
        time.sleep(0.2)
    pytest.fail("the message never came")
