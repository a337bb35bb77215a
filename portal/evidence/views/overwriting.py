"""When footage is lost and where to look for it, as pages and papers say it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from portal.audit.rules.canonical import utc_text
from portal.core.clock import utcnow
from portal.evidence.labels import HOLD, clock_band
from portal.evidence.models import FootageRequest, PreservationHold, RequestCamera
from portal.evidence.queries import hold_of
from portal.evidence.queries.cameras import CameraChoice
from portal.evidence.queries.missing import completeness_of, missing_of
from portal.evidence.queries.overwriting import clocks_to_come, kept_clock
from portal.evidence.rules import OverwriteClock, overwrite_clock
from portal.evidence.rules.overwriting import near_expiry, pressing_within, short_of, window_on_clock
from portal.evidence.states import FOOTAGE_SAFE, HoldStatus, RequestStatus
from portal.evidence.values import ActKind
from portal.evidence.values.overwriting import CameraClock, ClockOffset, KeptBy, Said
from portal.evidence.views.blueprint import bp
from portal.evidence.views.filters import span_text
from portal.web.formats import date_, datetime_, second

GOING_SHOWN = 6


@dataclass(frozen=True)
class KeptRow:
    """One camera's clock as a line of a table shows it."""

    kind: str
    lost: str
    wholly: str
    days: int
    by: str
    said: list[tuple[str, bool, bool]]


@bp.app_template_filter("kept_of")
def kept_of(camera: RequestCamera, request: FootageRequest, hold: PreservationHold | None) -> KeptRow | None:
    """When this camera's part is lost, by whose word, and what else was said; nothing where footage plays no part."""
    clock = kept_clock(request, camera)
    if clock is None:
        return None
    short = short_of(clock.said)
    return KeptRow(
        kind=_kind(request, clock, hold, now=utcnow()),
        lost=datetime_(clock.first),
        wholly=datetime_(clock.last),
        days=clock.decided.days,
        by=_source(clock.decided.source),
        said=[(said_text(one), one == clock.decided, one in short) for one in clock.said],
    )


def said_text(said: Said) -> str:
    """One statement with its source and its date."""
    text = f"{_source(said.source)} {gettext('%(days)s days', days=said.days)}"
    if said.at is not None:
        text += f" ({date_(said.at)})" if said.source is not KeptBy.MEASURED else f" ({datetime_(said.at)})"
    if said.source is KeptBy.MEASURED and not said.counts:
        text += " · " + gettext("still filling, does not decide")
    return text


@bp.app_template_filter("window_of")
def window_of(camera: RequestCamera, request: FootageRequest) -> tuple[str, str] | None:
    """Where to search on the camera's own clock, and how that is known; nothing for a clock that was not measured."""
    clock = kept_clock(request, camera)
    if clock is None or clock.offset is None:
        return None
    begins, ends, margin = window_on_clock(request.span_from, request.span_to, clock.offset)
    return f"{second(begins)} – {second(ends)}", offset_text(clock.offset, margin=margin)


def offset_text(offset: ClockOffset, *, margin: int | None = None) -> str:
    """The offset with its margin and the moment of its measurement."""
    return gettext(
        "%(offset)s s ± %(margin)s s against Beijing time, measured %(at)s",
        offset=f"{offset.seconds:+d}",
        margin=offset.margin if margin is None else margin,
        at=datetime_(offset.at),
    )


def _kind(request: FootageRequest, clock: CameraClock, hold: PreservationHold | None, *, now: datetime) -> str:
    if RequestStatus(request.status) in FOOTAGE_SAFE:
        return "off"
    if hold is not None and hold.status in (HoldStatus.ACKNOWLEDGED, HoldStatus.RELEASE_ASKED):
        return "ok"
    if clock.first <= now:
        return "bad"
    return "warn" if clock.first - now <= pressing_within(now) else "idle"


def _source(source: KeptBy) -> str:
    match source:
        case KeptBy.MEASURED:
            return gettext("Measured")
        case KeptBy.CONFIGURED:
            return gettext("Set on the recorder")
        case KeptBy.ON_FILE:
            return gettext("File of the camera")
        case KeptBy.DECLARED:
            return gettext("Declared with the system")
        case _:
            return gettext("Required by the rules")


@dataclass(frozen=True)
class Going:
    """What a draft says before it is saved: of how many of its cameras the footage goes soon, or is gone by now."""

    kind: str
    headline: str
    cameras: list[tuple[str, str, str]]


