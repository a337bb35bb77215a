"""The register of firms: list, firm, its certificates with their scans."""

from uuid import UUID

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, may_ever, require
from portal.core.clock import city_day, utcnow
from portal.core.errors import NotFound
from portal.registry.forms.contractors import ContractorForm, QualificationForm
from portal.registry.labels.archive import CONTRACTOR_KIND, VALIDITY
from portal.registry.models import Contractor
from portal.registry.operations import contractors as acts
from portal.registry.queries import contractors as queries
from portal.registry.rules.contractors import standing_of
from portal.registry.rules.validity import validity
from portal.registry.values.archive import ContractorKind
from portal.registry.views.blueprint import bp
from portal.registry.views.saving import answered, saved
from portal.vault.operations import store_upload
from portal.vault.queries import get_file
from portal.vault.serving import send_stored_file
from portal.vault.values import MIB, FileKind
from portal.web.links import asked
from portal.web.security import accepts_upload
from portal.web.session import db_session

UPLOAD_BYTES = 32 * MIB


@bp.get("/contractors")
@requires(Permission.CONTRACTOR_READ)
def contractors() -> ResponseReturnValue:
    """Firms of the register, with how each kind of work of theirs is qualified today."""
    today, kind = city_day(utcnow()), request.args.get("kind", "")
    wanted = queries.ContractorFilter(
        keyword=asked("q"),
        kind=ContractorKind(kind) if kind in set(ContractorKind) else None,
        lapsed_on=today if request.args.get("lapsed") == "1" else None,
    )
    page = queries.contractor_page(db_session(), current_identity(), wanted, after=request.args.get("after"))
    return render_template(
        "registry/contractors.html",
        page=page,
        wanted=wanted,
        standing={firm.id: standing_of(firm, on=today) for firm in page.items},
        kinds=CONTRACTOR_KIND,
        states=VALIDITY,
        may_add=may_ever(current_identity(), Permission.CONTRACTOR_ADD),
    )


@bp.route("/contractors/new", methods=["GET", "POST"])
@requires(Permission.CONTRACTOR_ADD)
def contractor_new() -> ResponseReturnValue:
    """Enter a firm."""
    form = ContractorForm()
    made: list[Contractor] = []
    done = saved(
        form,
        lambda: made.append(
            acts.save_contractor(db_session(), actor=current_identity(), particulars=form.particulars(), now=utcnow())
        ),
        done=gettext("The firm is in the register. Now add what qualifies it."),
        to="",
    )
    if done:
        return redirect(url_for("registry.contractor", contractor_id=made[0].id), 303)
    return answered(render_template("registry/contractor_form.html", form=form, firm=None), form)


@bp.get("/contractors/<uuid:contractor_id>")
@requires(Permission.CONTRACTOR_READ)
def contractor(contractor_id: UUID) -> ResponseReturnValue:
    """A firm: its certificates, and where it works as far as the reader may see."""
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    firm = queries.get_contractor(session, identity, contractor_id)
    return render_template(
        "registry/contractor.html",
        firm=firm,
        standing=standing_of(firm, on=today),
        engagements=queries.engagements_with(session, identity, contractor_id),
        papers=queries.papers_of(session, identity, contractor_id),
        validity={each.id: validity(each.valid_to, today) for each in firm.qualifications},
        kinds=CONTRACTOR_KIND,
        states=VALIDITY,
        today=today,
        may_edit=allows(identity, Permission.CONTRACTOR_EDIT, queries.entered_scope(firm)),
        may_add=may_ever(identity, Permission.CONTRACTOR_ADD),
        editable={
            each.id
            for each in firm.qualifications
            if allows(identity, Permission.CONTRACTOR_EDIT, queries.entered_scope(each))
        },
    )


