"""The police's register of protected sites. Every look at it is on record before it is shown."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require, visibility
from portal.accounts.values import Identity
from portal.audit.operations import record, record_and_seal
from portal.audit.values import SubjectRef
from portal.core.errors import NotAllowed, NotFound
from portal.core.geometry import point, to_element
from portal.core.lifecycle import unchanged
from portal.core.outbox import TaskName, enqueue
from portal.registry.models import ProtectedSite
from portal.registry.operations.routing import district_at
from portal.registry.queries.reviews import site_scope
from portal.registry.values import zones as values
from portal.registry.values.zones import SiteParticulars


def note_register_read(session: Session, *, actor: Identity, now: datetime) -> None:
    """The register is about to be shown: sealed in the log first."""
    require(actor, Permission.SITE_KEEP)
    record_and_seal(session, actor=actor.actor, tag=values.SITES_READ, subject=SubjectRef("protected_site"), now=now)


def enter_site(session: Session, *, actor: Identity, particulars: SiteParticulars, now: datetime) -> ProtectedSite:
    """Enter a site; the person's own organ keeps it. Cameras that stand around it already are looked over soon."""
    organ_id = _keeper(actor)
    site = ProtectedSite(organ_id=organ_id, entered_by_name=actor.name[:40], entered_at=now)
    _fill(session, site, particulars)
    site.updated_at = now
    session.add(site)
    session.flush()
    _record(session, actor, values.SITE_ENTERED, site, now=now)
    _ask_look(session, site, now=now)
    return site


def change_site(
    session: Session,
    *,
    actor: Identity,
    site_id: UUID,
    seen_version: int,
    particulars: SiteParticulars,
    active: bool,
    now: datetime,
) -> ProtectedSite:
    """Change a site, or take it out of force. Reviews it has opened are decided as they stand."""
    site = session.get(ProtectedSite, site_id, with_for_update=True)
    if site is None:
        raise NotFound()
    require(actor, Permission.SITE_KEEP, site_scope(site))
    unchanged(site, seen_version)
    _fill(session, site, particulars)
    site.active, site.updated_at = active, now
    session.flush()
    _record(session, actor, values.SITE_CHANGED, site, now=now)
    _ask_look(session, site, now=now)
    return site


def _keeper(actor: Identity) -> UUID:
    held = visibility(actor, Permission.SITE_KEEP).organs
    if actor.organ_id in held:
        return actor.organ_id
    if not held:
        raise NotAllowed("permission", permission=str(Permission.SITE_KEEP))
    return min(held)


def _fill(session: Session, site: ProtectedSite, particulars: SiteParticulars) -> None:
    site.district = district_at(session, particulars.lon, particulars.lat)
    site.position = to_element(point(particulars.lon, particulars.lat))
    site.kind, site.name, site.radius_m = particulars.kind, particulars.name.strip(), particulars.radius_m
    site.contact, site.note = particulars.contact.strip(), particulars.note.strip()


def _ask_look(session: Session, site: ProtectedSite, *, now: datetime) -> None:
    """Cameras of every unit may stand there, more than this session may touch: a job looks them over."""
    dedupe = f"site:{site.id}:{now.isoformat()}"
    enqueue(session, TaskName.REGISTRY_CHECK_POINTS, dedupe=dedupe, site_id=site.id)


def _record(session: Session, actor: Identity, tag: str, site: ProtectedSite, *, now: datetime) -> None:
    # No district and no name but its keeper's: whoever may read the log need not learn what stands where.
    subject = SubjectRef("protected_site", site.id, actor.organ_name)
    record(session, actor=actor.actor, tag=tag, subject=subject, now=now)
