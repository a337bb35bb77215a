"""Campaigns: drawn up and led by the bureau, taken part in by the schools."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, may_ever
from portal.accounts.values import Scope
from portal.campaigns import operations, queries
from portal.campaigns.forms import ActivityForm, CampaignForm, MemberForm
from portal.campaigns.labels import CHANNEL, PROGRESS, ROLE, STATUS
from portal.campaigns.models import Campaign
from portal.campaigns.states import CAMPAIGN_TRANSITIONS, CampaignAction, CampaignStatus, Channel, GroupRole, Progress
from portal.campaigns.values import Activity, CampaignPlan, GroupMember
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid, NotFound
from portal.registry.labels import UNIT_TYPE
from portal.registry.values import UnitType
from portal.regulation.engine import effective_rules
from portal.regulation.schema.keys import RuleKey
from portal.regulation.schema.values import Bands
from portal.regulation.schema.vocabulary import Regime
from portal.regulation.values import RuleContext
from portal.web import formats
from portal.web.links import uuid_or_none
from portal.web.navigation import NavItem, Section, add_to_navigation
from portal.web.problems import say
from portal.web.session import db_session

bp = Blueprint("campaigns", __name__, template_folder="templates")

add_to_navigation(
    bp,
    NavItem(
        section=Section.SUPERVISION,
        label=_("Standard creation"),
        endpoint="campaigns.campaigns",
        permission=Permission.CAMPAIGN_READ,
        order=12,
        covers=("campaigns.",),
    ),
)


_KEPT = (
    "title", "year", "district", "unit_types", "begins_on", "ends_on", "scheme_due", "goal", "weight",
    "linked_programme", "note",
)  # fmt: skip


@bp.get("/campaigns")
@requires(Permission.CAMPAIGN_READ)
def campaigns() -> ResponseReturnValue:
    """Campaigns the reader may see, newest first."""
    session, identity = db_session(), current_identity()
    return render_template(
        "campaigns/campaigns.html",
        page=queries.campaign_page(session, identity, after=request.args.get("after")),
        statuses=STATUS,
        kinds=UNIT_TYPE,
        may_draw_up=may_ever(identity, Permission.CAMPAIGN_MANAGE),
    )


@bp.route("/campaigns/new", methods=["GET", "POST"])
@requires(Permission.CAMPAIGN_MANAGE)
def campaign_new() -> ResponseReturnValue:
    """Draw up a campaign."""
    now = utcnow()
    year = city_day(now).year
    form = _offer(CampaignForm(data={"year": year, "goal": 100}))
    if request.method == "POST" and form.validate():
        try:
            made = operations.draw_up(db_session(), actor=current_identity(), plan=_plan(form), now=now)
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The campaign is drawn up. Name its leading group, then open it."), "ok")
            return redirect(url_for("campaigns.campaign", campaign_id=made.id), 303)
    return render_template("campaigns/campaign_form.html", form=form, campaign=None), 422 if form.problems() else 200


@bp.route("/campaigns/<uuid:campaign_id>/edit", methods=["GET", "POST"])
@requires(Permission.CAMPAIGN_MANAGE)
def campaign_edit(campaign_id: UUID) -> ResponseReturnValue:
    """Change what is planned."""
    session, identity = db_session(), current_identity()
    found = queries.get_managed(session, identity, campaign_id)
    kept = {name: getattr(found, name) for name in _KEPT}
    form = _offer(CampaignForm(data=kept | {"version": str(found.version)}))
    if request.method == "POST" and form.validate():
        try:
            operations.change(
                session,
                actor=identity,
                campaign_id=campaign_id,
                seen_version=form.version.seen,
                plan=_plan(form),
                now=utcnow(),
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The campaign is changed."), "ok")
            return redirect(url_for("campaigns.campaign", campaign_id=campaign_id), 303)
    return render_template("campaigns/campaign_form.html", form=form, campaign=found), 422 if form.problems() else 200


@bp.get("/campaigns/<uuid:campaign_id>")
@requires(Permission.CAMPAIGN_READ)
def campaign(campaign_id: UUID) -> ResponseReturnValue:
    """One campaign: its figures and schools for the bureau and the police, its own part for a school."""
    return _show(campaign_id)


def _show(
    campaign_id: UUID,
    *,
    member: MemberForm | None = None,
    activity: ActivityForm | None = None,
    refused: Invalid | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    found = queries.get_campaign(session, identity, campaign_id)
    schools = queries.schools_of(session, identity, found)
    school = _school_asked(schools)
    due, citations = operations.scheme_day(found.district, found.unit_types, found.begins_on)
    manages = allows(identity, Permission.CAMPAIGN_MANAGE, queries.scope_of(found))
    joins = school is not None and allows(identity, Permission.CAMPAIGN_ENTER, Scope(unit_ids=frozenset({school.id})))
    running = found.status != CampaignStatus.CLOSED
    page = render_template(
        "campaigns/campaign.html",
        campaign=found,
        status=STATUS[CampaignStatus(found.status)],
        kinds=UNIT_TYPE,
        citations=citations if found.scheme_due == due else (),
        today=today,
        schools=schools,
        school=school,
        standing=queries.standing_of(session, identity, found, school.id) if school else None,
        **({} if schools else _figures(found)),
        progress=PROGRESS,
        roles=ROLE,
        channels=CHANNEL,
        weight_before=queries.weight_before(session, found) if found.weight else None,
        members=queries.members_of(session, found),
        own_members=queries.members_of(session, found, school.id) if school else (),
        activities=queries.activities_of(session, found, [unit.id for unit in schools]),
        grades=_grades(found, today),
        actions={action for (state, action) in CAMPAIGN_TRANSITIONS if state == found.status} if manages else set(),
        may_change=manages and running,
        may_enter=(manages or joins) and running,
        may_export=allows(identity, Permission.CAMPAIGN_EXPORT, queries.scope_of(found)),
        member_form=member or MemberForm(formdata=None, data={"since": today}),
        activity_form=activity or ActivityForm(formdata=None, data={"held_on": today}),
        refusals=[say(problem) for problem in refused.problems] if refused else (),
        SCHEME_SLOT=queries.SCHEME_SLOT,
    )
    return page, status


def _school_asked(schools: Any) -> Any:
    """The own school the page speaks of: the one asked for, or the first."""
    wanted = uuid_or_none(request.args.get("school", ""))
    return next((unit for unit in schools if unit.id == wanted), schools[0] if schools else None)


def _figures(found: Campaign) -> Mapping[str, Any]:
    session, identity = db_session(), current_identity()
    stage = request.args.get("progress", "")
    chosen = Progress(stage) if stage in set(Progress) else None
    lacking = request.args.get("scheme") == "lacking"
    after = request.args.get("after")
    return {
        "coverage": queries.coverage_of(session, identity, found),
        "page": queries.standing_page(session, identity, found, progress=chosen, lacking=lacking, after=after),
        "chosen": chosen,
        "lacking": lacking,
    }


def _grades(found: Campaign, today: date) -> Mapping[str, Any]:
    """The titles of the grades that the campaign's standard gives."""
    context = RuleContext(
        on=today, division_code=found.district, unit_type=found.unit_types[0], regime=Regime.PUBLIC_UNIT
    )
    bands: Bands | None = effective_rules(context).bands(RuleKey.GRADE_BANDS)
    return {band.key: band.title for band in bands.bands} if bands else {}


