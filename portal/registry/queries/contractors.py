"""Firms, what qualifies them, and whom they sent to which system."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.accounts.permissions import Permission
from portal.accounts.policy import require, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity, Scope
from portal.core.errors import NotFound
from portal.core.paging import Page, newest_first
from portal.registry.models import (
    Contractor,
    Engagement,
    EngagementTechnician,
    Qualification,
    QualificationPaper,
    System,
)
from portal.registry.values.archive import ContractorKind


@dataclass(frozen=True, kw_only=True)
class ContractorFilter:
    """What the register is narrowed to; `lapsed_on` keeps firms that lack a valid certificate for one of their kinds."""

    keyword: str = ""
    kind: ContractorKind | None = None
    lapsed_on: date | None = None


def entered_scope(row: Contractor | Qualification) -> Scope:
    """Who may correct an entry of the city's register: the person who made it."""
    return Scope(person_ids=frozenset({row.entered_by} if row.entered_by else ()))


def contractor_page(
    session: Session, identity: Identity, wanted: ContractorFilter, *, after: str | None = None
) -> Page[Contractor]:
    """Firms of the register, newest first, with their certificates. One register for everybody who may read it."""
    require(identity, Permission.CONTRACTOR_READ)
    return newest_first(
        session,
        _narrow(select(Contractor), wanted),
        Contractor.id,
        after=after,
        options=(selectinload(Contractor.qualifications),),
    )


def get_contractor(session: Session, identity: Identity, contractor_id: UUID) -> Contractor:
    """A firm with its certificates. Raises NotFound."""
    require(identity, Permission.CONTRACTOR_READ)
    statement = select(Contractor).where(Contractor.id == contractor_id)
    firm = session.scalars(statement.options(selectinload(Contractor.qualifications))).one_or_none()
    if firm is None:
        raise NotFound()
    return firm


def contractors_named(session: Session, keyword: str, *, limit: int = 30) -> Sequence[Contractor]:
    """Firms to choose from."""
    statement = _narrow(select(Contractor), ContractorFilter(keyword=keyword))
    return session.scalars(statement.order_by(Contractor.name).limit(limit)).all()


def engagements_of(session: Session, *system_ids: UUID) -> Sequence[Engagement]:
    """The firms at work on these systems, newest first, with their certificates and the technicians they named."""
    return session.scalars(
        _with_firms(select(Engagement).where(Engagement.system_id.in_(system_ids)))
        .options(selectinload(Engagement.technicians).joinedload(EngagementTechnician.technician))
        .order_by(Engagement.valid_from.desc().nulls_last(), Engagement.id.desc())
    ).all()


def engagements_with(
    session: Session, identity: Identity, contractor_id: UUID, *, limit: int = 50
) -> Sequence[tuple[Engagement, System]]:
    """Where a firm is or was at work, as far as the person may see the systems: never another unit's."""
    seen = visible(visibility(identity, Permission.SYSTEM_READ), unit=System.unit_id, district=System.district)
    rows = session.execute(
        select(Engagement, System)
        .join(System, System.id == Engagement.system_id)
        .where(Engagement.contractor_id == contractor_id, seen)
        .options(joinedload(System.unit))
        .order_by(Engagement.valid_from.desc().nulls_last(), Engagement.id.desc())
        .limit(limit)
    )
    return [(engagement, system) for engagement, system in rows]


def paper_of(session: Session, identity: Identity, qualification_id: UUID) -> QualificationPaper | None:
    """The newest scan of a certificate that lies in the person's reach."""
    return session.scalars(_papers(identity).where(QualificationPaper.qualification_id == qualification_id)).first()


def papers_of(session: Session, identity: Identity, contractor_id: UUID) -> frozenset[UUID]:
    """The certificates of a firm of which a scan lies in the person's reach."""
    own = select(Qualification.id).where(Qualification.contractor_id == contractor_id)
    found = session.scalars(_papers(identity).where(QualificationPaper.qualification_id.in_(own)))
    return frozenset(paper.qualification_id for paper in found)


def _papers(identity: Identity) -> Select[QualificationPaper]:
    seen = visible(
        visibility(identity, Permission.DOCUMENT_READ),
        unit=QualificationPaper.unit_id,
        district=QualificationPaper.district,
    )
    return select(QualificationPaper).where(seen).order_by(QualificationPaper.added_at.desc())


def _with_firms(statement: Select[Engagement]) -> Select[Engagement]:
    return statement.options(joinedload(Engagement.contractor).selectinload(Contractor.qualifications))


def _narrow(statement: Select[Contractor], wanted: ContractorFilter) -> Select[Contractor]:
    if wanted.keyword.strip():
        word = wanted.keyword.strip()
        statement = statement.where(
            or_(Contractor.name.contains(word, autoescape=True), Contractor.uscc == word.upper())
        )
    if wanted.kind is not None:
        statement = statement.where(Contractor.kinds.any_() == wanted.kind)
    if wanted.lapsed_on is not None:
        day = wanted.lapsed_on
        kind = func.unnest(Contractor.kinds).column_valued("kind")
        valid = select(Qualification.id).where(
            Qualification.contractor_id == Contractor.id,
            Qualification.kind == kind,
            or_(Qualification.valid_from.is_(None), Qualification.valid_from <= day),
            or_(Qualification.valid_to.is_(None), Qualification.valid_to >= day),
        )
        statement = statement.where(select(kind).where(~valid.exists()).exists())
    return statement
