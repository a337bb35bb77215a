"""Receiving footage: the window with its files for the custodian, and the page behind a secret address."""

from collections.abc import Callable
from functools import partial
from typing import Any, cast
from uuid import UUID

from flask import flash, g, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, public_endpoint, requires
from portal.accounts.permissions import Permission
from portal.audit.values import Actor
from portal.core.clock import city_day, utcnow
from portal.core.db import undone_if_refused
from portal.core.errors import IllegalTransition, Invalid, NotFound
from portal.evidence import queries
from portal.evidence.forms import offer
from portal.evidence.forms.uploads import ArrivedForm, WindowForm
from portal.evidence.models import FootageRequest, UploadWindow
from portal.evidence.operations import uploads as operations
from portal.evidence.operations.execution import check_executes
from portal.evidence.queries.uploads import open_window_of, uploads_of
from portal.evidence.states import RequestStatus
from portal.evidence.values.uploads import PART_BYTES
from portal.evidence.views import tus
from portal.evidence.views.blueprint import bp
from portal.registry.rules import rules_for
from portal.regulation.schema.keys import RuleKey
from portal.vault.values import MIB
from portal.web.problems import say
from portal.web.security import accepts_upload, csrf, request_id
from portal.web.session import db_session, repeatable

# Without a script a file comes in one piece; what is larger needs one, or travels on a medium.
PLAIN_BYTES = 96 * MIB
_PARTS = "parts are counted by their offset: one sent twice is told 409"
_outside: dict[str, str] = {"base_url": ""}


@bp.record_once
def _remember(state: BlueprintSetupState) -> None:
    _outside["base_url"] = str(state.app.extensions["portal_settings"].base_url).rstrip("/")


@bp.get("/evidence/requests/<uuid:request_id>/uploads")
@requires(Permission.REQUEST_EXECUTE)
def uploads(request_id: UUID) -> ResponseReturnValue:
    """The window of a request, and what has arrived."""
    return _page(request_id)


@bp.post("/evidence/requests/<uuid:request_id>/uploads/window")
@requires(Permission.REQUEST_EXECUTE)
@repeatable("the secret is not remembered anywhere; asked twice, the first window ends")
def upload_window(request_id: UUID) -> ResponseReturnValue:
    """Open a window; its secret address, where it has one, is shown this once."""
    form = WindowForm()
    if not form.validate():
        return _page(request_id, window_form=form)
    _, secret = operations.open_window(
        db_session(),
        actor=current_identity(),
        request_id=request_id,
        operator_name=form.operator_name.data or "",
        files_most=int(form.files_most.data or 1),
        now=utcnow(),
    )
    if not secret:
        return redirect(url_for("evidence.uploads", request_id=request_id), 303)
    db_session().commit()
    return _page(request_id, address=_outside["base_url"] + url_for("evidence.receive", secret=secret))


@bp.post("/evidence/requests/<uuid:request_id>/uploads/close")
@requires(Permission.REQUEST_EXECUTE)
def upload_close(request_id: UUID) -> ResponseReturnValue:
    """Close the window."""
    operations.close_window(db_session(), actor=current_identity(), request_id=request_id, now=utcnow())
    flash(gettext("No more files are taken; the address, if there was one, has ended."), "ok")
    return redirect(url_for("evidence.uploads", request_id=request_id), 303)


@bp.post("/evidence/requests/<uuid:request_id>/uploads")
@requires(Permission.REQUEST_EXECUTE)
@accepts_upload(PLAIN_BYTES)
@repeatable(_PARTS)
def upload_new(request_id: UUID) -> ResponseReturnValue:
    """Begin a file by the protocol, or take one from a plain form."""
    if tus.speaks_tus():
        place = partial(_to_upload, request_id)
        return _told(lambda: tus.create(_custodian_window(request_id), _sender(), place))
    window = _custodian_window(request_id)
    fault = _plain(window, _sender())
    if fault:
        return _page(request_id, fault=fault)
    return redirect(url_for("evidence.uploads", request_id=request_id), 303)


