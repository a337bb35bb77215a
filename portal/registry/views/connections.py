"""What a system is connected to, and how its watch room reaches the dispatch centre."""

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid, NotFound
from portal.registry import queries
from portal.registry.forms.archive import ConnectionForm, ConnectionStepForm
from portal.registry.labels.archive import CONNECTION_ACTION, CONNECTION_STATUS, DISPATCH, PLATFORM
from portal.registry.models import System
from portal.registry.operations import connections as acts
from portal.registry.queries import archive
from portal.registry.rules import rules_for
from portal.registry.states import CONNECTION_TRANSITIONS, ConnectionAction
from portal.registry.views.blueprint import bp
from portal.registry.views.saving import answered, saved
from portal.regulation.schema.keys import RuleKey
from portal.web.session import db_session


@bp.get("/systems/<uuid:system_id>/connections")
@requires(Permission.SYSTEM_READ)
def system_connections(system_id: UUID) -> ResponseReturnValue:
    """The connections of a system, each with what may be done next."""
    return _show(system_id, None, 200)


def _show(system_id: UUID, form: ConnectionStepForm | None, status: int) -> ResponseReturnValue:
    session, identity, today = db_session(), current_identity(), city_day(utcnow())
    system = queries.get_system(session, identity, system_id)
    scope = queries.system_scope(system)
    rows = archive.connections_of(session, system_id)
    rules = rules_for(system.unit, system, on=today)
    possible = {
        row.id: [
            action
            for (state, action) in CONNECTION_TRANSITIONS
            if state == row.status and any(allows(identity, one, scope) for one in acts.BY_WHOM[action])
        ]
        for row in rows
    }
    page = render_template(
        "registry/connections.html",
        system=system,
        rows=rows,
        possible=possible,
        form=form or ConnectionStepForm(),
        needs_reason={ConnectionAction.REFUSE, ConnectionAction.SUSPEND, ConnectionAction.END},
        purposes=_purposes(system),
        asked={
            key: rules.citations(key)
            for key in (RuleKey.NETWORK_DIRECT_PURPOSES, RuleKey.NETWORK_CONSENT_REQUIRED, RuleKey.NETWORK_CAPABLE)
            if rules.value(key)
        },
        platforms=PLATFORM,
        statuses=CONNECTION_STATUS,
        actions=CONNECTION_ACTION,
        dispatch=DISPATCH,
        open_states=[row for row in rows if row.status not in acts.OVER],
        may_edit=allows(identity, Permission.CONNECTION_EDIT, scope),
    )
    return page, status


def _purposes(system: System) -> dict[str, str]:
    """The purposes for which the law lets this system be connected directly, in the reader's language."""
    rules = rules_for(system.unit, system, on=city_day(utcnow()))
    words, language = rules.book.vocabulary, str(get_locale())
    keys = rules.terms(RuleKey.NETWORK_DIRECT_PURPOSES) or tuple(term.key for term in words.terms("network_purpose"))
    return {key: words.text("network_purpose", key).in_language(language) for key in keys}


@bp.route("/systems/<uuid:system_id>/connections/new", methods=["GET", "POST"])
@requires(Permission.CONNECTION_EDIT)
def connection_new(system_id: UUID) -> ResponseReturnValue:
    """Propose a connection: the unit or the police may."""
    return _handle(_system(system_id), ConnectionForm(), None)


@bp.route("/systems/<uuid:system_id>/connections/<uuid:connection_id>", methods=["GET", "POST"])
@requires(Permission.CONNECTION_EDIT)
def connection_edit(system_id: UUID, connection_id: UUID) -> ResponseReturnValue:
    """Correct a connection that is not over."""
    system = _system(system_id)
    found = next((row for row in archive.connections_of(db_session(), system_id) if row.id == connection_id), None)
    if found is None:
        raise NotFound()
    form = ConnectionForm()
    if request.method == "GET":
        form.show(found)
    return _handle(system, form, connection_id)


def _system(system_id: UUID) -> System:
    system = queries.get_system(db_session(), current_identity(), system_id)
    scope = queries.system_scope(system)
    require(current_identity(), Permission.CONNECTION_EDIT, scope, read=Permission.SYSTEM_READ)
    return system


def _handle(system: System, form: ConnectionForm, connection_id: UUID | None) -> ResponseReturnValue:
    form.purpose.choices = list(_purposes(system).items())
    done = saved(
        form,
        lambda: acts.save_connection(
            db_session(),
            actor=current_identity(),
            system_id=system.id,
            connection_id=connection_id,
            seen_version=form.version.seen,
            particulars=form.particulars(),
            now=utcnow(),
        ),
        done=gettext("The connection is recorded."),
        to=url_for("registry.system_connections", system_id=system.id),
    )
    args = {"form": form, "system": system, "connection_id": connection_id}
    return done or answered(render_template("registry/connection_form.html", **args), form)


@bp.post("/systems/<uuid:system_id>/connections/<uuid:connection_id>/<action>")
@requires(Permission.CONNECTION_EDIT)
def connection_move(system_id: UUID, connection_id: UUID, action: str) -> ResponseReturnValue:
    """Move a connection on."""
    form = ConnectionStepForm()
    if action not in set(ConnectionAction):
        raise NotFound()
    if not form.validate():
        return _show(system_id, form, 422)
    try:
        acts.move_connection(
            db_session(),
            actor=current_identity(),
            system_id=system_id,
            connection_id=connection_id,
            seen_version=form.version.seen,
            action=ConnectionAction(action),
            reason=form.reason.data or "",
            now=utcnow(),
        )
    except Invalid as refusal:
        form.take(refusal)
        return _show(system_id, form, 422)
    flash(gettext("The step is recorded."), "ok")
    return redirect(url_for("registry.system_connections", system_id=system_id), 303)
