"""Tip-offs by anyone: no sign-in, a limit for each address, a reference to follow the report by.

The pages tell the public nothing of cameras or their places; what comes in is the competent organ's alone.
"""

import re
from datetime import datetime
from typing import BinaryIO, cast

from flask import g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.accounts.guards import public_endpoint
from portal.accounts.queries import divisions
from portal.core.clock import utcnow
from portal.core.db import narrow
from portal.core.errors import Invalid, TooMany
from portal.core.scope import EVERYTHING, NOTHING
from portal.public.views.blueprint import as_pasted, bp
from portal.registry import operations
from portal.registry.forms.zones import TipForm
from portal.registry.labels.zones import TIP_CATEGORY, TIP_OUTCOME, TIP_STATUS
from portal.registry.operations.tips import ALPHABET, CITIZEN
from portal.registry.queries.reviews import tip_by_reference
from portal.vault.models import StoredFile
from portal.vault.operations import store_upload
from portal.vault.values import MIB, FileKind
from portal.web import formats
from portal.web.problems import say
from portal.web.security import accepts_upload
from portal.web.session import db_session, repeatable

# Its hyphens are there to be read out; as typed and pasted they are dropped with everything else of that kind.
REFERENCE = re.compile(rf"([{ALPHABET}]{{4}})([{ALPHABET}]{{4}})([{ALPHABET}]{{4}})")
JUST_SENT = "tip_sent"


@bp.route("/tip-offs/new", methods=["GET", "POST"])
@public_endpoint("anyone may report unlawful cameras (Decree 799 art. 24)")
@accepts_upload(21 * MIB)
def tip_new() -> ResponseReturnValue:
    """Report a camera."""
    form = TipForm()
    form.district.choices = [(row.code, formats.district(row.code)) for row in divisions(db_session())]
    limit = ""
    if request.method == "POST" and form.validate():
        try:
            session[JUST_SENT] = _receive(form)
            return redirect(url_for("public.tip_sent"), 303)
        except Invalid as refusal:
            form.take(refusal)
        except TooMany as refusal:
            limit = say(refusal)
    status = 429 if limit else 422 if form.errors else 200
    return render_template("public/tip_form.html", form=form, limit=limit), status


def _receive(form: TipForm) -> str:
    """Take the report in, with everything in reach for this one act: whoever sends it has no rows of their own."""
    database, now = db_session(), utcnow()
    narrow(database, EVERYTHING)
    try:
        sender = operations.admit_sender(database, address=request.remote_addr or "", now=now)
        stored = _keep_photo(database, form, sender, now) if form.photo.data is not None else None
        tip = operations.receive_tip(
            database,
            particulars=form.particulars(),
            sender=sender,
            photo_file_id=stored.id if stored else None,
            now=now,
        )
        return tip.reference
    finally:
        narrow(database, NOTHING)


def _keep_photo(database: Session, form: TipForm, sender: str, now: datetime) -> StoredFile:
    """Take the picture in; one that is refused is counted, though nothing else of this request stays."""
    try:
        return store_upload(
            database,
            actor=CITIZEN,
            stream=cast(BinaryIO, form.photo.data.stream),
            filename=form.photo.data.filename,
            kind=FileKind.PHOTO,
            district=str(form.district.data),
            field="photo",
            now=now,
        )
    except Invalid:
        operations.note_refused_picture(database, sender=sender, now=now)
        g.commit_anyway = True
        raise


@bp.get("/tip-offs/sent")
@public_endpoint("whoever has just reported is told the reference")
def tip_sent() -> ResponseReturnValue:
    """The reference of the report that this browser has just sent."""
    reference = session.get(JUST_SENT, "")
    if not reference:
        return redirect(url_for("public.tip_new"))
    return render_template("public/tip_sent.html", reference=reference)


@bp.route("/tip-offs", methods=["GET", "POST"])
@public_endpoint("whoever holds the reference of a report may read how far it is")
@repeatable("reads only; the reference travels in the body, so that no log of addresses holds it")
def tip_status() -> ResponseReturnValue:
    """How far a report is."""
    typed = as_pasted(request.form.get("reference", ""))[:20]
    match = REFERENCE.fullmatch(typed)
    found = None
    if match:
        database = db_session()
        narrow(database, EVERYTHING)
        try:
            found = tip_by_reference(database, "-".join(match.groups()))
        finally:
            narrow(database, NOTHING)
    page = render_template(
        "public/tip_status.html",
        typed="-".join(match.groups()) if match else typed,
        found=found,
        tip_status=TIP_STATUS,
        tip_category=TIP_CATEGORY,
        tip_outcome=TIP_OUTCOME,
    )
    return page, 404 if typed and found is None else 200
