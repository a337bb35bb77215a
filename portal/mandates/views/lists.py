"""Source lists: taken in, and what became of their rows."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.core.clock import utcnow
from portal.core.errors import Invalid, Problem
from portal.mandates.forms import ListForm
from portal.mandates.labels import LIST_FAULT, SOURCE_STATUS
from portal.mandates.operations.lists import take_list
from portal.mandates.queries import register as queries
from portal.mandates.views.blueprint import bp
from portal.vault.operations import store_upload
from portal.vault.values import FileKind
from portal.web.problems import say
from portal.web.session import db_session

SHOWN_FAULTS = 200


@bp.route("/mandates/lists", methods=["GET", "POST"])
@requires(Permission.MANDATE_EDIT)
def lists() -> ResponseReturnValue:
    """The lists that were taken in, and the form that takes in another."""
    session, identity, now = db_session(), current_identity(), utcnow()
    form = ListForm()
    if request.method == "POST" and form.validate():
        try:
            stored = store_upload(
                session,
                actor=identity.actor,
                stream=form.file.data.stream,
                filename=form.file.data.filename or "list",
                kind=FileKind.SHEET,
                organ_id=identity.organ_id,
                now=now,
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            source = take_list(
                session,
                actor=identity,
                name=form.name.data,
                origin=form.origin.data,
                dated_on=form.dated_on.data,
                stored_file_id=stored.id,
                now=now,
            )
            flash(gettext("The list is taken in and being read."), "ok")
            return redirect(url_for("mandates.list_one", source_id=source.id), 303)
    page = render_template(
        "mandates/lists.html", form=form, sources=queries.sources(session, identity), statuses=SOURCE_STATUS
    )
    return page, 422 if form.problems() else 200


@bp.get("/mandates/lists/<uuid:source_id>")
@requires(Permission.MANDATE_EDIT)
def list_one(source_id: UUID) -> ResponseReturnValue:
    """One list: what was new, what was known, what was wrong at which cell."""
    source = queries.get_source(db_session(), current_identity(), source_id)
    return render_template(
        "mandates/list.html",
        source=source,
        status=SOURCE_STATUS,
        faults=source.faults[:SHOWN_FAULTS],
        texts=LIST_FAULT,
        failure=say(Problem("file", source.failure)) if source.failure else "",
    )
