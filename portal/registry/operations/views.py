"""Keeping views and columns of lists. They are bookmarks and habits: nothing in them is a record, nothing is logged."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.core.db import told_apart
from portal.core.errors import Invalid, NotFound, Problem
from portal.registry.models import ListChoice, SavedView
from portal.registry.queries.lists import LISTS, ListSpec
from portal.registry.queries.views import MOST_VIEWS, own_view, views_for
from portal.registry.values.lists import MOST_COLUMNS, Sharing

LONGEST_QUERY = 2_000
_TAKEN = {"uq_saved_view_person_id_list_key_name": Problem("name", "view_name_taken")}


def list_named(actor: Identity, list_key: str) -> ListSpec:
    """A list the person may read. Raises NotFound for a list there is not, NotAllowed for one they may not read."""
    if list_key not in LISTS:
        raise NotFound()
    spec = LISTS[list_key]
    require(actor, spec.permission)
    return spec


def drawn_list(actor: Identity, list_key: str) -> ListSpec:
    """A list whose page is the registry's, so that views and columns of it can be kept. Raises like `list_named`."""
    spec = list_named(actor, list_key)
    if spec.file_only:
        raise NotFound()
    return spec


def save_view(
    session: Session,
    *,
    actor: Identity,
    list_key: str,
    name: str,
    query: str,
    sharing: Sharing,
    opens_list: bool,
    now: datetime,
) -> SavedView:
    """Keep a list's conditions, columns and order under a name. Raises Invalid naming the fault."""
    require(actor, Permission.UNIT_READ)
    spec = drawn_list(actor, list_key)
    if actor.person_id is None:
        raise NotFound()
    problems = []
    if len(views_for(session, actor, list_key)) >= MOST_VIEWS:
        problems.append(Problem("name", "too_many_views", {"most": MOST_VIEWS}))
    unit_id = next(iter(actor.unit_ids), None) if sharing is Sharing.UNIT else None
    organ_id = next(iter(actor.organ_ids), None) if sharing is Sharing.ORGAN else None
    if (sharing is Sharing.UNIT and unit_id is None) or (sharing is Sharing.ORGAN and organ_id is None):
        problems.append(Problem("sharing", "nobody_to_share_with"))
    if problems:
        raise Invalid(problems)
    view = SavedView(
        list_key=list_key,
        name=name.strip(),
        query=kept_query(spec, query),
        person_id=actor.person_id,
        person_name=actor.name[:40],
        unit_id=unit_id,
        organ_id=organ_id,
        created_at=now,
    )
    with told_apart(session, _TAKEN):
        session.add(view)
    if opens_list:
        _choose(session, actor.person_id, list_key, view_id=view.id)
    return view


def remove_view(session: Session, *, actor: Identity, view_id: UUID) -> SavedView:
    """Give up a view of one's own; whoever else used it sees the whole list again. Raises NotFound."""
    view = own_view(session, actor, view_id)
    session.delete(view)
    session.flush()
    return view


def open_with(session: Session, *, actor: Identity, list_key: str, view_id: UUID | None) -> None:
    """Choose the view a list opens with, one's own or a shared one; None is the whole list. Raises NotFound."""
    drawn_list(actor, list_key)
    if view_id is not None and view_id not in {view.id for view in views_for(session, actor, list_key)}:
        raise NotFound()
    if actor.person_id is not None:
        _choose(session, actor.person_id, list_key, view_id=view_id)


def choose_columns(session: Session, *, actor: Identity, list_key: str, columns: Sequence[str]) -> tuple[str, ...]:
    """Keep a person's columns of a list in their order; none are the usual ones. Unknown names are left out."""
    spec = drawn_list(actor, list_key)
    known = tuple(key for key in dict.fromkeys(columns) if key in spec.column_keys)[:MOST_COLUMNS]
    if actor.person_id is not None:
        _choose(session, actor.person_id, list_key, columns=list(known))
    return known


def kept_query(spec: ListSpec, query: str) -> str:
    """A query with what belongs to a view, in a fixed order: conditions, order and columns, never a place in the list."""
    names = [*(each.key for each in spec.filters), "sort", "cols"]
    given = dict(parse_qsl(query[:LONGEST_QUERY], max_num_fields=200))
    kept = urlencode([(name, given[name]) for name in names if given.get(name)])
    if len(kept) > LONGEST_QUERY:
        raise Invalid([Problem("name", "view_too_long")])
    return kept


def _choose(session: Session, person_id: UUID, list_key: str, **changed: object) -> None:
    """Two windows may choose at once: the later one holds."""
    statement = insert(ListChoice).values(person_id=person_id, list_key=list_key, **changed)
    session.execute(statement.on_conflict_do_update(index_elements=["person_id", "list_key"], set_=changed))
