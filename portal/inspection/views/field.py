"""In the field: a page of its own that works without network, and what it exchanges with the portal when there is one."""

import hashlib
import re
from datetime import UTC, datetime
from typing import Any, BinaryIO, TypeVar, cast
from uuid import UUID

from flask import Response, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import generate_csrf
from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from portal.accounts.guards import current_identity, public_endpoint, requires
from portal.accounts.permissions import Permission
from portal.core.clock import utcnow
from portal.core.db import undone_if_refused
from portal.core.digest import chunks
from portal.core.errors import IllegalTransition, Invalid, NotFound, PortalError, Problem
from portal.inspection import operations, queries
from portal.inspection.rules.sealing import MOST_BODY, Seal
from portal.inspection.values import MOST_ENTRIES
from portal.inspection.views.blueprint import bp
from portal.inspection.views.packing import packed, state_of, visit_line
from portal.inspection.views.words import addresses, words
from portal.vault.operations import store_upload
from portal.vault.values import MIB, FileKind
from portal.web.problems import say
from portal.web.security import accepts_upload
from portal.web.session import db_session, repeatable
from portal.web.static_files import STATIC_DIR

Form = TypeVar("Form", bound=BaseModel)
_SHA256 = re.compile(r"[0-9a-f]{64}")

# What the page needs to open without network; nothing of anybody's is among it.
SHEETS = (
    "css/tokens.css",
    "css/dark.css",
    "css/shell.css",
    "css/data.css",
    "css/forms.css",
    "css/casework.css",
    "css/field.css",
)


class _Handed(BaseModel):
    body: str = Field(max_length=MOST_BODY)
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    signature: str = Field(max_length=100)


class _Sending(BaseModel):
    device: UUID
    now: AwareDatetime
    entries: list[_Handed] = Field(max_length=MOST_ENTRIES)


class _Enrolment(BaseModel):
    public_key: str = Field(max_length=100)
    label: str = Field(max_length=200)


@bp.get("/field/")
@requires(Permission.VISIT_SCORE)
def field() -> ResponseReturnValue:
    """The shell of the page in the field. It holds no datum of anybody: what was taken along lies in the device."""
    return render_template("inspection/field.html", words=words(), urls=addresses())


@bp.get("/field/sw.js")
@public_endpoint("a script that names the page's own files and nothing else")
def field_worker() -> ResponseReturnValue:
    """The worker that opens the page without network; its scope is /field/."""
    modules = sorted(f"js/field/{path.name}" for path in (STATIC_DIR / "js/field").glob("*.js"))
    body = render_template("inspection/field_worker.js", modules=modules, sheets=SHEETS)
    headers = {"Service-Worker-Allowed": url_for("inspection.field"), "Cache-Control": "no-cache"}
    return Response(body, content_type="text/javascript; charset=utf-8", headers=headers)


@bp.get("/field/manifest.webmanifest")
@public_endpoint("the name and icon of the page on a telephone")
def field_manifest() -> ResponseReturnValue:
    """What a telephone needs to install the page."""
    body = render_template(
        "inspection/field_manifest.json", name=gettext("Inspection in the field"), short_name=gettext("On site")
    )
    return Response(body, content_type="application/manifest+json")


@bp.get("/field/visits")
@requires(Permission.VISIT_SCORE)
def field_visits() -> ResponseReturnValue:
    """Who is signed in and which visits are that person's; with the token every sending carries."""
    identity = current_identity()
    visits = queries.own_visits(db_session(), identity)
    return jsonify(
        reader=str(identity.account_id),
        person=str(identity.person_id),
        name=identity.name,
        token=generate_csrf(),
        now=_moment(utcnow()),
        visits=[visit_line(visit) for visit in visits],
    )


@bp.post("/field/devices")
@requires(Permission.VISIT_SCORE)
@repeatable("a device is known by its key")
def field_enrol() -> ResponseReturnValue:
    """Make a device known by the public half of its key."""
    try:
        given = _read(_Enrolment)
        device = operations.enrol_device(
            db_session(), actor=current_identity(), public_key=given.public_key, label=given.label, now=utcnow()
        )
    except Invalid as refusal:
        return _told(refusal)
    return jsonify(id=str(device.id), label=device.label)


