"""Reading campaigns, and how far each school has come, from what it handed in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, any_, case, false, func, or_, select, true, tuple_
from sqlalchemy.orm import Session

from portal.accounts.models import Organ, OrganDivision
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, refusal_of, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity, Scope
from portal.campaigns.models import Campaign, CampaignActivity, CampaignMember
from portal.campaigns.states import CampaignStatus, Progress
from portal.core.citytime import city_date
from portal.core.db import lock_row
from portal.core.errors import NotFound
from portal.core.paging import PAGE_SIZE, Page, encode_cursor, newest_first, place_in
from portal.inspection.models import Acceptance, SelfAssessment
from portal.inspection.states import PASSED, AcceptanceKind, AcceptanceStatus
from portal.registry.models import Document, Unit

# The paper by which a school tells what it plans (003 §4.2).
SCHEME_SLOT = "standard_scheme"
MOST_ACTIVITIES = 50


def takes_part() -> ColumnElement[bool]:
    """A unit's place in a campaign: of its kinds, in its district (003 note 1)."""
    return and_(Unit.district == Campaign.district, Unit.unit_type == any_(Campaign.unit_types))


PAPER = (
    select(city_date(func.min(Document.uploaded_at)).label("handed_in"))
    .where(
        Document.unit_id == Unit.id, Document.slot == SCHEME_SLOT, city_date(Document.uploaded_at) >= Campaign.begins_on
    )
    .correlate(Unit, Campaign)
    .lateral("paper")
)
OWN = (
    select(SelfAssessment.score, SelfAssessment.signed_at)
    .where(
        SelfAssessment.unit_id == Unit.id,
        city_date(SelfAssessment.signed_at).between(Campaign.begins_on, Campaign.ends_on),
    )
    .order_by(SelfAssessment.id.desc())
    .limit(1)
    .correlate(Unit, Campaign)
    .lateral("own")
)
LAST = (
    select(Acceptance.id, Acceptance.status, Acceptance.score, Acceptance.grade, Acceptance.self_score)
    .where(
        Acceptance.unit_id == Unit.id,
        Acceptance.kind == AcceptanceKind.STANDARD,
        Acceptance.status != AcceptanceStatus.WITHDRAWN,
        city_date(Acceptance.requested_at).between(Campaign.begins_on, Campaign.ends_on),
    )
    .order_by(Acceptance.id.desc())
    .limit(1)
    .correlate(Unit, Campaign)
    .lateral("last")
)
PROGRESS: ColumnElement[str] = case(
    (LAST.c.status.in_(sorted(PASSED)), Progress.GRADED.value),
    (LAST.c.status == AcceptanceStatus.FAILED, Progress.FAILED.value),
    (LAST.c.status.is_not(None), Progress.APPLIED.value),
    (OWN.c.signed_at.is_not(None), Progress.ASSESSED.value),
    (PAPER.c.handed_in.is_not(None), Progress.SCHEME.value),
    else_=Progress.NOT_BEGUN.value,
)
LATE: ColumnElement[bool] = func.coalesce(PAPER.c.handed_in > Campaign.scheme_due, false())
# Whoever applied without one is past it.
LACKING: ColumnElement[bool] = PAPER.c.handed_in.is_(None) & LAST.c.status.is_(None)
# What a school's grade adds to the yearly safety assessment, in points (003 §4.1).
CONTRIBUTION: ColumnElement[Decimal] = func.round(LAST.c.score * Campaign.weight / 100, 2)


def standings(identity: Identity, permission: Permission) -> Select[Unit]:
    """Every school of every campaign the person may ask about under a permission, with what it handed in."""
    seen = visibility(identity, permission)
    return (
        select(Unit)
        .join(Campaign, takes_part())
        .join(PAPER, true())
        .outerjoin(OWN, true())
        .outerjoin(LAST, true())
        .where(visible(seen, unit=Unit.id, organ=Campaign.organ_id, district=Campaign.district))
    )


def campaigns_visible_to(identity: Identity) -> Select[Campaign]:
    """Campaigns of the person's organ; those of his district or of his own school once they are open."""
    seen = visibility(identity, Permission.CAMPAIGN_READ)
    own = select(Unit.id).where(Unit.id.in_(seen.units), takes_part()).correlate(Campaign)
    public = Campaign.status != CampaignStatus.DRAFT
    return select(Campaign).where(
        or_(
            visible(seen, organ=Campaign.organ_id),
            public & (visible(seen, district=Campaign.district) | (own.exists() if seen.units else false())),
        )
    )


