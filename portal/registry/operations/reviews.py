"""Reviews of points: opened where doubt is, decided by a person on record, lapsed when the point is another one.

Secret cameras are known to their own unit alone and are looked at outside this portal.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.models import Division
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.operations import record, record_and_seal
from portal.audit.values import Actor, SubjectRef
from portal.core.db import Database
from portal.core.errors import IllegalTransition, Invalid, NotFound, Problem
from portal.core.lifecycle import unchanged
from portal.core.outbox import TaskName, enqueue
from portal.registry.models import Camera, PlaceReview, PrivacyMask, System, Unit
from portal.registry.queries.cameras import visible_cameras
from portal.registry.queries.reviews import LIVING, review_scope
from portal.registry.rules.interiors import private_pattern
from portal.registry.rules.points import JUDGED, SETTLED, PointFacts, basis_of, question_about
from portal.registry.states import CameraStatus, ReviewAction, ReviewStatus, next_review_status
from portal.registry.values import zones as values
from portal.registry.values.zones import ReviewKind, ReviewSource

BATCH = 500
FIRST = UUID(int=0)


def look_over(
    session: Session, cameras: Sequence[Camera], *, actor: Actor, source: ReviewSource, now: datetime
) -> list[PlaceReview]:
    """Open, keep or let lapse the reviews of these cameras by what they say now; the ones opened.

    No law spares a secret point; its review tells those beyond its unit nothing but that there is one to be looked at.
    """
    keys = [camera.id for camera in cameras]
    if not keys:
        return []
    session.flush()
    near = set(session.scalars(select(func.portal_near_protected(None, keys, None))))
    living = {
        (row.camera_id, row.kind): row
        for row in session.scalars(
            select(PlaceReview).where(PlaceReview.camera_id.in_(keys), PlaceReview.status.in_(LIVING)).with_for_update()
        )
    }
    opened = []
    for camera in cameras:
        facts = {name: getattr(camera, name) for name in JUDGED}
        gone = camera.status == CameraStatus.DISMANTLED
        hit = None if gone else question_about(facts)
        asked = {
            ReviewKind.INTERIOR: (hit.place, hit.word) if hit else None,
            ReviewKind.NEAR_SECRET: ("", "") if camera.id in near and not gone else None,
        }
        for kind, wanted in asked.items():
            known, basis = living.get((camera.id, kind)), basis_of(facts)
            if known is not None and wanted is not None and known.basis == basis:
                continue
            if known is not None:
                _lapse(session, known, actor=actor, now=now)
            if wanted is not None:
                opened.append(_open(session, camera, kind, wanted, basis, actor=actor, source=source, now=now))
    return opened


def _open(
    session: Session,
    camera: Camera,
    kind: ReviewKind,
    wanted: tuple[str, str],
    basis: str,
    *,
    actor: Actor,
    source: ReviewSource,
    now: datetime,
) -> PlaceReview:
    place, word = wanted
    if camera.secret:  # its words are its file's, and its file is its unit's
        word = ""
    review = PlaceReview(
        kind=kind,
        source=source,
        camera_id=camera.id,
        system_id=camera.system_id,
        unit_id=camera.unit_id,
        district=camera.district,
        place=place,
        word=word,
        basis=basis,
        opened_at=now,
    )
    session.add(review)
    session.flush()
    _record(session, actor, values.REVIEW_OPENED, review, now=now)
    return review


def _lapse(session: Session, review: PlaceReview, *, actor: Actor, now: datetime) -> None:
    review.status = next_review_status(ReviewStatus(review.status), ReviewAction.LAPSE)
    session.flush()
    _record(session, actor, values.REVIEW_LAPSED, review, now=now)


def look_over_system(session: Session, system: System, *, actor: Actor, source: ReviewSource, now: datetime) -> None:
    """Look over every camera of a system that could matter, before its filing goes on."""
    for cameras in _doubtful(session, system_id=system.id):
        look_over(session, cameras, actor=actor, source=source, now=now)


def check_points(
    database: Database,
    *,
    now: datetime,
    unit_id: UUID | None = None,
    system_id: UUID | None = None,
    site_id: UUID | None = None,
) -> int:
    """Look over the points of the whole city, a unit, a system, or around a protected site; how many are now in review."""
    actor, opened, after = Actor(name="system:points"), 0, FIRST
    while True:
        with database.transaction() as session:
            pages = _doubtful(session, unit_id=unit_id, system_id=system_id, site_id=site_id, after=after)
            cameras = next(pages, None)
            if not cameras:
                return opened
            opened += len(look_over(session, cameras, actor=actor, source=ReviewSource.CHECK, now=now))
            after = cameras[-1].id


def _doubtful(
    session: Session,
    *,
    unit_id: UUID | None = None,
    system_id: UUID | None = None,
    site_id: UUID | None = None,
    after: UUID = FIRST,
) -> Iterator[Sequence[Camera]]:
    """Cameras with a private place in their words, near a protected site, or with a review that may have to lapse.

    The database narrows by one pattern; the rules then judge what is left, word by word.
    """
    near = select(func.portal_near_protected(system_id, None, site_id))
    told = func.concat_ws(" ", Camera.name, Camera.popular_name, Camera.address, Camera.place_type)
    reviewed = select(PlaceReview.camera_id).where(PlaceReview.status.in_(LIVING), PlaceReview.camera_id.is_not(None))
    matters: ColumnElement[bool] = Camera.id.in_(near)
    if site_id is None:
        matters = or_(matters, told.op("~*")(private_pattern()), Camera.id.in_(reviewed))
    statement = select(Camera).where(matters)
    if unit_id is not None:
        statement = statement.where(Camera.unit_id == unit_id)
    if system_id is not None:
        statement = statement.where(Camera.system_id == system_id)
    while cameras := session.scalars(statement.where(Camera.id > after).order_by(Camera.id).limit(BATCH)).all():
        yield cameras
        after = cameras[-1].id


def point_facts(session: Session, system_id: UUID) -> PointFacts:
    """The open questions about a system's points as its filing sees them."""
    reviews = session.scalars(
        select(PlaceReview).where(PlaceReview.system_id == system_id, PlaceReview.status.in_(LIVING))
    ).all()
    settled = {row.camera_id for row in reviews if row.kind == ReviewKind.INTERIOR and row.status in SETTLED}
    barred = {row.camera_id: row.place for row in reviews if row.status == ReviewStatus.FORBIDDEN}
    for cameras in _doubtful(session, system_id=system_id):
        for camera in cameras:
            hit = question_about({name: getattr(camera, name) for name in JUDGED})
            if hit and hit.clear and camera.id not in settled and camera.status != CameraStatus.DISMANTLED:
                barred.setdefault(camera.id, hit.place)
    asked_masks = {row.camera_id for row in reviews if row.status == ReviewStatus.MASK_ASKED}
    masked = select(PrivacyMask.camera_id).where(PrivacyMask.removed_at.is_(None))
    bare = session.scalar(
        select(func.count()).where(
            Camera.system_id == system_id,
            Camera.status != CameraStatus.DISMANTLED,
            or_(Camera.faces_homes, Camera.id.in_(asked_masks)),
            Camera.id.notin_(masked),
        )
    )
    first = next(iter(barred), None)
    # Beyond its unit a secret camera has no name; who files sees which one it is on the page of its points.
    name = session.scalar(select(Camera.name).where(Camera.id == first, ~Camera.secret)) if first else None
    return PointFacts(
        forbidden=len(barred),
        first_place=barred[first] if first else "",
        first_camera=name or "",
        waiting=sum(row.status == ReviewStatus.OPEN for row in reviews),
        consent_asked=any(row.status == ReviewStatus.CONSENT_ASKED for row in reviews),
        unmasked=bare or 0,
    )


