"""What the archives of a unit's systems lack, gathered in a fixed number of questions, however many systems there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, contains_eager

from portal.accounts.permissions import Permission
from portal.accounts.policy import visibility
from portal.accounts.values import Identity
from portal.registry.models import Camera, Sign, System, Unit
from portal.registry.queries.archive import helds_of
from portal.registry.rules import rules_for
from portal.registry.rules.archive import DESCRIBED, archive_gaps, contact_shortfalls
from portal.registry.states import CameraStatus, UseStatus
from portal.regulation.schema.keys import RuleKey


@dataclass(frozen=True, kw_only=True)
class Lacking:
    """A system that runs, how many things its archive lacks, and whether it has no sign though it must have one."""

    system: System
    gaps: int
    sign: bool


def lacking_of_units(session: Session, identity: Identity, *, on: date, limit: int) -> Sequence[Lacking]:
    """The running systems of the person's own units that lack something, by name."""
    units = visibility(identity, Permission.SYSTEM_READ).units
    systems = session.scalars(
        select(System)
        .join(System.unit)
        .where(System.unit_id.in_(units), System.use_status.not_in((UseStatus.PLANNED, UseStatus.DISMANTLED)))
        .options(contains_eager(System.unit))
        .order_by(Unit.name, System.name, System.id)
        .limit(limit)
    ).all()
    if not systems:
        return []
    keys = [system.id for system in systems]
    helds = helds_of(session, systems, on=on)
    bare = [func.coalesce(func.btrim(getattr(Camera, name)), "") == "" for name in DESCRIBED]
    counted = select(Camera.system_id, func.count()).where(
        Camera.system_id.in_(keys), Camera.status != CameraStatus.DISMANTLED, or_(*bare)
    )
    undescribed = {key: count for key, count in session.execute(counted.group_by(Camera.system_id))}  # noqa: C416
    signed = set(session.scalars(select(Sign.system_id).where(Sign.system_id.in_(keys), Sign.removed_on.is_(None))))
    found = []
    for system in systems:
        rules, held = rules_for(system.unit, system, on=on), helds[system.id]
        gaps = archive_gaps(rules, system=system, held=held, undescribed=undescribed.get(system.id, 0))
        unsigned = rules.flag(RuleKey.SIGN_REQUIRED) and system.id not in signed
        missing = len(gaps) + len(contact_shortfalls(rules, held))
        if missing or unsigned:
            found.append(Lacking(system=system, gaps=missing, sign=unsigned))
    return found
