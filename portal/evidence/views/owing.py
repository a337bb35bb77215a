"""The acts beside a request, and the list of what is owed on requests."""

from collections.abc import Callable, Mapping
from typing import Any, BinaryIO, cast
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import FileStorage

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.core.clock import utcnow
from portal.core.db import undone_if_refused
from portal.core.errors import Invalid, NotFound
from portal.evidence import operations, queries
from portal.evidence.labels.asks import (
    FAILING_STATE,
    OWED,
    OWED_STATE,
)
from portal.evidence.operations import name_of_paper
from portal.evidence.operations.calls import compare_paper, hand_in_paper, verify_call
from portal.evidence.operations.individuals import (
    appoint_viewing,
    extend_decision,
    prove_person,
)
from portal.evidence.operations.supplying import explain_supply
from portal.evidence.queries.asks import owed_page, owed_tally
from portal.evidence.values import Paper
from portal.evidence.values.asks import Owed
from portal.evidence.views.beside import FORMS, offer_supervisors
from portal.evidence.views.blueprint import bp
from portal.evidence.views.presenting import request_view
from portal.vault.operations import store_upload
from portal.vault.values import MIB, FileKind
from portal.web.security import accepts_upload
from portal.web.session import db_session, keep_record

Form = Any
Held = dict[str, Any]


@bp.post("/evidence/requests/<uuid:request_id>/beside/<act>")
@requires(Permission.REQUEST_READ)
@accepts_upload(16 * MIB)
def request_beside(request_id: UUID, act: str) -> ResponseReturnValue:
    """One act beside a request: the operation behind it knows who may."""
    if act not in FORMS:
        raise NotFound()
    session, identity, now = db_session(), current_identity(), utcnow()
    found = queries.get_request(session, identity, request_id)
    form = FORMS[act]()
    if act == "appoint":
        offer_supervisors(session, form, found, now=now)
    if form.validate():
        try:
            with undone_if_refused(session):
                ACTS[act](form, {"actor": identity, "request_id": request_id, "now": now})
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("Recorded."), "ok")
            return redirect(url_for("evidence.request_", request_id=request_id), 303)
    found = operations.open_request(session, actor=identity, request_id=request_id, now=now)
    keep_record()
    view = request_view(session, identity, found, now=now, refused={act: form})
    return render_template("evidence/request.html", seen=view, request_=found), 422


@bp.get("/evidence/owed")
@requires(Permission.REQUEST_READ)
def owed() -> ResponseReturnValue:
    """What is owed on the requests in reach: footage on notices, papers after calls, and what was late or refused."""
    session, identity, now = db_session(), current_identity(), utcnow()
    part = request.args.get("part", "")
    wanted = Owed(part) if part in set(Owed) else Owed.SUPPLY
    return render_template(
        "evidence/owed.html",
        page=owed_page(session, identity, wanted, now=now, after=request.args.get("after", "")),
        tally=owed_tally(session, identity, now=now),
        wanted=wanted,
        parts=OWED,
        states=FAILING_STATE if wanted is Owed.FAILING else OWED_STATE,
    )


def _explain(form: Form, held: Held) -> None:
    explain_supply(db_session(), **held, explanation=form.explanation.data or "")


def _verify(form: Form, held: Held) -> None:
    verify_call(db_session(), **held, how=form.how.data or "")


def _paper(form: Form, held: Held) -> None:
    session = db_session()
    found = queries.get_request(session, held["actor"], held["request_id"])
    upload = cast(FileStorage, form.file.data)
    stored = store_upload(
        session,
        actor=held["actor"].actor,
        stream=cast(BinaryIO, upload.stream),
        filename=name_of_paper(found, Paper.RETRIEVAL_NOTICE, upload.filename or ""),
        kind=FileKind.LETTER,
        unit_id=found.unit_id,
        organ_id=found.requester_organ_id,
        now=held["now"],
    )
    hand_in_paper(
        session,
        **held,
        number=form.number.data or "",
        issued_on=form.paper_on.data,
        title=stored.declared_name,
        stored_file_id=stored.id,
    )


def _compare(form: Form, held: Held) -> None:
    compare_paper(db_session(), **held, matches=form.matches.data == "yes", differences=form.differences.data or "")


def _prove(_form: Form, held: Held) -> None:
    prove_person(db_session(), **held)


def _extend(form: Form, held: Held) -> None:
    extend_decision(db_session(), **held, reason=form.extension.data or "")


def _appoint(form: Form, held: Held) -> None:
    appoint_viewing(
        db_session(),
        **held,
        at=form.at.data,
        place=form.place.data or "",
        supervisor_id=UUID(str(form.supervisor.data)),
        privacy=form.privacy.data or "",
    )


ACTS: Mapping[str, Callable[[Form, Held], None]] = {
    "explain": _explain,
    "verify": _verify,
    "paper": _paper,
    "compare": _compare,
    "prove": _prove,
    "extend": _extend,
    "appoint": _appoint,
}
