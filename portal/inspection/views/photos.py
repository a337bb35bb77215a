"""Photos of a visit: taken with the telephone beside the item they show, opened by whoever reads the acceptance."""

from typing import Any, BinaryIO, cast
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.core.clock import utcnow
from portal.core.db import undone_if_refused
from portal.core.errors import Invalid, Problem
from portal.inspection import operations, queries
from portal.inspection.views.blueprint import bp
from portal.vault.operations import store_upload
from portal.vault.queries import get_file
from portal.vault.serving import send_stored_file
from portal.vault.values import MIB, FileKind
from portal.web.problems import say
from portal.web.security import accepts_upload
from portal.web.session import db_session


@bp.post("/acceptances/<uuid:acceptance_id>/photos/<item>")
@requires(Permission.VISIT_SCORE)
@accepts_upload(21 * MIB)
def photo_add(acceptance_id: UUID, item: str) -> ResponseReturnValue:
    """Keep one photo; the answer is the item's photos, put into the page without touching what is typed there."""
    session, identity, now = db_session(), current_identity(), utcnow()
    upload = request.files.get("photo")
    try:
        with undone_if_refused(session):
            acceptance, visit = operations.visit_to_photograph(
                session, actor=identity, acceptance_id=acceptance_id, item=item
            )
            if upload is None or not upload.filename:
                raise Invalid([Problem("photo", "required")])
            stored = store_upload(
                session,
                actor=identity.actor,
                stream=cast(BinaryIO, upload.stream),
                filename=upload.filename,
                kind=FileKind.PHOTO,
                unit_id=acceptance.unit_id,
                district=acceptance.district,
                organ_id=acceptance.organ_id,
                field="photo",
                now=now,
            )
            operations.attach_photo(
                session, actor=identity, acceptance=acceptance, visit=visit, item=item, stored=stored, now=now
            )
    except Invalid as refusal:
        return _photos(acceptance_id, item, fault=say(refusal.problems[0])), 422
    return _photos(acceptance_id, item)


@bp.post("/acceptances/<uuid:acceptance_id>/photos/<uuid:photo_id>/remove")
@requires(Permission.VISIT_SCORE)
def photo_remove(acceptance_id: UUID, photo_id: UUID) -> ResponseReturnValue:
    """Take a photo off again."""
    item = operations.remove_photo(
        db_session(), actor=current_identity(), acceptance_id=acceptance_id, photo_id=photo_id, now=utcnow()
    )
    return _photos(acceptance_id, item)


@bp.get("/acceptances/<uuid:acceptance_id>/photos/<uuid:photo_id>")
@requires(Permission.ACCEPTANCE_READ)
def photo(acceptance_id: UUID, photo_id: UUID) -> ResponseReturnValue:
    """Open a photo."""
    session = db_session()
    stored = operations.photo_to_show(
        session, actor=current_identity(), acceptance_id=acceptance_id, photo_id=photo_id, now=utcnow()
    )
    return send_stored_file(session, get_file(session, stored))


def _photos(acceptance_id: UUID, item: str, fault: str = "") -> str:
    session = db_session()
    visit = queries.planned_visit(session, acceptance_id)
    photos = queries.photos_of(session, visit.id).get(item, ()) if visit else ()
    return render_template(
        "inspection/_photos.html", photo_at=photo_at(acceptance_id), item_key=item, photos=photos, fault=fault
    )


def photo_at(acceptance_id: UUID) -> dict[str, Any]:
    """Where photos of an acceptance's visit are shown, added and taken off."""
    pages = {
        name: f"inspection.photo{suffix}" for name, suffix in (("show", ""), ("add", "_add"), ("remove", "_remove"))
    }
    return {**pages, "of": {"acceptance_id": acceptance_id}}