@bp.get("/field/visits/<uuid:visit_id>")
@requires(Permission.VISIT_SCORE)
def field_visit(visit_id: UUID) -> ResponseReturnValue:
    """Everything an inspector needs of one visit without network; each taking along is recorded."""
    session, identity, now = db_session(), current_identity(), utcnow()
    try:
        device_id = UUID(request.args.get("device", ""))
    except ValueError as fault:
        raise NotFound() from fault
    try:
        found, visit, device = operations.take_along(
            session, actor=identity, visit_id=visit_id, device_id=device_id, now=now
        )
    except IllegalTransition as refusal:
        return _told(refusal)
    return jsonify(packed(session, identity, found, visit, device, now=now) | {"now": _moment(now)})


@bp.post("/field/visits/<uuid:visit_id>/entries")
@requires(Permission.VISIT_SCORE)
@repeatable("an entry is known by device, visit and place in its chain")
def field_entries(visit_id: UUID) -> ResponseReturnValue:
    """Take what a device sealed; the answer says what became of each entry, and how the visit stands."""
    session, identity, now = db_session(), current_identity(), utcnow()
    try:
        given = _read(_Sending)
    except Invalid as refusal:
        return _told(refusal)
    outcomes = operations.receive_entries(
        session,
        actor=identity,
        visit_id=visit_id,
        device_id=given.device,
        seals=[Seal(body=each.body, digest=each.digest, signature=each.signature) for each in given.entries],
        device_now=given.now,
        now=now,
    )
    return jsonify(
        outcomes=[{"seq": each.seq, "code": each.code, "fault": each.fault} for each in outcomes],
        now=_moment(now),
        **state_of(session, identity, visit_id, given.device),
    )


@bp.post("/field/visits/<uuid:visit_id>/photos/<sha256>")
@requires(Permission.VISIT_SCORE)
@repeatable("a photo is known by its digest")
@accepts_upload(21 * MIB)
def field_photo(visit_id: UUID, sha256: str) -> ResponseReturnValue:
    """Take a photo that an entry sealed; other bytes are kept and marked."""
    session, identity, now = db_session(), current_identity(), utcnow()
    if not _SHA256.fullmatch(sha256):
        raise NotFound()
    upload = request.files.get("photo")
    if upload is None:
        return _told(Invalid([Problem("photo", "required")]))
    digest = hashlib.sha256()
    for piece in chunks(cast(BinaryIO, upload.stream)):
        digest.update(piece)
    upload.stream.seek(0)
    who: dict[str, Any] = {"actor": identity}
    try:
        with undone_if_refused(session):
            found, entry, kept = operations.photo_expected(
                session, **who, visit_id=visit_id, sha256=sha256, arrived=digest.hexdigest()
            )
            if kept is None:
                stored = store_upload(
                    session,
                    actor=identity.actor,
                    stream=cast(BinaryIO, upload.stream),
                    filename=upload.filename or "photo.jpg",
                    kind=FileKind.PHOTO,
                    unit_id=found.unit_id,
                    district=found.district,
                    organ_id=found.organ_id,
                    field="photo",
                    now=now,
                )
                kept = operations.keep_sealed_photo(
                    session, **who, acceptance=found, entry=entry, sha256=sha256, stored=stored, now=now
                )
    except (Invalid, IllegalTransition) as refusal:
        return _told(refusal)
    return jsonify(altered=kept.altered)


def _read(form: type[Form]) -> Form:
    try:
        return form.model_validate_json(request.get_data(cache=True))
    except ValidationError as fault:
        raise Invalid("invalid") from fault


def _told(refusal: PortalError) -> ResponseReturnValue:
    """A refusal as the page reads it. Nothing was changed: the answer's status rolls back."""
    first = refusal.problems[0] if isinstance(refusal, Invalid) and refusal.problems else refusal
    return jsonify(problem=first.code, text=say(first)), refusal.status


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
