"""The requests that count as one ask with another, and what they come to."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, false, func, or_, select
from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.core.services import services
from portal.evidence.models import FootageRequest, RequestBreadth, RequestCamera
from portal.evidence.queries.cameras import CameraChoice
from portal.evidence.queries.requests import visible_requests
from portal.evidence.states import RequestStatus
from portal.evidence.values import RequestParticulars
from portal.evidence.values.breadth import Drawn, LonLat, Measure, Part
from portal.registry.models import Camera, Unit
from portal.registry.rules import rules_for
from portal.regulation.effective import EffectiveRules
from portal.regulation.schema.keys import RuleKey as K

_S = RequestStatus
# A request counts from its submission on, until it has come to nothing.
NOTHING_CAME = frozenset({_S.REFUSED, _S.LAPSED, _S.WITHDRAWN, _S.NOT_SUPPLIED})
COUNTED = frozenset(_S) - NOTHING_CAME - {_S.DRAFT, _S.RETURNED}
PLANNED = frozenset(_S) - NOTHING_CAME
LIMITS: Mapping[Measure, K] = {
    Measure.AREA: K.EVIDENCE_BREADTH_AREA,
    Measure.ROUTE: K.EVIDENCE_BREADTH_ROUTE,
    Measure.CAMERAS: K.EVIDENCE_BREADTH_CAMERAS,
    Measure.HOURS: K.EVIDENCE_BREADTH_HOURS,
    Measure.DAYS_BACK: K.EVIDENCE_BREADTH_DAYS_BACK,
}
MOST_PARTS = 500  # a series longer than this is far beyond any limit already


@dataclass(frozen=True, slots=True)
class Counting:
    """How the rules count: the ground around a camera, and how long asks are taken together."""

    reach_m: int
    window_days: int


@dataclass(frozen=True, slots=True)
class Kin:
    """By what the requests of one ask know each other; `own` are those being judged, which count as they are typed."""

    requester_id: UUID | None
    organ_id: UUID | None
    unit_ids: frozenset[UUID]
    asked: RequestParticulars
    case_key: str | None
    ask_id: UUID | None = None
    own: frozenset[UUID] = frozenset()


def counting(unit: Unit, *, on: date) -> Counting:
    """What the rules say of counting."""
    rules = rules_for(unit, None, on=on)
    return Counting(
        reach_m=rules.integer(K.EVIDENCE_BREADTH_REACH) or 0, window_days=rules.integer(K.EVIDENCE_BREADTH_WINDOW) or 0
    )


def limits_of(rules: EffectiveRules) -> dict[Measure, int | None]:
    """The limit of each measure under these rules."""
    return {measure: rules.integer(key) for measure, key in LIMITS.items()}


def case_key(session: Session, number: str) -> str | None:
    """A keyed digest of a case number, however it is spaced or written; nothing for none."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKC", number).casefold() if sign.isalnum())
    return services(session).envelope.blind_index(plain, "footage_breadth.case") if plain else None


def kin_of(
    session: Session,
    actor: Identity,
    asked: RequestParticulars,
    cameras: Sequence[CameraChoice],
    request: FootageRequest | None = None,
) -> Kin:
    """Who asks, in which case."""
    return Kin(
        requester_id=actor.person_id,
        organ_id=actor.organ_id,
        unit_ids=frozenset(camera.unit_id for camera in cameras),
        asked=asked,
        case_key=case_key(session, asked.content.case_number),
        ask_id=request.ask_id if request else None,
        own=frozenset({request.id}) if request else frozenset(),
    )


def series_of(session: Session, kin: Kin, *, now: datetime, window_days: int) -> Sequence[Row[Any]]:
    """The other requests that are one ask with this: (id, series, its span, what was drawn), the oldest first.

    Those of the same ask and case, those of the same requester about the same time, and whatever these are already
    counted with. Open and secret requests never meet: neither's numbers tell of the other (decision 35).
    """
    since = now - timedelta(days=window_days)
    running = and_(FootageRequest.status.in_(COUNTED), FootageRequest.submitted_at > since)
    same_ask = and_(FootageRequest.ask_id == kin.ask_id, FootageRequest.status.in_(PLANNED)) if kin.ask_id else false()
    met = _found(session, kin, or_(same_ask, and_(running, _related(kin))))
    series = {row.series_id for row in met}
    if not series:
        return []
    with_them = and_(running, RequestBreadth.series_id.in_(series))
    return _found(session, kin, or_(with_them, FootageRequest.id.in_([row.id for row in met])))


