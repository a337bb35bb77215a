"""The open protocol for resumable uploads, tus 1.0.0: creation, offset, a part, and giving up, over one window.

Why an own implementation stands in docs/decisions/0032-footage-files.md. Every answer names the version; a client that
speaks another is told so before anything is read.
"""

import hmac
import time
from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from uuid import UUID

from flask import Response, request
from werkzeug.exceptions import ClientDisconnected

from portal.audit.values import Actor
from portal.core.clock import utcnow
from portal.core.errors import Invalid
from portal.evidence.models import FootageUpload, UploadWindow
from portal.evidence.operations import uploads as operations
from portal.evidence.queries.uploads import upload_of
from portal.evidence.rules.uploads import ALGORITHMS, EXTENSIONS, VERSION, checksum, metadata, whole_number
from portal.evidence.values.uploads import DISK_RESERVE, PART_BYTES, PART_SECONDS
from portal.vault.parts import Part
from portal.vault.queries import part_store
from portal.web.problems import say
from portal.web.session import db_session

OFFSET_STREAM = "application/offset+octet-stream"
WindowOf = Callable[[], UploadWindow]


class _Arriving:
    """The body as it comes: whole pieces until it ends, the line is cut, or it takes too long."""

    def __init__(self, stream: Any, *, seconds: float) -> None:
        self._stream, self._until = stream, time.monotonic() + seconds
        self.cut = False

    def read(self, size: int = -1, /) -> bytes:
        """The next piece, shorter only at the end."""
        gathered = bytearray()
        while len(gathered) < size and not self.cut:
            try:
                more = self._stream.read(size - len(gathered))
            except (ClientDisconnected, OSError):
                self.cut = True
                break
            if not more:
                break
            gathered += more
            self.cut = time.monotonic() > self._until
        return bytes(gathered)


def said(status: int, text: str = "", **headers: str) -> Response:
    """An answer of the protocol."""
    answer = Response(text, status, content_type="text/plain; charset=utf-8")
    for name, value in headers.items():
        answer.headers[name.replace("_", "-")] = value
    answer.headers["Tus-Resumable"] = VERSION
    answer.headers["Cache-Control"] = "no-store"
    return answer


def speaks_tus() -> bool:
    """Whether a client of the protocol asks, not a form."""
    return "Tus-Resumable" in request.headers


def wrong_version() -> Response | None:
    """The refusal of another version, or None."""
    if request.headers.get("Tus-Resumable") == VERSION:
        return None
    return said(412, Tus_Version=VERSION)


def options() -> Response:
    """What is spoken here."""
    return said(204, Tus_Version=VERSION, Tus_Extension=EXTENSIONS, Tus_Checksum_Algorithm=",".join(ALGORITHMS))


def create(window: UploadWindow, sender: Actor, location: Callable[[UUID], str]) -> Response:
    """Begin a file of a claimed size: 201 with its address, 413 where it is more than the rules and the disk bear."""
    refusal = wrong_version()
    if refusal is not None:
        return refusal
    size = whole_number(request.headers.get("Upload-Length", ""))
    if size is None:
        return said(400, "Upload-Length")
    name = metadata(request.headers.get("Upload-Metadata", "")).get("filename", "")
    now = utcnow()
    try:
        upload = operations.begin_upload(db_session(), window=window, sender=sender, name=name, size=size, now=now)
    except Invalid as fault:
        most = operations.bounds_of(db_session(), window, now=now).file_bytes
        return said(413, say(fault.problems[0]), Tus_Max_Size=str(most))
    return said(201, Location=location(upload.id), Upload_Offset="0", Upload_Expires=_expires(window))


def head(window: UploadWindow, upload_id: UUID) -> Response:
    """How far a file has come."""
    refusal = wrong_version()
    if refusal is not None:
        return refusal
    upload = upload_of(db_session(), window, upload_id)
    if upload.dropped_at is not None:
        return said(410)
    return _offset(upload, window, 200, Upload_Length=str(upload.size))


def patch(window_of: WindowOf, upload_id: UUID, sender: Actor) -> Response:
    """Take one part in. No row is locked while it comes, so a slow sender keeps nobody waiting; of two that begin at
    the same byte the second is told 409."""
    window, asked = window_of(), _asked()
    if isinstance(asked, Response):
        return asked
    (start, wanted), session = asked, db_session()
    upload = upload_of(session, window, upload_id)
    operations.check_part(upload, start=start)
    most = min(PART_BYTES, upload.size - start)
    if (request.content_length or 0) > most:
        return said(413, Tus_Max_Size=str(upload.size))
    session.commit()
    parts, arriving = part_store(session), _Arriving(request.stream, seconds=PART_SECONDS)
    if parts.room() - most < DISK_RESERVE:
        # What was claimed at once by many fitted one by one; what comes is weighed again.
        return said(507)
    part = parts.take(upload_id, start, arriving, most=most)
    try:
        if wanted is not None and not hmac.compare_digest(part.checksums[wanted[0]], wanted[1]):
            # Of a part that was cut off nothing can be said: it is sent again whole.
            return said(408 if arriving.cut else 460)
        if part.size == 0:
            return said(400, "empty")
        return _count(window_of(), part, sender)
    finally:
        parts.drop(part)


def _asked() -> tuple[int, tuple[str, bytes] | None] | Response:
    """Where a part begins and what its sender says it digests to, or why it is not even read."""
    refusal = wrong_version()
    if refusal is not None:
        return refusal
    if request.mimetype != OFFSET_STREAM:
        return said(415)
    start, wanted = whole_number(request.headers.get("Upload-Offset", "")), None
    if "Upload-Checksum" in request.headers:
        wanted = checksum(request.headers["Upload-Checksum"])
        if wanted is None:
            return said(400, "Upload-Checksum")
    return said(400, "Upload-Offset") if start is None else (start, wanted)


def _count(window: UploadWindow, part: Part, sender: Actor) -> Response:
    upload = operations.add_part(db_session(), window=window, part=part, sender=sender, now=utcnow())
    return _offset(upload, window, 204)


def give_up(window: UploadWindow, upload_id: UUID, sender: Actor) -> Response:
    """The sender needs no more of this file."""
    refusal = wrong_version()
    if refusal is not None:
        return refusal
    operations.drop_upload(db_session(), window=window, upload_id=upload_id, sender=sender, now=utcnow())
    return said(204)


def take_whole(window: UploadWindow, stream: Any, name: str, size: int, sender: Actor) -> FootageUpload:
    """A file from a plain form, where no script runs: one part after another, out of the form's own temporary file."""
    now = utcnow()
    session = db_session()
    upload = operations.begin_upload(session, window=window, sender=sender, name=name, size=size, now=now)
    parts = part_store(session)
    while upload.received < size:
        part = parts.take(upload.id, upload.received, stream, most=min(PART_BYTES, size - upload.received))
        upload = operations.add_part(session, window=window, part=part, sender=sender, now=now)
    return upload


def _offset(upload: FootageUpload, window: UploadWindow, status: int, **more: str) -> Response:
    return said(status, Upload_Offset=str(upload.received), Upload_Expires=_expires(window), **more)


def _expires(window: UploadWindow) -> str:
    closes: datetime = window.closes_at
    return format_datetime(closes, usegmt=True)
