"""Zones that a viewing account can be given: those that the rules of its person's units name."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Membership
from portal.registry.models import Unit
from portal.registry.rules import rules_for
from portal.regulation.schema.base import Text


def zones_known(session: Session, person_id: UUID, *, on: date) -> tuple[Sequence[str], Mapping[str, Text]]:
    """The approval zones, and the zones by their own names, under the rules of every unit the person belongs to."""
    units = session.scalars(
        select(Unit)
        .join(Membership, Membership.unit_id == Unit.id)
        .where(Membership.person_id == person_id, Membership.valid_to.is_(None))
        .distinct()
        .limit(20)
    ).all()
    found = [cited.zone for unit in units for cited in rules_for(unit, None, on=on).zones()]
    groups = dict.fromkeys(zone.approval_zone for zone in found if zone.approval_zone)
    return list(groups), {zone.key: zone.text for zone in found}
