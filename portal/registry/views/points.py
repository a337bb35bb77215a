"""Reviews of points: the list, one review with everything to judge it by, the verdict; and protected sites."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, may_ever, require
from portal.accounts.values import Identity
from portal.core.clock import utcnow
from portal.core.errors import Invalid, NotFound, Problem
from portal.core.geometry import lonlat
from portal.registry import operations, queries
from portal.registry.forms.zones import NameCameraForm, ReviewForm, SiteForm
from portal.registry.labels.zones import (
    REVIEW_ACTION,
    REVIEW_KIND,
    REVIEW_SOURCE,
    REVIEW_STATUS,
    SITE_KIND,
    TIP_CATEGORY,
)
from portal.registry.models import Camera, PlaceReview, ProtectedSite, Unit
from portal.registry.queries import reviews as review_queries
from portal.registry.queries.reviews import ReviewFilter
from portal.registry.rules.interiors import cites_of
from portal.registry.states import REVIEW_TRANSITIONS, ReviewAction, ReviewStatus
from portal.registry.values.zones import ReviewKind
from portal.registry.views.blueprint import bp
from portal.registry.views.photos import PICTURE_BYTES, keep_picture
from portal.registry.views.units import district_choices
from portal.regulation.loader import rulebook
from portal.vault.queries import get_file
from portal.vault.serving import send_stored_file
from portal.web.links import asked
from portal.web.security import accepts_upload
from portal.web.session import db_session


@bp.get("/reviews")
@requires(Permission.REVIEW_READ)
def reviews() -> ResponseReturnValue:
    """Points in review. A unit sees its own, and never why a place beyond its fence matters."""
    session, identity = db_session(), current_identity()
    status, kind = request.args.get("status", ""), request.args.get("kind", "")
    may_decide = may_ever(identity, Permission.REVIEW_DECIDE)
    wanted = ReviewFilter(
        status=ReviewStatus(status) if status in set(ReviewStatus) else None,
        # What a review is about is the police's knowledge: a unit could read it off a filter.
        kind=kind if may_decide and kind in set(ReviewKind) else "",
        district=asked("district", 6),
    )
    return render_template(
        "registry/reviews.html",
        page=review_queries.review_page(session, identity, wanted, after=request.args.get("after")),
        tally=review_queries.review_tally(session, identity, wanted),
        wanted=wanted,
        may_decide=may_decide,
        districts=district_choices(),
        **_words(),
    )


def _words() -> dict[str, Any]:
    return {
        "review_status": REVIEW_STATUS,
        "review_kind": REVIEW_KIND,
        "review_source": REVIEW_SOURCE,
        "interior": ReviewKind.INTERIOR,
    }


@bp.get("/reviews/<uuid:review_id>")
@requires(Permission.REVIEW_READ)
def review(review_id: UUID) -> ResponseReturnValue:
    """One review: the point, what raised the question, the law, and the verdict."""
    return _show(review_id)


def _show(
    review_id: UUID, *, form: ReviewForm | None = None, naming: NameCameraForm | None = None, status: int = 200
) -> tuple[str, int]:
    session, identity = db_session(), current_identity()
    found = review_queries.get_review(session, identity, review_id)
    may_decide = allows(identity, Permission.REVIEW_DECIDE, review_queries.review_scope(found))
    camera = _camera_of(session, identity, found)
    actions = [each for each in ReviewAction if (ReviewStatus(found.status), each) in REVIEW_TRANSITIONS]
    if found.kind != ReviewKind.NEAR_SECRET:
        actions = [each for each in actions if each is not ReviewAction.ASK_CONSENT]
    decide = form or ReviewForm(data={"version": str(found.version)})
    decide.action.choices = [(str(each), REVIEW_ACTION[each]) for each in actions if each in REVIEW_ACTION]
    tip = None
    if found.tip_off_id and may_ever(identity, Permission.TIP_OFF_HANDLE):
        tip = review_queries.get_tip(session, identity, found.tip_off_id)
    beside: Sequence[tuple[ProtectedSite, float]] = ()
    if may_decide and found.kind == ReviewKind.NEAR_SECRET and found.camera_id:
        operations.note_sites_beside(session, actor=identity, review=found, now=utcnow())
        beside = review_queries.sites_beside(session, found.camera_id)
    html = render_template(
        "registry/review.html",
        review=found,
        camera=camera,
        unit=session.get(Unit, found.unit_id) if found.unit_id else None,
        place=rulebook().reference.place_of(found.place) if found.place else None,
        citations=cites_of(found.place),
        form=decide if may_decide and decide.action.choices else None,
        naming=naming or NameCameraForm(),
        tip=tip,
        tip_category=TIP_CATEGORY,
        beside=beside,
        site_kind=SITE_KIND,
        may_decide=may_decide,
        position=lonlat(camera.position) if camera else None,
        **_words(),
    )
    return html, status


def _camera_of(session: Session, identity: Identity, found: PlaceReview) -> Camera | None:
    """The camera in question; nothing where none is named yet, or where it is secret to the reader."""
    if found.camera_id is None:
        return None
    try:
        return queries.get_camera(session, identity, found.camera_id)
    except NotFound:
        return None


@bp.post("/reviews/<uuid:review_id>/decide")
@requires(Permission.REVIEW_DECIDE)
@accepts_upload(PICTURE_BYTES)
def review_decide(review_id: UUID) -> ResponseReturnValue:
    """Pass the verdict."""
    session, identity = db_session(), current_identity()
    found = _to_decide(review_id)
    form = ReviewForm()
    if not form.validate():
        return _show(review_id, form=form, status=422)
    try:
        operations.decide_review(
            session,
            actor=identity,
            review_id=review_id,
            seen_version=form.version.seen,
            action=form.chosen(),
            reason=form.reason.data,
            photo_file_id=keep_picture(form.photo.data, {"unit_id": found.unit_id, "district": found.district}),
            now=utcnow(),
        )
    except Invalid as refusal:
        form.take(refusal)
        return _show(review_id, form=form, status=422)
    flash(gettext("The verdict is recorded."), "ok")
    return redirect(url_for("registry.review", review_id=review_id), 303)


@bp.post("/reviews/<uuid:review_id>/camera")
@requires(Permission.REVIEW_DECIDE)
def review_camera(review_id: UUID) -> ResponseReturnValue:
    """Name the camera that a report is about."""
    session, identity = db_session(), current_identity()
    _to_decide(review_id)
    form = NameCameraForm()
    if not form.validate():
        return _show(review_id, naming=form, status=422)
    try:
        camera_id = review_queries.camera_called(session, identity, form.camera.data)
        if camera_id is None:
            raise Invalid([Problem("camera", "camera_unknown")])
        operations.name_camera(session, actor=identity, review_id=review_id, camera_id=camera_id, now=utcnow())
    except Invalid as refusal:
        form.take(refusal)
        return _show(review_id, naming=form, status=422)
    flash(gettext("The camera is named."), "ok")
    return redirect(url_for("registry.review", review_id=review_id), 303)


@bp.get("/reviews/<uuid:review_id>/photo")
@requires(Permission.REVIEW_READ)
def review_photo(review_id: UUID) -> ResponseReturnValue:
    """The picture that a verdict rests on."""
    session, identity = db_session(), current_identity()
    found = review_queries.get_review(session, identity, review_id)
    if found.photo_file_id is None:
        raise NotFound()
    operations.note_review_photo(session, actor=identity, review=found, now=utcnow())
    return send_stored_file(session, get_file(session, found.photo_file_id))


def _to_decide(review_id: UUID) -> PlaceReview:
    found = review_queries.get_review(db_session(), current_identity(), review_id)
    scope = review_queries.review_scope(found)
    require(current_identity(), Permission.REVIEW_DECIDE, scope, read=Permission.REVIEW_READ)
    return found


@bp.get("/protected-sites")
@requires(Permission.SITE_KEEP)
def protected_sites() -> ResponseReturnValue:
    """The organ's register of protected sites; each look is on record first."""
    session, identity = db_session(), current_identity()
    operations.note_register_read(session, actor=identity, now=utcnow())
    page = review_queries.site_page(session, identity, after=request.args.get("after"))
    return render_template("registry/protected_sites.html", page=page, site_kind=SITE_KIND)


