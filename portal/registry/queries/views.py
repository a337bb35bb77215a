"""What people keep of lists: their views and those shared with them, their columns, their long work."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.core.errors import NotFound
from portal.registry.models import ListChoice, ListRun, SavedView

MOST_VIEWS = 60


def views_for(session: Session, identity: Identity, list_key: str) -> Sequence[SavedView]:
    """A person's own views of a list, then those shared with their units and organs, each by name."""
    shared = or_(SavedView.unit_id.in_(identity.unit_ids), SavedView.organ_id.in_(identity.organ_ids))
    statement = select(SavedView).where(
        SavedView.list_key == list_key, or_(SavedView.person_id == identity.person_id, shared)
    )
    own_first = (SavedView.person_id != identity.person_id, SavedView.name, SavedView.id)
    return session.scalars(statement.order_by(*own_first).limit(MOST_VIEWS)).all()


def choice_of(session: Session, identity: Identity, list_key: str) -> ListChoice | None:
    """What a person keeps of a list."""
    return session.get(ListChoice, (identity.person_id, list_key))


def own_view(session: Session, identity: Identity, view_id: UUID) -> SavedView:
    """A view the person made. Raises NotFound, also for one that is only shared with them."""
    view = session.get(SavedView, view_id)
    if view is None or view.person_id != identity.person_id:
        raise NotFound()
    return view


def get_list_run(session: Session, identity: Identity, run_id: UUID) -> ListRun:
    """A piece of long work of this person's. Raises NotFound."""
    run = session.get(ListRun, run_id)
    if run is None or run.person_id != identity.person_id:
        raise NotFound()
    return run


def recent_list_runs(session: Session, identity: Identity, *, limit: int = 10) -> Sequence[ListRun]:
    """A person's latest long work, newest first."""
    statement = select(ListRun).where(ListRun.person_id == identity.person_id)
    return session.scalars(statement.order_by(ListRun.id.desc()).limit(limit)).all()
