"""What machines ask the portal: is the process alive, can it serve, how much work is waiting. No personal data.

`/readyz` separates what stops the portal (database, schema, keys, storage) from what only slows it: without the broker
the sweep still finds every job, so a broker that is down makes the portal degraded, not unready.
"""

import os
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from flask import Flask, Response, jsonify
from flask.typing import ResponseReturnValue
from kombu.connection import Connection
from sqlalchemy import text

import portal
from portal.config import Settings
from portal.core.crypto import row_context
from portal.core.db import Database
from portal.web.openapi import Answer, answers

STARTED = time.time()
LEAST_FREE_BYTES = 200 * 1024 * 1024

NUMBERS: Mapping[str, tuple[str, str]] = {
    "portal_outbox_rows": (
        "Work by queue and state",
        "select queue, state, count(*) from outbox where state <> 'done' group by 1, 2 order by 1, 2",
    ),
    "portal_outbox_oldest_seconds": (
        "Age of the oldest due work by queue",
        "select queue, 'due', coalesce(extract(epoch from now() - min(not_before)), 0) from outbox "
        "where state in ('waiting', 'leased') and not_before <= now() group by 1 order by 1",
    ),
}


class AliveAnswer(Answer):
    """The process answers."""

    status: Literal["alive"]
    version: str


class ReadyAnswer(Answer):
    """Each part the portal stands on, and what they make of it together."""

    status: Literal["ready", "degraded", "unready"]
    parts: dict[str, Literal["ok", "failed"]]


def init_app(app: Flask, settings: Settings) -> None:
    """Add the endpoints. They are public: a probe has no account, and the answers hold nothing about anybody."""

    def database() -> Database:
        found: Database = app.extensions["portal_database"]
        return found

    @answers("Is the process alive", AliveAnswer)
    def healthz() -> ResponseReturnValue:
        return {"status": "alive", "version": portal.__version__}

    @answers("Can the portal serve", ReadyAnswer, also={503: "a part it cannot do without has failed"})
    def readyz() -> ResponseReturnValue:
        needed = {
            "database": _tried(lambda: _database_answers(database())),
            "keys": _tried(lambda: _keys_work(database())),
            "storage": _tried(lambda: _storage_has_room(settings.data_dir)),
        }
        useful = {"broker": _tried(lambda: _broker_answers(settings.redis_url))}
        ready = all(needed.values())
        status = "unready" if not ready else "ready" if all(useful.values()) else "degraded"
        parts = {name: "ok" if fine else "failed" for name, fine in {**needed, **useful}.items()}
        answer = jsonify({"status": status, "parts": parts})
        answer.status_code = 200 if ready else 503
        return answer

    @answers("Waiting work in Prometheus' text form", media="text/plain")
    def metrics() -> ResponseReturnValue:
        return Response(_metrics(database()), content_type="text/plain; version=0.0.4; charset=utf-8")

    for rule, view in {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics}.items():
        view.__public__ = "asked by machines; holds nothing about anybody"  # type: ignore[attr-defined]
        app.add_url_rule(rule, endpoint=f"health.{view.__name__}", view_func=view)


def _tried(question: Callable[[], bool]) -> bool:
    """A fault is an answer here, whatever it is."""
    try:
        return question()
    except Exception:
        return False


def _database_answers(database: Database) -> bool:
    with database.engine.connect() as connection:
        connection.execute(text("set local statement_timeout = '2s'"))
        return bool(connection.scalar(text("select true")))


def _keys_work(database: Database) -> bool:
    envelope = database.services.envelope
    context = row_context("health", "probe", "1")
    return envelope.open(envelope.seal(b"ready", context=context), context=context) == b"ready"


def _storage_has_room(data_dir: Path) -> bool:
    return os.access(data_dir, os.W_OK | os.X_OK) and shutil.disk_usage(data_dir).free > LEAST_FREE_BYTES


def _broker_answers(url: str) -> bool:
    with Connection(url, connect_timeout=1) as connection:  # type: ignore[no-untyped-call]
        connection.ensure_connection(max_retries=1, timeout=2)
        return True


def _metrics(database: Database) -> str:
    lines = [
        "# HELP portal_info The version that answers",
        "# TYPE portal_info gauge",
        f'portal_info{{version="{portal.__version__}"}} 1',
        "# HELP portal_process_start_time_seconds When this process started",
        "# TYPE portal_process_start_time_seconds gauge",
        f"portal_process_start_time_seconds {STARTED:.0f}",
    ]
    with database.transaction() as session:
        for name, (meaning, statement) in NUMBERS.items():
            lines += [f"# HELP {name} {meaning}", f"# TYPE {name} gauge"]
            for queue, state, value in session.execute(text(statement)):
                lines.append(f'{name}{{queue="{queue}",state="{state}"}} {value}')
    return "\n".join(lines) + "\n"
