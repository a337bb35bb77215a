"""Draws: the organ's, what is public of all, whom a sample names; populations to draw from."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.permissions import Permission
from portal.accounts.policy import require, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity, Scope
from portal.core.db import lock_row
from portal.core.errors import NotFound
from portal.core.paging import Page, newest_first
from portal.inspection.models import Acceptance
from portal.inspection.queries import acceptances_visible_to
from portal.inspection.states import CONCLUDED
from portal.measures.models import Draw, DrawMember
from portal.measures.states import DrawStatus
from portal.measures.values import DrawDraft, DrawKind
from portal.registry.models import Unit
from portal.registry.queries import units_visible_to


def draw_scope(draw: Draw) -> Scope:
    """Where a draw stands: with the organ that made it."""
    return Scope(organ_ids=frozenset({draw.organ_id}))


def population_of(session: Session, identity: Identity, kind: DrawKind, *, most: int) -> Sequence[tuple[UUID, UUID]]:
    """What a draw is made from: the rows in the organ's reach, each with its unit. Secret ones are among them: in public
    nobody can tell which they are."""
    if kind is DrawKind.UNITS:
        units = units_visible_to(identity).with_only_columns(Unit.id).order_by(Unit.id).limit(most)
        return [(key, key) for key in session.scalars(units)]
    concluded = (
        acceptances_visible_to(identity)
        .where(Acceptance.status.in_(CONCLUDED), Acceptance.concluded_at.is_not(None))
        .with_only_columns(Acceptance.id, Acceptance.unit_id)
        .order_by(Acceptance.id.desc())
        .limit(most)
    )
    return [(key, unit_id) for key, unit_id in session.execute(concluded)]


def draws_visible_to(identity: Identity) -> Select[Draw]:
    """Every draw whose members the person may know."""
    return select(Draw).where(visible(visibility(identity, Permission.DRAW_READ), organ=Draw.organ_id))


def draw_page(session: Session, identity: Identity, *, after: str | None = None) -> Page[Draw]:
    """The organ's draws, newest first."""
    return newest_first(session, draws_visible_to(identity), Draw.id, after=after)


def get_draw(session: Session, identity: Identity, draw_id: UUID) -> Draw:
    """A draw, if the person may know its members. Raises NotFound."""
    draw = session.get(Draw, draw_id)
    if draw is None:
        raise NotFound()
    require(identity, Permission.DRAW_READ, draw_scope(draw))
    return draw


def lock_draw(session: Session, draw_id: UUID) -> Draw:
    """A draw held for change. Raises NotFound."""
    return lock_row(session, Draw, draw_id)


def another_waits(session: Session, organ_id: UUID, draft: DrawDraft) -> bool:
    """Whether the organ has committed to a draw of this kind for some of these days and not revealed it. Two who commit at
    once are put in order."""
    session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"draw:{organ_id}", 0))))
    there = select(Draw.id).where(
        Draw.organ_id == organ_id,
        Draw.kind == draft.kind,
        Draw.status == DrawStatus.COMMITTED,
        Draw.period_from <= draft.period_to,
        Draw.period_to >= draft.period_from,
    )
    return session.scalar(there.limit(1)) is not None


def sample_of(session: Session, draw: Draw) -> Sequence[DrawMember]:
    """Whom a revealed sample names, in the order drawn, with their units."""
    named = draw.sample or []
    rows = session.scalars(
        select(DrawMember)
        .where(DrawMember.draw_id == draw.id, DrawMember.pseudonym.in_(named))
        .options(joinedload(DrawMember.unit))
    )
    return sorted(rows, key=lambda one: named.index(one.pseudonym))


def revealed_draws(session: Session, identity: Identity) -> Sequence[Draw]:
    """The organ's draws of units that a plan can take up."""
    wanted = draws_visible_to(identity).where(Draw.kind == DrawKind.UNITS, Draw.status == DrawStatus.REVEALED)
    return session.scalars(wanted.order_by(Draw.id.desc()).limit(20)).all()


def published_draws(session: Session, *, after: str | None = None) -> Page[Draw]:
    """Every draw there is: what is published of it names nobody."""
    return newest_first(session, select(Draw), Draw.id, after=after)


def published_draw(session: Session, draw_id: UUID) -> Draw:
    """One draw as anybody may see it. Raises NotFound."""
    draw = session.get(Draw, draw_id)
    if draw is None:
        raise NotFound()
    return draw
