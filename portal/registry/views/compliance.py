"""Graded protection, standards and product certificates of a system."""

from typing import Any
from uuid import UUID

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.core.clock import city_day, utcnow
from portal.core.errors import NotFound
from portal.registry.forms.archive import CertificateForm, ComplianceForm
from portal.registry.labels.archive import CERTIFICATE, CONTRACTOR_KIND, MLPS, STANDARD, VALIDITY
from portal.registry.models import System
from portal.registry.operations import compliance as acts
from portal.registry.operations.filings import gaps_of
from portal.registry.queries import archive
from portal.registry.queries.contractors import engagements_of
from portal.registry.rules import rules_for
from portal.registry.rules.contractors import engagement_standing
from portal.registry.rules.validity import holds, validity
from portal.registry.views.blueprint import bp
from portal.registry.views.saving import answered, saved, system_and_right, system_to_edit
from portal.regulation.schema.keys import RuleKey
from portal.web.session import db_session


@bp.get("/systems/<uuid:system_id>/compliance")
@requires(Permission.SYSTEM_READ)
def system_compliance(system_id: UUID) -> ResponseReturnValue:
    """What a system is held against, what its unit states, and what has run out."""
    session, now = db_session(), utcnow()
    system, may_edit = system_and_right(system_id)
    today = city_day(now)
    stated = archive.compliance_of(session, system_id)
    rules = rules_for(system.unit, system, on=today)
    certificates = archive.certificates_of(session, system_id)
    firms = [each for each in engagements_of(session, system_id) if holds(each, today)]
    return render_template(
        "registry/compliance.html",
        system=system,
        stated=stated,
        evaluation=validity(stated.mlps_evaluation_to, today) if stated and stated.mlps_evaluation_to else None,
        certificates=[(each, validity(each.valid_to, today)) for each in certificates],
        firms=[(each, engagement_standing(each, on=today)) for each in firms],
        gaps=[each for each in gaps_of(session, system, now=now) if each.where == "compliance"],
        asked={
            key: rules.citations(key)
            for key in (RuleKey.SYSTEM_MLPS, RuleKey.SYSTEM_STANDARDS, RuleKey.SYSTEM_QUALIFIED_SUPPLIERS)
            if rules.flag(key)
        },
        kinds=CERTIFICATE,
        firm_kinds=CONTRACTOR_KIND,
        levels=MLPS,
        standards=STANDARD,
        states=VALIDITY,
        may_edit=may_edit,
    )


@bp.route("/systems/<uuid:system_id>/compliance/edit", methods=["GET", "POST"])
@requires(Permission.SYSTEM_EDIT)
def compliance_edit(system_id: UUID) -> ResponseReturnValue:
    """State a system's compliance."""
    system, session = system_to_edit(system_id), db_session()
    form = ComplianceForm()
    stated = archive.compliance_of(session, system_id)
    if request.method == "GET" and stated is not None:
        form.show(stated)
    done = saved(
        form,
        lambda: acts.state_compliance(
            session,
            actor=current_identity(),
            system_id=system_id,
            seen_version=form.version.seen,
            particulars=form.particulars(),
            now=utcnow(),
        ),
        done=gettext("The statement is recorded."),
        to=url_for("registry.system_compliance", system_id=system_id),
    )
    return done or answered(render_template("registry/compliance_form.html", form=form, system=system), form)


@bp.route("/systems/<uuid:system_id>/compliance/certificates", methods=["GET", "POST"])
@requires(Permission.SYSTEM_EDIT)
def certificate_new(system_id: UUID) -> ResponseReturnValue:
    """Enter a product certificate."""
    return _certificate(system_to_edit(system_id), CertificateForm(), None)


@bp.route("/systems/<uuid:system_id>/compliance/certificates/<uuid:certificate_id>", methods=["GET", "POST"])
@requires(Permission.SYSTEM_EDIT)
def certificate_edit(system_id: UUID, certificate_id: UUID) -> ResponseReturnValue:
    """Change a product certificate, or strike it out."""
    system = system_to_edit(system_id)
    found = next((each for each in archive.certificates_of(db_session(), system_id) if each.id == certificate_id), None)
    if found is None:
        raise NotFound()
    form = CertificateForm()
    if request.method == "GET":
        form.show(found)
    return _certificate(system, form, certificate_id)


def _certificate(system: System, form: CertificateForm, certificate_id: UUID | None) -> ResponseReturnValue:
    striking = certificate_id is not None and request.form.get("act") == "remove"
    common: dict[str, Any] = {
        "actor": current_identity(),
        "system_id": system.id,
        "seen_version": form.version.seen,
        "now": utcnow(),
    }

    def act() -> None:
        if striking and certificate_id is not None:
            acts.remove_certificate(db_session(), certificate_id=certificate_id, **common)
        else:
            acts.save_certificate(db_session(), certificate_id=certificate_id, particulars=form.particulars(), **common)

    done = gettext("The certificate is struck out.") if striking else gettext("The certificate is recorded.")
    to = url_for("registry.system_compliance", system_id=system.id)
    page = "registry/certificate_form.html"
    args = {"form": form, "system": system, "certificate_id": certificate_id}
    return saved(form, act, done=done, to=to) or answered(render_template(page, **args), form)