def campaign_page(session: Session, identity: Identity, *, after: str | None = None) -> Page[Campaign]:
    """Campaigns, newest first."""
    return newest_first(session, campaigns_visible_to(identity), Campaign.id, after=after)


def get_campaign(session: Session, identity: Identity, campaign_id: UUID) -> Campaign:
    """A campaign, if the person may read it. Raises NotFound."""
    found = session.scalars(campaigns_visible_to(identity).where(Campaign.id == campaign_id)).one_or_none()
    if found is None:
        raise NotFound()
    return found


def get_managed(session: Session, identity: Identity, campaign_id: UUID) -> Campaign:
    """A campaign for the bureau that leads it. Raises NotFound, or NotAllowed for its other readers."""
    found = get_campaign(session, identity, campaign_id)
    require_of(identity, Permission.CAMPAIGN_MANAGE, scope_of(found))
    return found


def require_of(identity: Identity, permission: Permission, scope: Scope) -> None:
    """Raise NotAllowed for a reader of a campaign who may not do this in it."""
    if not allows(identity, permission, scope):
        raise refusal_of(identity, permission)


def lock_campaign(session: Session, campaign_id: UUID) -> Campaign:
    """A campaign held for change. Raises NotFound."""
    return lock_row(session, Campaign, campaign_id)


def scope_of(campaign: Campaign) -> Scope:
    """Where a campaign stands: with the bureau that leads it."""
    return Scope(organ_ids=frozenset({campaign.organ_id}))


def schools_of(session: Session, identity: Identity, campaign: Campaign) -> Sequence[Unit]:
    """The person's own units that take part, by name."""
    if not identity.unit_ids:
        return []
    statement = select(Unit).join(Campaign, takes_part()).where(Campaign.id == campaign.id)
    return session.scalars(statement.where(Unit.id.in_(identity.unit_ids)).order_by(Unit.name)).all()


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One school in a campaign. Scores in points of 100."""

    unit_id: UUID
    name: str
    unit_type: str
    handed_in: date | None
    late: bool
    self_score: Decimal | None
    acceptance_id: UUID | None
    score: Decimal | None
    grade: str | None
    progress: Progress


_COLUMNS = (
    Unit.id, Unit.name, Unit.unit_type, PAPER.c.handed_in, LATE,
    func.coalesce(LAST.c.self_score, OWN.c.score), LAST.c.id, LAST.c.score, LAST.c.grade, PROGRESS,
)  # fmt: skip


def _standing(row: Row[Any]) -> Standing:
    names = ("unit_id", "name", "unit_type", "handed_in", "late", "self_score", "acceptance_id", "score", "grade")
    return Standing(**dict(zip(names, row, strict=False)), progress=Progress(row[-1]))


def standing_page(
    session: Session,
    identity: Identity,
    campaign: Campaign,
    *,
    progress: Progress | None = None,
    lacking: bool = False,
    after: str | None = None,
) -> Page[Standing]:
    """The schools of a campaign by name: those of one stage, those that lack a scheme, or all."""
    statement = standings(identity, Permission.CAMPAIGN_READ).where(Campaign.id == campaign.id)
    if lacking:
        statement = statement.where(LACKING)
    if progress is not None:
        statement = statement.where(PROGRESS.in_([progress]))
    if after:
        place: ColumnElement[Any] = tuple_(Unit.name, Unit.id)
        statement = statement.where(place > tuple_(*place_in(after, str, UUID)))
    rows = session.execute(
        statement.with_only_columns(*_COLUMNS).order_by(Unit.name, Unit.id).limit(PAGE_SIZE + 1)
    ).all()
    found = [_standing(row) for row in rows[:PAGE_SIZE]]
    more = len(rows) > PAGE_SIZE
    return Page(items=found, next_cursor=encode_cursor([found[-1].name, str(found[-1].unit_id)]) if more else None)


def standing_of(session: Session, identity: Identity, campaign: Campaign, unit_id: UUID) -> Standing | None:
    """One school in a campaign."""
    statement = standings(identity, Permission.CAMPAIGN_READ).where(Campaign.id == campaign.id, Unit.id == unit_id)
    row = session.execute(statement.with_only_columns(*_COLUMNS)).one_or_none()
    return _standing(row) if row else None


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How far a campaign has come: schools by stage and by grade, schemes late and lacking, and the mean of what the bureau gave less
    than the school gave itself, in points."""

    stages: Mapping[Progress, int]
    grades: Mapping[str, int]
    late: int
    lacking: int
    gap: Decimal | None

    @property
    def total(self) -> int:
        """All schools that take part."""
        return sum(self.stages.values())

    @property
    def reached(self) -> Decimal:
        """The percentage of schools with a grade; 0 without schools."""
        return Decimal(100 * self.stages[Progress.GRADED]) / self.total if self.total else Decimal(0)


