"""What the form pages of a system's archive share."""

from collections.abc import Callable, Sequence
from uuid import UUID

from flask import flash, redirect, request
from flask.typing import ResponseReturnValue

from portal.accounts.guards import current_identity
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.core.errors import Invalid, Problem
from portal.registry import queries
from portal.registry.models import System, Unit
from portal.web.session import db_session
from portal.web.widgets import PortalForm


def system_and_right(system_id: UUID) -> tuple[System, bool]:
    """A system the reader may see, and whether they may change it."""
    system = queries.get_system(db_session(), current_identity(), system_id)
    return system, allows(current_identity(), Permission.SYSTEM_EDIT, queries.system_scope(system))


def system_to_edit(system_id: UUID) -> System:
    """A system the reader may change. Raises NotFound or NotAllowed before a form is shown."""
    system = queries.get_system(db_session(), current_identity(), system_id)
    require(current_identity(), Permission.SYSTEM_EDIT, queries.system_scope(system), read=Permission.SYSTEM_READ)
    return system


def unit_to_edit(unit_id: UUID, permission: Permission) -> Unit:
    """A unit the reader may change in this respect."""
    unit = queries.get_unit(db_session(), current_identity(), unit_id)
    require(current_identity(), permission, queries.unit_scope(unit), read=Permission.UNIT_READ)
    return unit


def saved(
    form: PortalForm,
    act: Callable[[], object],
    *,
    done: str,
    to: str,
    also: Callable[[], Sequence[Problem]] | None = None,
) -> ResponseReturnValue | None:
    """Carry out what a valid form asks for and go on; otherwise None, with every fault at its field.

    `also` finds what is wrong by rule with what could be read: told together with the fields' own faults, not after them.
    """
    if request.method != "POST":
        return None
    if not form.validate():
        told = {field.name for field in form if field.errors}
        form.take(Invalid([one for one in also() if one.field not in told] if also else []))
        return None
    try:
        act()
    except Invalid as refusal:
        form.take(refusal)
        return None
    flash(done, "ok")
    return redirect(to, 303)


def answered(page: str, form: PortalForm) -> ResponseReturnValue:
    """A form's page: refused as such when it comes back with faults."""
    return page, 422 if form.errors else 200
