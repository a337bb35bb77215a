"""Headers, content policy, form tokens, origin check and body limits, for every answer of the application."""

import secrets
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Request, Response, g, request
from flask_wtf.csrf import CSRFProtect
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.utils import cached_property

from portal.config import Settings
from portal.core.errors import NotAllowed
from portal.core.ids import new_id

F = TypeVar("F", bound=Callable[..., Any])

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
FORM_BYTES = 2 * 1024 * 1024
_BODY_LIMIT = "_body_limit"

csrf = CSRFProtect()


class PortalRequest(Request):
    """A request whose address line and form carry nothing that the database cannot hold."""

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """The query without the one character PostgreSQL has no place for, so that no list meets it."""
        return _without_nul(super().args)

    def _load_form_data(self) -> None:
        """The form likewise, for the views that read a word of it by themselves."""
        super()._load_form_data()
        self.__dict__["form"] = _without_nul(self.form)


def _without_nul(given: MultiDict[str, str]) -> MultiDict[str, str]:
    if not any("\x00" in part for pair in given.items(multi=True) for part in pair):
        return given
    return ImmutableMultiDict(
        [(name.replace("\x00", ""), value.replace("\x00", "")) for name, value in given.items(multi=True)]
    )


def accepts_upload(max_bytes: int) -> Callable[[F], F]:
    """Let one view take a larger body than a form's. The limit holds before anything is parsed."""

    def mark(view: F) -> F:
        setattr(view, _BODY_LIMIT, max_bytes)
        return view

    return mark


def request_id() -> str:
    """The name of this request, in logs, audit records and error pages. Never taken from outside: it is evidence."""
    if "request_id" not in g:
        g.request_id = new_id().hex
    return str(g.request_id)


def csp_nonce() -> str:
    """The nonce of this answer. Only folium's block and nothing written by a user may carry it (reliability.md D6, D8)."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def content_policy(nonce: str, *, tiles_origin: str = "") -> str:
    """The policy of an ordinary page: our own files, one nonce, nothing from outside."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' 'nonce-{nonce}'",
            "style-src 'self'",
            f"img-src 'self' data: blob: {tiles_origin}".rstrip(),
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            "worker-src 'self'",
            "frame-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "object-src 'none'",
        )
    )


FIXED_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(self), payment=(), usb=()",
}


def refuse_foreign_origin() -> None:
    """Stop a state-changing request that another site made the browser send.

    Second line beside the form token: modern browsers tell where a request comes from. Clients that are not browsers
    send neither header and carry their own credentials.
    """
    if request.method in SAFE_METHODS:
        return
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise NotAllowed("foreign_origin")
        return
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise NotAllowed("foreign_origin")


def check_form_token() -> None:
    """Every state-changing request that a browser's cookie may have let in must prove that our own page sent it."""
    if request.method not in SAFE_METHODS and not g.get("by_token"):
        csrf.protect(apply_exemptions=True)


def init_app(app: Flask, settings: Settings) -> None:
    """Wire the protections. Their order is the order of the calls."""
    over_tls = settings.base_url.startswith("https:")
    tiles = urlsplit(settings.base_tiles_url)
    tiles_origin = f"{tiles.scheme}://{tiles.netloc}" if tiles.netloc else ""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="__Host-portal" if over_tls else "portal",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=over_tls,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_CHECK_DEFAULT=False,  # check_form_token() asks for it, of whoever came in by a cookie
        WTF_CSRF_TIME_LIMIT=None,  # bound to the session: a long form must not expire while it is being filled in
        WTF_CSRF_SSL_STRICT=False,  # the origin check below is stricter and works behind a proxy
        MAX_CONTENT_LENGTH=FORM_BYTES,
        MAX_FORM_MEMORY_SIZE=FORM_BYTES,
        MAX_FORM_PARTS=5000,
    )

    def bound_body() -> None:
        view = app.view_functions.get(request.endpoint or "")
        limit = getattr(view, _BODY_LIMIT, None)
        if limit is not None:
            request.max_content_length = limit

    def put_headers(response: Response) -> Response:
        for name, value in FIXED_HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", content_policy(csp_nonce(), tiles_origin=tiles_origin))
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("X-Request-ID", request_id())
        if over_tls:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
        return response

    app.before_request(bound_body)
    app.before_request(refuse_foreign_origin)
    csrf.init_app(app)
    app.before_request(check_form_token)
    app.after_request(put_headers)
    app.add_template_global(csp_nonce)