def coverage_of(session: Session, identity: Identity, campaign: Campaign) -> Coverage:
    """The figures of one campaign, counted in one statement."""
    counted = standings(identity, Permission.CAMPAIGN_READ).where(Campaign.id == campaign.id)
    gap = LAST.c.self_score - LAST.c.score
    rows = session.execute(
        counted.with_only_columns(
            PROGRESS,
            LAST.c.grade,
            func.count(),
            func.count().filter(LATE),
            func.sum(gap),
            func.count(gap),
            func.count().filter(LACKING),
        ).group_by(PROGRESS, LAST.c.grade)
    ).all()
    stages, grades = dict.fromkeys(Progress, 0), dict[str, int]()
    for stage, grade, count, *_ in rows:
        stages[Progress(stage)] += count
        if grade:
            grades[grade] = grades.get(grade, 0) + count
    compared = sum(row[5] for row in rows)
    gaps = sum((row[4] for row in rows if row[4] is not None), Decimal(0))
    return Coverage(
        stages=stages,
        grades=grades,
        late=sum(row[3] for row in rows),
        lacking=sum(row[6] for row in rows),
        gap=gaps / compared if compared else None,
    )


def weight_before(session: Session, campaign: Campaign) -> Decimal | None:
    """The weight of the bureau's campaign before this one, of the same district and kinds of school: 003 §4.1 asks that
    the weight be raised."""
    return session.scalars(
        select(Campaign.weight)
        .where(
            Campaign.organ_id == campaign.organ_id,
            Campaign.district == campaign.district,
            Campaign.unit_types.overlap(campaign.unit_types),
            Campaign.year < campaign.year,
            Campaign.status != CampaignStatus.DRAFT,
            Campaign.weight.is_not(None),
        )
        .order_by(Campaign.year.desc(), Campaign.id.desc())
        .limit(1)
    ).one_or_none()


def members_of(session: Session, campaign: Campaign, unit_id: UUID | None = None) -> Sequence[CampaignMember]:
    """The leading group of the bureau, or of a school, those who lead first; who left comes last."""
    rank = case({"head": 0, "deputy": 1, "office": 2}, value=CampaignMember.role, else_=3)
    return session.scalars(
        select(CampaignMember)
        .where(CampaignMember.campaign_id == campaign.id, CampaignMember.unit_id.is_not_distinct_from(unit_id))
        .order_by(CampaignMember.until.is_not(None), rank, CampaignMember.since, CampaignMember.id)
    ).all()


def activities_of(
    session: Session, campaign: Campaign, unit_ids: Sequence[UUID]
) -> Sequence[tuple[CampaignActivity, str]]:
    """The newest lines of the publicity log with the school's name: the bureau's own, and of these schools or, without
    any named, of all the reader may see."""
    statement = (
        select(CampaignActivity, func.coalesce(Unit.name, ""))
        .outerjoin(Unit, Unit.id == CampaignActivity.unit_id)
        .where(CampaignActivity.campaign_id == campaign.id)
    )
    if unit_ids:
        statement = statement.where(CampaignActivity.unit_id.is_(None) | CampaignActivity.unit_id.in_(unit_ids))
    order = (CampaignActivity.held_on.desc(), CampaignActivity.id.desc())
    return [(row[0], row[1]) for row in session.execute(statement.order_by(*order).limit(MOST_ACTIVITIES))]


def bureaus_of(session: Session, identity: Identity) -> Sequence[tuple[Organ, str]]:
    """The organs for which the person may draw up a campaign, with each district they cover."""
    seen = visibility(identity, Permission.CAMPAIGN_MANAGE)
    rows = session.execute(
        select(Organ, OrganDivision.division_code)
        .join(OrganDivision, OrganDivision.organ_id == Organ.id)
        .where(visible(seen, organ=Organ.id), func.cardinality(Organ.sectors) > 0)
        .order_by(OrganDivision.division_code, Organ.code)
    )
    return [(row[0], row[1]) for row in rows]
