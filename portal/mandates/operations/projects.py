"""REG-07: public projects, and which cameras each paid for."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session, joinedload

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.queries import competent_police
from portal.accounts.values import Identity
from portal.audit.values import FieldChange
from portal.core.db import told_apart
from portal.core.errors import Invalid, NotFound, Problem
from portal.core.lifecycle import unchanged
from portal.mandates import values
from portal.mandates.models import PublicProject
from portal.mandates.queries.projects import lock_project, place_of
from portal.mandates.values import ProjectParticulars
from portal.registry.models import System, Unit
from portal.registry.operations.recording import about, note
from portal.registry.queries import system_scope, unit_scope
from portal.registry.values import SystemKind

TAKEN = {"uq_public_project_number": Problem("number", "project_taken")}
_PLAIN = (
    "number", "name", "budget_year", "amount", "planning_batch", "status", "funding", "financing_paper", "builder", "note",
)  # fmt: skip


def enter_project(
    session: Session, *, actor: Identity, unit_id: UUID, particulars: ProjectParticulars, now: datetime
) -> PublicProject:
    """Enter a project of a police unit. Raises Invalid for a number that is taken."""
    unit = session.get(Unit, unit_id)
    if unit is None:
        raise NotFound()
    require(actor, Permission.PROJECT_EDIT, unit_scope(unit), read=Permission.UNIT_READ)
    organ = competent_police(session, unit.district)
    project = PublicProject(
        unit_id=unit.id, district=unit.district, organ_id=organ.id, organ_name=organ.name, created_at=now, **_columns(particulars)
    )  # fmt: skip
    with told_apart(session, TAKEN):
        session.add(project)
    note(session, actor, values.PROJECT_ENTERED, about(project, project.name), project, now=now)
    return project


def edit_project(
    session: Session,
    *,
    actor: Identity,
    project_id: UUID,
    seen_version: int,
    particulars: ProjectParticulars,
    now: datetime,
) -> PublicProject:
    """Put a project right, or tell its progress."""
    project = lock_project(session, project_id)
    require(actor, Permission.PROJECT_EDIT, place_of(project), read=Permission.PROJECT_READ)
    unchanged(project, seen_version)
    new = _columns(particulars)
    changes = [
        FieldChange(name=name, old=getattr(project, name), new=value)
        for name, value in new.items()
        if getattr(project, name) != value
    ]
    with told_apart(session, TAKEN):
        for name, value in new.items():
            setattr(project, name, value)
    note(session, actor, values.PROJECT_CHANGED, about(project, project.name), project, changes=changes, now=now)
    return project


def _columns(particulars: ProjectParticulars) -> dict[str, Any]:
    return {name: getattr(particulars, name) for name in _PLAIN}


_LINK = text(
    "insert into project_camera (camera_id, project_id, unit_id, district) "
    "select c.id, :project, c.unit_id, c.district from camera c where c.system_id = :system and c.status <> 'dismantled' "
    "on conflict (camera_id) do update set project_id = excluded.project_id where not :only_free"
)


def link_system(
    session: Session, *, actor: Identity, project_id: UUID, system_id: UUID, only_free: bool, now: datetime
) -> int:
    """Say that a project paid for a public system's cameras; with `only_free` those of other projects stay theirs.

    One statement however many cameras. Raises Invalid for a system that is not public.
    """
    project = lock_project(session, project_id)
    require(actor, Permission.PROJECT_EDIT, place_of(project), read=Permission.PROJECT_READ)
    system = session.scalars(
        select(System).where(System.id == system_id).options(joinedload(System.unit))
    ).one_or_none()
    if system is None:
        raise NotFound()
    require(actor, Permission.PROJECT_EDIT, system_scope(system), read=Permission.SYSTEM_READ)
    if system.kind != SystemKind.PUBLIC:
        raise Invalid([Problem("system", "not_public")])
    done: Any = session.execute(_LINK, {"project": project.id, "system": system.id, "only_free": only_free})
    count = int(done.rowcount)
    changes = [FieldChange(name="system", new=system.name), FieldChange(name="cameras", new=count)]
    note(session, actor, values.PROJECT_LINKED, about(project, project.name), project, changes=changes, now=now)
    return count
