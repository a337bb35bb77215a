"""Findings: one, those of an acceptance, the lists of them, and what is overdue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from portal.accounts.permissions import Permission
from portal.accounts.policy import require, visibility
from portal.accounts.queries import visible
from portal.accounts.values import Identity
from portal.core.errors import NotFound
from portal.core.paging import Page, newest_first, tally_of
from portal.inspection.models import Acceptance, Finding, FindingCure, FindingProof
from portal.inspection.queries.access import finding_scope
from portal.inspection.states import OWED, UNSETTLED, AcceptanceKind, FindingStatus, Severity
from portal.registry.models import System, Unit


@dataclass(frozen=True, kw_only=True)
class FindingFilter:
    """What the list is narrowed to; empty means all. `overdue_on` asks for what is owed and was due before that day."""

    status: FindingStatus | None = None
    severity: Severity | None = None
    keyword: str = ""
    district: str = ""
    unit_id: UUID | None = None
    acceptance_id: UUID | None = None
    list_key: str = ""
    item: str = ""
    kind: AcceptanceKind | None = None
    stated_from: date | None = None
    stated_until: date | None = None
    overdue_on: date | None = None


def findings_visible_to(identity: Identity) -> Select[Finding]:
    """Every finding of an acceptance the person may read."""
    seen = visibility(identity, Permission.ACCEPTANCE_READ)
    return select(Finding).where(visible(seen, unit=Finding.unit_id, district=Finding.district))


def finding_page(
    session: Session, identity: Identity, wanted: FindingFilter, *, after: str | None = None
) -> Page[Finding]:
    """Findings, newest first."""
    statement = narrow_findings(findings_visible_to(identity), wanted)
    options = (joinedload(Finding.system), joinedload(Finding.unit))
    return newest_first(session, statement, Finding.id, after=after, options=options)


def finding_tally(session: Session, identity: Identity, wanted: FindingFilter) -> Mapping[FindingStatus, int]:
    """How many findings of the filter stand in each status."""
    narrowed = narrow_findings(findings_visible_to(identity), replace(wanted, status=None, overdue_on=None))
    return tally_of(session, narrowed, Finding.status, FindingStatus)


def count_overdue(session: Session, identity: Identity, wanted: FindingFilter, *, on: date) -> int:
    """How many findings of the filter are owed past their day."""
    narrowed = narrow_findings(findings_visible_to(identity), replace(wanted, status=None, overdue_on=on))
    return session.scalar(select(func.count()).select_from(narrowed.subquery())) or 0


def overdue_findings(
    session: Session,
    *,
    on: date,
    organ_id: UUID | None = None,
    unit_id: UUID | None = None,
    limit: int | None = None,
) -> Sequence[Finding]:
    """What units owe past its day, of one organ or one unit or of all that the session sees: the longest overdue first,
    with unit and system. What follows from it is decided elsewhere."""
    statement = (
        select(Finding)
        .where(_owed(), Finding.due_on < on)
        .options(joinedload(Finding.system), joinedload(Finding.unit))
        .order_by(Finding.due_on, Finding.id)
    )
    if organ_id is not None:
        statement = statement.where(Finding.organ_id == organ_id)
    if unit_id is not None:
        statement = statement.where(Finding.unit_id == unit_id)
    return session.scalars(statement if limit is None else statement.limit(limit)).all()


def owed_by_days(session: Session, days: Sequence[date]) -> Sequence[tuple[UUID, UUID | None, date]]:
    """Units and acceptances with something owed that is due on one of these days; no acceptance: a routine visit."""
    rows = session.execute(
        select(Finding.unit_id, Finding.acceptance_id, Finding.due_on)
        .where(_owed(), Finding.due_on.in_(days))
        .distinct()
    )
    return [(unit_id, acceptance_id, due_on) for unit_id, acceptance_id, due_on in rows if due_on is not None]


def get_finding(session: Session, identity: Identity, finding_id: UUID) -> Finding:
    """A finding with its acceptance, system, unit and cures, if the person may read it. Raises NotFound."""
    finding = session.scalars(
        select(Finding)
        .where(Finding.id == finding_id)
        .options(
            joinedload(Finding.acceptance).joinedload(Acceptance.unit),
            joinedload(Finding.acceptance).joinedload(Acceptance.system),
            joinedload(Finding.system),
            joinedload(Finding.unit),
            selectinload(Finding.cures).selectinload(FindingCure.proofs),
        )
    ).one_or_none()
    if finding is None:
        raise NotFound()
    require(identity, Permission.ACCEPTANCE_READ, finding_scope(finding))
    return finding


def lock_finding(session: Session, finding_id: UUID) -> Finding:
    """A finding held for change, with its acceptance. Raises NotFound."""
    finding = session.scalars(
        select(Finding)
        .where(Finding.id == finding_id)
        .options(
            joinedload(Finding.acceptance).joinedload(Acceptance.unit),
            joinedload(Finding.acceptance).joinedload(Acceptance.system),
            joinedload(Finding.unit),
        )
        .with_for_update(of=Finding)
    ).one_or_none()
    if finding is None:
        raise NotFound()
    return finding


def findings_of(session: Session, acceptance_id: UUID) -> Sequence[Finding]:
    """What one acceptance found, in the order of its list."""
    return session.scalars(
        select(Finding).where(Finding.acceptance_id == acceptance_id).order_by(Finding.number, Finding.id)
    ).all()


def open_findings_of(session: Session, acceptance: Acceptance, *, before: bool = False) -> Sequence[Finding]:
    """What of an acceptance, or of the ones `before` it in its series, is not closed."""
    of = Finding.acceptance_id == acceptance.id
    if before:
        if acceptance.previous_id is None:
            return []
        tries = (
            select(Acceptance.id, Acceptance.previous_id)
            .where(Acceptance.id == acceptance.previous_id)
            .cte("tries", recursive=True)
        )
        earlier = select(Acceptance.id, Acceptance.previous_id).join(tries, Acceptance.id == tries.c.previous_id)
        of = Finding.acceptance_id.in_(select(tries.union(earlier).c.id))
    return session.scalars(
        select(Finding).where(of, Finding.status.in_([str(status) for status in UNSETTLED])).order_by(Finding.id)
    ).all()


def waiting_cure(session: Session, finding_id: UUID) -> FindingCure:
    """The report of the unit that nobody has decided on. Raises NotFound."""
    cure = session.scalars(
        select(FindingCure).where(FindingCure.finding_id == finding_id, FindingCure.decided_at.is_(None))
    ).one_or_none()
    if cure is None:
        raise NotFound()
    return cure


def proof_of(session: Session, identity: Identity, finding_id: UUID, proof_id: UUID) -> tuple[Finding, UUID]:
    """A finding with the file of one of its proofs. Raises NotFound."""
    finding = get_finding(session, identity, finding_id)
    stored = session.scalar(
        select(FindingProof.stored_file_id)
        .join(FindingCure, FindingCure.id == FindingProof.cure_id)
        .where(FindingProof.id == proof_id, FindingCure.finding_id == finding.id)
    )
    if stored is None:
        raise NotFound()
    return finding, stored


def _owed() -> ColumnElement[bool]:
    return Finding.status.in_([str(status) for status in OWED])


def narrow_findings(statement: Select[Any], wanted: FindingFilter) -> Select[Any]:
    """The findings of a statement that a filter asks for."""
    exact = (
        (Finding.status, wanted.status),
        (Finding.severity, wanted.severity),
        (Finding.district, wanted.district),
        (Finding.unit_id, wanted.unit_id),
        (Finding.acceptance_id, wanted.acceptance_id),
        (Finding.list_key, wanted.list_key),
        (Finding.item, wanted.item),
    )
    statement = statement.where(*(column == value for column, value in exact if value))
    if wanted.keyword.strip():
        unit, system = aliased(Unit), aliased(System)
        told = (unit.name, system.name, Finding.found)
        # What a routine visit found is of no system.
        statement = statement.join(unit, unit.id == Finding.unit_id).outerjoin(system, system.id == Finding.system_id)
        statement = statement.where(or_(*(text.contains(wanted.keyword.strip(), autoescape=True) for text in told)))
    if wanted.kind is not None:
        statement = statement.where(Finding.acceptance.has(Acceptance.kind == wanted.kind))
    if wanted.stated_from is not None:
        statement = statement.where(Finding.stated_on >= wanted.stated_from)
    if wanted.stated_until is not None:
        statement = statement.where(Finding.stated_on <= wanted.stated_until)
    if wanted.overdue_on is not None:
        statement = statement.where(_owed(), Finding.due_on < wanted.overdue_on)
    return statement
