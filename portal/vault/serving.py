"""Hands a stored file to a browser so that it can do nothing there: as a download, in a sandbox, of the type it is."""

import unicodedata
from collections.abc import Iterator
from itertools import chain
from urllib.parse import quote

from flask import Response
from sqlalchemy.orm import Session

from portal.vault import labels  # noqa: F401 - registers the sentences of every refusal
from portal.vault.models import StoredFile
from portal.vault.queries import content


def send_stored_file(session: Session, stored: StoredFile, *, original: bool = False) -> Response:
    """The cleaned copy as an attachment, or on request the original. Permission and audit are the calling view's.

    Raises NotFound when the file is set aside, erased or missing, before a byte is sent.
    """
    pieces = content(session, stored, original=original)
    first = next(pieces, b"")
    response = Response(_joined(first, pieces), mimetype=stored.file_type.media_type.split(";")[0])
    response.headers["Content-Type"] = stored.file_type.media_type
    response.headers["Content-Length"] = str(stored.size if original else stored.safe_size)
    response.headers.set("Content-Disposition", "attachment", **_names(stored.declared_name))
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _names(name: str) -> dict[str, str]:
    """RFC 6266: a plain name for every client, and the true one percent-encoded for those that read it."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().strip(" .") or "file"
    return {"filename": plain, "filename*": "UTF-8''" + quote(name, safe="")}


def _joined(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    # The first piece was read already: a wrong key or an altered file becomes an error page, not a cut download.
    return chain((first,), rest)
