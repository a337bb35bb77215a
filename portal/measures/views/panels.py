"""What the pages of a unit and of a finding say of measures."""

from flask import render_template

from portal.accounts.guards import current_identity
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, may_ever
from portal.core.clock import city_day, utcnow
from portal.inspection.models import Finding
from portal.inspection.states import UNSETTLED
from portal.measures.labels import CORRECTION_STATUS, MEASURE_KIND, MEASURE_STATUS
from portal.measures.queries.bars import bar_of
from portal.measures.queries.corrections import corrections_of_unit
from portal.measures.queries.following import papers_following, proposal_for
from portal.measures.queries.ladder import measures_of_unit
from portal.measures.queries.plans import visit_scope
from portal.measures.queries.routine import visit_that_found
from portal.measures.views.blueprint import bp
from portal.registry.models import Unit
from portal.registry.queries import unit_scope
from portal.regulation.labels import term
from portal.web.panels import Panel, add_panels
from portal.web.session import db_session


def measures_against(unit: Unit) -> str:
    """Papers that reached the unit, for itself; all of them, with the way to another, for the organs."""
    identity, session = current_identity(), db_session()
    if not may_ever(identity, Permission.MEASURE_READ):
        return ""
    scope = unit_scope(unit)
    may_draft = allows(identity, Permission.MEASURE_DRAFT, scope)
    may_order = allows(identity, Permission.CORRECTION_ISSUE, scope)
    measures = measures_of_unit(session, identity, unit.id)
    corrections = corrections_of_unit(session, identity, unit.id)
    barred = bar_of(session, unit, city_day(utcnow())) if allows(identity, Permission.MEASURE_READ, scope) else ()
    if not (measures or corrections or may_draft or barred):
        return ""
    return render_template(
        "measures/_of_unit.html",
        unit=unit,
        measures=measures,
        corrections=corrections,
        barred=[(term("bar_reason", bar.reason), bar) for bar in barred],
        kinds=MEASURE_KIND,
        statuses=MEASURE_STATUS,
        order_statuses=CORRECTION_STATUS,
        may_draft=may_draft,
        may_order=may_order,
    )


def papers_after(finding: Finding) -> str:
    """What followed a finding, the routine visit it comes from, and what it calls for next once it is overdue."""
    identity, session = current_identity(), db_session()
    if not may_ever(identity, Permission.MEASURE_READ):
        return ""
    followed = papers_following(session, identity, finding.id)
    scope = unit_scope(finding.unit)
    may_draft = allows(identity, Permission.MEASURE_DRAFT, scope) and not (finding.system and finding.system.secret)
    proposal = proposal_for(finding, followed, today=city_day(utcnow())) if may_draft else None
    visit = visit_that_found(session, finding.id) if may_ever(identity, Permission.PLAN_READ) else None
    if visit is not None and not allows(identity, Permission.PLAN_READ, visit_scope(visit)):
        visit = None
    if not (followed.measures or followed.corrections or may_draft or visit):
        return ""
    return render_template(
        "measures/_of_finding.html",
        finding=finding,
        followed=followed,
        proposal=proposal,
        visit=visit,
        kinds=MEASURE_KIND,
        statuses=MEASURE_STATUS,
        order_statuses=CORRECTION_STATUS,
        may_draft=may_draft and finding.status in UNSETTLED,
        may_order=allows(identity, Permission.CORRECTION_ISSUE, scope) and finding.status in UNSETTLED,
    )


add_panels(
    bp,
    Panel(place="registry.unit", draw=measures_against, order=25),
    Panel(place="inspection.finding", draw=papers_after, order=20),
)
