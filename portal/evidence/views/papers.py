"""Papers of a request: attached, opened, and the submission they lead to; the printed forms."""

from typing import BinaryIO, cast
from uuid import UUID

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import FileStorage

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.core.clock import city_day, utcnow
from portal.core.db import undone_if_refused
from portal.core.errors import Invalid, NotAllowed, NotFound, Problem
from portal.evidence import operations, queries
from portal.evidence.forms import PaperForm
from portal.evidence.labels import PAPER
from portal.evidence.queries.governing import papers_asked
from portal.evidence.states import EDITABLE, RequestStatus
from portal.evidence.values import FORM_PRINTED, PAPER_READ, Paper
from portal.evidence.views.approval_form import prescribed_for
from portal.evidence.views.blueprint import bp
from portal.evidence.views.overwriting import held_or_going
from portal.evidence.views.printing import PRINTED, printed
from portal.vault.operations import store_upload
from portal.vault.queries import get_file
from portal.vault.serving import send_stored_file
from portal.vault.values import MIB, FileKind
from portal.web.security import accepts_upload
from portal.web.session import db_session

KINDS = {Paper.HANDLER_ID: FileKind.IDENTITY, Paper.RELATION_PROOF: FileKind.IDENTITY}


@bp.route("/evidence/requests/<uuid:request_id>/papers", methods=["GET", "POST"])
@requires(Permission.REQUEST_DRAFT)
@accepts_upload(16 * MIB)
def papers(request_id: UUID) -> ResponseReturnValue:
    """Third step: the papers the rules ask for, then the submission."""
    session, identity, now = db_session(), current_identity(), utcnow()
    found = queries.get_request(session, identity, request_id)
    if found.requester_id != identity.person_id or RequestStatus(found.status) not in EDITABLE:
        raise NotAllowed("evidence.not_yours")
    form = PaperForm()
    if request.method == "POST" and form.validate():
        try:
            with undone_if_refused(session):
                kind, upload = Paper(str(form.kind.data)), cast(FileStorage, form.file.data)
                stored = store_upload(
                    session,
                    actor=identity.actor,
                    stream=cast(BinaryIO, upload.stream),
                    filename=operations.name_of_paper(found, kind, upload.filename or ""),
                    kind=KINDS.get(kind, FileKind.LETTER),
                    unit_id=found.unit_id,
                    organ_id=found.requester_organ_id,
                    now=now,
                )
                operations.attach_paper(
                    session,
                    actor=identity,
                    request_id=request_id,
                    kind=kind,
                    title=stored.declared_name,
                    stored_file_id=stored.id,
                    now=now,
                )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The paper is attached."), "ok")
            return redirect(url_for("evidence.papers", request_id=request_id), 303)
    return _papers_page(request_id, form, ()), 422 if form.errors else 200


@bp.post("/evidence/requests/<uuid:request_id>/submit")
@requires(Permission.REQUEST_DRAFT)
def request_submit(request_id: UUID) -> ResponseReturnValue:
    """Submit: judged once more, the chain frozen, the hold placed."""
    session = db_session()
    try:
        with undone_if_refused(session):
            operations.submit_request(session, actor=current_identity(), request_id=request_id, now=utcnow())
    except Invalid as refusal:
        return _papers_page(request_id, PaperForm(formdata=None), [_named(one) for one in refusal.problems]), 422
    flash(gettext("The request is submitted."), "ok")
    return redirect(url_for("evidence.request_", request_id=request_id), 303)


@bp.get("/evidence/requests/<uuid:request_id>/papers/<uuid:document_id>")
@requires(Permission.REQUEST_READ)
def paper_file(request_id: UUID, document_id: UUID) -> ResponseReturnValue:
    """Open an attached paper; those of a secret case open to its readers only."""
    session, identity = db_session(), current_identity()
    found = queries.get_request(session, identity, request_id)
    document = next((one for one in found.documents if one.id == document_id), None)
    if document is None or not queries.may_read_content(identity, found):
        raise NotFound()
    operations.record_read(session, actor=identity, request=found, tag=PAPER_READ, now=utcnow(), what=document.kind)
    return send_stored_file(session, get_file(session, document.stored_file_id))


@bp.get("/evidence/requests/<uuid:request_id>/forms/<key>.pdf")
@requires(Permission.REQUEST_READ)
def form_pdf(request_id: UUID, key: str) -> ResponseReturnValue:
    """One of the papers officials know, as PDF."""
    if key not in PRINTED:
        raise NotFound()
    session, identity, now = db_session(), current_identity(), utcnow()
    found = queries.get_request(session, identity, request_id)
    if key == "approval" and not prescribed_for(found):
        raise NotFound()
    operations.record_read(session, actor=identity, request=found, tag=FORM_PRINTED, now=now, what=key)
    content = printed(session, identity, found, key, now=now)
    name = f"{found.number or found.id}-{key}.pdf"
    answer = Response(content, mimetype="application/pdf")
    answer.headers.set("Content-Disposition", "inline", filename=name)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _papers_page(request_id: UUID, form: PaperForm, problems: list[Problem] | tuple[()]) -> str:
    session, identity = db_session(), current_identity()
    found = queries.get_request(session, identity, request_id)
    return render_template(
        "evidence/papers.html",
        request_=found,
        form=form,
        problems=problems,
        labels=PAPER,
        **held_or_going(session, found, now=utcnow()),
        asked=papers_asked(session, identity, found, on=city_day(utcnow())),
    )


def _named(problem: Problem) -> Problem:
    """A missing paper by its name instead of its code."""
    if "paper" not in problem.data:
        return problem
    return Problem(problem.field, problem.code, {**problem.data, "paper": PAPER[Paper(str(problem.data["paper"]))]})
