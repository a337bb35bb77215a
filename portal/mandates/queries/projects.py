"""Public projects with their cameras, relocation orders, and moves that nobody ordered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.accounts.permissions import Permission
from portal.accounts.policy import require, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity, Scope
from portal.core.db import lock_row
from portal.core.errors import NotFound
from portal.core.paging import COUNT_CAP, Page, newest_first, tally_of
from portal.mandates.models import (
    ProjectCamera,
    PublicMove,
    PublicProject,
    RelocationCamera,
    RelocationOrder,
)
from portal.mandates.states import RelocationStatus
from portal.registry.models import Camera, System, Unit
from portal.registry.states import CameraStatus
from portal.registry.values import SystemKind


def place_of(row: PublicProject | RelocationOrder | PublicMove) -> Scope:
    """Where a project, an order or a move stands."""
    return Scope(unit_ids=frozenset({row.unit_id}), districts=frozenset({row.district}))


def projects_visible_to(identity: Identity) -> Select[PublicProject]:
    """Every project the person may read."""
    seen = visibility(identity, Permission.PROJECT_READ)
    return select(PublicProject).where(visible(seen, unit=PublicProject.unit_id, district=PublicProject.district))


def get_project(session: Session, identity: Identity, project_id: UUID) -> PublicProject:
    """A project, if the person may read it. Raises NotFound."""
    project = session.get(PublicProject, project_id)
    if project is None:
        raise NotFound()
    require(identity, Permission.PROJECT_READ, place_of(project))
    return project


def lock_project(session: Session, project_id: UUID) -> PublicProject:
    """A project held for change. Raises NotFound."""
    project = session.get(PublicProject, project_id, with_for_update=True, populate_existing=True)
    if project is None:
        raise NotFound()
    return project


@dataclass(frozen=True, kw_only=True)
class ProjectFilter:
    """What the list is narrowed to; empty means all."""

    keyword: str = ""
    district: str = ""
    year: int | None = None


def project_page(
    session: Session, identity: Identity, wanted: ProjectFilter, *, after: str | None = None
) -> Page[PublicProject]:
    """Projects, newest first."""
    statement = projects_visible_to(identity)
    if wanted.keyword.strip():
        word = wanted.keyword.strip()
        statement = statement.where(
            PublicProject.name.contains(word, autoescape=True) | PublicProject.number.contains(word, autoescape=True)
        )
    if wanted.district:
        statement = statement.where(PublicProject.district == wanted.district)
    if wanted.year is not None:
        statement = statement.where(PublicProject.budget_year == wanted.year)
    return newest_first(session, statement, PublicProject.id, after=after)


def camera_counts_of(session: Session, keys: Sequence[UUID]) -> Mapping[UUID, int]:
    """How many cameras each of these projects paid for."""
    if not keys:
        return {}
    rows = session.execute(
        select(ProjectCamera.project_id, func.count())
        .where(ProjectCamera.project_id.in_(keys))
        .group_by(ProjectCamera.project_id)
    )
    return dict(rows.all())


@dataclass(frozen=True)
class YearTotal:
    """What one budget year's projects come to."""

    year: int
    projects: int
    amount: Decimal


def totals_by_year(session: Session, identity: Identity) -> Sequence[YearTotal]:
    """Projects and money by budget year, the newest first."""
    statement = projects_visible_to(identity).with_only_columns(
        PublicProject.budget_year, func.count(), func.sum(PublicProject.amount)
    )
    rows = session.execute(
        statement.group_by(PublicProject.budget_year).order_by(PublicProject.budget_year.desc()).limit(30)
    )
    return [YearTotal(year, count, amount or Decimal(0)) for year, count, amount in rows]


@dataclass(frozen=True)
class SystemShare:
    """A public system with its cameras in use, and how many of them no project paid for."""

    id: UUID
    name: str
    unit: str
    district: str
    cameras: int
    free: int