def must_be_settled(session: Session, system: System, *, actor: Actor, now: datetime) -> None:
    """Raise IllegalTransition while a point of the system waits for its review, or stands on forbidden ground."""
    look_over_system(session, system, actor=actor, source=ReviewSource.FILING, now=now)
    facts = point_facts(session, system.id)
    if facts.waiting or facts.forbidden:
        raise IllegalTransition("points_unsettled", waiting=facts.waiting, forbidden=facts.forbidden)


def lock_review(session: Session, review_id: UUID) -> PlaceReview:
    """A review held for change. Raises NotFound."""
    review = session.get(PlaceReview, review_id, with_for_update=True)
    if review is None:
        raise NotFound()
    return review


def decide_review(
    session: Session,
    *,
    actor: Identity,
    review_id: UUID,
    seen_version: int,
    action: ReviewAction,
    reason: str,
    photo_file_id: UUID | None,
    now: datetime,
) -> PlaceReview:
    """Pass a verdict on a point: who, when, why, and the picture of the view it rests on.

    Raises Invalid without a reason, or where a point is cleared, or a mask asked for, with no picture to show for it.
    """
    review = lock_review(session, review_id)
    require(actor, Permission.REVIEW_DECIDE, review_scope(review), read=Permission.REVIEW_READ)
    unchanged(review, seen_version)
    status = next_review_status(ReviewStatus(review.status), action)
    problems = [] if reason.strip() else [Problem("reason", "required")]
    if review.camera_id is None and action is not ReviewAction.CLEAR:
        problems.append(Problem("action", "review_needs_camera"))
    if action is ReviewAction.ASK_CONSENT and review.kind != ReviewKind.NEAR_SECRET:
        problems.append(Problem("action", "consent_not_here"))
    needs_picture = review.kind == ReviewKind.INTERIOR and action in (ReviewAction.CLEAR, ReviewAction.ASK_MASK)
    if needs_picture and photo_file_id is None and review.photo_file_id is None:
        problems.append(Problem("photo", "review_needs_photo"))
    if problems:
        raise Invalid(problems)
    review.status, review.decision_reason = status, reason.strip()
    review.decided_at, review.decided_by, review.decided_by_name = now, actor.person_id, actor.name[:40]
    review.photo_file_id = photo_file_id or review.photo_file_id
    session.flush()
    _record(session, actor.actor, values.REVIEW_DECIDED, review, reason=reason.strip(), now=now)
    if review.unit_id is not None:
        occasion = f"{review.status}:{review.version}"
        enqueue(
            session,
            TaskName.REGISTRY_NOTIFY_POINT,
            dedupe=f"review:{review.id}:{occasion}",
            kind="review",
            subject_id=review.id,
            occasion=occasion,
        )
    return review