@bp.route("/evidence/requests/<uuid:request_id>/uploads/<uuid:upload_id>", methods=["HEAD", "PATCH", "DELETE", "POST"])
@requires(Permission.REQUEST_EXECUTE)
@accepts_upload(PART_BYTES)
@repeatable(_PARTS)
def upload(request_id: UUID, upload_id: UUID) -> ResponseReturnValue:
    """One file on its way in; a plain POST gives it up, as the protocol's DELETE does."""
    back = url_for("evidence.uploads", request_id=request_id)
    return _told(lambda: _part(lambda: _custodian_window(request_id), upload_id, _sender(), back=back))


@bp.route("/evidence/requests/<uuid:request_id>/uploads/<uuid:upload_id>/entry", methods=["GET", "POST"])
@requires(Permission.REQUEST_EXECUTE)
def upload_entry(request_id: UUID, upload_id: UUID) -> ResponseReturnValue:
    """Enter a file that arrived into the register: camera, span, format, player and the recorder's clock."""
    session, identity = db_session(), current_identity()
    found = _executed(request_id)
    arrived = next((row for row in uploads_of(session, request_id) if row[0].id == upload_id), None)
    if arrived is None or arrived[1] is None or arrived[2]:
        raise NotFound()
    offer(cameras=[(str(one.camera_id), one.label) for one in found.cameras])
    form = ArrivedForm()
    if request.method == "POST" and form.validate():
        try:
            with undone_if_refused(session):
                operations.register_upload(
                    session,
                    actor=identity,
                    request_id=request_id,
                    upload_id=upload_id,
                    draft=form.draft(),
                    now=utcnow(),
                )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The file is registered."), "ok")
            return redirect(url_for("evidence.execution", request_id=request_id), 303)
    elif request.method == "GET":
        form.span_from.data, form.span_to.data = found.span_from, found.span_to
        form.format.data = arrived[0].name.rpartition(".")[2][:40] if "." in arrived[0].name else ""
    page = render_template(
        "evidence/upload_entry.html",
        request_=queries.get_request(session, identity, request_id),
        form=form,
        upload=arrived[0],
        stored=arrived[1],
    )
    return page, 422 if form.errors or form.form_errors else 200


@bp.route("/receive/<string(minlength=20, maxlength=64):secret>", methods=["GET", "POST"])
@public_endpoint("the recorder's operator has no account: the address holds a secret, a time and an end")
@accepts_upload(PLAIN_BYTES)
@repeatable(_PARTS)
def receive(secret: str) -> ResponseReturnValue:
    """The page behind a secret address; a new file by the protocol or by its plain form. Once the last file is there
    it shows what arrived, for the sender to compare, until its time is over."""
    window = _operator_window(secret, ended_too=request.method == "GET")
    if window is None:
        return _ended()
    if request.method == "POST" and tus.speaks_tus():
        opened = window
        return _told(lambda: tus.create(opened, _operator(opened), partial(_to_part, secret)))
    fault = _plain(window, _operator(window)) if request.method == "POST" else ""
    if request.method == "POST" and not fault:
        return redirect(url_for("evidence.receive", secret=secret), 303)
    page = render_template(
        "evidence/receive.html",
        window=window,
        request_=window.request,
        rows=[row for row in uploads_of(db_session(), window.request_id) if row[0].window_id == window.id],
        endpoint=url_for("evidence.receive", secret=secret),
        part_bytes=PART_BYTES,
        plain_bytes=PLAIN_BYTES,
        most=_gigabytes(window.request),
        give_up=None if window.closed_at else partial(_to_part, secret),
        fault=fault,
    )
    return page, 422 if fault else 200


def _to_part(secret: str, upload_id: UUID) -> str:
    return url_for("evidence.receive_part", secret=secret, upload_id=upload_id)


@bp.route(
    "/receive/<string(minlength=20, maxlength=64):secret>/<uuid:upload_id>", methods=["HEAD", "PATCH", "DELETE", "POST"]
)
@public_endpoint("the recorder's operator has no account: the address holds a secret, a time and an end")
@accepts_upload(PART_BYTES)
@repeatable(_PARTS)
def receive_part(secret: str, upload_id: UUID) -> ResponseReturnValue:
    """One file on its way in, from who holds the secret."""
    window = _operator_window(secret)
    if window is None:
        return _ended()
    back = url_for("evidence.receive", secret=secret)
    sender = _operator(window)
    return _told(lambda: _part(lambda: _operator_window(secret) or _gone(), upload_id, sender, back=back))


