"""Who answers for a system: the four parties with their times, and whom to ring."""

from typing import Any
from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows
from portal.core.clock import city_day, utcnow
from portal.core.errors import NotFound, Problem
from portal.registry import queries
from portal.registry.forms.archive import ContactForm, PartyForm
from portal.registry.labels import PARTY
from portal.registry.labels.archive import DUTY, FUNDING, PARTY_STATE
from portal.registry.models import System
from portal.registry.operations import parties as acts
from portal.registry.rules import rules_for
from portal.registry.rules.parties import party_problems, standings
from portal.registry.values import PartyRole
from portal.registry.views.blueprint import bp
from portal.registry.views.saving import answered, saved, system_and_right, system_to_edit
from portal.regulation.schema.keys import RuleKey
from portal.web.session import db_session, repeatable


@bp.get("/systems/<uuid:system_id>/parties")
@requires(Permission.SYSTEM_READ)
def system_parties(system_id: UUID) -> ResponseReturnValue:
    """The four parties of a system and whom to ring."""
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    system, may_edit = system_and_right(system_id)
    rules = rules_for(system.unit, system, on=today)
    return render_template(
        "registry/parties.html",
        system=system,
        roles=standings(
            system.parties, asked=rules.terms(RuleKey.SYSTEM_PARTIES_REQUIRED), since=system.in_use_on, on=today
        ),
        citations=rules.citations(RuleKey.SYSTEM_PARTIES_REQUIRED),
        contacts=acts.contacts_of(session, system_id),
        party=PARTY,
        duty=DUTY,
        funding=FUNDING,
        states=PARTY_STATE,
        today=today,
        may_edit=may_edit,
        may_reveal=allows(identity, Permission.CONTACT_REVEAL, queries.system_scope(system)),
    )


@bp.route("/systems/<uuid:system_id>/parties/new/<role>", methods=["GET", "POST"])
@requires(Permission.SYSTEM_EDIT)
def party_new(system_id: UUID, role: str) -> ResponseReturnValue:
    """Record who holds a role from a day on."""
    system = system_to_edit(system_id)
    if role not in set(PartyRole):
        raise NotFound()
    form, to = PartyForm(), url_for("registry.system_parties", system_id=system_id)
    done = saved(
        form,
        lambda: acts.add_party(
            db_session(),
            actor=current_identity(),
            system_id=system_id,
            role=PartyRole(role),
            particulars=form.particulars(),
            reason=form.reason.data or "",
            now=utcnow(),
        ),
        done=gettext("The party is recorded."),
        to=to,
        also=lambda: _faults(form, system, PartyRole(role)),
    )
    return done or _form(form, system_id, PartyRole(role), None)


@bp.route("/systems/<uuid:system_id>/parties/<uuid:party_id>", methods=["GET", "POST"])
@requires(Permission.SYSTEM_EDIT)
def party_edit(system_id: UUID, party_id: UUID) -> ResponseReturnValue:
    """Correct a party, end its time, or strike it out."""
    system = system_to_edit(system_id)
    party = next((each for each in system.parties if each.id == party_id), None)
    if party is None:
        raise NotFound()
    form, to = PartyForm(), url_for("registry.system_parties", system_id=system_id)
    role = PartyRole(party.role)
    if request.method == "GET":
        form.show(party)
    common: dict[str, Any] = {
        "actor": current_identity(),
        "system_id": system_id,
        "party_id": party_id,
        "now": utcnow(),
    }
    striking = request.form.get("act") == "remove"

    def act() -> None:
        more: dict[str, Any] = {"seen_version": form.version.seen, "reason": form.reason.data or ""}
        if striking:
            acts.remove_party(db_session(), **common, **more)
        else:
            acts.edit_party(db_session(), **common, **more, particulars=form.particulars())

    told = gettext("The party is struck out.") if striking else gettext("The party is recorded.")
    also = None if striking else lambda: _faults(form, system, role, party_id)
    done = saved(form, act, done=told, to=to, also=also)
    return done or _form(form, system_id, role, party_id)


def _faults(form: PartyForm, system: System, role: PartyRole, party_id: UUID | None = None) -> list[Problem]:
    """What is wrong with the party by rule, as far as it could be read."""
    return party_problems(
        form.particulars(),
        system.parties,
        role=role,
        party_id=party_id,
        reason=form.reason.data or "",
        filed=queries.is_filed(db_session(), system_id=system.id),
    )


def _form(form: PartyForm, system_id: UUID, role: PartyRole, party_id: UUID | None) -> ResponseReturnValue:
    session = db_session()
    system = system_to_edit(system_id)
    page = render_template(
        "registry/party_form.html",
        form=form,
        system=system,
        role=role,
        party_id=party_id,
        party=PARTY,
        duty=DUTY,
        filed=queries.is_filed(session, system_id=system_id),
    )
    return answered(page, form)


@bp.route("/systems/<uuid:system_id>/contact", methods=["GET", "POST"])
@requires(Permission.SYSTEM_EDIT)
def system_contact(system_id: UUID) -> ResponseReturnValue:
    """Record whom to ring about a system."""
    system, session = system_to_edit(system_id), db_session()
    form = ContactForm()
    if request.method == "GET":
        form.show(list(acts.contacts_of(session, system_id)))
    done = saved(
        form,
        lambda: acts.set_contacts(
            session, actor=current_identity(), system_id=system_id, contacts=form.contacts(), now=utcnow()
        ),
        done=gettext("The contacts are recorded."),
        to=url_for("registry.system_parties", system_id=system_id),
    )
    if done:
        return done
    page = render_template(
        "registry/contact_form.html", form=form, system=system, contacts=acts.contacts_of(session, system_id)
    )
    return answered(page, form)


@bp.post("/systems/<uuid:system_id>/contact/<int:place>/phone")
@requires(Permission.CONTACT_REVEAL)
@repeatable("shows what is sealed: the answer must not be kept in the open; every look is recorded anew")
def contact_phone(system_id: UUID, place: int) -> ResponseReturnValue:
    """Show a contact's number; the look is recorded before it is shown."""
    number = acts.reveal_contact(db_session(), actor=current_identity(), system_id=system_id, place=place, now=utcnow())
    return render_template("registry/_phone.html", number=number)