@bp.route("/protected-sites/new", methods=["GET", "POST"])
@requires(Permission.SITE_KEEP)
def protected_new() -> ResponseReturnValue:
    """Enter a site."""
    form = SiteForm(data={"active": True})
    if request.method == "POST" and form.validate():
        try:
            operations.enter_site(db_session(), actor=current_identity(), particulars=form.particulars(), now=utcnow())
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The site is entered. Cameras around it are being looked over."), "ok")
            return redirect(url_for("registry.protected_sites"), 303)
    return render_template("registry/protected_form.html", form=form, site=None), 422 if form.errors else 200


@bp.route("/protected-sites/<uuid:protected_id>", methods=["GET", "POST"])
@requires(Permission.SITE_KEEP)
def protected_site(protected_id: UUID) -> ResponseReturnValue:
    """Change a site, or take it out of force."""
    session, identity = db_session(), current_identity()
    found = review_queries.get_site(session, identity, protected_id)
    form = SiteForm()
    if request.method == "GET":
        operations.note_register_read(session, actor=identity, now=utcnow())
        form.show(found)
    elif form.validate():
        try:
            operations.change_site(
                session,
                actor=identity,
                site_id=protected_id,
                seen_version=form.version.seen,
                particulars=form.particulars(),
                active=bool(form.active.data),
                now=utcnow(),
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The site is changed."), "ok")
            return redirect(url_for("registry.protected_sites"), 303)
    return render_template("registry/protected_form.html", form=form, site=found), 422 if form.errors else 200
