"""Papers of a system: uploaded into a slot, opened on record."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid
from portal.registry import operations, queries
from portal.registry.forms import DocumentForm
from portal.registry.models import Document, System
from portal.registry.rules import PRINTED_HERE, rules_for
from portal.registry.views.blueprint import bp
from portal.vault.operations import store_upload
from portal.vault.queries import files_by_id, get_file
from portal.vault.serving import send_stored_file
from portal.vault.values import MIB, FileKind
from portal.web.security import accepts_upload
from portal.web.session import db_session

UPLOAD_BYTES = 32 * MIB  # a form with the largest paper the vault takes
ACTS = ("filing", "acceptance")


def slot_choices(system: System) -> list[tuple[str, str]]:
    """Every kind of paper the system's rules ask for, filing first, in the reader's language."""
    rules = rules_for(system.unit, system, on=city_day(utcnow()))
    language = str(get_locale())
    wanted = {paper.document: paper.text.in_language(language) for act in ACTS for paper in rules.documents(act)}
    return [(key, text) for key, text in wanted.items() if key not in PRINTED_HERE]


def document_rows(documents: Sequence[Document], *, readable: bool) -> list[dict[str, Any]]:
    """A system's papers as the file list shows them."""
    files = files_by_id(db_session(), [document.stored_file_id for document in documents])
    rows = []
    for document in documents:
        stored = files.get(document.stored_file_id)
        rows.append(
            {
                "name": document.title,
                "url": url_for("registry.document", document_id=document.id) if readable else "",
                "kind_label": gettext("version %(number)s", number=document.version_no),
                "at": document.uploaded_at,
                "size": stored.size if stored else 0,
                "digest": stored.sha256 if stored else "",
                "status": None,
            }
        )
    return rows


@bp.route("/systems/<uuid:system_id>/documents/new", methods=["GET", "POST"])
@requires(Permission.DOCUMENT_UPLOAD)
@accepts_upload(UPLOAD_BYTES)
def document_new(system_id: UUID) -> ResponseReturnValue:
    """Upload a paper; a slot that holds one already gets its next version."""
    session, identity, now = db_session(), current_identity(), utcnow()
    system = queries.get_system(session, identity, system_id)
    require(identity, Permission.DOCUMENT_UPLOAD, queries.system_scope(system), read=Permission.SYSTEM_READ)
    form = DocumentForm(data={"slot": request.args.get("slot", "")})
    form.slot.choices = slot_choices(system)
    if request.method == "POST" and form.validate():
        try:
            stored = store_upload(
                session,
                actor=identity.actor,
                stream=form.file.data.stream,
                filename=form.file.data.filename,
                kind=FileKind.FILING_DOCUMENT,
                unit_id=system.unit_id,
                district=system.district,
                now=now,
            )
            names = dict(slot_choices(system))
            operations.attach_document(
                session,
                actor=identity,
                system_id=system_id,
                slot=form.slot.data,
                title=form.title.data or names[form.slot.data],
                stored_file_id=stored.id,
                custodian=form.custodian.data or "",
                now=now,
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The paper is stored."), "ok")
            return redirect(url_for("registry.system", system_id=system_id), 303)
    returned = queries.returned_filing(session, system_id)
    page = render_template("registry/document_form.html", form=form, system=system, returned=returned)
    return page, 422 if form.errors else 200


@bp.get("/documents/<uuid:document_id>")
@requires(Permission.DOCUMENT_READ)
def document(document_id: UUID) -> ResponseReturnValue:
    """Open a paper; the look is recorded."""
    session = db_session()
    found = operations.open_document(session, actor=current_identity(), document_id=document_id, now=utcnow())
    return send_stored_file(session, get_file(session, found.stored_file_id))
