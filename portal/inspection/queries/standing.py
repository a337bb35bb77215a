"""What a system was accepted for, what it was assessed at, and the time limits that run."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.models import Organ, OrganDivision
from portal.core.errors import NotFound
from portal.inspection.models import (
    Acceptance,
    AcceptanceClock,
    SelfAssessment,
)
from portal.inspection.rules import Standing, has_standard
from portal.inspection.states import OPEN, PASSED, AcceptanceKind
from portal.registry.models import Camera, System, Unit
from portal.registry.states import LIVE_CODES, CameraStatus, LiveState, UseStatus
from portal.regulation.effective import EffectiveRules


def latest_acceptance(session: Session, system_id: UUID, kind: AcceptanceKind | None = None) -> Acceptance | None:
    """The newest acceptance of a system, of one kind or of any."""
    statement = select(Acceptance).where(Acceptance.system_id == system_id)
    if kind is not None:
        statement = statement.where(Acceptance.kind == kind)
    return session.scalars(statement.order_by(Acceptance.id.desc()).limit(1)).one_or_none()


def standing_of(session: Session, system: System, rules: EffectiveRules) -> Standing:
    """What counts when the unit asks for an acceptance of this system."""
    rows = session.execute(
        select(Acceptance.kind, Acceptance.status).where(Acceptance.system_id == system.id).distinct()
    ).all()
    return Standing(
        use_status=UseStatus(system.use_status),
        accepted=any(kind != AcceptanceKind.STANDARD and status in PASSED for kind, status in rows),
        open_kinds=frozenset(AcceptanceKind(kind) for kind, status in rows if status in OPEN),
        has_standard=has_standard(rules),
    )


def draft_assessment(session: Session, system_id: UUID) -> SelfAssessment | None:
    """The self-assessment of a system that is not signed yet."""
    return session.scalars(
        select(SelfAssessment).where(SelfAssessment.system_id == system_id, SelfAssessment.signed_at.is_(None))
    ).one_or_none()


def assessment_to_apply_with(session: Session, system_id: UUID) -> SelfAssessment | None:
    """The newest signed self-assessment of a system that no application has used."""
    return session.scalars(
        select(SelfAssessment)
        .where(
            SelfAssessment.system_id == system_id,
            SelfAssessment.signed_at.is_not(None),
            ~select(Acceptance.id).where(Acceptance.self_assessment_id == SelfAssessment.id).exists(),
        )
        .order_by(SelfAssessment.id.desc())
        .limit(1)
    ).one_or_none()


def lock_assessment(session: Session, assessment_id: UUID) -> SelfAssessment:
    """A self-assessment held for change, with its system and unit. Raises NotFound."""
    found = session.scalars(
        select(SelfAssessment)
        .where(SelfAssessment.id == assessment_id)
        .options(joinedload(SelfAssessment.system), joinedload(SelfAssessment.unit))
        .with_for_update(of=SelfAssessment)
    ).one_or_none()
    if found is None:
        raise NotFound()
    return found


def assessment_of(session: Session, acceptance: Acceptance) -> SelfAssessment | None:
    """The self-assessment an application was made with."""
    return session.get(SelfAssessment, acceptance.self_assessment_id) if acceptance.self_assessment_id else None


def supervisor_of(session: Session, unit: Unit, district: str) -> UUID | None:
    """The organ that supervises this kind of unit in a district: its own before the whole city's."""
    return session.scalar(
        select(Organ.id)
        .outerjoin(OrganDivision, OrganDivision.organ_id == Organ.id)
        .where(Organ.sectors.contains([unit.unit_type]), or_(Organ.citywide, OrganDivision.division_code == district))
        .order_by(Organ.citywide, Organ.code)
        .limit(1)
    )


def alive_before_acceptance(session: Session, acceptance: Acceptance) -> tuple[int, int]:
    """How many devices of a system answer although it is not accepted yet, and how many it has: nothing runs before the
    organ has accepted it, but for its trial (Anyang 2007 art. 10)."""
    alive = func.count().filter(Camera.live == LIVE_CODES[LiveState.ONLINE])
    found, whole = session.execute(
        select(alive, func.count()).where(
            Camera.system_id == acceptance.system_id, Camera.status != CameraStatus.DISMANTLED
        )
    ).one()
    return found, whole


def clocks_of(session: Session, acceptance_id: UUID) -> Sequence[AcceptanceClock]:
    """Every time limit of an acceptance, in the order they ran."""
    return session.scalars(
        select(AcceptanceClock).where(AcceptanceClock.acceptance_id == acceptance_id).order_by(AcceptanceClock.id)
    ).all()