def public_systems(session: Session, identity: Identity, *, limit: int) -> tuple[Sequence[SystemShare], int]:
    """Public systems with cameras that no project paid for, the most first, and how many such cameras all have."""
    seen = visibility(identity, Permission.PROJECT_READ)
    free = func.count(Camera.id).filter(ProjectCamera.camera_id.is_(None))
    rows = session.execute(
        select(System.id, System.name, Unit.name, System.district, func.count(Camera.id), free, func.sum(free).over())
        .join(Unit, Unit.id == System.unit_id)
        .join(Camera, Camera.system_id == System.id)
        .outerjoin(ProjectCamera, ProjectCamera.camera_id == Camera.id)
        .where(
            System.kind == SystemKind.PUBLIC,
            Camera.status != CameraStatus.DISMANTLED,
            ~Camera.secret,
            visible(seen, unit=System.unit_id, district=System.district),
        )
        .group_by(System.id, Unit.name)
        .having(free > 0)
        .order_by(free.desc(), System.id)
        .limit(limit)
    ).all()
    return [SystemShare(*row[:-1]) for row in rows], int(rows[0][-1]) if rows else 0


def systems_to_link(session: Session, identity: Identity, district: str) -> Sequence[tuple[UUID, str]]:
    """Public systems of a district that a project can be said to have paid for."""
    seen = visibility(identity, Permission.PROJECT_EDIT)
    rows = session.execute(
        select(System.id, System.name)
        .where(
            System.kind == SystemKind.PUBLIC,
            System.district == district,
            visible(seen, district=System.district),
        )
        .order_by(System.name, System.id)
        .limit(200)
    )
    return [(key, name) for key, name in rows]


def police_units(session: Session, identity: Identity) -> Sequence[tuple[UUID, str]]:
    """Units that run public systems, within the actor's districts."""
    seen = visibility(identity, Permission.PROJECT_EDIT)
    runs = select(System.unit_id).where(System.kind == SystemKind.PUBLIC)
    rows = session.execute(
        select(Unit.id, Unit.name)
        .where(Unit.id.in_(runs), visible(seen, district=Unit.district))
        .order_by(Unit.name)
        .limit(200)
    )
    return [(key, name) for key, name in rows]


def systems_of_project(session: Session, project_id: UUID) -> Sequence[tuple[UUID, str, int]]:
    """Which systems a project's cameras hang in, and how many."""
    rows = session.execute(
        select(System.id, System.name, func.count())
        .join(Camera, Camera.system_id == System.id)
        .join(ProjectCamera, ProjectCamera.camera_id == Camera.id)
        .where(ProjectCamera.project_id == project_id)
        .group_by(System.id)
        .order_by(System.name, System.id)
        .limit(100)
    )
    return [(key, name, count) for key, name, count in rows]


def project_of_camera(session: Session, camera_id: UUID) -> PublicProject | None:
    """The project that paid for a camera."""
    return session.scalars(
        select(PublicProject)
        .join(ProjectCamera, ProjectCamera.project_id == PublicProject.id)
        .where(ProjectCamera.camera_id == camera_id)
    ).one_or_none()


# ---- relocations ----


@dataclass(frozen=True, kw_only=True)
class RelocationFilter:
    """What the list is narrowed to; empty means all."""

    status: RelocationStatus | None = None
    district: str = ""


def relocations_visible_to(identity: Identity) -> Select[RelocationOrder]:
    """Every relocation order the person may read."""
    seen = visibility(identity, Permission.PROJECT_READ)
    return select(RelocationOrder).where(visible(seen, unit=RelocationOrder.unit_id, district=RelocationOrder.district))


def get_relocation(session: Session, identity: Identity, relocation_id: UUID) -> RelocationOrder:
    """A relocation order with project and cameras, if the person may read it. Raises NotFound."""
    order = session.scalars(
        select(RelocationOrder)
        .where(RelocationOrder.id == relocation_id)
        .options(
            joinedload(RelocationOrder.project),
            selectinload(RelocationOrder.cameras).joinedload(RelocationCamera.camera),
        )
    ).one_or_none()
    if order is None:
        raise NotFound()
    require(identity, Permission.PROJECT_READ, place_of(order))
    return order


