"""One way to take an act from its form to its operation, for every book."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask import flash, redirect
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity
from portal.core.clock import utcnow
from portal.core.errors import Invalid, Problem
from portal.web.session import db_session

Form = Any


@dataclass(frozen=True, kw_only=True)
class Act:
    """Which form asks for what, and which operation takes it: the form's fields by the operation's arguments."""

    form: type[Any]
    operation: Callable[..., Any]
    arguments: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    today: tuple[str, ...] = ()  # fields that stand at today's date at first
    reads: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)


def blank(act: Act, version: int, today: date) -> Form:
    """The form of an act as it first stands on the page."""
    return act.form(formdata=None, data={"version": str(version), **dict.fromkeys(act.today, today)})


def perform(
    act: Act, form: Form, *, key: Mapping[str, Any], done: str, again: Callable[[Form], ResponseReturnValue]
) -> ResponseReturnValue:
    """Do it and go back to the page `done`; a refusal comes back at its field, with what was typed."""
    if form.validate():
        try:
            act.operation(
                db_session(),
                actor=current_identity(),
                seen_version=form.version.seen,
                **key,
                **{name: _read(act, name, form[at].data) for name, at in act.arguments.items()},
                **act.fixed,
                now=utcnow(),
            )
        except Invalid as refusal:
            form.take(at_fields(refusal, act.arguments))
        else:
            flash(gettext("Recorded."), "ok")
            return redirect(done, 303)
    return again(form)


def at_fields(refusal: Invalid, arguments: Mapping[str, str]) -> Invalid:
    """The refusal with its arguments by the names of the fields that gave them."""
    return Invalid([Problem(arguments.get(one.field, one.field), one.code, one.data) for one in refusal.problems])


def _read(act: Act, name: str, value: Any) -> Any:
    return act.reads[name](value) if name in act.reads else ("" if value is None else value)