@bp.post("/campaigns/<uuid:campaign_id>/<any(open, close):action>")
@requires(Permission.CAMPAIGN_MANAGE)
def campaign_move(campaign_id: UUID, action: str) -> ResponseReturnValue:
    """Open or close it."""
    try:
        operations.move(
            db_session(), actor=current_identity(), campaign_id=campaign_id, action=CampaignAction(action), now=utcnow()
        )
    except Invalid as refusal:
        return _show(campaign_id, refused=refusal, status=422)
    flash(gettext("The campaign is closed.") if action == "close" else gettext("The campaign is open."), "ok")
    return redirect(url_for("campaigns.campaign", campaign_id=campaign_id), 303)


@bp.post("/campaigns/<uuid:campaign_id>/members")
@requires(Permission.CAMPAIGN_ENTER)
def member_name(campaign_id: UUID) -> ResponseReturnValue:
    """Place somebody in the leading group of the bureau, or of the school named in the address."""
    form = MemberForm()
    if form.validate():
        member = GroupMember(
            role=GroupRole(str(form.role.data)),
            name=form.name.data,
            post=form.post.data or "",
            since=form.since.data,
            until=form.until.data,
        )
        try:
            operations.name_member(
                db_session(),
                actor=current_identity(),
                campaign_id=campaign_id,
                unit_id=_school_named(),
                member=member,
                now=utcnow(),
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            return _back(campaign_id, gettext("The place in the group is filled."))
    return _show(campaign_id, member=form, status=422)


@bp.post("/campaigns/<uuid:campaign_id>/members/<uuid:member_id>/release")
@requires(Permission.CAMPAIGN_ENTER)
def member_release(campaign_id: UUID, member_id: UUID) -> ResponseReturnValue:
    """Somebody leaves the group."""
    operations.release_member(
        db_session(), actor=current_identity(), campaign_id=campaign_id, member_id=member_id, now=utcnow()
    )
    return _back(campaign_id, gettext("The place in the group has ended."))


@bp.post("/campaigns/<uuid:campaign_id>/activities")
@requires(Permission.CAMPAIGN_ENTER)
def activity_enter(campaign_id: UUID) -> ResponseReturnValue:
    """Write a line into the publicity log."""
    form = ActivityForm()
    if form.validate():
        activity = Activity(
            held_on=form.held_on.data,
            channel=Channel(str(form.channel.data)),
            text=form.text.data,
            audience=form.audience.data or "",
            people=form.people.data,
        )
        try:
            operations.enter_activity(
                db_session(),
                actor=current_identity(),
                campaign_id=campaign_id,
                unit_id=_school_named(),
                activity=activity,
                now=utcnow(),
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            return _back(campaign_id, gettext("The activity is entered."))
    return _show(campaign_id, activity=form, status=422)


def _school_named() -> UUID | None:
    """The school in the address; without one the bureau is meant. Raises NotFound for what is no key."""
    text = request.args.get("school", "")
    key = uuid_or_none(text)
    if text and key is None:
        raise NotFound()
    return key


def _back(campaign_id: UUID, told: str) -> ResponseReturnValue:
    flash(told, "ok")
    school = request.args.get("school") or None
    return redirect(url_for("campaigns.campaign", campaign_id=campaign_id, school=school), 303)


def _offer(form: CampaignForm) -> CampaignForm:
    """The districts and kinds of unit of the reader's bureau."""
    bureaus = queries.bureaus_of(db_session(), current_identity())
    form.district.choices = [(code, formats.district(code)) for code in sorted({code for _organ, code in bureaus})]
    kinds = sorted({kind for organ, _code in bureaus for kind in organ.sectors})
    form.unit_types.choices = [(kind, UNIT_TYPE[UnitType(kind)]) for kind in kinds]
    return form


def _plan(form: CampaignForm) -> CampaignPlan:
    return CampaignPlan(
        title=form.title.data.strip(),
        year=form.year.data,
        district=str(form.district.data),
        unit_types=tuple(form.unit_types.data),
        begins_on=form.begins_on.data,
        ends_on=form.ends_on.data,
        scheme_due=form.scheme_due.data,
        goal=form.goal.data,
        weight=form.weight.data,
        linked_programme=(form.linked_programme.data or "").strip(),
        note=(form.note.data or "").strip(),
    )