def name_camera(session: Session, *, actor: Identity, review_id: UUID, camera_id: UUID, now: datetime) -> PlaceReview:
    """Say which camera a review of a tip-off is about, once it is found. From then on its unit knows of the review."""
    review = lock_review(session, review_id)
    require(actor, Permission.REVIEW_DECIDE, review_scope(review), read=Permission.REVIEW_READ)
    if review.camera_id is not None or review.status != ReviewStatus.OPEN:
        raise IllegalTransition("review", status=review.status)
    camera = session.scalars(
        visible_cameras(actor).where(Camera.id == camera_id).options(joinedload(Camera.system))
    ).one_or_none()
    if camera is None:
        raise Invalid([Problem("camera", "camera_unknown")])
    review.camera_id, review.system_id, review.unit_id = camera.id, camera.system_id, camera.unit_id
    review.district = camera.district
    session.flush()
    _record(session, actor.actor, values.REVIEW_LINKED, review, now=now)
    return review


def open_for_tip(session: Session, *, tip_off_id: UUID, district: str, actor: Actor, now: datetime) -> PlaceReview:
    """A report of a forbidden place or of an intrusion opens a review; which camera it is about is found later."""
    review = PlaceReview(
        kind=ReviewKind.TIP_OFF, source=ReviewSource.TIP_OFF, tip_off_id=tip_off_id, district=district, opened_at=now
    )
    session.add(review)
    session.flush()
    _record(session, actor, values.REVIEW_OPENED, review, now=now)
    return review


def _record(
    session: Session,
    actor: Actor,
    tag: str,
    review: PlaceReview,
    *,
    reason: str | None = None,
    now: datetime,
) -> None:
    record(
        session,
        actor=actor,
        tag=tag,
        subject=SubjectRef("place_review", review.id, _label(session, review)),
        unit_id=review.unit_id,
        district=review.district,
        reason=reason,
        now=now,
    )


def _label(session: Session, review: PlaceReview) -> str:
    """What the log calls a review: its camera, its unit where the camera is secret, its district before one is known."""
    camera = session.get(Camera, review.camera_id) if review.camera_id else None
    if camera is not None and not camera.secret:
        return camera.name
    unit = session.get(Unit, review.unit_id) if review.unit_id else None
    return unit.name if unit else session.get_one(Division, review.district).name


def note_sites_beside(session: Session, *, actor: Identity, review: PlaceReview, now: datetime) -> None:
    """Which protected site a point stands beside is about to be shown: sealed in the log first."""
    require(actor, Permission.REVIEW_DECIDE, review_scope(review))
    record_and_seal(
        session,
        actor=actor.actor,
        tag=values.SITES_READ,
        subject=SubjectRef("place_review", review.id, _label(session, review)),
        district=review.district,
        now=now,
    )


def note_review_photo(session: Session, *, actor: Identity, review: PlaceReview, now: datetime) -> None:
    """The picture of a verdict is about to be shown."""
    _record(session, actor.actor, values.PHOTO_READ, review, now=now)
