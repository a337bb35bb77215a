"""Webhooks: what the log says reaches whoever may read it, signed, tried again, and never an inner address."""

import base64
import hashlib
import hmac
import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from portal.accounts.models import Account, Notice
from portal.accounts.values import Role
from portal.audit.models import AuditStage
from portal.core.db import narrow
from portal.core.egress import EgressDenied, EgressPolicy, Sent, post
from portal.core.errors import Invalid, NotFound
from portal.core.outbox import OutboxRow
from portal.core.scope import EVERYTHING
from portal.registry import operations as registry
from portal.registry.models import Camera
from portal.registry.values import CameraParticulars
from portal.webhooks import operations
from portal.webhooks.models import Webhook, WebhookCursor, WebhookDelivery
from portal.webhooks.rules import BACK_OFF, GIVE_UP_AFTER, headers_of, next_try, signature
from portal.webhooks.values import Topic
from tests.people import BEIGUAN, NOW, make_world, sign_in
from tests.people import post as send
from tests.registry.test_filing import a_system

HERE = EgressPolicy.build(networks=["127.0.0.8/29"], plain_http=True, production=False)
OPEN = EgressPolicy.build()
HOUR = timedelta(hours=1)


# ---- where messages may go ----

INNER = (
    "https://127.0.0.1/", "https://10.0.0.8/x", "https://192.168.1.1/", "https://172.16.0.1/", "https://169.254.169.254/",
    "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://[fd00::1]/", "https://[fe80::1%25eth0]/", "https://0.0.0.0/",
    "https://100.64.0.1/", "https://224.0.0.1/", "https://[64:ff9b::a00:1]/",
    "https://[::10.0.0.1]/", "https://[::ffff:0:10.0.0.1]/", "https://[fec0::1]/", "https://[5f00::1]/",
)  # fmt: skip
WRONG = (
    "http://example.com/", "ftp://example.com/", "https://", "https://user:pw@example.com/", "https://:pw@example.com/", "https://exa mple.com/",
    "javascript:alert(1)", "https://example.com/#x", "https://example.com:99999/", "https://例子.cn/", "https://x\r\nHost: y/",
    "https://example.com/" + "x" * 600,
)  # fmt: skip


@pytest.mark.parametrize("url", [*INNER, *WRONG])
def test_an_inner_or_strange_address_is_refused(url: str) -> None:
    with pytest.raises(EgressDenied):
        OPEN.check_url(url)
    assert post(OPEN, url, b"", {}).status is None


