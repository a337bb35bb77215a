"""REG-07: public projects, their money and cameras, and public cameras that belong to none."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, may_ever, require
from portal.core.clock import utcnow
from portal.core.errors import Invalid
from portal.mandates.forms import LinkForm, ProjectForm
from portal.mandates.labels import PROJECT_STATUS
from portal.mandates.models import PublicProject
from portal.mandates.operations import projects as operations
from portal.mandates.queries import projects as queries
from portal.mandates.values import ProjectParticulars, ProjectStatus
from portal.mandates.views.blueprint import bp, district_choices
from portal.web.links import asked
from portal.web.session import db_session

SHOWN_SYSTEMS = 50
_FIELDS = (
    "number", "name", "budget_year", "amount", "planning_batch", "status", "funding", "financing_paper", "builder", "note",
)  # fmt: skip


@bp.get("/projects")
@requires(Permission.PROJECT_READ)
def projects() -> ResponseReturnValue:
    """Projects with their totals by year, and the public systems with cameras that none paid for."""
    session, identity = db_session(), current_identity()
    year = asked("year", 4)
    wanted = queries.ProjectFilter(
        keyword=asked("q"), district=asked("district", 6), year=int(year) if year.isascii() and year.isdigit() else None
    )
    page = queries.project_page(session, identity, wanted, after=request.args.get("after"))
    systems, free = queries.public_systems(session, identity, limit=SHOWN_SYSTEMS)
    return render_template(
        "mandates/projects.html",
        page=page,
        cameras=queries.camera_counts_of(session, [row.id for row in page.items]),
        totals=queries.totals_by_year(session, identity),
        systems=systems,
        free=free,
        wanted=wanted,
        statuses=PROJECT_STATUS,
        districts=district_choices(),
        may_edit=may_ever(identity, Permission.PROJECT_EDIT),
    )


@bp.get("/projects/<uuid:project_id>")
@requires(Permission.PROJECT_READ)
def project_one(project_id: UUID) -> ResponseReturnValue:
    """One project."""
    return _show(project_id)


def _show(project_id: UUID, link: LinkForm | None = None, status: int = 200) -> ResponseReturnValue:
    session, identity = db_session(), current_identity()
    found = queries.get_project(session, identity, project_id)
    systems = queries.systems_of_project(session, project_id)
    may_edit = allows(identity, Permission.PROJECT_EDIT, queries.place_of(found))
    page = render_template(
        "mandates/project.html",
        project=found,
        status=PROJECT_STATUS[ProjectStatus(found.status)],
        systems=systems,
        cameras=sum(count for _, _, count in systems),
        link_form=_offer(link or LinkForm(formdata=None, data={"only_free": True}), found) if may_edit else None,
        may_edit=may_edit,
    )
    return page, status


def _offer(form: LinkForm, found: PublicProject) -> LinkForm:
    offered = queries.systems_to_link(db_session(), current_identity(), found.district)
    form.system.choices = [(str(key), name) for key, name in offered]
    return form


@bp.route("/projects/new", methods=["GET", "POST"])
@requires(Permission.PROJECT_EDIT)
def project_new() -> ResponseReturnValue:
    """Enter a project."""
    form = _units(ProjectForm())
    if request.method == "POST" and form.validate():
        try:
            made = operations.enter_project(
                db_session(),
                actor=current_identity(),
                unit_id=UUID(str(form.unit.data)),
                particulars=_particulars(form),
                now=utcnow(),
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The project is entered."), "ok")
            return redirect(url_for("mandates.project_one", project_id=made.id), 303)
    return render_template("mandates/project_form.html", form=form, project=None), 422 if form.problems() else 200


@bp.route("/projects/<uuid:project_id>/edit", methods=["GET", "POST"])
@requires(Permission.PROJECT_EDIT)
def project_edit(project_id: UUID) -> ResponseReturnValue:
    """Put a project right, or tell its progress."""
    found = queries.get_project(db_session(), current_identity(), project_id)
    require(current_identity(), Permission.PROJECT_EDIT, queries.place_of(found), read=Permission.PROJECT_READ)
    form = _units(ProjectForm())
    form.unit.choices = [*form.unit.offers(), (str(found.unit_id), found.organ_name)]
    if request.method == "GET":
        for name in _FIELDS:
            form[name].data = getattr(found, name)
        form.unit.data, form.version.data = str(found.unit_id), str(found.version)
    elif form.validate():
        try:
            operations.edit_project(
                db_session(),
                actor=current_identity(),
                project_id=project_id,
                seen_version=form.version.seen,
                particulars=_particulars(form),
                now=utcnow(),
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The project is changed."), "ok")
            return redirect(url_for("mandates.project_one", project_id=project_id), 303)
    return render_template("mandates/project_form.html", form=form, project=found), 422 if form.problems() else 200


def _units(form: ProjectForm) -> ProjectForm:
    offered = queries.police_units(db_session(), current_identity())
    form.unit.choices = [(str(key), name) for key, name in offered]
    return form


def _particulars(form: ProjectForm) -> ProjectParticulars:
    return ProjectParticulars(
        number=form.number.data,
        name=form.name.data,
        budget_year=form.budget_year.data,
        amount=form.amount.data,
        planning_batch=form.planning_batch.data,
        status=ProjectStatus(str(form.status.data)),
        funding=form.funding.data,
        financing_paper=form.financing_paper.data,
        builder=form.builder.data or "",
        note=form.note.data or "",
    )


@bp.post("/projects/<uuid:project_id>/cameras")
@requires(Permission.PROJECT_EDIT)
def project_link(project_id: UUID) -> ResponseReturnValue:
    """Link a system's cameras."""
    found = queries.get_project(db_session(), current_identity(), project_id)
    form = _offer(LinkForm(), found)
    if not form.validate():
        return _show(project_id, form, 422)
    count = operations.link_system(
        db_session(),
        actor=current_identity(),
        project_id=project_id,
        system_id=UUID(str(form.system.data)),
        only_free=bool(form.only_free.data),
        now=utcnow(),
    )
    flash(ngettext("%(num)d camera is linked.", "%(num)d cameras are linked.", count), "ok")
    return redirect(url_for("mandates.project_one", project_id=project_id), 303)
