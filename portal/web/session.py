"""One database session a request; one commit, at the end, when the answer is a success; one answer a key.

A state-changing request carries an idempotency key (`Idempotency-Key` header, or the hidden field `_key`). Its answer
is written in the request's own transaction, so that a retry after a lost answer is given the same answer and changes
nothing; the unique constraint decides between two that arrive together (reliability.md D2).
"""

import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from flask import Flask, Response, g, has_request_context, request
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response as BaseResponse

from portal.core.clock import real_now
from portal.core.crash import crash_point
from portal.core.db import Database
from portal.core.errors import Invalid, PortalError, Stale
from portal.core.prepared import PREPARED
from portal.core.scope import NOTHING
from portal.web.models import IdempotencyRecord

View = TypeVar("View", bound=Callable[..., Any])

KEY_FIELD = "_key"
DEADLOCK = "40P01"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_KEY = re.compile(r"[A-Za-z0-9_-]{16,80}")
_NEVER_HASHED = frozenset({KEY_FIELD, "csrf_token"})


def db_session() -> Session:
    """The request's session, opened on first use with the scope the guard set (nothing, until it did)."""
    if "db" not in g:
        database: Database = g.portal_database
        g.db = database.session(g.get("data_scope", NOTHING))
    session: Session = g.db
    return session


def idempotency_field() -> Markup:
    """The hidden field every state-changing form carries; a re-rendered form keeps the key it was sent with."""
    key = request.form.get(KEY_FIELD, "") if has_request_context() else ""
    if not _KEY.fullmatch(key) or g.get("idempotency_spent"):
        key = secrets.token_urlsafe(18)
    return Markup('<input type="hidden" name="{}" value="{}">').format(KEY_FIELD, key)


def keep_record() -> None:
    """Commit although the answer is a refusal: it shows what may be looked at only under record, and that was recorded.

    What the refused operation wrote was undone before (`undone_if_refused`).
    """
    g.commit_anyway = True


def repeatable(reason: str) -> Callable[[View], View]:
    """Declare a POST whose repetition does no harm and whose answer must not be remembered, and why."""

    def mark(view: View) -> View:
        view.__repeatable__ = reason  # type: ignore[attr-defined]
        return view

    return mark


class UnitOfWork:
    """Wraps dispatch: replay, run, commit or roll back."""

    def __init__(self, app: Flask, database: Database) -> None:
        self.app = app
        self.database = database

    def run(self, dispatch: Any) -> BaseResponse:
        """Answer the request. Business refusals roll back and go on to the error pages."""
        key = None if request.method in SAFE_METHODS or self._repeatable() else self._key()
        if key:
            remembered = self._remembered(key)
            if remembered is not None:
                return remembered
        try:
            response = self.app.make_response(dispatch())
            self._finish(response, key)
        except PortalError as refusal:
            # A refusal that must be remembered (a counted wrong password) says so itself.
            self._close(commit=bool(refusal.data.get("commit")))
            if twin := self._twin(key):
                return twin
            raise
        except (StaleDataError, IntegrityError, OperationalError) as clash:
            self._close(commit=False)
            if twin := self._twin(key):
                return twin
            # Of two who waited for each other's rows the database gives one up: for them, too, another was quicker.
            if isinstance(clash, StaleDataError) or getattr(clash.orig, "pgcode", "") == DEADLOCK:
                raise Stale("changed_meanwhile") from clash
            raise
        except BaseException:
            self._close(commit=False)
            raise
        return response if response.status_code < 400 else self._twin(key) or response

    def _twin(self, key: str | None) -> BaseResponse | None:
        """The answer of the same request that arrived together with this one and finished first.

        Having waited for the other's locks, this one finds the work done and refuses it: a second click, or a retry
        while the first try still ran, must hear of the success instead.
        """
        return self._remembered(key) if key else None

    def _repeatable(self) -> bool:
        view = self.app.view_functions.get(request.endpoint or "")
        return view is None or hasattr(view, "__repeatable__")

    def _key(self) -> str:
        key = request.headers.get("Idempotency-Key") or request.form.get(KEY_FIELD, "")
        if not _KEY.fullmatch(key):
            raise Invalid("idempotency_key_missing")
        return key

    def _finish(self, response: Response, key: str | None) -> None:
        if response.status_code >= 400:
            self._close(commit=bool(g.get("commit_anyway")))
            return
        if "db" not in g:
            return
        session = db_session()
        if key and not response.is_streamed:
            session.add(
                IdempotencyRecord(
                    principal=_principal(),
                    key=key,
                    request_sha256=_fingerprint(),
                    status=response.status_code,
                    location=response.headers.get("Location"),
                    # Whoever follows a redirect needs no page; a program is given the whole first answer again.
                    body=None if 300 <= response.status_code < 400 else response.get_data(as_text=True)[:100_000],
                    content_type=response.content_type,
                    created_at=real_now(),
                )
            )
        session.flush()
        crash_point("request.before_commit")
        session.commit()
        crash_point("request.after_commit")

    def _remembered(self, key: str) -> BaseResponse | None:
        session = db_session()
        row = session.scalars(
            select(IdempotencyRecord).where(IdempotencyRecord.principal == _principal(), IdempotencyRecord.key == key),
            execution_options=PREPARED,
        ).one_or_none()
        if row is None:
            return None
        if row.request_sha256 != _fingerprint():
            g.idempotency_spent = True
            raise Invalid("idempotency_key_reused")
        headers: Mapping[str, str] = {"Location": row.location} if row.location else {}
        answer = Response(row.body or "", status=row.status, headers=dict(headers), content_type=row.content_type)
        answer.headers["Idempotent-Replay"] = "true"
        return answer

    def _close(self, *, commit: bool) -> None:
        session: Session | None = g.get("db")
        if session is None:
            return
        if commit:
            session.commit()
        else:
            session.rollback()


def _principal() -> str:
    return str(g.get("principal") or f"address:{request.remote_addr}")


def _fingerprint() -> str:
    """SHA-256 of method, path and body, without the tokens; uploads count by name and size."""
    digest = hashlib.sha256(f"{request.method} {request.path}\n".encode())
    if request.is_json:
        digest.update(request.get_data(cache=True))
    else:
        for name, value in sorted(request.form.items(multi=True)):
            # Everything else in a form can be guessed, so a digest over a password would let it be tried offline.
            if name not in _NEVER_HASHED and "password" not in name:
                digest.update(f"{name}={value}\n".encode())
        for name, file in sorted(request.files.items(multi=True)):
            size = file.stream.seek(0, 2)
            file.stream.seek(0)
            digest.update(f"{name}:{file.filename}:{size}\n".encode())
    return digest.hexdigest()


def init_app(app: Flask, database: Database) -> UnitOfWork:
    """Give every request its session; the app's dispatch calls `UnitOfWork.run`."""

    @app.before_request
    def _open() -> None:
        g.portal_database = database

    @app.teardown_request
    def _shut(_error: BaseException | None) -> None:
        session: Session | None = g.pop("db", None)
        if session is not None:
            session.close()

    app.jinja_env.globals["idempotency_field"] = idempotency_field
    return UnitOfWork(app, database)
