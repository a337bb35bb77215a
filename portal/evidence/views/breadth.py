"""How broad an ask is, as its writer and its approvers see it, and the shapes it was chosen by."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_pgettext
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.values import Identity
from portal.core.clock import utcnow
from portal.core.errors import Invalid, Problem
from portal.core.geometry import BadGeometry
from portal.evidence import operations, queries
from portal.evidence.forms import AskForm, ScopeForm
from portal.evidence.labels import STATUS
from portal.evidence.models import FootageRequest
from portal.evidence.operations.breadth import judge_draft
from portal.evidence.queries.breadth import breadth_row, parts_shown
from portal.evidence.queries.cameras import CameraChoice
from portal.evidence.rules.breadth import GRAVE_OPEN
from portal.evidence.rules.shapes import MOST_SHAPES, shape_from_text
from portal.evidence.states import RequestStatus
from portal.evidence.values import (
    INSTRUMENTS,
    ActKind,
    CaseContent,
    Purpose,
    RequesterKind,
    RequestParticulars,
)
from portal.evidence.values.breadth import CaseClass, Drawn, Judged, Line, Measure
from portal.evidence.views.blueprint import bp
from portal.web.formats import number
from portal.web.session import db_session, repeatable

CLASS = {
    CaseClass.GRAVE_CRIME: lazy_pgettext("case", "grave crimes"),
    CaseClass.CRIME: lazy_pgettext("case", "other crimes"),
    CaseClass.ADMINISTRATIVE: lazy_pgettext("case", "administrative cases"),
    CaseClass.TRAFFIC: lazy_pgettext("case", "traffic cases"),
    CaseClass.JUDICIAL: lazy_pgettext("case", "judicial cases"),
    CaseClass.EMERGENCY: lazy_pgettext("case", "emergencies"),
    CaseClass.INTERNAL: lazy_pgettext("case", "matters of the unit"),
    CaseClass.INDIVIDUAL: lazy_pgettext("case", "individuals"),
}
MEASURE = {
    Measure.AREA: _("Area (km²)"),
    Measure.ROUTE: _("Route (km)"),
    Measure.CAMERAS: _("Cameras"),
    Measure.HOURS: _("Footage in all (hours)"),
    Measure.DAYS_BACK: _("How far back (days)"),
}
Word = TypeVar("Word", RequesterKind, Purpose)
_SCALE = {Measure.AREA: 100.0, Measure.ROUTE: 1000.0}


@dataclass(frozen=True, slots=True)
class Reach:
    """An ask against its limits, in words: (what, yours, limit, whether beyond)."""

    kind: str
    parts: int
    beyond: bool
    lines: Sequence[tuple[str, str, str, bool]]


@dataclass(frozen=True, slots=True)
class Series:
    """A request's own judgement at submission, with the parts its reader may see."""

    reach: Reach | None
    parts: Sequence[tuple[UUID, str, str, int, tuple[str, Any]]]


def reach_of(judged: Judged) -> Reach:
    """A judgement in words."""
    return Reach(
        kind=str(CLASS[judged.case_class]),
        parts=judged.parts,
        beyond=bool(judged.beyond),
        lines=[_told(line) for line in judged.lines if line.yours or line.beyond],
    )


def drawn_shapes() -> Sequence[Drawn]:
    """The shapes the form carries from page to page; one that was tampered with is refused."""
    found: dict[str, Drawn] = {}
    for text in request.form.getlist("drawn")[: MOST_SHAPES + 1]:
        try:
            one = shape_from_text(text)
        except BadGeometry as bad:
            raise Invalid([Problem("cameras", f"evidence.shape.{bad.code}")]) from None
        found[one.as_text()] = one
    return list(found.values())[:MOST_SHAPES]


def may_be_grave() -> bool:
    """Whether the asker may call a case grave."""
    return bool(operations.kinds_open_to(db_session(), current_identity()) & GRAVE_OPEN)


def grouped_by_unit(cameras: Sequence[CameraChoice]) -> list[tuple[UUID, str, list[CameraChoice]]]:
    """The chosen cameras by unit: each unit gets a request of its own."""
    groups: dict[UUID, list[CameraChoice]] = {}
    for camera in cameras:
        groups.setdefault(camera.unit_id, []).append(camera)
    return [(unit_id, own[0].unit_name, own) for unit_id, own in groups.items()]


