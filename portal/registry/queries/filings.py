"""Filings, their frozen revisions and their papers."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, joinedload

from portal.accounts.permissions import Permission
from portal.accounts.policy import require, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.core.errors import NotFound
from portal.registry.models import Document, Filing, FilingRevision, System
from portal.registry.queries.units import filing_scope
from portal.registry.states import STANDING, FilingStatus

OPEN = (FilingStatus.DRAFT, FilingStatus.SUBMITTED, FilingStatus.RETURNED)


def get_filing(session: Session, identity: Identity, filing_id: UUID) -> Filing:
    """A filing with system and unit, if the person may read it. Raises NotFound."""
    statement = select(Filing).where(Filing.id == filing_id).options(joinedload(Filing.system), joinedload(Filing.unit))
    filing = session.scalars(statement).one_or_none()
    if filing is None:
        raise NotFound()
    require(identity, Permission.FILING_READ, filing_scope(filing))
    return filing


def keeps_system(filing: Filing) -> bool:
    """Whether the reader's scope still holds the filing's system: one that moved to another district is out of it."""
    return filing.__dict__.get("system") is not None


def lock_filing(session: Session, filing_id: UUID) -> Filing:
    """A filing held for change, with system and unit. Raises NotFound.

    Its system is held first: whoever changes a system and its filing takes locks in the order system, filing, clock or
    finding, so that two people at one system wait for each other and neither is refused.
    """
    session.execute(
        select(System.id)
        .join(Filing, Filing.system_id == System.id)
        .where(Filing.id == filing_id)
        .with_for_update(of=System)
    )
    filing = session.scalars(
        select(Filing)
        .where(Filing.id == filing_id)
        .options(joinedload(Filing.system), joinedload(Filing.unit))
        .with_for_update(of=Filing)
    ).one_or_none()
    if filing is None:
        raise NotFound()
    return filing


def filings_visible_to(identity: Identity) -> Select[Filing]:
    """Every filing the person may read. A draft is its unit's own business until it is submitted."""
    seen = visibility(identity, Permission.FILING_READ)
    statement = select(Filing).where(visible(seen, unit=Filing.unit_id, district=Filing.district))
    return statement.where((Filing.status != FilingStatus.DRAFT) | Filing.unit_id.in_(seen.units))


def latest_filing(session: Session, system_id: UUID) -> Filing | None:
    """The newest filing of a system."""
    return session.scalars(
        select(Filing).where(Filing.system_id == system_id).order_by(Filing.id.desc()).limit(1)
    ).one_or_none()


def standing_filing(session: Session, system_id: UUID) -> Filing | None:
    """The filing that stands for a system: accepted, unconfirmed or suspended."""
    statement = select(Filing).where(Filing.system_id == system_id, Filing.status.in_(STANDING))
    return session.scalars(statement.order_by(Filing.id.desc()).limit(1)).one_or_none()


def returned_filing(session: Session, system_id: UUID) -> Filing | None:
    """The filing of a system that came back for correction, whose comments the unit works off."""
    statement = select(Filing).where(Filing.system_id == system_id, Filing.status == FilingStatus.RETURNED)
    return session.scalars(statement.limit(1)).one_or_none()


def is_filed(session: Session, *, system_id: UUID | None = None, unit_id: UUID | None = None) -> bool:
    """Whether a filing of the system, or any of the unit's, was ever accepted."""
    accepted = select(Filing.id).where(Filing.number.is_not(None)).limit(1)
    owner = Filing.system_id == system_id if system_id else Filing.unit_id == unit_id
    return session.scalar(accepted.where(owner)) is not None


def was_submitted(session: Session, system_id: UUID) -> bool:
    """Whether a filing of the system was ever handed in."""
    return (
        session.scalar(select(Filing.id).where(Filing.system_id == system_id, Filing.revision > 0).limit(1)) is not None
    )


def revisions_of(session: Session, filing_id: UUID) -> Sequence[FilingRevision]:
    """What was submitted, newest first."""
    return session.scalars(
        select(FilingRevision).where(FilingRevision.filing_id == filing_id).order_by(FilingRevision.revision.desc())
    ).all()


def documents_of(session: Session, system_id: UUID) -> Sequence[Document]:
    """Every version of every paper of a system, by slot, newest version first."""
    return session.scalars(
        select(Document).where(Document.system_id == system_id).order_by(Document.slot, Document.version_no.desc())
    ).all()


def latest_filings(session: Session, system_ids: Sequence[UUID]) -> Mapping[UUID, Filing]:
    """The newest filing of each of these systems."""
    rows = session.scalars(
        select(Filing)
        .where(Filing.system_id.in_(system_ids))
        .ext(distinct_on(Filing.system_id))
        .order_by(Filing.system_id, Filing.id.desc())
    )
    return {filing.system_id: filing for filing in rows}
