"""The list of acceptances."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever
from portal.accounts.queries import divisions
from portal.core.clock import city_day, utcnow
from portal.inspection import queries
from portal.inspection.labels import ACCEPTANCE_STATUS, CLOCK_KIND, KIND_SHORT, OVERRIDE_STATE
from portal.inspection.models import Acceptance
from portal.inspection.rules import FrozenList
from portal.inspection.states import CONCLUDED, AcceptanceKind, AcceptanceStatus, ClockKind, OverrideState
from portal.inspection.views.aftermath import said_of
from portal.inspection.views.blueprint import asked_day, bp
from portal.web import formats
from portal.web.links import asked, uuid_or_none
from portal.web.session import db_session


@bp.get("/acceptances")
@requires(Permission.ACCEPTANCE_READ)
def acceptances() -> ResponseReturnValue:
    """Acceptances the reader may see; the statuses are the filter."""
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    status, kind, clock, override = (request.args.get(name, "") for name in ("status", "kind", "clock", "override"))
    wanted = queries.AcceptanceFilter(
        status=AcceptanceStatus(status) if status in set(AcceptanceStatus) else None,
        kind=AcceptanceKind(kind) if kind in set(AcceptanceKind) else None,
        keyword=asked("q"),
        district=asked("district", 6),
        unit_id=uuid_or_none(request.args.get("unit", "")),
        overdue_on=today if request.args.get("overdue") == "1" else None,
        override=OverrideState(override) if override in set(OverrideState) else None,
        concluded_from=asked_day("from"),
        concluded_until=asked_day("until"),
        first_try={"first": True, "later": False}.get(request.args.get("try", "")),
        clock=ClockKind(clock) if clock in set(ClockKind) else None,
        late=request.args.get("late") == "1",
        visited_by=uuid_or_none(request.args.get("inspector", "")),
    )
    page = queries.acceptance_page(session, identity, wanted, after=request.args.get("after"))
    return render_template(
        "inspection/acceptances.html",
        page=page,
        changes=_changes(page.items),
        tally=queries.acceptance_tally(session, identity, wanted),
        wanted=wanted,
        today=today,
        districts=[(row.code, formats.district(row.code)) for row in divisions(session)],
        kinds=KIND_SHORT,
        clocks=CLOCK_KIND,
        statuses=ACCEPTANCE_STATUS,
        override_states=OVERRIDE_STATE,
        may_export=may_ever(identity, Permission.LIST_EXPORT),
        conditions=_conditions(),
    )


def _conditions() -> Mapping[str, str]:
    """The conditions of the address, as the list that leaves takes them."""
    known = {one.key for one in queries.ACCEPTANCES.filters}
    return {name: value for name, value in request.args.items() if name in known and value}


def _changes(rows: Sequence[Acceptance]) -> Mapping[UUID, tuple[str, bool]]:
    """Beside each result of a page that was changed, what the arithmetic gave; and whether a change still waits."""
    found = {}
    concluded = [row for row in rows if row.status in CONCLUDED]
    overrides = queries.overrides_on(db_session(), [row.id for row in concluded])
    for row in concluded:
        asked = overrides.get(row.id, ())
        if asked:
            frozen = FrozenList.from_json(row.checklist) if row.checklist else None
            first = next((one for one in asked if one.approved), None)
            computed = said_of(frozen, first, "from")[1] if first else ""
            found[row.id] = (computed, any(one.approved is None for one in asked))
    return found
