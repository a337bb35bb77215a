"""Filings, their frozen revisions and their papers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, joinedload

from portal.accounts.permissions import Permission
from portal.accounts.policy import require, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.core.errors import NotFound
from portal.core.paging import Page, newest_first
from portal.registry.models import Document, Filing, FilingRevision, System, Unit
from portal.registry.queries.units import filing_scope
from portal.registry.states import FilingStatus

OPEN = (FilingStatus.DRAFT, FilingStatus.SUBMITTED, FilingStatus.RETURNED)


@dataclass(frozen=True, kw_only=True)
class FilingFilter:
    """What the filing list is narrowed to; empty means all."""

    status: FilingStatus | None = None
    keyword: str = ""
    district: str = ""
    overdue_on: date | None = None


def get_filing(session: Session, identity: Identity, filing_id: UUID) -> Filing:
    """A filing with system and unit, if the person may read it. Raises NotFound."""
    statement = select(Filing).where(Filing.id == filing_id).options(joinedload(Filing.system), joinedload(Filing.unit))
    filing = session.scalars(statement).one_or_none()
    if filing is None:
        raise NotFound()
    require(identity, Permission.FILING_READ, filing_scope(filing))
    return filing


def lock_filing(session: Session, filing_id: UUID) -> Filing:
    """A filing held for change, with system and unit. Raises NotFound."""
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


def filing_page(
    session: Session, identity: Identity, wanted: FilingFilter, *, after: str | None = None
) -> Page[Filing]:
    """Filings, newest first, with system and unit loaded."""
    statement = _narrow(filings_visible_to(identity), wanted)
    return newest_first(
        session, statement, Filing.id, after=after, options=(joinedload(Filing.system), joinedload(Filing.unit))
    )


def filing_tally(session: Session, identity: Identity, wanted: FilingFilter) -> Mapping[FilingStatus, int]:
    """How many filings of the filter stand in each status."""
    narrowed = _narrow(filings_visible_to(identity), replace(wanted, status=None))
    rows = session.execute(narrowed.with_only_columns(Filing.status, func.count()).group_by(Filing.status)).all()
    found: dict[str, int] = dict(rows)
    return {status: found.get(str(status), 0) for status in FilingStatus}


def latest_filing(session: Session, system_id: UUID) -> Filing | None:
    """The newest filing of a system."""
    return session.scalars(
        select(Filing).where(Filing.system_id == system_id).order_by(Filing.id.desc()).limit(1)
    ).one_or_none()


def returned_filing(session: Session, system_id: UUID) -> Filing | None:
    """The filing of a system that came back for correction, whose comments the unit works off."""
    statement = select(Filing).where(Filing.system_id == system_id, Filing.status == FilingStatus.RETURNED)
    return session.scalars(statement.limit(1)).one_or_none()


def is_filed(session: Session, *, system_id: UUID | None = None, unit_id: UUID | None = None) -> bool:
    """Whether a filing of the system, or any of the unit's, was ever accepted."""
    accepted = select(Filing.id).where(Filing.number.is_not(None)).limit(1)
    owner = Filing.system_id == system_id if system_id else Filing.unit_id == unit_id
    return session.scalar(accepted.where(owner)) is not None


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


def _narrow(statement: Select[Filing], wanted: FilingFilter) -> Select[Filing]:
    if wanted.status is not None:
        statement = statement.where(Filing.status == wanted.status)
    if wanted.keyword.strip():
        word = wanted.keyword.strip()
        statement = statement.where(
            Filing.number.startswith(word, autoescape=True)
            | Filing.unit.has(Unit.name.contains(word, autoescape=True))
            | Filing.system.has(System.name.contains(word, autoescape=True))
        )
    if wanted.district:
        statement = statement.where(Filing.district == wanted.district)
    if wanted.overdue_on is not None:
        statement = statement.where(Filing.status.in_(OPEN), Filing.due_on < wanted.overdue_on)
    return statement


def latest_filings(session: Session, system_ids: Sequence[UUID]) -> Mapping[UUID, Filing]:
    """The newest filing of each of these systems."""
    rows = session.scalars(
        select(Filing)
        .where(Filing.system_id.in_(system_ids))
        .ext(distinct_on(Filing.system_id))
        .order_by(Filing.system_id, Filing.id.desc())
    )
    return {filing.system_id: filing for filing in rows}
