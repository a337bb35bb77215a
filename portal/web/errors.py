"""Errors become answers: a page, a problem document for the API, or a message for a part of a page (htmx).

A 404 says the same, byte for byte, for what is unknown and for what this reader may not know of; therefore error pages
carry no address, no token and no number except where the reader must quote one.
"""

import json
import logging
from collections.abc import Sequence
from typing import Any

from flask import Flask, Response, make_response, render_template, request
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge, TooManyRequests
from werkzeug.wrappers import Response as BaseResponse

from portal.core.errors import Invalid, PortalError, TooMany
from portal.web.formats import filesize
from portal.web.labels import ERROR_TEXTS, FORM_EXPIRED, ErrorText
from portal.web.problems import known_codes, say
from portal.web.security import request_id

logger = logging.getLogger(__name__)

PROBLEM_JSON = "application/problem+json"
# Numbers worth quoting to an administrator; a 404 must not carry one.
NUMBERED = frozenset({500, 503})


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(CSRFError, _on_expired_form)
    app.register_error_handler(PortalError, _on_portal_error)
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(Exception, _on_fault)


def _on_expired_form(_error: CSRFError) -> Response:
    return answer(400, code="form_expired", text=FORM_EXPIRED)


def _on_portal_error(error: PortalError) -> Response:
    if error.status >= 500:
        logger.error("refused: %s %s", error.code, request_id(), exc_info=error)
    details: list[str] = []
    fields: list[dict[str, str]] = []
    if isinstance(error, Invalid):
        details = [say(problem) for problem in error.problems]
        fields = [{"field": one.field, "code": one.code, "message": say(one)} for one in error.problems]
    elif error.status != 404 and error.code in known_codes() - {"permission"}:  # which the page says by itself
        details = [say(error)]
    response = answer(
        error.status, code=error.code if error.status != 404 else "not_found", details=details, fields=fields
    )
    if isinstance(error, TooMany) and error.data.get("retry_after"):
        response.headers["Retry-After"] = str(error.data["retry_after"])
    return response


def _on_http_error(error: HTTPException) -> BaseResponse:
    if error.code is None or error.code < 400 or error.response is not None:
        return error.get_response()
    details = []
    if isinstance(error, RequestEntityTooLarge) and request.max_content_length:
        details = [gettext("The limit here is %(size)s.", size=filesize(request.max_content_length))]
    response = answer(error.code, code=error.name.lower().replace(" ", "_"), details=details)
    if isinstance(error, TooManyRequests) and isinstance(error.retry_after, int):
        response.headers["Retry-After"] = str(error.retry_after)
    if error.code == 405 and getattr(error, "valid_methods", None):
        response.headers["Allow"] = ", ".join(error.valid_methods)  # type: ignore[attr-defined]
    return response


def _on_fault(error: Exception) -> Response:
    # The message may hold personal data or a secret: it goes to the log's traceback, never to the reader.
    logger.exception("fault %s", request_id(), exc_info=error)
    return answer(500, code="fault")


def asked_by_script() -> bool:
    """Whether a script reads the answer, htmx or the sender of files (tus): words for it, no page and no way elsewhere."""
    return bool(request.headers.get("HX-Request")) or "Tus-Resumable" in request.headers


def answer(
    status: int,
    *,
    code: str,
    text: ErrorText | None = None,
    details: Sequence[str] = (),
    fields: Sequence[dict[str, str]] = (),
) -> Response:
    """The answer in the form the caller reads."""
    words = text or ERROR_TEXTS.get(status) or ERROR_TEXTS[500 if status >= 500 else 400]
    if request.path.startswith("/api/"):
        return _document(status, code, words, details, fields)
    if asked_by_script():
        return _fragment(status, words, details)
    number = request_id() if status in NUMBERED else ""
    page = render_template("errors/page.html", status=status, words=words, details=details, number=number)
    return make_response(page, status)


def _document(
    status: int, code: str, words: ErrorText, details: Sequence[str], fields: Sequence[dict[str, str]]
) -> Response:
    body: dict[str, Any] = {"type": f"urn:portal:problem:{code}", "title": str(words.title), "status": status}
    if details:
        body["detail"] = " ".join(details)
    if fields:
        body["problems"] = list(fields)
    if status in NUMBERED:
        body["instance"] = f"urn:portal:request:{request_id()}"
    return Response(json.dumps(body, ensure_ascii=False), status, content_type=PROBLEM_JSON)


def _fragment(status: int, words: ErrorText, details: Sequence[str]) -> Response:
    """Part of a page failed: the page stays as it is and shows a message (see portal.js)."""
    message = " ".join(str(part) for part in (words.title, *(details or (words.advice,))))
    response = Response(message, status, content_type="text/plain; charset=utf-8")
    response.headers["HX-Reswap"] = "none"
    response.headers["HX-Trigger"] = json.dumps({"portal:problem": {"text": message}})
    return response
