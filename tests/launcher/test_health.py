"""What machines ask: a broken part is named, and only what truly stops the portal makes it unready."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.core.outbox import TaskName, enqueue
from portal.web import health


def test_alive_says_so_without_touching_the_database(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_database_answers", lambda _database: pytest.fail("asked the database"))
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["status"] == "alive"


def test_ready_when_every_part_is(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.json == {
        "status": "ready",
        "parts": {"database": "ok", "keys": "ok", "storage": "ok", "broker": "ok"},
    }


def test_without_a_broker_it_is_degraded_but_serves(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_broker_answers", lambda _url: False)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["status"]) == (200, "degraded")  # type: ignore[index]


@pytest.mark.parametrize("part", ["_database_answers", "_keys_work", "_storage_has_room"])
def test_a_broken_foundation_is_unready(client: FlaskClient, monkeypatch: pytest.MonkeyPatch, part: str) -> None:
    def broken(_given: object) -> bool:
        raise OSError("gone")

    monkeypatch.setattr(health, part, broken)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert list(answer.json["parts"].values()).count("failed") == 1


def test_metrics_count_the_waiting_work(client: FlaskClient, session: Session) -> None:
    enqueue(session, TaskName.AUDIT_VERIFY)
    session.flush()
    text = client.get("/metrics").text
    assert 'portal_outbox_rows{queue="default",state="waiting"} 1' in text
    assert all(line.startswith(("#", "portal_")) for line in text.splitlines())
