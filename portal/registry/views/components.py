"""The equipment and software of a system (REG-01)."""

from uuid import UUID

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows
from portal.core.clock import utcnow
from portal.core.errors import Invalid
from portal.registry import operations, queries
from portal.registry.forms import ComponentForm
from portal.registry.labels import COMPONENT_PART
from portal.registry.views.blueprint import bp
from portal.web.session import db_session


@bp.get("/systems/<uuid:system_id>/components")
@requires(Permission.SYSTEM_READ)
def components(system_id: UUID) -> ResponseReturnValue:
    """What a system consists of, part by part."""
    return _show(system_id, ComponentForm(data={"count": 1}))


def _show(system_id: UUID, form: ComponentForm) -> ResponseReturnValue:
    session, identity = db_session(), current_identity()
    system = queries.get_system(session, identity, system_id)
    page = render_template(
        "registry/components.html",
        system=system,
        rows=queries.components_of(session, system_id),
        parts=COMPONENT_PART,
        form=form,
        may_edit=allows(identity, Permission.SYSTEM_EDIT, queries.system_scope(system)),
    )
    return page, 422 if form.errors else 200


@bp.post("/systems/<uuid:system_id>/components")
@requires(Permission.SYSTEM_EDIT)
def component_new(system_id: UUID) -> ResponseReturnValue:
    """Enter one more piece of equipment or program."""
    form = ComponentForm()
    if form.validate():
        try:
            operations.add_component(
                db_session(),
                actor=current_identity(),
                system_id=system_id,
                particulars=form.particulars(),
                now=utcnow(),
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The entry is made."), "ok")
            return redirect(url_for("registry.components", system_id=system_id), 303)
    return _show(system_id, form)


@bp.post("/systems/<uuid:system_id>/components/<uuid:component_id>/remove")
@requires(Permission.SYSTEM_EDIT)
def component_remove(system_id: UUID, component_id: UUID) -> ResponseReturnValue:
    """Take an entry out again."""
    operations.remove_component(
        db_session(), actor=current_identity(), system_id=system_id, component_id=component_id, now=utcnow()
    )
    flash(gettext("The entry is taken out."), "ok")
    return redirect(url_for("registry.components", system_id=system_id), 303)
