"""The few facts that are public."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.models import Organ
from portal.core.clock import city_day
from portal.core.db import narrow
from portal.core.scope import EVERYTHING, NOTHING
from portal.registry.models import Filing
from portal.registry.states import IN_FORCE, FilingStatus
from portal.registry.values import FilingKind


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What the check of a receipt tells: that it is genuine, and nothing about places or devices."""

    number: str
    unit_name: str
    system_name: str
    organ_name: str
    accepted_on: date
    status: FilingStatus
    voluntary: bool

    @property
    def valid(self) -> bool:
        """Whether it is in force, confirmed or not."""
        return self.status in IN_FORCE


def receipt_by_code(session: Session, code: str) -> Receipt | None:
    """The receipt of a code, or nothing. The session sees rows for this one question only."""
    narrow(session, EVERYTHING)
    try:
        row = session.execute(
            select(Filing, Organ.name)
            .join(Organ, Organ.id == Filing.organ_id)
            .where(Filing.receipt_code == code.upper())
            .options(joinedload(Filing.unit), joinedload(Filing.system))
        ).one_or_none()
    finally:
        narrow(session, NOTHING)
    if row is None:
        return None
    filing, organ_name = row
    if filing.decided_at is None or filing.number is None:
        return None
    return Receipt(
        number=filing.number,
        unit_name=filing.unit.name,
        system_name="" if filing.system.secret else filing.system.name,
        organ_name=organ_name,
        accepted_on=city_day(filing.decided_at),
        status=FilingStatus(filing.status),
        voluntary=filing.kind == FilingKind.VOLUNTARY,
    )
