"""The gate: who is asking, and whether the endpoint may be asked at all. Deny by default, proven at start-up."""

import dataclasses
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from flask import Flask, abort, g, redirect, request, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue

from portal.accounts.operations import count_use, note_concurrent_use, touch_session
from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever, refusal_of
from portal.accounts.queries import identity_of, live_session, live_token
from portal.accounts.rules import SEEN_EVERY, TOKEN_WINDOW
from portal.accounts.values import SECOND_FACTOR_ROLES, Identity
from portal.core.clock import real_now
from portal.core.db import narrow
from portal.core.errors import NotAllowed, TooMany
from portal.core.scope import EVERYTHING
from portal.web.errors import asked_by_script
from portal.web.security import request_id
from portal.web.session import db_session

if TYPE_CHECKING:
    from portal.config import Settings

View = TypeVar("View", bound=Callable[..., Any])

PENDING_ENDPOINTS: Mapping[str, frozenset[str]] = {
    "change_password": frozenset({"accounts.password", "accounts.sign_out"}),
    "enrol_totp": frozenset({"accounts.totp", "accounts.password", "accounts.sign_out"}),
}


API = "/api/"


def requires(permission: Permission) -> Callable[[View], View]:
    """Declare the permission of an endpoint. The operation behind it still asks for the row."""

    def mark(view: View) -> View:
        view.__permission__ = permission  # type: ignore[attr-defined]
        return view

    return mark


def public_endpoint(reason: str) -> Callable[[View], View]:
    """Declare an endpoint that needs no sign-in, and why."""

    def mark(view: View) -> View:
        view.__public__ = reason  # type: ignore[attr-defined]
        return view

    return mark


def permission_of(app: Flask, endpoint: str) -> Permission | None:
    """The permission an endpoint declares, or None for a public one. Raises LookupError when it declares neither."""
    view = app.view_functions[endpoint]
    if endpoint == "static" or hasattr(view, "__public__"):
        return None
    permission = getattr(view, "__permission__", None)
    if not isinstance(permission, Permission):
        raise LookupError(f"endpoint {endpoint} declares neither a permission nor that it is public")
    return permission


def current_identity() -> Identity:
    """Who is asking; only behind a guarded endpoint."""
    identity = g.get("identity")
    if not isinstance(identity, Identity):
        raise NotAllowed("sign_in")
    return identity


def viewer() -> Identity | None:
    """Who is asking, or nobody."""
    identity = g.get("identity")
    return identity if isinstance(identity, Identity) else None


def init_app(app: Flask, settings: "Settings") -> None:
    """Put the gate before every request."""

    @app.before_request
    def _gate() -> ResponseReturnValue | None:
        request_id()
        g.sign_in_lifetime = timedelta(hours=settings.session_hours)
        g.token_days_max = settings.token_days_max
        g.over_tls = settings.base_url.startswith("https:")
        token = _bearer()
        g.identity = _identify(settings) if token is None else _identify_token(settings, token)
        if g.identity is not None:
            g.principal = f"account:{g.identity.account_id}"
            g.data_scope = g.identity.data_scope
            narrow(db_session(), g.data_scope)
        if request.endpoint is None:
            return None
        permission = permission_of(app, request.endpoint)
        if permission is None:
            return None
        if g.identity is None:
            return _ask_to_sign_in()
        waiting = g.identity.must
        if waiting and request.endpoint not in PENDING_ENDPOINTS[waiting]:
            if request.path.startswith(API):
                raise NotAllowed("must_change_password")
            return redirect(url_for("accounts.password" if waiting == "change_password" else "accounts.totp"))
        if not may_ever(g.identity, permission):
            raise refusal_of(g.identity, permission)
        return None


def _identify(settings: "Settings") -> Identity | None:
    token = cookie.get("sid")
    if not token:
        return None
    now = real_now()
    g.data_scope = EVERYTHING
    session = db_session()
    found = live_session(session, token, now=now)
    if found is None or now - found[0].seen_at > timedelta(minutes=settings.session_idle_minutes):
        cookie.pop("sid", None)
        return None
    login_session, account = found
    identity = identity_of(
        session,
        account,
        login_session=login_session,
        request_id=request_id(),
        address=request.remote_addr or "",
        now=now,
    )
    g.account_locale = account.locale
    if now - login_session.seen_at > SEEN_EVERY:
        touch_session(session, session_id=login_session.id, now=now)
        note_concurrent_use(session, session_id=login_session.id, now=now)
        session.commit()
    aged = now - account.password_set_at > timedelta(days=settings.password_max_age_days)
    if aged:
        identity = dataclasses.replace(identity, must="change_password")
    needs_totp = settings.totp_required and bool(identity.roles & SECOND_FACTOR_ROLES)
    if not identity.must and needs_totp and account.totp_sealed is None:
        identity = dataclasses.replace(identity, must="enrol_totp")
    return identity


def _bearer() -> str | None:
    """The personal token a program sent. Pages do not take one: a browser has no business carrying it."""
    if not request.path.startswith(API):
        return None
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _identify_token(settings: "Settings", text: str) -> Identity | None:
    """Whoever a token stands for, with its scopes and no more; every use is counted before anything is answered."""
    now = real_now()
    g.by_token = True  # nothing that a browser sends along by itself: such a request needs no form token
    g.data_scope = EVERYTHING
    session = db_session()
    token = live_token(session, text, now=now)
    if token is None:
        return None
    limit = settings.api_requests_per_minute
    used, began = count_use(session, token_id=token.id, address=request.remote_addr or "", now=now)
    session.commit()
    left = max(1, round((began + TOKEN_WINDOW - now).total_seconds()))
    g.rate_limit = (limit, max(0, limit - used), left)
    if used > limit:
        raise TooMany("api_rate", limit=limit, retry_after=left)
    return identity_of(
        session, token.account, token=token, request_id=request_id(), address=request.remote_addr or "", now=now
    )


def _ask_to_sign_in() -> ResponseReturnValue:
    if request.path.startswith(API) or asked_by_script():
        abort(401)
    target = request.full_path if request.method == "GET" else ""
    return redirect(url_for("accounts.sign_in", next=target or None))


def verify_routes(app: Flask) -> None:
    """Refuse to start when an endpoint declares nothing. Raises LookupError naming the first."""
    for endpoint in app.view_functions:
        permission_of(app, endpoint)
