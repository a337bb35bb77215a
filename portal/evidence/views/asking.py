"""Writing a request: cameras and time, then who asks for which case; and taking it back."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.core.clock import city_day, utcnow
from portal.core.db import undone_if_refused
from portal.core.errors import Invalid, NotAllowed
from portal.evidence import operations, queries
from portal.evidence.forms import AskForm, ReasonForm, ScopeForm, offer, offered
from portal.evidence.forms.choosing import FinderForm
from portal.evidence.labels import INSTRUMENT, REQUESTER
from portal.evidence.queries.people import possible_readers
from portal.evidence.rules import MAX_CAMERAS
from portal.evidence.states import EDITABLE, RequestStatus
from portal.evidence.values import INSTRUMENTS, SUBJECT, ActKind, Purpose
from portal.evidence.views.blueprint import bp
from portal.evidence.views.breadth import drawn_shapes, grouped_by_unit, may_be_grave, standing_now
from portal.evidence.views.choosing import LOOKS, Chosen, add_listed, look_for, typed_form
from portal.evidence.views.overwriting import going_of
from portal.web.problems import say
from portal.web.session import db_session, repeatable
from portal.workflow.queries import comment_of, runs_of
from portal.workflow.states import RunStatus

ONWARD = ("details", "next")  # the main button, and what Enter in a field presses
# How far around the place of an emergency cameras are taken as having seen it: to be thinned out or widened by hand.
NEARBY_M = 200
SCOPE_FIELDS = ("cameras", "act", "span_from", "span_to")


@bp.route("/evidence/requests/new", methods=["GET", "POST"])
@requires(Permission.REQUEST_DRAFT)
@repeatable("turns the pages of a form and saves nothing; a remembered answer would keep the typed case in the open")
def request_new() -> ResponseReturnValue:
    """A new request, page by page. The map hands its selection in as `camera` ids."""
    scope, ask = _forms()
    then = request.form.get("then", "")
    chosen = Chosen(ids=_chosen_ids(), drawn=list(drawn_shapes()))
    if then.partition(":")[0] in LOOKS:
        for field in scope:
            field.errors = []
        finder = typed_form()
        if then != "map":
            look_for(then, finder, chosen)
        return _cameras_page(scope, chosen, finder), 422 if chosen.faulty else 200
    if then in ONWARD and _scope_is_sound(scope):
        for field in ask:
            field.errors = []
        if not ask.requester_name.data:
            ask.requester_name.data = current_identity().organ_name
        return _details_page(scope, ask), 200
    if then not in ONWARD:
        # Coming back, or in from the map: nothing was sent to be judged yet.
        for field in scope:
            field.errors = []
    if request.args.get("list"):
        add_listed(chosen, request.args["list"])
    return _cameras_page(scope, chosen), 422 if scope.errors or scope.form_errors else 200


@bp.post("/evidence/requests")
@requires(Permission.REQUEST_DRAFT)
def request_save() -> ResponseReturnValue:
    """Save the new request: one draft for each unit."""
    session, identity = db_session(), current_identity()
    scope, ask = _forms()
    if not all([_scope_is_sound(scope), ask.validate()]):
        return _faulty_page(scope, ask), 422
    try:
        with undone_if_refused(session):
            drafts = operations.draft_requests(
                session, actor=identity, asked=ask.particulars(scope, _chosen_ids(), drawn_shapes()), now=utcnow()
            )
    except Invalid as refusal:
        _share(refusal, scope, ask)
        return _faulty_page(scope, ask), 422
    if len(drafts) > 1:
        text = gettext(
            "%(count)s drafts were made, one for each unit. Each needs its papers and is submitted by itself."
        )
        flash(text % {"count": len(drafts)}, "info")
        return redirect(url_for("evidence.requests", group="draft"), 303)
    return redirect(url_for("evidence.papers", request_id=drafts[0].id), 303)


@bp.get("/evidence/cameras")
@requires(Permission.REQUEST_DRAFT)
def camera_results() -> ResponseReturnValue:
    """Cameras that match the words typed, for the picker."""
    unit = _uuid(request.args.get("unit", ""))
    found = queries.search_cameras(db_session(), current_identity(), text=request.args.get("q", "")[:60], unit_id=unit)
    return render_template("evidence/_camera_results.html", found=found, limit=queries.PICK_LIMIT)


@bp.get("/evidence/cameras/chosen")
@requires(Permission.REQUEST_DRAFT)
def camera_chosen() -> ResponseReturnValue:
    """One camera as a line of the chosen ones."""
    wanted = [one] if (one := _uuid(request.args.get("camera", ""))) else []
    return render_template(
        "evidence/_chosen.html", cameras=queries.chosen_cameras(db_session(), current_identity(), wanted)
    )


@bp.route("/evidence/requests/<uuid:request_id>/edit", methods=["GET", "POST"])
@requires(Permission.REQUEST_DRAFT)
def request_edit(request_id: UUID) -> ResponseReturnValue:
    """Correct a draft or a returned request, both steps on one page."""
    session, identity, now = db_session(), current_identity(), utcnow()
    found = queries.get_request(session, identity, request_id)
    if found.requester_id != identity.person_id or RequestStatus(found.status) not in EDITABLE:
        raise NotAllowed("evidence.not_yours")
    scope, ask = _forms()
    cameras = _chosen_ids()
    if request.method == "GET":
        asked = operations.open_particulars(session, actor=identity, request=found, now=now)
        ask.show(asked)
        scope.act.data, scope.span_from.data, scope.span_to.data = str(asked.act), asked.span_from, asked.span_to
        cameras = list(asked.camera_ids)
    elif all([scope.validate(), ask.validate()]):
        try:
            with undone_if_refused(session):
                operations.edit_request(
                    session,
                    actor=identity,
                    request_id=request_id,
                    seen_version=request.form.get("version", 0, type=int),
                    asked=ask.particulars(scope, cameras, drawn_shapes()),
                    now=now,
                )
        except Invalid as refusal:
            _share(refusal, scope, ask)
        else:
            flash(gettext("The request is changed."), "ok")
            return redirect(url_for("evidence.papers", request_id=request_id), 303)
    chosen = queries.chosen_cameras(session, identity, cameras)
    drawn = asked.drawn if request.method == "GET" else drawn_shapes()
    faulty = bool(scope.errors or ask.errors or scope.form_errors or ask.form_errors)
    return (
        render_template(
            "evidence/edit.html",
            scope=scope,
            ask=ask,
            request_=queries.get_request(session, identity, request_id),
            chosen=chosen,
            returned=_return_reason(session, request_id),
            faulty=faulty,
            drawn=drawn,
            reach=standing_now(scope, chosen, drawn, ask),
            may_be_grave=may_be_grave(),
        ),
        422 if faulty else 200,
    )


@bp.post("/evidence/requests/<uuid:request_id>/withdraw")
@requires(Permission.REQUEST_DRAFT)
def request_withdraw(request_id: UUID) -> ResponseReturnValue:
    """Take the request back."""
    form = ReasonForm()
    operations.withdraw_request(
        db_session(),
        actor=current_identity(),
        request_id=request_id,
        reason=(form.reason.data or "")[:400],
        now=utcnow(),
    )
    flash(gettext("The request is withdrawn."), "ok")
    return redirect(url_for("evidence.request_", request_id=request_id), 303)


@bp.post("/evidence/requests/<uuid:request_id>/recall")
@requires(Permission.REQUEST_DRAFT)
def request_recall(request_id: UUID) -> ResponseReturnValue:
    """Take the request back to change it: what was approved so far is void."""
    form, session = ReasonForm(), db_session()
    try:
        with undone_if_refused(session):
            operations.recall_request(
                session,
                actor=current_identity(),
                request_id=request_id,
                reason=(form.reason.data or "")[:400],
                now=utcnow(),
            )
    except Invalid as refusal:
        flash(" ".join(say(problem) for problem in refusal.problems), "bad")
        return redirect(url_for("evidence.request_", request_id=request_id), 303)
    flash(gettext("The request is yours again. Approvals given so far are void."), "info")
    return redirect(url_for("evidence.request_edit", request_id=request_id), 303)


def _forms() -> tuple[ScopeForm, AskForm]:
    session, identity = db_session(), current_identity()
    kinds = operations.kinds_open_to(session, identity)
    papers = [paper for kind in INSTRUMENTS if kind in kinds for paper in INSTRUMENTS[kind]]
    people = possible_readers(session, identity, today=city_day(utcnow()))
    offer(
        kinds=offered(REQUESTER, kinds),
        instruments=offered(INSTRUMENT, papers),
        readers=[(str(person_id), name) for person_id, name in people],
    )
    scope, ask = ScopeForm(), AskForm()
    if not ask.requester_name.data and request.method == "GET":
        ask.requester_name.data = identity.organ_name
    return scope, ask


def _return_reason(session: Session, request_id: UUID) -> str:
    """What whoever returned the request last wanted changed."""
    last = next(iter(runs_of(session, subject_kind=SUBJECT, subject_id=request_id)), None)
    if last is None or last.status != RunStatus.RETURNED or not last.decisions:
        return ""
    return comment_of(session, last.decisions[-1])


def _scope_is_sound(scope: ScopeForm) -> bool:
    good = scope.validate()
    cameras = queries.chosen_cameras(db_session(), current_identity(), _chosen_ids())
    if not cameras:
        scope.form_errors.append(gettext("Choose at least one camera"))
    return bool(good and cameras)


def _faulty_page(scope: ScopeForm, ask: AskForm) -> str:
    """The first page that has something to correct."""
    return (
        _cameras_page(scope, Chosen(_chosen_ids(), list(drawn_shapes())))
        if scope.errors or scope.form_errors
        else _details_page(scope, ask)
    )


def _share(refusal: Invalid, scope: ScopeForm, ask: AskForm) -> None:
    """Put each fault onto the page that holds its field."""
    of_scope = [problem for problem in refusal.problems if problem.field in SCOPE_FIELDS]
    if of_scope:
        scope.take(Invalid(of_scope))
    rest = [problem for problem in refusal.problems if problem.field not in SCOPE_FIELDS]
    if rest:
        ask.take(Invalid(rest))


def _cameras_page(scope: ScopeForm, chosen: Chosen, finder: FinderForm | None = None) -> str:
    session, identity = db_session(), current_identity()
    place = _uuid(request.args.get("near", "")) if request.method == "GET" else None
    near = queries.cameras_near(session, identity, place, metres=NEARBY_M, limit=MAX_CAMERAS) if place else []
    cameras = near or queries.chosen_cameras(session, identity, chosen.ids)
    finder = finder or typed_form()
    shown_map = request.form.get("map") == "1" or chosen.opened in ("shape", "map") or request.form.get("then") == "map"
    own = {"camera", "then", "map", "drawn", "q", "unit"} | {field.name for field in finder}
    return render_template(
        "evidence/new_cameras.html",
        scope=scope,
        carried=[*_carried(set(scope.data) | own), *([("purpose", Purpose.EMERGENCY)] if near else [])],
        chosen=cameras,
        by_unit=grouped_by_unit(cameras),
        finder=finder,
        found=chosen,
        shown_map=shown_map,
        reach=standing_now(scope, cameras, chosen.drawn),
        units=queries.units_of(session, identity),
        from_map=request.args.get("from") == "map",
        near=near,
    )


def _details_page(scope: ScopeForm, ask: AskForm) -> str:
    chosen = queries.chosen_cameras(db_session(), current_identity(), _chosen_ids())
    live = scope.act.data == ActKind.LIVE
    return render_template(
        "evidence/new_details.html",
        scope=scope,
        ask=ask,
        chosen=chosen,
        units={one.unit_name for one in chosen},
        going=None if live else going_of(db_session(), chosen, scope.span_from.data, scope.span_to.data),
        drawn=drawn_shapes(),
        may_be_grave=may_be_grave(),
        reach=standing_now(scope, chosen, drawn_shapes(), ask),
    )


def _carried(own: set[str]) -> list[tuple[str, str]]:
    """What the other step's fields hold, so that turning back loses nothing."""
    skipped = own | {"_key", "csrf_token"}
    return [(name, value) for name, value in request.form.items(multi=True) if name not in skipped]


def _chosen_ids() -> list[UUID]:
    given = [*request.form.getlist("camera"), *request.args.getlist("camera")]
    found = [one for text in given[: MAX_CAMERAS + 1] if (one := _uuid(text)) is not None]
    return list(dict.fromkeys(found))


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
