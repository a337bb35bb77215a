"""How the values of footage requests read on a page."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from flask_babel import gettext
from flask_babel.speaklater import LazyString

from portal.core.clock import city_day
from portal.core.errors import Problem
from portal.evidence.labels import (
    ACT,
    COPY_STATUS,
    ID_KIND,
    INSTRUMENT,
    MEDIUM,
    OUTCOME,
    PAPER,
    PURPOSE,
    RELATION,
    REQUESTER,
)
from portal.evidence.models import FootageRequest
from portal.evidence.rules.overwriting import pressing_within
from portal.evidence.states import FOOTAGE_SAFE, CopyStatus, RequestStatus
from portal.evidence.values import (
    ActKind,
    IdKind,
    InstrumentKind,
    MediumKind,
    Outcome,
    Paper,
    Purpose,
    Relation,
    RequesterKind,
)
from portal.evidence.views.blueprint import bp
from portal.web.formats import clocktime, date_, datetime_, daymonth
from portal.web.problems import say
from portal.workflow.labels import BARRIER_LABELS
from portal.workflow.values import Barrier


@bp.app_template_filter("act_label")
def act_label(act: str) -> LazyString:
    """What is done with footage."""
    return ACT[ActKind(act)]


@bp.app_template_filter("requester_label")
def requester_label(kind: str) -> LazyString:
    """Who asks."""
    return REQUESTER[RequesterKind(kind)]


@bp.app_template_filter("instrument_label")
def instrument_label(kind: str) -> LazyString:
    """The paper a request rests on."""
    return INSTRUMENT[InstrumentKind(kind)]


@bp.app_template_filter("purpose_label")
def purpose_label(purpose: str) -> LazyString:
    """What for."""
    return PURPOSE[Purpose(purpose)]


@bp.app_template_filter("relation_label")
def relation_label(relation: str) -> LazyString:
    """How an individual stands to the person in the footage."""
    return RELATION[Relation(relation)]


@bp.app_template_filter("id_label")
def id_label(kind: str) -> LazyString:
    """The paper somebody shows."""
    return ID_KIND[IdKind(kind)]


@bp.app_template_filter("medium_label")
def medium_label(medium: str) -> LazyString:
    """What a copy travels on."""
    return MEDIUM[MediumKind(medium)]


@bp.app_template_filter("barrier_text")
def barrier_text(barrier: Barrier) -> LazyString:
    """What stands in a person's way."""
    return BARRIER_LABELS[barrier]


@bp.app_template_filter("paper_label")
def paper_label(kind: str) -> LazyString:
    """Which paper."""
    return PAPER[Paper(kind)]


@bp.app_template_filter("outcome_label")
def outcome_label(outcome: str) -> tuple[str, LazyString]:
    """What became of a camera, as a status."""
    return OUTCOME[Outcome(outcome)]


@bp.app_template_filter("copy_status")
def copy_status(status: str) -> tuple[str, LazyString]:
    """Where a copy is."""
    return COPY_STATUS[CopyStatus(status)]


@bp.app_template_filter("act_options")
def act_options(acts: Mapping[str, tuple[str, LazyString]]) -> list[tuple[str, LazyString]]:
    """Acts of custody as options of a filter."""
    return [(str(act), text) for act, (_kind, text) in acts.items()]


@bp.app_template_filter("span_text")
def span_text(span_from: datetime, span_to: datetime) -> str:
    """A span without saying its day twice."""
    same_day = city_day(span_from) == city_day(span_to)
    return f"{datetime_(span_from)} – {clocktime(span_to) if same_day else datetime_(span_to)}"


@bp.app_template_filter("problem_text")
def problem_text(problem: Problem) -> str:
    """The sentence of one problem."""
    return say(problem)


@bp.app_template_filter("lost_label")
def lost_label(request: FootageRequest, now: datetime, held: bool) -> tuple[str, str] | None:
    """When the footage goes, for a list: nothing where it is safe, live or already handed over."""
    if request.lost_at is None or request.act == ActKind.LIVE or RequestStatus(request.status) in FOOTAGE_SAFE:
        return None
    if held:
        return "ok", gettext("kept by hold")
    if request.lost_at <= now:
        return "bad", gettext("lost since %(at)s", at=daymonth(request.lost_at))
    return "warn" if request.lost_at - now <= pressing_within(now) else "idle", daymonth(request.lost_at)


@bp.app_template_filter("city_date")
def city_date(moment: datetime) -> date:
    """The day of the city that a moment falls on."""
    return city_day(moment)


@bp.app_template_filter("stamp_text")
def stamp_text(text: str) -> str:
    """A moment that a row keeps as text."""
    return datetime_(datetime.fromisoformat(text))


@bp.app_template_filter("paper_day")
def paper_day(midnight: datetime) -> str:
    """The last day on which a paper is in time, of the midnight after it."""
    return date_(city_day(midnight - timedelta(seconds=1)))
