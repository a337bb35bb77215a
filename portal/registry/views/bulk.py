"""Changing many cameras at once: what to change, what it would do, and doing it."""

from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.core.clock import city_day, utcnow
from portal.core.errors import Invalid, Stale
from portal.registry import operations
from portal.registry.forms.lists import BulkForm
from portal.registry.labels.camera import CAMERA_FIELD, CAMERA_PART
from portal.registry.labels.lists import speaker, zones_offered
from portal.registry.operations.bulk import NOW_EDITS, Selection
from portal.registry.operations.views import kept_query
from portal.registry.queries.lists import CAMERAS
from portal.registry.rules.bulk import BULK, NEVER_EMPTY, Planned
from portal.registry.rules.fields import Part, in_part
from portal.registry.views.blueprint import bp
from portal.registry.views.lists import conditions_in_words, query_of, wanted_of_query
from portal.web.i18n import current_locale
from portal.web.links import uuid_or_none
from portal.web.problems import say
from portal.web.session import db_session, repeatable

SHOWN_ROWS = 100
_MOST_KEYS = 500


def _selection(source: Any) -> tuple[Selection, str]:
    """The cameras named, or all that a list finds, and the list's query, which leads back to it."""
    query = source.get("query") or request.query_string.decode("utf-8", "replace")
    query = kept_query(CAMERAS, query)
    if source.get("all") == "1":
        wanted = wanted_of_query(CAMERAS, query)
        return Selection(wanted=wanted), query_of(CAMERAS, wanted, columns=False)
    keys = [uuid_or_none(text) for text in source.getlist("id")[:_MOST_KEYS]]
    return Selection(keys=tuple(key for key in keys if key is not None)), query


def _form() -> BulkForm:
    form = BulkForm()
    form["zone"].choices = zones_offered(current_locale())
    return form


@bp.get("/cameras/bulk")
@requires(Permission.CAMERA_EDIT)
def cameras_bulk() -> ResponseReturnValue:
    """Which fields are changed, and to what."""
    selection, query = _selection(request.args)
    return _draw(_form(), selection, query)


@bp.post("/cameras/bulk/preview")
@requires(Permission.CAMERA_EDIT)
@repeatable("changes nothing: shows what a change would do")
def cameras_bulk_preview() -> ResponseReturnValue:
    """What the change would do, camera by camera."""
    selection, query = _selection(request.form)
    form = _form()
    if not form.sound():
        return _draw(form, selection, query)
    return _preview(form, selection, query)


@bp.post("/cameras/bulk/back")
@requires(Permission.CAMERA_EDIT)
@repeatable("changes nothing: shows the form again as it was filled in")
def cameras_bulk_back() -> ResponseReturnValue:
    """From what the change would do back to the fields, with everything typed."""
    selection, query = _selection(request.form)
    return _draw(_form(), selection, query)


@bp.post("/cameras/bulk")
@requires(Permission.CAMERA_EDIT)
def cameras_bulk_apply() -> ResponseReturnValue:
    """Make the change that was shown; a large one is left to a worker."""
    selection, query = _selection(request.form)
    form = _form()
    if not form.sound():
        return _draw(form, selection, query)
    order: dict[str, Any] = {
        "actor": current_identity(),
        "selection": selection,
        "changes": form.changes(),
        "reason": form.reason.data or "",
        "seen": request.form.get("seen", "")[:64],
        "leave_out": request.form.get("leave_out") == "1",
        "now": utcnow(),
    }
    try:
        keys = selection.read(db_session(), current_identity(), city_day(utcnow()))
        if len(keys) > NOW_EDITS:
            run = operations.start_bulk_edit(db_session(), **order)
            return redirect(url_for("registry.list_run", list_run_id=run.id), 303)
        count = operations.bulk_edit(db_session(), **order)
    except Stale:
        return _preview(
            form, selection, query, notice=gettext("A camera changed after you looked. This is how it stands now.")
        )
    except Invalid as refusal:
        form.take(refusal)
        return _preview(form, selection, query)
    flash(ngettext("%(num)d camera is changed.", "%(num)d cameras are changed.", count), "ok")
    return redirect(url_for("registry.cameras") + (f"?{query}" if query else "?view=all"), 303)


def _draw(form: BulkForm, selection: Selection, query: str) -> ResponseReturnValue:
    keys: list[UUID] = []
    try:
        keys = selection.read(db_session(), current_identity(), city_day(utcnow()))
    except Invalid as refusal:
        form.take(refusal)
    page = render_template(
        "registry/bulk.html",
        form=form,
        parts=[(CAMERA_PART[part], in_part(part, BULK)) for part in Part if in_part(part, BULK)],
        never_empty=NEVER_EMPTY,
        count=len(keys),
        selection=selection,
        query=query,
        words=conditions_in_words(CAMERAS, query) if query and selection.wanted is not None else [],
    )
    return page, 422 if form.errors else 200


def _preview(form: BulkForm, selection: Selection, query: str, *, notice: str = "") -> ResponseReturnValue:
    try:
        plan = operations.plan_bulk(
            db_session(), actor=current_identity(), selection=selection, changes=form.changes(), now=utcnow()
        )
    except Invalid as refusal:
        form.take(refusal)
        return _draw(form, selection, query)
    form.reason.flags.required = plan.needs_reason
    fields = [(key, str(CAMERA_FIELD[key])) for key in form.changes()]
    shown = [*plan.refused, *plan.changed][:SHOWN_ROWS]
    page = render_template(
        "registry/bulk_preview.html",
        form=form,
        plan=plan,
        fields=fields,
        rows=[(row, _cells(row), say(row.refusal) if row.refusal else "") for row in shown],
        unchanged=len(plan.rows) - len(plan.changed) - len(plan.refused),
        given=[(name, value) for name, value in request.form.items(multi=True) if name not in _OWN],
        notice=notice,
        later=len(plan.rows) > NOW_EDITS,
        query=query,
    )
    return page, 422 if form.errors else 200


_OWN = frozenset({"csrf_token", "_key", "reason", "seen", "leave_out"})


def _cells(row: Planned) -> dict[str, tuple[str, str] | None]:
    """Old and new of each field that changes, in words."""
    words = speaker(current_locale())
    found: dict[str, tuple[str, str] | None] = {}
    for key in row.camera.values:
        column = CAMERAS.column(key)
        pair = row.changes.get(key)
        found[key] = (
            None if pair is None else (words.cell(CAMERAS, column, pair[0]), words.cell(CAMERAS, column, pair[1]))
        )
    return found
