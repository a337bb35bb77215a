"""Reviews of points, protected sites and tip-offs: lists by keyset, single rows with their scope checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from portal.accounts.models import Organ
from portal.accounts.permissions import Permission
from portal.accounts.policy import require, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity, Scope
from portal.core.errors import NotFound
from portal.core.paging import Page, newest_first, tally_of
from portal.registry.models import Camera, PlaceReview, ProtectedSite, TipOff, Unit
from portal.registry.queries.cameras import visible_cameras
from portal.registry.states import ReviewStatus, TipStatus
from portal.registry.values.zones import TipCategory

LIVING = tuple(status for status in ReviewStatus if status is not ReviewStatus.LAPSED)


@dataclass(frozen=True, kw_only=True)
class ReviewFilter:
    """What the list of reviews is narrowed to; empty means all that have not lapsed."""

    status: ReviewStatus | None = None
    kind: str = ""
    district: str = ""


@dataclass(frozen=True, kw_only=True)
class TipFilter:
    """What the list of tip-offs is narrowed to; empty means all."""

    status: TipStatus | None = None
    category: str = ""
    district: str = ""


@dataclass(frozen=True, kw_only=True)
class ReviewLine:
    """A review with the names a reader knows its point by; `withheld` where the point is secret to the reader."""

    review: PlaceReview
    camera_name: str
    unit_name: str
    withheld: bool = False


@dataclass(frozen=True, kw_only=True)
class PublicTip:
    """What whoever holds the reference of a tip-off may read: how far it is, and the answer. No place, no names."""

    reference: str
    category: TipCategory
    status: TipStatus
    organ_name: str
    received_at: datetime
    taken_at: datetime | None
    closed_at: datetime | None
    outcome: str | None
    answer: str


def review_scope(review: PlaceReview) -> Scope:
    """Where a review stands: the district, and the unit once its camera is known."""
    units = frozenset({review.unit_id} if review.unit_id else ())
    return Scope(unit_ids=units, districts=frozenset({review.district}))


def site_scope(site: ProtectedSite) -> Scope:
    """Where a protected site stands: with the organ that keeps it."""
    return Scope(organ_ids=frozenset({site.organ_id}))


def tip_scope(tip: TipOff) -> Scope:
    """Where a tip-off stands. Units never learn of it."""
    return Scope(districts=frozenset({tip.district}))


def reviews_visible_to(identity: Identity) -> Select[PlaceReview]:
    """Every review the person may read."""
    seen = visibility(identity, Permission.REVIEW_READ)
    # Without a camera named there is no unit yet, and no unit sees it.
    unit = cast(ColumnElement[UUID], PlaceReview.unit_id)
    return select(PlaceReview).where(visible(seen, unit=unit, district=PlaceReview.district))


def review_page(
    session: Session, identity: Identity, wanted: ReviewFilter, *, after: str | None = None
) -> Page[ReviewLine]:
    """Reviews, newest first, with the names of camera and unit."""
    page = newest_first(session, _narrow(reviews_visible_to(identity), wanted), PlaceReview.id, after=after)
    lines = review_lines(session, identity, page.items)
    return Page(items=lines, next_cursor=page.next_cursor, total=page.total, total_capped=page.total_capped)


def review_lines(session: Session, identity: Identity, reviews: Sequence[PlaceReview]) -> list[ReviewLine]:
    """These reviews with the names of their cameras and units."""
    keys = {row.camera_id for row in reviews if row.camera_id}
    named = visible_cameras(identity).where(Camera.id.in_(keys)).with_only_columns(Camera.id, Camera.name)
    cameras: Mapping[UUID, str] = dict(session.execute(named).all())
    owners = select(Unit.id, Unit.name).where(Unit.id.in_({row.unit_id for row in reviews if row.unit_id}))
    units: Mapping[UUID, str] = dict(session.execute(owners).all())
    return [
        ReviewLine(
            review=row,
            camera_name=cameras.get(row.camera_id, "") if row.camera_id else "",
            unit_name=units.get(row.unit_id, "") if row.unit_id else "",
            withheld=row.camera_id is not None and row.camera_id not in cameras,
        )
        for row in reviews
    ]


def review_tally(session: Session, identity: Identity, wanted: ReviewFilter) -> Mapping[ReviewStatus, int]:
    """How many reviews of the filter stand in each status."""
    narrowed = _narrow(reviews_visible_to(identity), replace(wanted, status=None))
    return tally_of(session, narrowed, PlaceReview.status, LIVING)


def _narrow(statement: Select[PlaceReview], wanted: ReviewFilter) -> Select[PlaceReview]:
    status = PlaceReview.status
    statement = statement.where(status == wanted.status if wanted.status else status != ReviewStatus.LAPSED)
    if wanted.kind:
        statement = statement.where(PlaceReview.kind == wanted.kind)
    return statement.where(PlaceReview.district == wanted.district) if wanted.district else statement


def get_review(session: Session, identity: Identity, review_id: UUID) -> PlaceReview:
    """A review the person may read. Raises NotFound."""
    review = session.get(PlaceReview, review_id)
    if review is None:
        raise NotFound()
    require(identity, Permission.REVIEW_READ, review_scope(review))
    return review


def reviews_of_camera(session: Session, camera_id: UUID) -> list[PlaceReview]:
    """The reviews of a camera the caller has been let in to, the living ones first."""
    statement = (
        select(PlaceReview)
        .where(PlaceReview.camera_id == camera_id)
        .order_by(PlaceReview.status == ReviewStatus.LAPSED, PlaceReview.id.desc())
    )
    return list(session.scalars(statement))


def reviews_of_system(session: Session, identity: Identity, system_id: UUID) -> list[ReviewLine]:
    """The living reviews of a system the caller has been let in to, those that wait first."""
    statement = (
        select(PlaceReview)
        .where(PlaceReview.system_id == system_id, PlaceReview.status.in_(LIVING))
        .order_by(PlaceReview.status != ReviewStatus.OPEN, PlaceReview.id.desc())
        .limit(100)
    )
    return review_lines(session, identity, session.scalars(statement).all())


def sites_beside(session: Session, camera_id: UUID) -> Sequence[tuple[ProtectedSite, float]]:
    """The protected sites of the reader's own organ whose ground a camera stands on, with the distance in metres.

    Row-level security keeps the sites of every other organ out.
    """
    camera = select(Camera.position).where(Camera.id == camera_id).scalar_subquery()
    metres = func.ST_Distance(func.Geography(ProtectedSite.position), func.Geography(camera))
    statement = select(ProtectedSite, metres).where(ProtectedSite.active, metres <= ProtectedSite.radius_m)
    return [(site, distance) for site, distance in session.execute(statement.order_by(metres))]


def site_page(session: Session, identity: Identity, *, after: str | None = None) -> Page[ProtectedSite]:
    """Protected sites that the reader's organ keeps, newest first."""
    seen = visibility(identity, Permission.SITE_KEEP)
    statement = select(ProtectedSite).where(visible(seen, organ=ProtectedSite.organ_id))
    return newest_first(session, statement, ProtectedSite.id, after=after)


