"""Where every copy of footage is: one copy, those of a request, the register with its media and what is overdue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, contains_eager

from portal.accounts.permissions import Permission
from portal.accounts.policy import allows
from portal.accounts.values import Identity, Scope
from portal.core.errors import NotFound
from portal.core.paging import Page, newest_first, tally_of
from portal.evidence.models import CustodyEntry, DeletionDuty, FootageCopy, FootageRequest, Handover
from portal.evidence.queries.beside import beside_visible, get_beside
from portal.evidence.queries.execution import handovers_of, unlocks_of
from portal.evidence.queries.ledger import entries_of
from portal.evidence.rules.copies import DossierFacts, DossierItem, dossier
from portal.evidence.states import CopyStatus
from portal.evidence.values import STATUTORY, ActKind, InstrumentKind, Paper
from portal.evidence.values.copies import CopyRole
from portal.registry.models import Unit


@dataclass(frozen=True, kw_only=True)
class CopyFilter:
    """What the register is narrowed to; empty means all."""

    keyword: str = ""
    role: CopyRole | None = None
    status: CopyStatus | None = None
    overdue_on: date | None = None


def copies_visible_to(identity: Identity) -> Select[FootageCopy]:
    """Every copy whose request the person sees: of a secret case only those with a part in it."""
    return beside_visible(identity, FootageCopy)


def get_copy(session: Session, identity: Identity, copy_id: UUID) -> FootageCopy:
    """One copy with its request and unit. Raises NotFound."""
    return get_beside(session, identity, FootageCopy, copy_id)


def lock_copy(session: Session, request_id: UUID, copy_id: UUID) -> FootageCopy:
    """One copy of a request already locked. Raises NotFound."""
    found = session.scalars(
        select(FootageCopy)
        .where(FootageCopy.id == copy_id, FootageCopy.request_id == request_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound()
    return found


def copies_of(session: Session, request_id: UUID) -> Sequence[FootageCopy]:
    """The copies of a request, in the order they were made. The caller has checked that the reader sees it."""
    statement = select(FootageCopy).where(FootageCopy.request_id == request_id)
    return session.scalars(statement.order_by(FootageCopy.id)).all()


def lines_of_copy(session: Session, copy: FootageCopy) -> list[CustodyEntry]:
    """What the call register says of one copy, in order."""
    given = select(Handover.entry_id).where(Handover.id == copy.handover_id)
    own = {copy.entry_id, *session.scalars(given)}
    entries = entries_of(session, copy.request_id)
    return [one for one in entries if one.id in own or copy.serial in one.note.split()]


def count_copies(session: Session, request_id: UUID, role: CopyRole) -> int:
    """How many copies of a role were ever made, for the next serial."""
    wanted = (FootageCopy.request_id == request_id, FootageCopy.role == role)
    return session.scalar(select(func.count()).select_from(FootageCopy).where(*wanted)) or 0


def copy_page(
    session: Session, identity: Identity, wanted: CopyFilter, *, after: str | None = None
) -> Page[FootageCopy]:
    """The register, the newest first."""
    statement = _narrow(copies_visible_to(identity), wanted)
    loaded = contains_eager(FootageCopy.request).contains_eager(FootageRequest.unit)
    statement = statement.join(Unit, Unit.id == FootageRequest.unit_id)
    return newest_first(session, statement, FootageCopy.id, after=after, options=[loaded])


def copy_tally(session: Session, identity: Identity, wanted: CopyFilter) -> Mapping[CopyStatus, int]:
    """How many copies of the filter are where."""
    narrowed = _narrow(copies_visible_to(identity), replace(wanted, status=None))
    return tally_of(session, narrowed, FootageCopy.status, CopyStatus)


def count_overdue(session: Session, identity: Identity, *, today: date) -> int:
    """Copies out of which nobody has said in time where they are."""
    narrowed = _narrow(copies_visible_to(identity), CopyFilter(overdue_on=today))
    return session.scalar(select(func.count()).select_from(narrowed.with_only_columns(FootageCopy.id).subquery())) or 0


def overdue(today: date) -> ColumnElement[bool]:
    """Out with its receiver past the day by which its whereabouts are to be settled."""
    return (FootageCopy.status == CopyStatus.WITH_RECIPIENT) & (FootageCopy.due_back < today)


def bearing(word: str) -> ColumnElement[bool]:
    """Whose serial, medium, receiver or shelf has the word in it."""
    columns = (FootageCopy.serial, FootageCopy.medium_serial, FootageCopy.receiver_name, FootageCopy.shelf)
    return or_(*(column.icontains(word, autoescape=True) for column in columns))


def answers_for(identity: Identity, copy: FootageCopy, request: FootageRequest) -> bool:
    """Whether the person answers for a copy that is out: who received it, who asked, or who receives for the organ."""
    if copy.role == CopyRole.MASTER or identity.person_id is None:
        return False
    if identity.person_id in {copy.receiver_id, request.requester_id}:
        return True
    return request.requester_organ_id is not None and allows(
        identity, Permission.HANDOVER_RECEIVE, _of_the_organ(request)
    )


def has_account(copy: FootageCopy, request: FootageRequest) -> bool:
    """Whether anybody on the receiving side can speak here; where nobody can, the unit books on signed paper."""
    return copy.receiver_id is not None or request.requester_organ_id is not None


def dossier_of(
    session: Session, request: FootageRequest, *, place: str = "", second_place: str = ""
) -> list[DossierItem]:
    """The pieces of a request's two dossiers; the places as booked, or as about to be."""
    handed: Sequence[Handover] = handovers_of(session, request.id)
    held = [(copy.role, copy.status) for copy in copies_of(session, request.id)]
    return dossier(
        DossierFacts(
            act=ActKind(request.act),
            statutory=InstrumentKind(request.instrument_kind) in STATUTORY,
            approved=request.approved_at is not None,
            rules_used=request.rules_used,
            attached=frozenset(Paper(one.kind) for one in request.documents),
            opened=bool(unlocks_of(session, request.id)),
            handed=len(handed),
            receipts=sum(one.acknowledged_at is not None for one in handed),
            master=(CopyRole.MASTER, CopyStatus.KEPT) in held,
            purpose_met=session.get(DeletionDuty, request.id) is not None,
            place=place or request.archive_place,
            second_place=second_place or request.archive_place_b,
        )
    )


def _of_the_organ(request: FootageRequest) -> Scope:
    return Scope(organ_ids=frozenset({request.requester_organ_id} if request.requester_organ_id else ()))


def _narrow(statement: Select[FootageCopy], wanted: CopyFilter) -> Select[FootageCopy]:
    if wanted.role is not None:
        statement = statement.where(FootageCopy.role == wanted.role)
    if wanted.status is not None:
        statement = statement.where(FootageCopy.status == wanted.status)
    if wanted.overdue_on is not None:
        statement = statement.where(overdue(wanted.overdue_on))
    if wanted.keyword:
        statement = statement.where(bearing(wanted.keyword))
    return statement