@bp.route("/contractors/<uuid:contractor_id>/edit", methods=["GET", "POST"])
@requires(Permission.CONTRACTOR_EDIT)
def contractor_edit(contractor_id: UUID) -> ResponseReturnValue:
    """Correct a firm."""
    firm = queries.get_contractor(db_session(), current_identity(), contractor_id)
    scope = queries.entered_scope(firm)
    require(current_identity(), Permission.CONTRACTOR_EDIT, scope, read=Permission.CONTRACTOR_READ)
    form = ContractorForm()
    if request.method == "GET":
        form.show(firm)
    done = saved(
        form,
        lambda: acts.save_contractor(
            db_session(),
            actor=current_identity(),
            contractor_id=contractor_id,
            seen_version=form.version.seen,
            particulars=form.particulars(),
            now=utcnow(),
        ),
        done=gettext("The firm is corrected."),
        to=url_for("registry.contractor", contractor_id=contractor_id),
    )
    return done or answered(render_template("registry/contractor_form.html", form=form, firm=firm), form)


@bp.route("/contractors/<uuid:contractor_id>/qualifications/new", methods=["GET", "POST"])
@requires(Permission.CONTRACTOR_ADD)
@accepts_upload(UPLOAD_BYTES)
def qualification_new(contractor_id: UUID) -> ResponseReturnValue:
    """Enter a certificate of a firm."""
    firm = queries.get_contractor(db_session(), current_identity(), contractor_id)
    return _certificate(firm, QualificationForm(data={"kind": request.args.get("kind", "")}), None)


@bp.route("/contractors/<uuid:contractor_id>/qualifications/<uuid:qualification_id>", methods=["GET", "POST"])
@requires(Permission.CONTRACTOR_EDIT)
@accepts_upload(UPLOAD_BYTES)
def qualification_edit(contractor_id: UUID, qualification_id: UUID) -> ResponseReturnValue:
    """Correct a certificate of a firm."""
    firm = queries.get_contractor(db_session(), current_identity(), contractor_id)
    found = next((each for each in firm.qualifications if each.id == qualification_id), None)
    if found is None:
        raise NotFound()
    scope = queries.entered_scope(found)
    require(current_identity(), Permission.CONTRACTOR_EDIT, scope, read=Permission.CONTRACTOR_READ)
    form = QualificationForm()
    if request.method == "GET":
        form.show(found)
    return _certificate(firm, form, qualification_id)


def _certificate(firm: Contractor, form: QualificationForm, qualification_id: UUID | None) -> ResponseReturnValue:
    identity = current_identity()
    home = min(identity.unit_ids, default=None)
    if home is None:
        del form.file  # who belongs to no unit has been shown no paper
    firm_id, name = firm.id, firm.name

    def act() -> None:
        session, now = db_session(), utcnow()
        certificate = acts.save_qualification(
            session,
            actor=identity,
            contractor_id=firm_id,
            qualification_id=qualification_id,
            seen_version=form.version.seen,
            particulars=form.particulars(),
            now=now,
        )
        if home is not None and form.file.data:
            stored = store_upload(
                session,
                actor=identity.actor,
                stream=form.file.data.stream,
                filename=form.file.data.filename,
                kind=FileKind.FILING_DOCUMENT,
                unit_id=home,
                now=now,
            )
            acts.keep_qualification_paper(
                session,
                actor=identity,
                qualification_id=certificate.id,
                stored_file_id=stored.id,
                unit_id=home,
                now=now,
            )

    to = url_for("registry.contractor", contractor_id=firm_id)
    done = saved(form, act, done=gettext("The certificate is recorded."), to=to)
    page = "registry/qualification_form.html"
    args = {"firm_id": firm_id, "firm_name": name, "qualification_id": qualification_id}
    return done or answered(render_template(page, form=form, **args), form)


@bp.get("/contractors/<uuid:contractor_id>/qualifications/<uuid:qualification_id>/paper")
@requires(Permission.DOCUMENT_READ)
def qualification_paper(contractor_id: UUID, qualification_id: UUID) -> ResponseReturnValue:
    """Open the scan the reader's own unit holds, or one of the reader's district; the look is recorded."""
    session = db_session()
    stored = acts.open_qualification_paper(
        session,
        actor=current_identity(),
        contractor_id=contractor_id,
        qualification_id=qualification_id,
        now=utcnow(),
    )
    return send_stored_file(session, get_file(session, stored))
