"""What people keep of lists: saved views, the one that opens the list, and their columns."""

from urllib.parse import parse_qsl, urlencode

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts.guards import current_identity, requires
from portal.accounts.permissions import Permission
from portal.core.clock import utcnow
from portal.core.errors import Invalid, NotFound
from portal.registry.forms.lists import ViewForm
from portal.registry.labels.lists import LIST_TITLE, SHARING
from portal.registry.operations.views import choose_columns, drawn_list, kept_query, open_with, remove_view, save_view
from portal.registry.queries.views import choice_of, views_for
from portal.registry.values.lists import Sharing
from portal.registry.views.blueprint import bp
from portal.registry.views.lists import conditions_in_words, query_of, view_url, wanted_of_query
from portal.web.links import uuid_or_none
from portal.web.session import db_session


@bp.route("/lists/<name>/views", methods=["GET", "POST"])
@requires(Permission.UNIT_READ)
def list_views(name: str) -> ResponseReturnValue:
    """Save the list one comes from, and look after the views there are."""
    session, identity = db_session(), current_identity()
    spec = drawn_list(identity, name)
    form = ViewForm(data={"sharing": "self"})
    query = kept_query(spec, request.form.get("query", "") or request.query_string.decode("utf-8", "replace"))
    form.sharing.choices = [
        (str(each), text)
        for each, text in SHARING.items()
        if each is Sharing.SELF
        or (each is Sharing.UNIT and identity.unit_ids)
        or (each is Sharing.ORGAN and identity.organ_ids)
    ]
    if request.method == "POST" and form.validate():
        try:
            view = save_view(
                session,
                actor=identity,
                list_key=name,
                name=form.name.data,
                query=query,
                sharing=form.shared(),
                opens_list=bool(form.opens_list.data),
                now=utcnow(),
            )
        except Invalid as refusal:
            form.take(refusal)
        else:
            flash(gettext("The view is saved."), "ok")
            return redirect(view_url(spec, view), 303)
    choice = choice_of(session, identity, name)
    page = render_template(
        "registry/list_views.html",
        form=form,
        spec=spec,
        title=LIST_TITLE[name],
        query=query,
        words=conditions_in_words(spec, query),
        views=[
            (view, view_url(spec, view), conditions_in_words(spec, view.query, named=False))
            for view in views_for(session, identity, name)
        ],
        opens=choice.view_id if choice else None,
        reader=identity.person_id,
    )
    return page, 422 if form.errors else 200


@bp.post("/lists/<name>/opens")
@requires(Permission.UNIT_READ)
def list_opens(name: str) -> ResponseReturnValue:
    """Choose the view that the list opens with."""
    view_id = uuid_or_none(request.form.get("view", ""))
    open_with(db_session(), actor=current_identity(), list_key=name, view_id=view_id)
    flash(gettext("The list now opens so."), "ok")
    return redirect(url_for("registry.list_views", name=name), 303)


@bp.post("/lists/<name>/views/remove")
@requires(Permission.UNIT_READ)
def list_view_remove(name: str) -> ResponseReturnValue:
    """Give up a view of one's own."""
    view_id = uuid_or_none(request.form.get("view", ""))
    if view_id is None:
        raise NotFound()
    remove_view(db_session(), actor=current_identity(), view_id=view_id)
    flash(gettext("The view is removed."), "ok")
    return redirect(url_for("registry.list_views", name=name), 303)


@bp.post("/lists/<name>/columns")
@requires(Permission.UNIT_READ)
def list_columns(name: str) -> ResponseReturnValue:
    """Keep the columns chosen, and show the list with them in its address."""
    identity = current_identity()
    spec = drawn_list(identity, name)
    usual = request.form.get("usual") == "1"
    asked = [] if usual else [spec.columns[0].key, *request.form.getlist("col")]
    step, _, moved = request.form.get("move", "").partition(":")
    asked, place = moved_by_one(asked, moved, up=step == "up")
    columns = choose_columns(db_session(), actor=identity, list_key=name, columns=asked)
    query = kept_query(spec, request.form.get("query", ""))
    kept = parse_qsl(query_of(spec, wanted_of_query(spec, query), columns=False))
    if columns:
        kept.append(("cols", ",".join(columns)))
    page = f"{url_for(f'registry.{name}')}?{urlencode(kept or [('view', 'all')])}"
    # The button that was pressed is found again where its column now stands: the browser opens the menu around it.
    return redirect(f"{page}#{place}" if place else page, 303)


def moved_by_one(columns: list[str], moved: str, *, up: bool) -> tuple[list[str], str]:
    """The columns with one of them a place further, and the button to press for the next; the first keeps its place."""
    if moved not in columns[1:]:
        return columns, ""
    at = columns.index(moved)
    to = min(max(at + (-1 if up else 1), 1), len(columns) - 1)
    rest = [key for key in columns if key != moved]
    first, last = to == 1, to == len(columns) - 1
    way = "down" if first and not last else "up" if last else "up" if up else "down"
    return [*rest[:to], moved, *rest[to:]], f"{way}-{moved}"
