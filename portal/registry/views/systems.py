"""Systems: detail with its cameras, papers and filings; form; movement through use."""

from datetime import date
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel.speaklater import LazyString

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid, NotFound
from portal.registry import operations, queries
from portal.registry.forms import OpenFilingForm, ReasonForm, SystemForm
from portal.registry.labels import (
    CLOCK_KIND,
    FILING_KIND,
    FILING_STATUS,
    LIVE_STATE,
    PARTY,
    REGIME,
    STORAGE,
    SYSTEM_KIND,
    USE_ACTION,
    USE_STATUS,
)
from portal.registry.labels.archive import FUNDING
from portal.registry.models import System
from portal.registry.operations.standing import NEEDS_REASON
from portal.registry.queries.archive import sites_of
from portal.registry.queries.lists import SYSTEMS
from portal.registry.rules import kind_of, must_be_accepted_before_use, must_be_filed, rules_for, stalled_days
from portal.registry.rules.parties import holders
from portal.registry.states import USE_TRANSITIONS, UseAction, UseStatus
from portal.registry.views.blueprint import bp
from portal.registry.views.documents import document_rows
from portal.registry.views.lists import show_list
from portal.registry.views.units import district_choices, home_tabs
from portal.regulation.effective import EffectiveRules
from portal.web.session import db_session


@bp.get("/systems")
@requires(Permission.SYSTEM_READ)
def systems() -> ResponseReturnValue:
    """Systems the reader may see; the states of use are the filter."""
    return show_list(
        SYSTEMS,
        tabs=home_tabs("systems"),
        empty_title=gettext("No system yet"),
        empty_why=gettext("A system is entered from the page of its unit."),
        empty_url=url_for("registry.units"),
        empty_action=gettext("To the units"),
    )


