"""Sites of a unit: entered, changed, struck out while nothing stands there."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.values import SubjectRef
from portal.core.db import told_apart
from portal.core.errors import IllegalTransition, NotFound, Problem
from portal.core.geometry import point, to_element
from portal.core.lifecycle import unchanged
from portal.registry.models import PlanItem, Site, System, Unit
from portal.registry.operations.acts import put
from portal.registry.operations.recording import note
from portal.registry.queries import lock_unit, unit_scope
from portal.registry.values import archive
from portal.registry.values.archive import SiteParticulars

FIELDS = ("name", "kind", "district", "address")
TAKEN = {"uq_site_unit_id_name": Problem("name", "site_name_taken")}


def save_site(
    session: Session,
    *,
    actor: Identity,
    unit_id: UUID,
    site_id: UUID | None = None,
    seen_version: int = 0,
    particulars: SiteParticulars,
    now: datetime,
) -> Site:
    """Enter a site, or change one. Raises Invalid where the unit has a site of that name, Stale or NotFound."""
    unit = lock_unit(session, unit_id)
    require(actor, Permission.UNIT_EDIT, unit_scope(unit), read=Permission.UNIT_READ)
    if site_id is None:
        site = Site(unit_id=unit.id)
    else:
        site = _site(session, unit, site_id)
        unchanged(site, seen_version)
    with session.no_autoflush, told_apart(session, TAKEN):
        changes = put(site, particulars, FIELDS)
        if particulars.lon is not None and particulars.lat is not None:
            site.position = to_element(point(particulars.lon, particulars.lat))
        session.add(site)
    subject = SubjectRef("site", site.id, site.name)
    note(session, actor, archive.SITE_SET, subject, unit, changes=changes, now=now)
    return site


def remove_site(
    session: Session, *, actor: Identity, unit_id: UUID, site_id: UUID, seen_version: int, now: datetime
) -> None:
    """Strike out a site at which nothing stands or is planned. Raises IllegalTransition for any other."""
    unit = lock_unit(session, unit_id)
    require(actor, Permission.UNIT_EDIT, unit_scope(unit), read=Permission.UNIT_READ)
    site = _site(session, unit, site_id)
    unchanged(site, seen_version)
    for model in (System, PlanItem):
        if session.scalar(select(func.count()).select_from(model).where(model.site_id == site.id)):
            raise IllegalTransition("site_in_use")
    subject = SubjectRef("site", site.id, site.name)
    session.delete(site)
    note(session, actor, archive.SITE_REMOVED, subject, unit, now=now)


def _site(session: Session, unit: Unit, site_id: UUID) -> Site:
    site = session.get(Site, site_id, with_for_update=True)
    if site is None or site.unit_id != unit.id:
        raise NotFound()
    return site
