"""Who may hold a key to footage: somebody on the unit's list of operators, whose account is for the zones asked for."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.values import AccountPurpose, Identity
from portal.audit.operations import record
from portal.audit.values import FieldChange, SubjectRef, audit_tag
from portal.core.clock import city_day
from portal.evidence import values
from portal.evidence.models import FootageRequest
from portal.registry.models import Camera, System, SystemZone, ZoneCamera
from portal.registry.queries.operators import unlisted
from portal.registry.rules import rules_for
from portal.regulation.chains import zone_groups
from portal.regulation.schema.keys import RuleKey

OPENED_UNLISTED = audit_tag("evidence:footage:unlisted", "Opened by somebody on no list of operators")


def key_problem(session: Session, who: Identity, request: FootageRequest, *, now: datetime) -> str:
    """Why this person may hold no key to this request, or nothing. The requester's rights are not asked here."""
    if who.purpose is AccountPurpose.INSPECTION:
        return "evidence.key_inspection"
    if who.purpose is AccountPurpose.VIEWING and not _in_zones(session, who, request, now=now):
        return "evidence.key_zone"
    if who.person_id is None:
        return ""
    missing, keeps = unlisted(session, request.unit_id, {who.person_id}, on=city_day(now))
    only = rules_for(request.unit, None, on=city_day(now)).flag(RuleKey.PEOPLE_LISTED_OPERATORS_ONLY)
    return "evidence.key_unlisted" if missing and keeps and only else ""


def tell_unlisted(session: Session, actor: Identity, request: FootageRequest, *people: Identity, now: datetime) -> None:
    """Record who opened footage without standing on a list. Where the unit keeps none yet nobody is refused, for the duty
    to supply comes first; the unit's heads see every such opening in its books."""
    keys = {one.person_id: one.name for one in people if one.person_id is not None}
    missing, _keeps = unlisted(session, request.unit_id, set(keys), on=city_day(now))
    for person_id in sorted(missing, key=str):
        record(
            session,
            actor=actor.actor,
            tag=OPENED_UNLISTED,
            subject=SubjectRef(values.SUBJECT, request.id, request.called),
            unit_id=request.unit_id,
            changes=[FieldChange(name="operator", new=keys[person_id])],
            now=now,
        )


def _in_zones(session: Session, who: Identity, request: FootageRequest, *, now: datetime) -> bool:
    """Every zone that every camera of the request shows is one of the account's, by its own name or its approval zone."""
    further = (
        select(SystemZone.key)
        .join(ZoneCamera, ZoneCamera.zone_id == SystemZone.id)
        .where(ZoneCamera.camera_id == Camera.id)
        .correlate(Camera)
    )
    rows = session.execute(
        select(System, func.coalesce(Camera.zone, ""), func.array(further.scalar_subquery()))
        .join(System, System.id == Camera.system_id)
        .where(Camera.id.in_([one.camera_id for one in request.cameras]))
    ).all()
    if len(rows) != len(request.cameras):
        return False
    for system, zone, others in rows:
        groups = zone_groups(rules_for(request.unit, system, on=city_day(now)))
        for key in (zone, *others):
            if key not in who.zones and groups(key) not in who.zones:
                return False
    return True