@bp.route("/units/<uuid:unit_id>/systems/new", methods=["GET", "POST"])
@requires(Permission.SYSTEM_EDIT)
def system_new(unit_id: UUID) -> ResponseReturnValue:
    """Enter a system of a unit."""
    session, identity = db_session(), current_identity()
    unit = queries.get_unit(session, identity, unit_id)
    require(identity, Permission.SYSTEM_EDIT, queries.unit_scope(unit), read=Permission.UNIT_READ)
    form = SystemForm(data={"district": unit.district, "address": unit.address, "manager": unit.name})
    form.district.choices = district_choices()
    form.site_id.choices = site_choices(unit_id)
    if request.method == "POST" and form.validate():
        try:
            system = operations.create_system(
                session, actor=identity, unit_id=unit_id, particulars=form.particulars(), now=utcnow()
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The system is entered. Now add its cameras."), "ok")
            return redirect(url_for("registry.system", system_id=system.id), 303)
    page = render_template("registry/system_form.html", form=form, unit=unit, system=None, returned=None)
    return page, 422 if form.errors else 200


def site_choices(unit_id: UUID) -> list[tuple[str, str]]:
    """The sites of a unit as form choices."""
    return [(str(site.id), site.name) for site in sites_of(db_session(), unit_id)]


@bp.get("/systems/<uuid:system_id>")
@requires(Permission.SYSTEM_READ)
def system(system_id: UUID) -> ResponseReturnValue:
    """One system: what it is, what its filing lacks, what may be done next."""
    return show(system_id)


def show(
    system_id: UUID,
    *,
    filing_form: OpenFilingForm | None = None,
    use_form: ReasonForm | None = None,
    asked_use: str = "",
    status: int = 200,
) -> ResponseReturnValue:
    """The page of a system; a form that was refused comes back with what was chosen."""
    session, identity, now = db_session(), current_identity(), utcnow()
    found = queries.get_system(session, identity, system_id)
    scope = queries.system_scope(found)
    rules = rules_for(found.unit, found, on=city_day(now))
    may_edit = allows(identity, Permission.SYSTEM_EDIT, scope)
    papers = queries.documents_of(session, system_id)
    missing, gaps = operations.lacks_of(session, found, now=now)
    page = render_template(
        "registry/system.html",
        system=found,
        filing=queries.latest_filing(session, system_id),
        cameras=queries.live_of_system(session, identity, system_id),
        documents=document_rows(papers),
        rules=rules,
        missing=missing,
        gaps=gaps,
        parties=holders(found.parties, on=city_day(now)),
        must_file=must_be_filed(rules),
        accept_first=must_be_accepted_before_use(rules),
        actions=_use_actions(found, rules) if may_edit else [],
        use_form=use_form,
        asked_use=asked_use,
        **_duties(found, rules, today=city_day(now)),
        filing_form=filing_form or OpenFilingForm(),
        labels={"kind": SYSTEM_KIND, "regime": REGIME, "storage": STORAGE, "party": PARTY, "funding": FUNDING},
        use_status=USE_STATUS[UseStatus(found.use_status)],
        filing_status=FILING_STATUS,
        live_state=LIVE_STATE,
        may_edit=may_edit,
        may_map=allows(identity, Permission.MAP_VIEW, scope),
        may_upload=allows(identity, Permission.DOCUMENT_UPLOAD, scope),
        may_file=allows(identity, Permission.FILING_DRAFT, scope),
    )
    return page, status


def _duties(found: System, rules: EffectiveRules, *, today: date) -> dict[str, Any]:
    """What the system's filing is and owes."""
    session = db_session()
    standing = queries.standing_filing(session, found.id)
    began, status = found.construction_began_on, UseStatus(found.use_status)
    return {
        "asks_why": NEEDS_REASON if standing else (),
        "clocks": queries.running_clocks(session, found.id),
        "kinds_of_clock": CLOCK_KIND,
        "kinds": FILING_KIND,
        "next_kind": kind_of(rules, standing=standing is not None),
        "stalled": stalled_days(rules, use_status=status, began_on=began, on=today),
        "today": today,
    }


def _use_actions(found: System, rules: EffectiveRules) -> list[tuple[UseAction, LazyString]]:
    """How the system may move on through its use from here."""
    actions = [action for (status, action) in USE_TRANSITIONS if status == found.use_status and action in USE_ACTION]
    barred = {UseAction.START_USE} if must_be_accepted_before_use(rules) else set()
    return [(action, USE_ACTION[action]) for action in actions if action not in barred]


@bp.route("/systems/<uuid:system_id>/edit", methods=["GET", "POST"])
@requires(Permission.SYSTEM_EDIT)
def system_edit(system_id: UUID) -> ResponseReturnValue:
    """Change a system."""
    session, identity = db_session(), current_identity()
    found = queries.get_system(session, identity, system_id)
    require(identity, Permission.SYSTEM_EDIT, queries.system_scope(found), read=Permission.SYSTEM_READ)
    form = SystemForm()
    form.district.choices = district_choices()
    form.site_id.choices = site_choices(found.unit_id)
    if request.method == "GET":
        form.show(found)
    elif form.validate():
        try:
            operations.edit_system(
                session,
                actor=identity,
                system_id=system_id,
                seen_version=form.version.seen,
                particulars=form.particulars(found),
                reason=form.reason.data or "",
                now=utcnow(),
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The system is changed."), "ok")
            return redirect(url_for("registry.system", system_id=system_id), 303)
    page = render_template(
        "registry/system_form.html",
        form=form,
        unit=found.unit,
        system=found,
        filed=queries.is_filed(session, system_id=system_id),
        returned=queries.returned_filing(session, system_id),
    )
    return page, 422 if form.errors else 200


@bp.post("/systems/<uuid:system_id>/use/<action>")
@requires(Permission.SYSTEM_EDIT)
def system_use(system_id: UUID, action: str) -> ResponseReturnValue:
    """Move a system through its use."""
    if action not in set(UseAction):
        raise NotFound()
    now, form = utcnow(), ReasonForm()
    # Whether a reason is owed the operation knows; one that is given keeps within its bounds.
    if form.reason.data and not form.validate():
        return show(system_id, use_form=form, asked_use=action, status=422)
    try:
        operations.change_use(
            db_session(),
            actor=current_identity(),
            system_id=system_id,
            action=UseAction(action),
            on=city_day(now),
            reason=form.reason.data or "",
            now=now,
        )
    except Invalid as refusal:
        form.take(refusal)
        return show(system_id, use_form=form, asked_use=action, status=422)
    flash(gettext("The state of use is recorded."), "ok")
    return redirect(url_for("registry.system", system_id=system_id), 303)
