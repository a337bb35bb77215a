"""People a request may name: officers known by their number, readers, custodians, and those who must act next."""

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from portal.accounts.models import Account, Membership, Person
from portal.accounts.permissions import Permission
from portal.accounts.policy import GRANTS
from portal.accounts.queries import membership_facts
from portal.accounts.values import AccountPurpose, Identity
from portal.evidence.models import FootageRequest, Handover
from portal.evidence.states import RequestStatus
from portal.workflow.models import ApprovalRun
from portal.workflow.queries import awaits

PersonChoice = tuple[UUID, str]


def people_by_police_number(session: Session, numbers: Collection[str]) -> dict[str, UUID]:
    """Officers the portal knows, by police number."""
    if not numbers:
        return {}
    rows = session.execute(select(Person.police_number, Person.id).where(Person.police_number.in_(numbers)))
    return {number: person_id for number, person_id in rows if number}


def colleagues_named(session: Session, identity: Identity, names: Collection[str], *, today: date) -> set[UUID]:
    """Everybody of the person's own organ or units who bears one of these names."""
    homes = _homes_of(identity)
    if not names or not homes:
        return set()
    return {person_id for person_id, _ in session.execute(_people(today).where(or_(*homes), Person.name.in_(names)))}


def possible_readers(session: Session, identity: Identity, *, today: date) -> Sequence[PersonChoice]:
    """Colleagues of the requester's organ or units who may be named on a need-to-know list."""
    homes = _homes_of(identity)
    if not homes:
        return []
    roles = [str(role) for role in GRANTS[Permission.REQUEST_READ]]
    statement = _people(today).where(or_(*homes), Membership.role.in_(roles), Person.id != identity.person_id)
    return [(person_id, name) for person_id, name in session.execute(statement.limit(200))]


def custodians_of(session: Session, unit_id: UUID, *, today: date) -> Sequence[PersonChoice]:
    """People of the unit who may carry a request out."""
    roles = [str(role) for role in GRANTS[Permission.REQUEST_EXECUTE]]
    # An account for checks and maintenance opens no footage (002 art. 14).
    able = Account.purpose != AccountPurpose.INSPECTION
    statement = _people(today).where(Membership.unit_id == unit_id, Membership.role.in_(roles), able)
    return [(person_id, name) for person_id, name in session.execute(statement)]


def names_of(session: Session, person_ids: Collection[UUID]) -> dict[UUID, str]:
    """Names by person."""
    if not person_ids:
        return {}
    return dict(list(session.execute(select(Person.id, Person.name).where(Person.id.in_(person_ids)))))


def who_acts_next(session: Session, request: FootageRequest, *, today: date) -> set[UUID]:
    """The people the request waits for. Whoever may decide is found among the holder's members by the same rule
    that guards the decision."""
    match RequestStatus(request.status):
        case RequestStatus.IN_APPROVAL:
            return _deciders(session, request, today=today)
        case RequestStatus.APPROVED:
            return _members(session, Membership.unit_id == request.unit_id, Permission.REQUEST_ASSIGN, today=today)
        case RequestStatus.ASSIGNED | RequestStatus.EXECUTING | RequestStatus.SEALED:
            return {request.custodian_id} if request.custodian_id else set()
        case RequestStatus.HANDED_OVER:
            receivers = select(Handover.receiver_id).where(Handover.request_id == request.id)
            return {person for person in session.scalars(receivers) if person}
        case RequestStatus.DRAFT:
            return set()
        case _:
            return {request.requester_id}


def hold_keepers(session: Session, request: FootageRequest, *, today: date) -> set[UUID]:
    """The people of the unit who confirm a preservation hold."""
    return _members(session, Membership.unit_id == request.unit_id, Permission.REQUEST_ACKNOWLEDGE, today=today)


def _deciders(session: Session, request: FootageRequest, *, today: date) -> set[UUID]:
    run = session.get(ApprovalRun, request.run_id) if request.run_id else None
    if run is None or not run.running:
        return set()
    home = (
        Membership.unit_id == run.awaits_unit_id if run.awaits_unit_id else Membership.organ_id == run.awaits_organ_id
    )
    found = set()
    for person_id in _members(session, home, Permission(run.awaits_permission or ""), today=today):
        facts = tuple(fact for fact, _ in membership_facts(session, person_id, today=today))
        who = Identity(account_id=None, person_id=person_id, name="", memberships=facts)
        if session.scalar(select(ApprovalRun.id).where(ApprovalRun.id == run.id, awaits(who))) is not None:
            found.add(person_id)
    return found


def _members(session: Session, home: ColumnElement[bool], permission: Permission, *, today: date) -> set[UUID]:
    roles = [str(role) for role in GRANTS[permission]]
    statement = _people(today).where(home, Membership.role.in_(roles))
    return {person_id for person_id, _ in session.execute(statement)}


def _homes_of(identity: Identity) -> list[ColumnElement[bool]]:
    homes: list[ColumnElement[bool]] = []
    if identity.organ_ids:
        homes.append(Membership.organ_id.in_(identity.organ_ids))
    if identity.unit_ids:
        homes.append(Membership.unit_id.in_(identity.unit_ids))
    return homes


def _people(today: date) -> Select[UUID, str]:
    return (
        select(Person.id, Person.name)
        .join(Membership, Membership.person_id == Person.id)
        .join(Account, Account.person_id == Person.id)
        .where(
            Account.disabled_at.is_(None),
            Membership.valid_from <= today,
            or_(Membership.valid_to.is_(None), Membership.valid_to >= today),
        )
        .group_by(Person.id, Person.name)
        .order_by(Person.name)
    )