def test_what_a_name_answers_is_checked_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def lookup(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        return [(2, 1, 6, "", ("93.184.216.34", port)), (2, 1, 6, "", ("10.0.0.1", port))]

    monkeypatch.setattr("socket.getaddrinfo", lookup)
    sent = post(OPEN, "https://rebinding.example.com/", b"{}", {})
    assert (asked, sent.status, sent.error) == (["rebinding.example.com"], None, "inner_network")


def test_settings_cannot_open_the_machine_itself() -> None:
    with pytest.raises(ValueError, match="never sent to"):
        EgressPolicy.build(networks=["127.0.0.8/29"])
    with pytest.raises(ValueError):
        EgressPolicy.build(networks=["10.0.0.0/99"])
    inner = EgressPolicy.build(networks=["10.20.0.0/16"], own=["10.20.0.5"], plain_http=True)
    assert str(inner.check_address("10.20.0.6")) == "10.20.0.6"
    for denied in ("10.20.0.5", "10.21.0.1"):
        with pytest.raises(EgressDenied):
            inner.check_address(denied)
    assert not inner.plain_http, "production speaks TLS or not at all"


@given(body=st.binary(max_size=200), secret=st.binary(min_size=24, max_size=64), moment=st.integers(0, 2**40))
def test_the_signature_is_that_of_standard_webhooks(body: bytes, secret: bytes, moment: int) -> None:
    shown = "whsec_" + base64.b64encode(secret).decode()
    expected = hmac.new(secret, b"msg_1." + str(moment).encode() + b"." + body, hashlib.sha256).digest()
    assert (
        signature(shown, message_id="msg_1", timestamp=moment, body=body) == "v1," + base64.b64encode(expected).decode()
    )


def test_tries_grow_apart_and_end() -> None:
    waits = [next_try(attempt) for attempt in range(1, len(BACK_OFF) + 2)]
    assert waits[-1] is None
    assert [wait for wait in waits if wait] == sorted(BACK_OFF)


# ---- telling ----


@pytest.fixture
def scene(session: Session):
    world = make_world(session)
    filer, system = a_system(session, world)
    stranger = world.person(Role.UNIT_FILER, unit_id=world.unit("北关幼儿园", district=BEIGUAN).id)
    registrar = world.person(Role.REGISTRAR)
    hooks = {
        name: operations.create_hook(
            session,
            actor=who,
            name=name,
            url="http://127.0.0.9:9/in",
            topics=[Topic.CAMERA, Topic.SYSTEM],
            now=NOW + HOUR / 60,
        )[0]
        for name, who in (("filer", filer), ("registrar", registrar), ("stranger", stranger))
    }
    return {
        "world": world,
        "filer": filer,
        "system": system,
        "stranger": stranger,
        "registrar": registrar,
        **{f"{n}_hook": h for n, h in hooks.items()},
    }


@pytest.fixture(autouse=True)
def numbered(monkeypatch: pytest.MonkeyPatch) -> None:
    """The log as if everything staged were sealed at once: no sealer sees what a test's transaction holds. With a real
    one the whole way is walked in tests/journeys."""

    def staged(session: Session) -> list[AuditStage]:
        return list(session.scalars(select(AuditStage).order_by(AuditStage.id)))

    def between(session: Session, first: int, last: int, *, tags: Any) -> list[AuditStage]:
        return [act for act in staged(session)[first:last] if act.tag in tags and act.outcome == "ok"]

    monkeypatch.setattr("portal.webhooks.queries.acts_between", between)
    monkeypatch.setattr("portal.webhooks.operations.newest_seq", lambda session: len(staged(session)))


def enter(session: Session, scene: dict[str, Any], name: str = "南门") -> Camera:
    particulars = CameraParticulars(name=name, lon=114.3924, lat=36.0976)
    return registry.add_camera(
        session, actor=scene["filer"], system_id=scene["system"].id, particulars=particulars, now=NOW + HOUR
    )


def deliveries(session: Session, hook: Webhook) -> list[WebhookDelivery]:
    return list(
        session.scalars(
            select(WebhookDelivery).where(WebhookDelivery.webhook_id == hook.id).order_by(WebhookDelivery.id)
        )
    )


def test_the_owner_alone_knows_a_webhook_and_the_secret_is_sealed(session: Session, scene: dict[str, Any]) -> None:
    hook, secret = operations.create_hook(
        session, actor=scene["filer"], name="x", url="https://example.com/in", topics=[Topic.FILING], now=NOW
    )
    kept = session.execute(text("select w::text from webhook w where id = :id"), {"id": hook.id}).scalar_one()
    assert secret not in kept
    for act in (operations.pause_hook, operations.resume_hook, operations.ping_hook):
        with pytest.raises(NotFound):
            act(session, actor=scene["stranger"], hook_id=hook.id, now=NOW)
    narrow(session, scene["stranger"].data_scope)
    assert session.scalars(select(Webhook.id).where(Webhook.id == hook.id)).all() == []
    narrow(session, EVERYTHING)
    for url, code in (("https://10.0.0.1/", "egress_inner_network"), ("gopher://x", "egress_not_a_url")):
        with pytest.raises(Invalid, match=code):
            operations.create_hook(session, actor=scene["filer"], name="x", url=url, topics=[Topic.FILING], now=NOW)


def test_news_goes_to_those_who_may_read_the_thing(session: Session, scene: dict[str, Any]) -> None:
    operations.tell_news(session, now=NOW)
    assert deliveries(session, scene["filer_hook"]) == [], "what was before is not told"
    camera = enter(session, scene)
    secret = enter(session, scene, "密室")
    secret.secret = True
    session.flush()
    assert operations.tell_news(session, now=NOW + HOUR) == 2
    assert operations.tell_news(session, now=NOW + HOUR) == 0, "nothing is told twice"
    (own,), (police,) = deliveries(session, scene["filer_hook"]), deliveries(session, scene["registrar_hook"])
    assert deliveries(session, scene["stranger_hook"]) == []
    told = json.loads(own.body)
    assert told["id"] == str(own.id)
    assert {event["subject"]["id"] for event in told["events"]} == {str(camera.id), str(secret.id)}
    assert [event["subject"]["id"] for event in json.loads(police.body)["events"]] == [str(camera.id)]
    assert own.types == ["camera.create"]
    assert set(told["events"][0]) == {"id", "type", "at", "subject", "unit_id"}
    for word in ("南门", "114.39", scene["system"].name):
        assert word not in own.body
    queued = session.scalars(select(OutboxRow.payload).where(OutboxRow.kind == "webhooks.deliver")).all()
    assert {row["delivery_id"] for row in queued} == {str(own.id), str(police.id)}


def test_what_is_of_a_secret_system_is_told_in_its_unit_alone(session: Session, scene: dict[str, Any]) -> None:
    enter(session, scene)
    scene["system"].secret = True
    session.flush()
    operations.tell_news(session, now=NOW + HOUR)
    assert len(deliveries(session, scene["filer_hook"])) == 1
    assert deliveries(session, scene["registrar_hook"]) == []


def test_what_waits_is_not_sent_for_somebody_who_has_left(session: Session, scene: dict[str, Any]) -> None:
    enter(session, scene)
    operations.tell_news(session, now=NOW + HOUR)
    (delivery,) = deliveries(session, scene["filer_hook"])
    assert operations.outgoing(session, delivery_id=delivery.id, attempt=1) is not None
    session.get_one(Account, scene["filer"].account_id).disabled_at = NOW
    assert operations.outgoing(session, delivery_id=delivery.id, attempt=1) is None


def test_the_log_names_the_receiver_and_not_its_key(session: Session, scene: dict[str, Any]) -> None:
    url = "https://example.com/hooks/T01/Geheim?key=77"
    operations.create_hook(session, actor=scene["filer"], name="x", url=url, topics=[Topic.FILING], now=NOW)
    staged = " ".join(session.execute(text("select s::text from audit_stage s")).scalars())
    assert "https://example.com" in staged
    assert "Geheim" not in staged
    assert "key=77" not in staged


def test_a_webhook_ends_with_its_owners_right_and_looks_are_never_told(session: Session, scene: dict[str, Any]) -> None:
    enter(session, scene)
    session.execute(update(Account).where(Account.id == scene["filer"].account_id).values(disabled_at=NOW))
    operations.tell_news(session, now=NOW + HOUR)
    session.refresh(scene["filer_hook"])
    assert scene["filer_hook"].disabled == "account"
    assert deliveries(session, scene["filer_hook"]) == []
    session.refresh(scene["registrar_hook"])
    assert scene["registrar_hook"].disabled is None


def test_a_failed_try_comes_again_and_too_many_switch_off(session: Session, scene: dict[str, Any]) -> None:
    hook = scene["filer_hook"]
    enter(session, scene)
    operations.tell_news(session, now=NOW + HOUR)
    (delivery,) = deliveries(session, hook)
    bad = Sent(error="timeout", milliseconds=5000)
    operations.note_try(session, delivery_id=delivery.id, attempt=1, sent=bad, now=NOW)
    operations.note_try(session, delivery_id=delivery.id, attempt=1, sent=bad, now=NOW)
    assert (delivery.attempts, delivery.status, delivery.next_at) == (1, "waiting", NOW + BACK_OFF[0])
    assert operations.outgoing(session, delivery_id=delivery.id, attempt=1) is None, "made already"
    found = operations.outgoing(session, delivery_id=delivery.id, attempt=2)
    assert found is not None
    assert found.body == delivery.body.encode()
    operations.note_try(session, delivery_id=delivery.id, attempt=2, sent=Sent(status=204), now=NOW)
    assert (delivery.status, hook.failures, len(delivery.log)) == ("delivered", 0, 2)
    again = operations.send_again(session, actor=scene["filer"], delivery_id=delivery.id, now=NOW)
    assert again.status == "waiting"
    for attempt in range(3, 3 + GIVE_UP_AFTER):
        if delivery.status == "failed":
            operations.send_again(session, actor=scene["filer"], delivery_id=delivery.id, now=NOW)
        operations.note_try(session, delivery_id=delivery.id, attempt=attempt, sent=Sent(status=500), now=NOW)
    session.refresh(hook)
    assert hook.disabled == "failures"
    assert session.scalars(select(Notice.kind).where(Notice.subject_id == hook.id)).all() == ["webhooks.hook"]
    operations.resume_hook(session, actor=scene["filer"], hook_id=hook.id, now=NOW + 2 * HOUR)
    assert (hook.disabled, hook.failures, hook.since) == (None, 0, NOW + 2 * HOUR)


def test_device_changes_are_told_once_their_round_has_committed(session: Session, scene: dict[str, Any]) -> None:
    camera = enter(session, scene)
    hook, _ = operations.create_hook(
        session, actor=scene["filer"], name="d", url="http://127.0.0.9:9/", topics=[Topic.DEVICE], now=NOW - HOUR
    )
    session.execute(update(WebhookCursor).values(device_at=NOW - HOUR, device_id=0))
    session.execute(
        text(
            "insert into device_state_change (at, camera_id, unit_id, district, old_state, new_state) "
            "values (:at, :camera, :unit, :district, 'online', 'offline')"
        ),
        {"at": NOW, "camera": camera.id, "unit": camera.unit_id, "district": camera.district},
    )
    operations.tell_news(session, now=NOW + timedelta(seconds=30))
    assert deliveries(session, hook) == []
    operations.tell_news(session, now=NOW + HOUR)
    (told,) = deliveries(session, hook)
    (event,) = json.loads(told.body)["events"]
    assert (event["type"], event["state"], event["subject"]["id"]) == (
        "device.state_changed", "offline", str(camera.id),
    )  # fmt: skip


# ---- sending ----


class Receiver(HTTPServer):
    """Takes messages, or leads elsewhere."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.9", 0), _Take)
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self.answer = 204

    @property
    def url(self) -> str:
        return f"http://127.0.0.9:{self.server_address[1]}/in?x=1"


class _Take(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((dict(self.headers), body))  # type: ignore[attr-defined]
        self.send_response(self.server.answer)  # type: ignore[attr-defined]
        self.send_header("Location", "http://127.0.0.1:1/")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def listening() -> Iterator[Receiver]:
    """A receiver at work on an address that tests may be told at."""
    server = Receiver()
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as server:
        yield server


def test_a_message_is_posted_once_and_a_redirect_is_not_followed(receiver: Receiver) -> None:
    headers = headers_of("whsec_" + base64.b64encode(b"k" * 32).decode(), message_id="m1", now=NOW, body=b"{}")
    assert post(HERE, receiver.url, b"{}", headers).good
    receiver.answer = 302
    led = post(HERE, receiver.url, b"{}", headers)
    assert (led.status, led.good, len(receiver.taken)) == (302, False, 2)
    sent, body = receiver.taken[0]
    assert sent["webhook-signature"] == signature(
        "whsec_" + base64.b64encode(b"k" * 32).decode(), message_id="m1", timestamp=int(NOW.timestamp()), body=body
    )
    closed = receiver.url.replace(str(receiver.server_address[1]), "1")
    assert post(HERE, closed, b"{}", headers).error == "connection"


def test_a_receiver_that_never_ends_its_handshake_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each step has its time, and a byte now and then makes no step late: only the whole time ends it."""
    monkeypatch.setattr("portal.core.egress.WHOLE_SECONDS", 0.4)
    with socket.create_server(("127.0.0.9", 0)) as server:

        def drip() -> None:
            taken, _ = server.accept()
            with taken, suppress(OSError):
                taken.sendall(b"\x16\x03\x03\x40\x00")  # a record of 16 KiB begins
                for _ in range(100):
                    taken.sendall(b"\x00")
                    time.sleep(0.05)

        Thread(target=drip, daemon=True).start()
        sent = post(HERE, f"https://127.0.0.9:{server.getsockname()[1]}/in", b"{}", {})
    assert sent.status is None
    assert sent.milliseconds < 3000


def test_the_pages_set_up_and_switch(client: FlaskClient, session: Session, scene: dict[str, Any]) -> None:
    sign_in(client, scene["world"].login_of(scene["filer"]))
    asked = {"name": "平台", "url": "http://127.0.0.9:9/in", "topics": ["camera"]}
    assert send(client, "/account/webhooks/new", {**asked, "url": "http://10.0.0.1/"}).status_code == 422
    made = send(client, "/account/webhooks/new", asked)
    assert made.status_code == 200
    assert "whsec_" in made.text
    hook = session.scalars(select(Webhook).where(Webhook.name == "平台")).one()
    address = f"/account/webhooks/{hook.id}"
    assert send(client, f"{address}/ping").status_code == 303
    assert "ping" in client.get(address).text
    assert "whsec_" not in client.get(address).text
    assert send(client, f"{address}/pause").status_code == 303
    assert send(client, f"{address}/ping").status_code == 422
    assert send(client, f"{address}/resume").status_code == 303
    assert client.get("/account/webhooks").status_code == 200
