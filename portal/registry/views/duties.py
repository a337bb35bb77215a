"""Running limits by organ: overdue, soon, later; systems that never leave construction; putting a day off."""

from datetime import timedelta
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever, require
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid
from portal.registry import operations, queries
from portal.registry.forms import ExtendForm
from portal.registry.labels import CLOCK_KIND
from portal.registry.labels.filing import CLOCK_STANDING, LAPSE
from portal.registry.queries.duties import Lapse, Standing
from portal.registry.values import ClockKind
from portal.registry.views.blueprint import bp
from portal.registry.views.filings import filing_tabs
from portal.regulation.engine import city_rules
from portal.regulation.schema.keys import RuleKey
from portal.web.links import asked, uuid_or_none
from portal.web.session import db_session


@bp.get("/filings/deadlines")
@requires(Permission.FILING_READ)
def deadlines() -> ResponseReturnValue:
    """Every running limit in reach, the longest overdue first; how they stand is the filter."""
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    rules = city_rules(today)
    standing, kind, lapse = (request.args.get(name, "") for name in ("standing", "kind", "lapse"))
    wanted = queries.ClockFilter(
        standing=Standing(standing) if standing in set(Standing) else None,
        lapse=Lapse(lapse) if lapse in set(Lapse) else None,
        kind=kind if kind in set(ClockKind) else "",
        organ_id=uuid_or_none(request.args.get("organ", "")),
        keyword=asked("q"),
        soon_days=rules.integer(RuleKey.FILING_REMIND_DAYS) or 0,
        waits_days=rules.integer(RuleKey.FILING_CHANGE_WAITS_DAYS) or 0,
    )
    stalled_after = rules.integer(RuleKey.FILING_STALLED_DAYS) or 0
    return render_template(
        "registry/deadlines.html",
        tabs=filing_tabs("deadlines"),
        page=queries.clock_page(session, identity, wanted, today=today, after=request.args.get("after")),
        tally=queries.clock_tally(session, identity, wanted, today=today),
        organs=queries.clocks_by_organ(session, identity, today=today),
        stalled=queries.stalled_systems(session, identity, before=today - timedelta(days=stalled_after)),
        stalled_after=stalled_after,
        wanted=wanted,
        waited_since=today - timedelta(days=wanted.waits_days),
        today=today,
        kinds=CLOCK_KIND,
        standings=CLOCK_STANDING,
        lapses=LAPSE,
        may_extend=may_ever(identity, Permission.FILING_DECIDE),
    )


@bp.route("/systems/<uuid:system_id>/clocks/<uuid:clock_id>/extend", methods=["GET", "POST"])
@requires(Permission.FILING_DECIDE)
def clock_extend(system_id: UUID, clock_id: UUID) -> ResponseReturnValue:
    """Put off the last day of a limit, with the reason in its working."""
    session, identity = db_session(), current_identity()
    system = queries.get_system(session, identity, system_id)
    require(identity, Permission.FILING_DECIDE, queries.system_scope(system), read=Permission.FILING_READ)
    clock = queries.clock_of(session, system_id, clock_id)
    form = ExtendForm()
    if request.method == "POST" and form.validate():
        try:
            operations.extend_clock(
                session,
                actor=identity,
                clock_id=clock_id,
                days=form.days.data,
                reason=form.reason.data,
                now=utcnow(),
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The limit is extended."), "ok")
            return redirect(url_for("registry.system", system_id=system_id), 303)
    page = render_template(
        "registry/clock_extend.html", form=form, system=system, limit=clock, kinds=CLOCK_KIND, today=city_day(utcnow())
    )
    return page, 422 if form.errors else 200
