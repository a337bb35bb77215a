"""What is done with an order: by the unit, by the leaders who approve, by the organ that carries it out."""

from collections.abc import Mapping
from uuid import UUID

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.connections import queries
from portal.connections.views.blueprint import bp
from portal.connections.views.orders import show_order
from portal.connections.views.steps import ACTS
from portal.core.clock import utcnow
from portal.core.errors import Invalid, Problem
from portal.web.session import db_session


@bp.post("/connections/<uuid:connection_order_id>/<any(consent, refuse, withdraw):action>")
@requires(Permission.CONNECTION_ANSWER)
def order_answer(connection_order_id: UUID, action: str) -> ResponseReturnValue:
    """The unit's yes, its no, and its stop."""
    return _done(connection_order_id, action, Permission.CONNECTION_ANSWER)


@bp.post("/connections/<uuid:connection_order_id>/<any(approve, second, reject):action>")
@requires(Permission.CONNECTION_APPROVE)
def order_decide(connection_order_id: UUID, action: str) -> ResponseReturnValue:
    """What leaders decide."""
    return _done(connection_order_id, action, Permission.CONNECTION_APPROVE)


@bp.post("/connections/<uuid:connection_order_id>/<any(claim, connect, suspend, cut, resume, end, drop, check):action>")
@requires(Permission.CONNECTION_PROPOSE)
def order_act(connection_order_id: UUID, action: str) -> ResponseReturnValue:
    """What the organ does."""
    return _done(connection_order_id, action, Permission.CONNECTION_PROPOSE)


def _done(connection_order_id: UUID, action: str, permission: Permission) -> ResponseReturnValue:
    session, identity = db_session(), current_identity()
    found = queries.get_order(session, identity, connection_order_id)
    require(identity, permission, queries.order_scope(found), read=Permission.CONNECTION_ORDER_READ)
    kind, act, arguments = ACTS[action]
    form = kind()
    if form.validate():
        try:
            act(
                session,
                actor=identity,
                connection_order_id=connection_order_id,
                seen_version=form.version.seen,
                **{argument: form[field].data or "" for argument, field in arguments.items()},
                now=utcnow(),
            )
        except Invalid as refusal:
            form.take(_at_fields(refusal, arguments))
        else:
            flash(gettext("Recorded."), "ok")
            return redirect(url_for("connections.order", connection_order_id=connection_order_id), 303)
    return show_order(connection_order_id, status=422, **{action: form})


def _at_fields(refusal: Invalid, arguments: Mapping[str, str]) -> Invalid:
    """The refusal with its arguments by the names of the fields that gave them."""
    return Invalid([Problem(arguments.get(one.field, one.field), one.code, one.data) for one in refusal.problems])
