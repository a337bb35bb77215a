"""The map of a day: who goes where in which order, and how long the ways are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.dialects.postgresql import Range

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.core.clock import CITY_TZ, city_day, utcnow
from portal.core.geometry import LonLat, distance_m, lonlat
from portal.inspection import queries
from portal.inspection.models import Visit
from portal.inspection.operations.diary import travel_of
from portal.inspection.queries import BoardRow
from portal.inspection.rules.ways import Round, round_of
from portal.inspection.states import VisitStatus
from portal.inspection.views.blueprint import bp
from portal.registry.rules import rules_for
from portal.web.session import db_session

_DAY = timedelta(hours=24)
_FIRST, _LAST = date(2000, 1, 2), date(2999, 1, 1)
WIDTH, HEIGHT, EDGE = 320, 220, 26


@dataclass(frozen=True)
class Sheet:
    """One inspector's day as the page shows it: stops with their ways, and the drawing of them."""

    person_id: UUID
    name: str
    stops: Sequence[tuple[Visit, timedelta | None, tuple[float, float] | None]]
    base: tuple[float, float] | None
    round: Round | None
    path: str
    scale_km: float

    @property
    def order(self) -> str:
        """The shortest order by the numbers of the stops."""
        return "–".join(str(number + 1) for number in self.round.shortest) if self.round else ""


@bp.get("/visits/day")
@requires(Permission.INSPECTOR_READ)
def day() -> ResponseReturnValue:
    """Every inspector of the reader's organs who has a visit on a day."""
    today = city_day(utcnow())
    try:
        asked = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        asked = today
    asked = min(max(asked, _FIRST), _LAST)
    begins = datetime.combine(asked, time(), CITY_TZ)
    rows = queries.week_board(db_session(), current_identity(), Range(begins, begins + _DAY), today=today)
    going = [row for row in rows if any(visit.status != VisitStatus.CANCELLED for visit in row.visits)]
    places = queries.places_of(db_session(), [visit.id for row in going for visit in row.visits])
    return render_template(
        "inspection/day.html",
        day=asked,
        sheets=[_sheet(row, places, asked) for row in going],
        before=url_for("inspection.day", day=(asked - _DAY).isoformat()),
        after=url_for("inspection.day", day=(asked + _DAY).isoformat()),
        board=url_for("inspection.board", week=asked.isoformat()),
        width=WIDTH,
        height=HEIGHT,
    )


def _sheet(row: BoardRow, places: Mapping[UUID, LonLat], on: date) -> Sheet:
    visits = [visit for visit in row.visits if visit.status != VisitStatus.CANCELLED]
    base = lonlat(row.profile.base) if row.profile is not None and row.profile.base is not None else None
    known = [visit for visit in visits if visit.id in places]
    spots = [places[visit.id] for visit in known]
    made = None
    if spots:
        unit = known[0].acceptance.unit
        made = round_of(spots, base=base, travel=travel_of(rules_for(unit, None, on=on)))
    drawn = _drawn([*([base] if base else []), *spots])
    at = dict(zip([visit.id for visit in known], drawn[1:] if base else drawn, strict=True))
    # Without a base the first stop is where the day begins: no way leads to it.
    ways: list[timedelta | None] = [*(made.ways if made else ())] if base else [None, *(made.ways if made else ())]
    reached = dict(zip([visit.id for visit in known], ways, strict=False))
    line = [*drawn, drawn[0]] if base and drawn else drawn
    return Sheet(
        person_id=row.person_id,
        name=row.name,
        stops=[(visit, reached.get(visit.id), at.get(visit.id)) for visit in visits],
        base=drawn[0] if base else None,
        round=made,
        path=" ".join(f"{x:.1f},{y:.1f}" for x, y in line),
        scale_km=_span([*([base] if base else []), *spots]) / 1000,
    )


def _drawn(places: Sequence[LonLat]) -> list[tuple[float, float]]:
    """Positions as points of the drawing, north up, both axes to one scale."""
    if not places:
        return []
    west, north = min(lon for lon, _ in places), max(lat for _, lat in places)
    across = [distance_m((west, north), (lon, north)) for lon, _ in places]
    down = [distance_m((west, north), (west, lat)) for _, lat in places]
    scale = min((WIDTH - 2 * EDGE) / (max(across) or 1), (HEIGHT - 2 * EDGE) / (max(down) or 1))
    left, top = (WIDTH - max(across) * scale) / 2, (HEIGHT - max(down) * scale) / 2
    return [(left + x * scale, top + y * scale) for x, y in zip(across, down, strict=True)]


def _span(places: Sequence[LonLat]) -> float:
    """The furthest two places are apart, in metres."""
    return max((distance_m(one, other) for one in places for other in places), default=0.0)