# The secret in the address is what lets in: no cookie does, so no other page can make a browser send anything here.
csrf.exempt(receive)
csrf.exempt(receive_part)


def _part(window_of: tus.WindowOf, upload_id: UUID, sender: Actor, *, back: str) -> ResponseReturnValue:
    if request.method == "PATCH":
        return tus.patch(window_of, upload_id, sender)
    if request.method == "DELETE":
        return tus.give_up(window_of(), upload_id, sender)
    if request.method == "POST":
        operations.drop_upload(db_session(), window=window_of(), upload_id=upload_id, sender=sender, now=utcnow())
        flash(gettext("What had arrived of the file is removed."), "ok")
        return redirect(back, 303)
    return tus.head(window_of(), upload_id)


def _told(act: Callable[[], ResponseReturnValue]) -> ResponseReturnValue:
    """What is over, a client of the protocol is told as gone: it tries again what it hears as a conflict."""
    try:
        return act()
    except IllegalTransition as over:
        if not tus.speaks_tus():
            raise
        return tus.said(410, say(over))


def _gone() -> UploadWindow:
    raise IllegalTransition("evidence.address_ended")


def _custodian_window(request_id: UUID) -> UploadWindow:
    return operations.custodian_window(db_session(), actor=current_identity(), request_id=request_id, now=utcnow())


def _to_upload(request_id: UUID, upload_id: UUID) -> str:
    return url_for("evidence.upload", request_id=request_id, upload_id=upload_id)


def _operator_window(secret: str, *, ended_too: bool = False) -> UploadWindow | None:
    address = request.remote_addr or ""
    return operations.operator_window(db_session(), secret=secret, address=address, ended_too=ended_too, now=utcnow())


def _ended() -> ResponseReturnValue:
    """Wrong, used up and over look alike; the wrong guess stays counted, although nothing is found."""
    g.commit_anyway = True
    if request.method == "GET":
        return render_template("evidence/receive_ended.html"), 404
    return tus.said(404, gettext("No files are taken here: the address has ended."))


def _sender() -> Actor:
    return current_identity().actor


def _operator(window: UploadWindow) -> Actor:
    return Actor(name=window.operator_name, request_id=request_id(), address=request.remote_addr or "")


def _plain(window: UploadWindow, sender: Actor) -> str:
    """Take the files of a plain form, all or none; what is wrong as a sentence, or nothing."""
    given = [one for one in request.files.getlist("file") if one.filename]
    if not given:
        return gettext("Choose a file.")
    try:
        with undone_if_refused(db_session()):
            for one in given:
                stream = cast(Any, one.stream)
                size = stream.seek(0, 2)
                stream.seek(0)
                name = str(one.filename).replace("\\", "/").rpartition("/")[2]
                tus.take_whole(window, stream, name, size, sender)
    except Invalid as refusal:
        return say(refusal.problems[0])
    flash(gettext("The files have arrived. Their digests are being computed."), "ok")
    return ""


def _executed(request_id: UUID) -> FootageRequest:
    session, identity = db_session(), current_identity()
    found = queries.get_request(session, identity, request_id)
    check_executes(identity, found, {RequestStatus.EXECUTING})
    return found


def _gigabytes(found: FootageRequest) -> int:
    return rules_for(found.unit, None, on=city_day(utcnow())).integer(RuleKey.EVIDENCE_UPLOAD_FILE_GIGABYTES) or 0


def _page(
    request_id: UUID, *, window_form: WindowForm | None = None, address: str = "", fault: str = ""
) -> ResponseReturnValue:
    session, now, found = db_session(), utcnow(), _executed(request_id)
    form = window_form or WindowForm(formdata=None)
    if window_form is None:
        form.files_most.data = max(1, len(found.cameras))
    window = open_window_of(session, found.id)
    if window is not None and window.closes_at <= now:
        window = None
    page = render_template(
        "evidence/uploads.html",
        request_=found,
        window=window,
        rows=uploads_of(session, found.id),
        endpoint=url_for("evidence.upload_new", request_id=request_id),
        part_bytes=PART_BYTES,
        plain_bytes=PLAIN_BYTES,
        most=_gigabytes(found),
        form=form,
        address=address,
        give_up=partial(_to_upload, request_id) if window is not None else None,
        fault=fault,
    )
    return page, 422 if form.errors or fault else 200
