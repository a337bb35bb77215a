"""The few facts that are public."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased, joinedload

from portal.accounts.models import Organ
from portal.core.clock import city_day
from portal.core.db import narrow
from portal.core.scope import EVERYTHING, NOTHING
from portal.inspection.models import Acceptance, ConclusionOverride
from portal.inspection.rules import FrozenList
from portal.inspection.states import PASSED, AcceptanceKind, AcceptanceStatus
from portal.registry.models import Filing
from portal.registry.states import IN_FORCE, FilingStatus
from portal.registry.values import FilingKind
from portal.regulation.schema.base import Text


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


class Standing(StrEnum):
    """What has become of a certificate."""

    VALID = "valid"
    REVIEW = "review"
    REPLACED = "replaced"
    REVOKED = "revoked"


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """What the check of a certificate tells: unit, project, result, grade, day. No position, no device."""

    unit_name: str
    project_name: str
    organ_name: str
    status: AcceptanceStatus
    grade: Text | None
    concluded_on: date
    standing: Standing
    changed_on: date | None


def certificate_by_code(session: Session, code: str) -> Certificate | None:
    """The certificate of a code, or nothing; of a secret system there is none. The session sees rows for this one
    question only."""
    narrow(session, EVERYTHING)
    try:
        later = aliased(Acceptance)
        after = (
            later.system_id == Acceptance.system_id,
            (later.kind == AcceptanceKind.STANDARD) == (Acceptance.kind == AcceptanceKind.STANDARD),
            later.concluded_at > Acceptance.concluded_at,
        )
        newest = select(later.status).where(*after).order_by(later.concluded_at.desc()).limit(1).scalar_subquery()
        decided = select(func.max(ConclusionOverride.decided_at)).where(
            ConclusionOverride.acceptance_id == Acceptance.id, ConclusionOverride.approved.is_(True)
        )
        waits = exists().where(ConclusionOverride.acceptance_id == Acceptance.id, ConclusionOverride.approved.is_(None))
        row = session.execute(
            select(Acceptance, Organ.name, newest, decided.scalar_subquery(), waits)
            .join(Organ, Organ.id == Acceptance.organ_id)
            .where(Acceptance.certificate_code == code.upper())
            .options(joinedload(Acceptance.unit), joinedload(Acceptance.system))
        ).one_or_none()
    finally:
        narrow(session, NOTHING)
    if row is None or row[0].system.secret or row[0].concluded_at is None:
        return None
    acceptance, organ_name, since, changed, waiting = row
    return Certificate(
        unit_name=acceptance.unit.name,
        project_name=acceptance.system.name,
        organ_name=organ_name,
        status=AcceptanceStatus(acceptance.status),
        grade=_grade(acceptance),
        concluded_on=city_day(acceptance.concluded_at),
        standing=_standing(acceptance, since, waiting=waiting),
        changed_on=city_day(changed) if changed else None,
    )


def _standing(acceptance: Acceptance, since: str | None, *, waiting: bool) -> Standing:
    """A pass that fell, or after which the system failed, is no longer in force; a later pass has its own certificate."""
    if acceptance.status not in PASSED or (since is not None and since not in PASSED):
        return Standing.REVOKED
    if since is not None:
        return Standing.REPLACED
    return Standing.REVIEW if waiting else Standing.VALID


def _grade(acceptance: Acceptance) -> Text | None:
    bands = FrozenList.from_json(acceptance.checklist).bands if acceptance.checklist else None
    return next((band.title for band in bands.bands if band.key == acceptance.grade), None) if bands else None