def get_site(session: Session, identity: Identity, site_id: UUID) -> ProtectedSite:
    """A protected site the person keeps. Raises NotFound."""
    site = session.get(ProtectedSite, site_id)
    if site is None:
        raise NotFound()
    require(identity, Permission.SITE_KEEP, site_scope(site))
    return site


def tips_visible_to(identity: Identity) -> Select[TipOff]:
    """Every tip-off the person may handle."""
    seen = visibility(identity, Permission.TIP_OFF_HANDLE)
    return select(TipOff).where(visible(seen, district=TipOff.district))


def tip_page(session: Session, identity: Identity, wanted: TipFilter, *, after: str | None = None) -> Page[TipOff]:
    """Tip-offs, newest first."""
    return newest_first(session, _narrow_tips(tips_visible_to(identity), wanted), TipOff.id, after=after)


def tip_tally(session: Session, identity: Identity, wanted: TipFilter) -> Mapping[TipStatus, int]:
    """How many tip-offs of the filter stand in each status."""
    narrowed = _narrow_tips(tips_visible_to(identity), replace(wanted, status=None))
    return tally_of(session, narrowed, TipOff.status, TipStatus)


def _narrow_tips(statement: Select[TipOff], wanted: TipFilter) -> Select[TipOff]:
    equal = {TipOff.status: wanted.status, TipOff.category: wanted.category, TipOff.district: wanted.district}
    return statement.where(*(column == value for column, value in equal.items() if value))


def get_tip(session: Session, identity: Identity, tip_off_id: UUID) -> TipOff:
    """A tip-off the person may handle. Raises NotFound."""
    tip = session.get(TipOff, tip_off_id)
    if tip is None:
        raise NotFound()
    require(identity, Permission.TIP_OFF_HANDLE, tip_scope(tip))
    return tip


def review_of_tip(session: Session, tip_off_id: UUID) -> PlaceReview | None:
    """The review that a tip-off opened, if it opened one."""
    return session.scalars(select(PlaceReview).where(PlaceReview.tip_off_id == tip_off_id).limit(1)).one_or_none()


def tip_by_reference(session: Session, reference: str) -> PublicTip | None:
    """What a reference opens to the public. The caller widens the session's scope for this one question."""
    row = session.execute(
        select(TipOff, Organ.name).join(Organ, Organ.id == TipOff.organ_id).where(TipOff.reference == reference)
    ).one_or_none()
    if row is None:
        return None
    tip, organ_name = row
    return PublicTip(
        reference=tip.reference,
        category=TipCategory(tip.category),
        status=TipStatus(tip.status),
        organ_name=organ_name,
        received_at=tip.received_at,
        taken_at=tip.taken_at,
        closed_at=tip.closed_at,
        outcome=tip.outcome,
        answer=tip.answer,
    )


def camera_called(session: Session, identity: Identity, word: str) -> UUID | None:
    """The one camera within the person's reach that has this code or this very name; nothing where there are two."""
    word = word.strip()
    same = Camera.gb_code == word if word.isdigit() else Camera.name == word
    found = session.scalars(visible_cameras(identity).where(same).with_only_columns(Camera.id).limit(2)).all()
    return found[0] if len(found) == 1 else None