def going_of(
    session: Session, chosen: Sequence[CameraChoice], span_from: datetime | None, span_to: datetime | None
) -> Going | None:
    """The cameras whose footage of the span is lost first; nothing where none is near."""
    if not chosen or span_from is None or span_to is None:
        return None
    now = utcnow()
    clocks = clocks_to_come(session, [one.id for one in chosen], span_from=span_from, span_to=span_to, now=now)
    near = sorted(
        (one for one in chosen if near_expiry(clocks[one.id].first, now=now)), key=lambda one: clocks[one.id].first
    )
    if not near:
        return None
    gone = clocks[near[0].id].first <= now
    headline = ngettext(
        "Footage of %(num)d camera is lost from %(moment)s",
        "Footage of %(num)d cameras is lost, the first from %(moment)s",
        len(near),
        moment=datetime_(clocks[near[0].id].first),
    )
    lines = [
        (one.label, datetime_(clocks[one.id].first), said_text(clocks[one.id].decided)) for one in near[:GOING_SHOWN]
    ]
    return Going("bad" if gone else "warn", headline, lines)


def clock_of(request: FootageRequest, hold: PreservationHold | None, *, now: datetime) -> OverwriteClock:
    """The clock of a whole request: the camera that is lost first."""
    kept = hold is not None and hold.status in (HoldStatus.ACKNOWLEDGED, HoldStatus.RELEASE_ASKED)
    live = request.act == ActKind.LIVE
    return overwrite_clock(
        request.span_from,
        {} if live else {camera.label: camera.retention_days for camera in request.cameras},
        now=now,
        held=kept,
        safe=RequestStatus(request.status) in FOOTAGE_SAFE,
    )


def held_or_going(session: Session, request: FootageRequest, *, now: datetime) -> dict[str, Any]:
    """What the page of papers says of the footage of a draft, and whether a hold is offered there."""
    hold = hold_of(session, request.id)
    clock = clock_of(request, hold, now=now)
    return {
        "clock": clock_band(clock, now=now),
        "hold_label": HOLD[HoldStatus(hold.status)] if hold else None,
        "may_hold": hold is None and clock.pressing,
    }


def sheet_row(request: FootageRequest, camera: RequestCamera) -> tuple[str, ...]:
    """One camera's line of the retrieval sheet."""
    clock, window = kept_clock(request, camera), window_of(camera, request)
    named = " ".join(filter(None, (camera.label, camera.code)))
    if clock is None:
        return named, span_text(request.span_from, request.span_to), "—", "—", "—", ""
    searched = window or (span_text(request.span_from, request.span_to), gettext("not measured; Beijing time"))
    lost = f"{datetime_(clock.first)} / {datetime_(clock.last)}"
    return named, searched[0], searched[1], lost, said_text(clock.decided), ""


def clock_statement(request: FootageRequest, camera: RequestCamera) -> dict[str, Any]:
    """What a court is told of one camera's clock and of how long its footage was kept: the measurements themselves."""
    clock = kept_clock(request, camera)
    if clock is None:
        return {"camera": camera.label, "code": camera.code, "measured": False}
    offset = clock.offset
    told: dict[str, Any] = {"camera": camera.label, "code": camera.code, "measured": offset is not None}
    if offset is not None:
        begins, ends, margin = window_on_clock(request.span_from, request.span_to, offset)
        told |= {
            "camera_minus_beijing_seconds": offset.seconds,
            "margin_seconds": offset.margin,
            "measured_at": utc_text(offset.at),
            "window_margin_seconds": margin,
            "window_from_on_camera_clock": utc_text(begins),
            "window_to_on_camera_clock": utc_text(ends),
        }
    return told | {
        "kept_days": clock.decided.days,
        "decided_by": str(clock.decided.source),
        "said": [one.as_json() for one in clock.said],
        "lost_from": utc_text(clock.first),
        "wholly_lost_by": utc_text(clock.last),
    }


def completeness_statement(session: Session, request: FootageRequest) -> dict[str, Any]:
    """What a court is told of what the set does not hold, and by whom; nothing for a set sealed before it was asked."""
    said = completeness_of(session, request.id)
    if said is None:
        return {"stated": False}
    return {
        "stated": True,
        "complete": not said.gaps and not missing_of(session, request.id),
        "gaps": said.gaps,
        "missing": [
            {"number": one.number, "camera": one.label, "cause": one.cause, "note": one.note}
            for one in missing_of(session, request.id)
        ],
        "stated_by": said.stated_name,
        "stated_at": utc_text(said.stated_at),
    }