def standing_now(
    scope: ScopeForm, cameras: Sequence[CameraChoice], drawn: Sequence[Drawn], ask: AskForm | None = None
) -> Reach | None:
    """What the ask comes to as it is typed so far. Who asks and for what is assumed where it is not said yet."""
    if not cameras:
        return None
    session, identity, now = db_session(), current_identity(), utcnow()
    begins, ends = scope.span_from.data or now, scope.span_to.data or now
    asked = replace(
        _typed(session, identity, ask, now),
        span_from=begins,
        span_to=max(begins, ends),
        camera_ids=tuple(camera.id for camera in cameras),
        drawn=tuple(drawn),
    )
    judged = judge_draft(session, identity, asked, cameras, now=now)
    return reach_of(judged) if judged else None


@bp.post("/evidence/breadth")
@requires(Permission.REQUEST_DRAFT)
@repeatable("measures what is being typed and saves nothing")
def breadth() -> ResponseReturnValue:
    """The meter beside the form, measured anew while the form is filled in."""
    scope, ask = ScopeForm(), AskForm()
    ids = [one for text in request.form.getlist("camera")[:500] if (one := _uuid(text))]
    cameras = queries.chosen_cameras(db_session(), current_identity(), ids)
    return render_template(
        "evidence/_breadth_lines.html",
        reach=standing_now(scope, cameras, drawn_shapes(), ask),
        page="details" if request.form.get("page") == "details" else "cameras",
    )


def series_shown(session: Session, identity: Identity, found: FootageRequest) -> Series | None:
    """How broad a submitted request was with those it counts with, and these as far as the reader sees them."""
    kept = breadth_row(session, found.id)
    if kept is None:
        return None
    # The limits tell the class, and the class what a secret case is about.
    readable = queries.may_read_content(identity, found)
    reach = reach_of(Judged.from_json(kept.judged)) if kept.judged and readable else None
    rows = [row for row in parts_shown(session, identity, kept.series_id) if row.id != found.id]
    parts = [(row.id, row.number or "", row.unit, row.camera_count, STATUS[RequestStatus(row.status)]) for row in rows]
    return Series(reach=reach, parts=parts)


def _told(line: Line) -> tuple[str, str, str, bool]:
    scale = _SCALE.get(line.measure, 1.0)
    yours = line.yours / scale
    limit = number(line.limit / scale, 2) if line.limit is not None else ""
    digits = 2 if line.measure in _SCALE else 1
    # What is beyond by less than is shown reads as beyond all the same.
    text = number(yours, digits)
    if line.beyond and text == limit:
        text = gettext("more than %(limit)s", limit=limit)
    return str(MEASURE[line.measure]), text, limit, line.beyond


def _typed(session: Session, identity: Identity, ask: AskForm | None, moment: datetime) -> RequestParticulars:
    kinds = operations.kinds_open_to(session, identity)
    usual = RequesterKind.OWN_DEPARTMENT if identity.organ_id is None else RequesterKind.POLICE_CRIMINAL
    kind = usual if usual in kinds else min(kinds)
    purpose = Purpose.PUBLIC_ORDER
    if ask is not None:
        kind = _member(RequesterKind, ask.requester_kind.data) or kind
        purpose = _member(Purpose, ask.purpose.data) or purpose
    return RequestParticulars(
        requester_kind=kind,
        requester_name=(ask.requester_name.data or "") if ask else identity.organ_name,
        instrument_kind=INSTRUMENTS[kind][0],
        instrument_number="",
        purpose=purpose,
        act=ActKind.PLAYBACK,
        span_from=moment,
        span_to=moment,
        camera_ids=(),
        officers=(),
        content=CaseContent(case_number=(ask.case_number.data or "") if ask else ""),
        secret=bool(ask and ask.secret.data),
        grave=bool(ask and ask.grave.data),
    )


def _member(words: type[Word], text: object) -> Word | None:
    try:
        return words(str(text))
    except ValueError:
        return None


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
