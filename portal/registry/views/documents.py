"""Papers of a system: uploaded into a slot, opened on record."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid
from portal.registry import operations, queries, values
from portal.registry.course import course_of
from portal.registry.forms import DocumentForm
from portal.registry.forms.archive import KeepingForm
from portal.registry.labels.archive import SECRECY, VALIDITY, WHO_OPENS
from portal.registry.models import Document, System
from portal.registry.queries.papers import document_scope, get_document, may_open, owns_document
from portal.registry.rules import PRINTED_HERE, rules_for
from portal.registry.rules.papers import ACTS, slot_text, slots_of
from portal.registry.rules.validity import validity
from portal.registry.values import archive
from portal.registry.values.archive import Validity
from portal.registry.views.blueprint import bp
from portal.regulation.loader import rulebook
from portal.vault.operations import store_upload
from portal.vault.queries import files_by_id, get_file
from portal.vault.serving import send_stored_file
from portal.vault.values import MIB, FileKind, Secrecy
from portal.web.security import accepts_upload
from portal.web.session import db_session

UPLOAD_BYTES = 32 * MIB  # a form with the largest paper the vault takes
# Who did what with a paper, as its owner reads it.
PAPER_ACTS: Mapping[str, str] = {
    values.DOCUMENT_ATTACHED: "ok",
    values.DOCUMENT_READ: "info",
    archive.DOCUMENT_KEPT: "idle",
    archive.DOCUMENT_VERIFIED: "ok",
}


def slot_choices(system: System) -> list[tuple[str, str, str]]:
    """Every kind of paper, those the system's rules ask for first, in the reader's language."""
    rules = rules_for(system.unit, system, on=city_day(utcnow()))
    language = str(get_locale())
    wanted = {paper.document: paper.text.in_language(language) for act in ACTS for paper in rules.documents(act)}
    asked = [(key, text) for key, text in wanted.items() if key not in PRINTED_HERE]
    terms = rules.book.vocabulary.terms("document")
    others = [(term.key, term.text.in_language(language)) for term in terms if term.key not in {*wanted, *PRINTED_HERE}]
    return [(*each, gettext("Asked for by the rules")) for each in asked] + [
        (*each, gettext("Other papers")) for each in others
    ]


def document_rows(documents: Sequence[Document]) -> list[dict[str, Any]]:
    """A system's papers as the file list shows them; of one the reader may not open, no more than its kind."""
    identity, book, language = current_identity(), rulebook(), str(get_locale())
    files = files_by_id(db_session(), [document.stored_file_id for document in documents])
    rows = []
    for document in documents:
        stored, readable = files.get(document.stored_file_id), may_open(identity, document)
        hidden = document.secrecy == Secrecy.SECRET and not readable
        rows.append(
            {
                "id": document.id,
                "name": slot_text(book, document.slot).in_language(language) if hidden else document.title,
                "url": url_for("registry.document", document_id=document.id) if readable else "",
                "card": url_for("registry.document_card", document_id=document.id) if readable else "",
                "kind_label": gettext("version %(number)s", number=document.version_no),
                "at": document.uploaded_at,
                "size": stored.size if stored else 0,
                "digest": stored.sha256 if stored and readable else "",
                "status": SECRECY[Secrecy(document.secrecy)] if document.secrecy != Secrecy.INTERNAL else None,
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
    form = DocumentForm(data={"slot": request.args.get("slot", ""), "secrecy": "internal"})
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
                secrecy=Secrecy(str(form.secrecy.data)),
                now=now,
            )
            names = {key: text for key, text, _ in slot_choices(system)}
            operations.attach_document(
                session,
                actor=identity,
                system_id=system_id,
                slot=form.slot.data,
                title=form.title.data or names[form.slot.data],
                stored_file_id=stored.id,
                custodian=form.custodian.data or "",
                place=form.place.data or "",
                secrecy=Secrecy(str(form.secrecy.data)),
                expires_on=form.expires_on.data,
                now=now,
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The paper is stored."), "ok")
            return redirect(url_for("registry.system_papers", system_id=system_id), 303)
    returned = queries.returned_filing(session, system_id)
    page = render_template("registry/document_form.html", form=form, system=system, returned=returned)
    return page, 422 if form.errors else 200


@bp.get("/systems/<uuid:system_id>/papers")
@requires(Permission.SYSTEM_READ)
def system_papers(system_id: UUID) -> ResponseReturnValue:
    """The papers of a system by slot: what the rules ask for, what is there, what has expired."""
    session, identity, now = db_session(), current_identity(), utcnow()
    system = queries.get_system(session, identity, system_id)
    scope, today = queries.system_scope(system), city_day(now)
    papers = queries.documents_of(session, system_id)
    slots = slots_of(rules_for(system.unit, system, on=today), papers, besides=PRINTED_HERE, on=today)
    return render_template(
        "registry/papers.html",
        system=system,
        slots=slots,
        rows={row["id"]: row for row in document_rows(papers)},
        missing=sum(1 for own in slots.values() for slot in own if slot.required and not slot.papers),
        expired=sum(1 for own in slots.values() for slot in own if slot.state is Validity.EXPIRED),
        states=VALIDITY,
        today=today,
        gaps=[each for each in operations.gaps_of(session, system, now=now) if each.code == "no_drawings"],
        may_upload=allows(identity, Permission.DOCUMENT_UPLOAD, scope),
        may_edit=allows(identity, Permission.SYSTEM_EDIT, scope),
    )


@bp.get("/documents/<uuid:document_id>")
@requires(Permission.SYSTEM_READ)
def document(document_id: UUID) -> ResponseReturnValue:
    """Open a paper; the look is recorded."""
    session = db_session()
    found = operations.open_document(session, actor=current_identity(), document_id=document_id, now=utcnow())
    return send_stored_file(session, get_file(session, found.stored_file_id))


@bp.get("/documents/<uuid:document_id>/card")
@requires(Permission.SYSTEM_READ)
def document_card(document_id: UUID) -> ResponseReturnValue:
    """A paper's card: who keeps it where, its digest and versions; its unit also sees who opened it."""
    return _card(document_id, None, 200)


@bp.post("/documents/<uuid:document_id>/card")
@requires(Permission.DOCUMENT_UPLOAD)
def document_keep(document_id: UUID) -> ResponseReturnValue:
    """Say who keeps a paper, where, how closely, until when."""
    session, identity = db_session(), current_identity()
    found = get_document(session, identity, document_id)
    require(identity, Permission.DOCUMENT_UPLOAD, document_scope(found), read=Permission.SYSTEM_READ)
    form = KeepingForm()
    if not form.validate():
        return _card(document_id, form, 422)
    operations.keep_document(
        session,
        actor=identity,
        document_id=document_id,
        seen_version=form.version.seen,
        now=utcnow(),
        **form.keeping(),
    )
    flash(gettext("The keeping of the paper is recorded."), "ok")
    if not may_open(identity, found):
        # Who raised a paper above their own level is no longer shown it.
        return redirect(url_for("registry.system_papers", system_id=found.system_id), 303)
    return redirect(url_for("registry.document_card", document_id=document_id), 303)


@bp.post("/documents/<uuid:document_id>/verify")
@requires(Permission.SYSTEM_READ)
def document_verify(document_id: UUID) -> ResponseReturnValue:
    """Read the stored content again and compare its digest."""
    same = operations.verify_document(db_session(), actor=current_identity(), document_id=document_id, now=utcnow())
    if same:
        flash(gettext("Read again: the content still has its digest."), "ok")
    else:
        flash(gettext("The content is not what was stored. Tell the system administrator."), "bad")
    return redirect(url_for("registry.document_card", document_id=document_id), 303)


def _card(document_id: UUID, form: KeepingForm | None, status: int) -> ResponseReturnValue:
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    found = get_document(session, identity, document_id)
    system = queries.get_system(session, identity, found.system_id)
    may_keep = owns_document(identity, found)
    if form is None:
        form = KeepingForm()
        form.show(found)
    versions = [each for each in queries.documents_of(session, found.system_id) if each.slot == found.slot]
    page = render_template(
        "registry/document.html",
        document=found,
        system=system,
        slot=slot_text(rulebook(), found.slot).in_language(str(get_locale())),
        stored=files_by_id(session, [found.stored_file_id]).get(found.stored_file_id),
        versions=document_rows(versions),
        secrecy=SECRECY[Secrecy(found.secrecy)],
        who_opens=WHO_OPENS[Secrecy(found.secrecy)],
        state=VALIDITY[validity(found.expires_on, today)] if found.expires_on else None,
        form=form,
        may_keep=may_keep,
        course=course_of(session, "document", document_id, kinds=PAPER_ACTS) if may_keep else [],
    )
    return page, status