def parts_of(session: Session, rows: Sequence[Row[Any]]) -> list[Part]:
    """Requests as they count. A camera out of the reader's sight counts, too; only its ground is not known."""
    cameras: dict[UUID, dict[UUID, LonLat | None]] = {}
    statement = (
        select(
            RequestCamera.request_id,
            RequestCamera.camera_id,
            func.ST_X(Camera.position),
            func.ST_Y(Camera.position),
        )
        .outerjoin(Camera, Camera.id == RequestCamera.camera_id)
        .where(RequestCamera.request_id.in_([row.id for row in rows]))
    )
    for request_id, camera_id, lon, lat in session.execute(statement) if rows else ():
        cameras.setdefault(request_id, {})[camera_id] = None if lon is None else (lon, lat)
    return [
        Part(
            cameras=cameras.get(row.id, {}),
            span_from=row.span_from,
            span_to=row.span_to,
            drawn=[Drawn.from_json(one) for one in row.drawn],
        )
        for row in rows
    ]


def part_asked(session: Session, asked: RequestParticulars, cameras: Sequence[CameraChoice]) -> Part:
    """What is being typed, as a part."""
    ids = [camera.id for camera in cameras]
    places: dict[UUID, LonLat | None] = dict.fromkeys(ids)
    rows = select(Camera.id, func.ST_X(Camera.position), func.ST_Y(Camera.position)).where(Camera.id.in_(ids))
    places |= {camera_id: (lon, lat) for camera_id, lon, lat in session.execute(rows) if lon is not None}
    return Part(cameras=places, span_from=asked.span_from, span_to=asked.span_to, drawn=asked.drawn)


def breadth_row(session: Session, request_id: UUID) -> RequestBreadth | None:
    """What a request is counted by."""
    return session.get(RequestBreadth, request_id)


def part_numbers(session: Session, identity: Identity, request_ids: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """For requests of a series of several, which part each is of how many: of those the reader sees."""
    if not request_ids:
        return {}
    mine = select(RequestBreadth.series_id).where(RequestBreadth.request_id.in_(request_ids))
    statement = (
        select(RequestBreadth.request_id, RequestBreadth.series_id)
        .join(FootageRequest, FootageRequest.id == RequestBreadth.request_id)
        .where(RequestBreadth.series_id.in_(mine), FootageRequest.status.in_(PLANNED), visible_requests(identity))
        .order_by(RequestBreadth.request_id)
        .limit(MOST_PARTS * 4)
    )
    series: dict[UUID, list[UUID]] = {}
    for request_id, series_id in session.execute(statement):
        series.setdefault(series_id, []).append(request_id)
    wanted = set(request_ids)
    return {
        request_id: (place, len(parts))
        for parts in series.values()
        if len(parts) > 1
        for place, request_id in enumerate(parts, start=1)
        if request_id in wanted
    }


def parts_shown(session: Session, identity: Identity, series_id: UUID) -> Sequence[Any]:
    """The parts of a series the reader sees: (id, number, unit, cameras, status), the oldest first."""
    statement = (
        select(
            FootageRequest.id,
            FootageRequest.number,
            Unit.name.label("unit"),
            FootageRequest.camera_count,
            FootageRequest.status,
        )
        .join(RequestBreadth, RequestBreadth.request_id == FootageRequest.id)
        .join(Unit, Unit.id == FootageRequest.unit_id)
        .where(RequestBreadth.series_id == series_id, visible_requests(identity))
        .order_by(FootageRequest.id)
        .limit(50)
    )
    return session.execute(statement).all()


def _related(kin: Kin) -> ColumnElement[bool]:
    asked, mine = kin.asked, FootageRequest.requester_id == kin.requester_id
    about_then = and_(FootageRequest.span_from <= asked.span_to, FootageRequest.span_to >= asked.span_from)
    same_case = RequestBreadth.case_key == kin.case_key if kin.case_key else false()
    if asked.secret:
        return and_(mine, or_(same_case, about_then))
    if kin.organ_id is not None:
        return or_(
            and_(FootageRequest.requester_organ_id == kin.organ_id, same_case),
            and_(FootageRequest.requester_organ_id == kin.organ_id, mine, about_then),
        )
    # At the counter one person writes for whoever comes: who asks is who is named, and the unit is the same.
    named = and_(
        FootageRequest.requester_kind == asked.requester_kind,
        FootageRequest.requester_name == asked.requester_name.strip()[:120],
    )
    here = and_(FootageRequest.requester_organ_id.is_(None), FootageRequest.unit_id.in_(kin.unit_ids))
    return and_(here, or_(same_case, and_(named, about_then)))


def _found(session: Session, kin: Kin, condition: ColumnElement[bool]) -> Sequence[Row[Any]]:
    statement = (
        select(
            FootageRequest.id,
            RequestBreadth.series_id,
            FootageRequest.span_from,
            FootageRequest.span_to,
            RequestBreadth.drawn,
        )
        .join(RequestBreadth, RequestBreadth.request_id == FootageRequest.id)
        .where(condition, FootageRequest.secret == kin.asked.secret, FootageRequest.id.not_in(kin.own))
        .order_by(FootageRequest.id)
        .limit(MOST_PARTS)
    )
    return session.execute(statement).all()
