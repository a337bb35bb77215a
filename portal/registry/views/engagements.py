"""Firms at work on a system and the technicians they named."""

from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows
from portal.core.clock import city_day, utcnow
from portal.core.errors import NotFound
from portal.registry.forms.contractors import EngagementForm, TechnicianForm
from portal.registry.labels.archive import CONTRACTOR_KIND, TECHNICIAN_ROLE, VALIDITY
from portal.registry.models import Engagement, EngagementTechnician, System
from portal.registry.operations import engagements as acts
from portal.registry.queries import system_scope
from portal.registry.queries.contractors import contractors_named, engagements_of
from portal.registry.rules import rules_for
from portal.registry.rules.contractors import engagement_standing
from portal.registry.rules.validity import holds, validity
from portal.registry.views.blueprint import bp
from portal.registry.views.saving import answered, saved, system_and_right, system_to_edit
from portal.regulation.schema.keys import RuleKey
from portal.web.links import asked, uuid_or_none
from portal.web.session import db_session, repeatable


@bp.get("/systems/<uuid:system_id>/contractors")
@requires(Permission.SYSTEM_READ)
def system_contractors(system_id: UUID) -> ResponseReturnValue:
    """Which firms work or worked on a system, how they are qualified, and whom they sent."""
    identity, today = current_identity(), city_day(utcnow())
    system, may_edit = system_and_right(system_id)
    engagements = engagements_of(db_session(), system_id)
    rules = rules_for(system.unit, system, on=today)
    return render_template(
        "registry/engagements.html",
        system=system,
        engagements=[(each, engagement_standing(each, on=today), holds(each, today)) for each in engagements],
        certified={
            part.id: validity(part.technician.certificate_to, today)
            for each in engagements
            for part in each.technicians
        },
        citations=rules.citations(RuleKey.SYSTEM_CONTRACTOR_ARCHIVE),
        kinds=CONTRACTOR_KIND,
        parts=TECHNICIAN_ROLE,
        states=VALIDITY,
        today=today,
        may_edit=may_edit,
        may_reveal=allows(identity, Permission.CONTACT_REVEAL, system_scope(system)),
        may_firms=allows(identity, Permission.CONTRACTOR_READ, system_scope(system)),
    )


@bp.route("/systems/<uuid:system_id>/contractors/new", methods=["GET", "POST"])
@requires(Permission.SYSTEM_EDIT)
def engagement_new(system_id: UUID) -> ResponseReturnValue:
    """Engage a firm of the register."""
    system = system_to_edit(system_id)
    return _engagement(system, EngagementForm(data={"contractor": asked("contractor", 36)}), None)


@bp.route("/systems/<uuid:system_id>/contractors/<uuid:engagement_id>", methods=["GET", "POST"])
@requires(Permission.SYSTEM_EDIT)
def engagement_edit(system_id: UUID, engagement_id: UUID) -> ResponseReturnValue:
    """Change an engagement, or end it."""
    system = system_to_edit(system_id)
    found = _found(system_id, engagement_id)
    form = EngagementForm()
    if request.method == "GET":
        form.show(found)
    return _engagement(system, form, found)


def _found(system_id: UUID, engagement_id: UUID) -> Engagement:
    for each in engagements_of(db_session(), system_id):
        if each.id == engagement_id:
            return each
    raise NotFound()


def _engagement(system: System, form: EngagementForm, found: Engagement | None) -> ResponseReturnValue:
    session, keyword = db_session(), asked("q")
    firms = [found.contractor] if found else list(contractors_named(session, keyword))
    form.contractor.choices = [(str(firm.id), firm.name) for firm in firms]
    if found and request.method == "POST":
        form.contractor.data = str(found.contractor_id)
        form.contractor.raw_data = [form.contractor.data]
    engagement_id = found.id if found else None
    done = saved(
        form,
        lambda: acts.save_engagement(
            session,
            actor=current_identity(),
            system_id=system.id,
            contractor_id=uuid_or_none(form.contractor.data or ""),
            engagement_id=engagement_id,
            seen_version=form.version.seen,
            particulars=form.particulars(),
            now=utcnow(),
        ),
        done=gettext("The engagement is recorded."),
        to=url_for("registry.system_contractors", system_id=system.id),
    )
    if done:
        return done
    return answered(
        render_template(
            "registry/engagement_form.html",
            form=form,
            system=system,
            engagement_id=engagement_id,
            firm=firms[0].name if found else "",
            keyword=keyword,
        ),
        form,
    )


@bp.route("/systems/<uuid:system_id>/contractors/<uuid:engagement_id>/technicians", methods=["GET", "POST"])
@requires(Permission.SYSTEM_EDIT)
def technician_new(system_id: UUID, engagement_id: UUID) -> ResponseReturnValue:
    """Name a technician of an engagement."""
    system, found = system_to_edit(system_id), _found(system_id, engagement_id)
    return _technician(system, TechnicianForm(), found, None)


@bp.route("/systems/<uuid:system_id>/technicians/<uuid:part_id>", methods=["GET", "POST"])
@requires(Permission.SYSTEM_EDIT)
def technician_edit(system_id: UUID, part_id: UUID) -> ResponseReturnValue:
    """Change a named technician and their part."""
    system = system_to_edit(system_id)
    for each in engagements_of(db_session(), system_id):
        for part in each.technicians:
            if part.id == part_id:
                form = TechnicianForm()
                if request.method == "GET":
                    form.show(part)
                return _technician(system, form, each, part)
    raise NotFound()


def _technician(
    system: System, form: TechnicianForm, engagement: Engagement, part: EngagementTechnician | None
) -> ResponseReturnValue:
    part_id, masked = (part.id, part.technician.id_number_masked) if part else (None, "")
    engagement_id, firm = engagement.id, engagement.contractor.name
    done = saved(
        form,
        lambda: acts.save_technician(
            db_session(),
            actor=current_identity(),
            system_id=system.id,
            engagement_id=engagement_id,
            part_id=part_id,
            particulars=form.particulars(),
            now=utcnow(),
        ),
        done=gettext("The technician is recorded."),
        to=url_for("registry.system_contractors", system_id=system.id),
    )
    args = {"engagement_id": engagement_id, "part_id": part_id, "firm": firm, "masked": masked}
    return done or answered(render_template("registry/technician_form.html", form=form, system=system, **args), form)


@bp.post("/systems/<uuid:system_id>/technicians/<uuid:part_id>/id-number")
@requires(Permission.CONTACT_REVEAL)
@repeatable("shows what is sealed: the answer must not be kept in the open; every look is recorded anew")
def technician_id_number(system_id: UUID, part_id: UUID) -> ResponseReturnValue:
    """Show a technician's identity number; the look is recorded before it is shown."""
    number = acts.reveal_id_number(
        db_session(), actor=current_identity(), system_id=system_id, part_id=part_id, now=utcnow()
    )
    return render_template("registry/_phone.html", number=number)