def lock_relocation(session: Session, relocation_id: UUID) -> RelocationOrder:
    """A relocation order held for change, with its cameras. Raises NotFound."""
    return lock_row(
        session,
        RelocationOrder,
        relocation_id,
        selectinload(RelocationOrder.cameras).joinedload(RelocationCamera.camera),
    )


def relocation_page(
    session: Session, identity: Identity, wanted: RelocationFilter, *, after: str | None = None
) -> Page[RelocationOrder]:
    """Relocation orders, newest first."""
    statement = relocations_visible_to(identity)
    if wanted.status is not None:
        statement = statement.where(RelocationOrder.status == wanted.status)
    if wanted.district:
        statement = statement.where(RelocationOrder.district == wanted.district)
    return newest_first(session, statement, RelocationOrder.id, after=after)


def relocation_tally(session: Session, identity: Identity) -> Mapping[RelocationStatus, int]:
    """How many relocation orders stand in each status."""
    return tally_of(session, relocations_visible_to(identity), RelocationOrder.status, RelocationStatus)


def relocations_of_camera(session: Session, camera_id: UUID) -> Sequence[RelocationOrder]:
    """The orders that moved, or are to move, a camera; newest first."""
    return session.scalars(
        select(RelocationOrder)
        .join(RelocationCamera, RelocationCamera.order_id == RelocationOrder.id)
        .where(RelocationCamera.camera_id == camera_id)
        .order_by(RelocationOrder.id.desc())
        .limit(10)
    ).all()


def public_cameras(
    session: Session, identity: Identity, system_id: UUID, *, keyword: str, limit: int
) -> Sequence[Camera]:
    """Cameras of a public system to choose from for a relocation."""
    seen = visibility(identity, Permission.PROJECT_EDIT)
    statement = (
        select(Camera)
        .join(System, System.id == Camera.system_id)
        .where(
            Camera.system_id == system_id,
            System.kind == SystemKind.PUBLIC,
            Camera.status != CameraStatus.DISMANTLED,
            ~Camera.secret,
            visible(seen, district=Camera.district),
        )
    )
    if keyword.strip():
        word = keyword.strip()
        statement = statement.where(Camera.name.contains(word, autoescape=True) | (Camera.gb_code == word))
    return session.scalars(statement.order_by(Camera.name, Camera.id).limit(limit)).all()


# ---- moves without an order ----


def open_moves(session: Session, identity: Identity, *, limit: int) -> tuple[Sequence[PublicMove], int]:
    """Moves of public cameras that no order covers and nobody explained, the newest first, and how many in all."""
    seen = visibility(identity, Permission.PROJECT_READ)
    waiting = select(PublicMove).where(
        PublicMove.order_id.is_(None),
        PublicMove.explained_at.is_(None),
        PublicMove.camera.has(~Camera.secret),
        visible(seen, unit=PublicMove.unit_id, district=PublicMove.district),
    )
    count = session.scalar(select(func.count()).select_from(waiting.limit(COUNT_CAP + 1).subquery())) or 0
    rows = session.scalars(
        waiting.options(joinedload(PublicMove.camera)).order_by(PublicMove.moved_at.desc(), PublicMove.id).limit(limit)
    ).all()
    return rows, count


def get_move(session: Session, identity: Identity, move_id: UUID) -> PublicMove:
    """One noted move, if the person may read it. Raises NotFound."""
    move = session.get(PublicMove, move_id, options=[joinedload(PublicMove.camera)])
    if move is None or move.camera.secret:
        raise NotFound()
    require(identity, Permission.PROJECT_READ, place_of(move))
    return move


def moves_of_camera(session: Session, camera_id: UUID) -> Sequence[PublicMove]:
    """A camera's noted moves, newest first."""
    return session.scalars(
        select(PublicMove)
        .where(PublicMove.camera_id == camera_id)
        .order_by(PublicMove.moved_at.desc(), PublicMove.id)
        .limit(10)
    ).all()
