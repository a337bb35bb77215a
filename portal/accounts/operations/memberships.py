"""Who exists and who may do what. Granting is split between two administrators (two-key rule)."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts import values
from portal.accounts.models import Account, AccountProposal, Membership, Organ, OrganDivision, Person
from portal.accounts.operations.signin import HASHER, revoke_sessions
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.queries import account_by_login, person_numbered
from portal.accounts.states import ProposalAction, ProposalStatus, next_proposal_status
from portal.accounts.values import (
    ADMIN_ROLES,
    SUPERVISED,
    AccountPurpose,
    Identity,
    MembershipFact,
    OrganKind,
    Post,
    Role,
)
from portal.audit.operations import record
from portal.audit.values import FieldChange, SubjectRef
from portal.core.clock import city_day
from portal.core.crypto import row_context
from portal.core.errors import Invalid, NotFound, Problem
from portal.core.services import services


def create_organ(
    session: Session,
    *,
    actor: Identity,
    kind: OrganKind,
    code: str,
    name: str,
    name_en: str = "",
    divisions: Sequence[str] = (),
    citywide: bool = False,
    parent_id: UUID | None = None,
    sectors: Iterable[str] | None = None,
    now: datetime,
) -> Organ:
    """Enter a state organ with the divisions in its jurisdiction, and the sectors it supervises if not its kind's."""
    organ = Organ(kind=kind, code=code, name=name, name_en=name_en, citywide=citywide, parent_id=parent_id)
    organ.sectors = sorted(SUPERVISED.get(kind, ()) if sectors is None else sectors)
    organ.divisions = [OrganDivision(division_code=code) for code in divisions]
    session.add(organ)
    session.flush()
    record(session, actor=actor.actor, tag=values.ORGAN_CREATED, subject=SubjectRef("organ", organ.id, name), now=now)
    return organ


def create_person(
    session: Session, *, actor: Identity, name: str, police_number: str | None = None, phone: str = "", now: datetime
) -> Person:
    """Enter a person. The phone is sealed under the person's id; its masked form is what pages show."""
    person = Person(name=name, police_number=police_number, created_at=now)
    session.add(person)
    session.flush()
    if phone:
        context = row_context("person", "phone_sealed", person.id)
        person.phone_sealed = services(session).envelope.seal(phone.encode(), context=context)
        person.phone_masked = f"{phone[:3]}****{phone[-4:]}"
    record(
        session, actor=actor.actor, tag=values.PERSON_CREATED, subject=SubjectRef("person", person.id, name), now=now
    )
    return person


def create_account(
    session: Session,
    *,
    actor: Identity,
    person: Person,
    login: str,
    password: str,
    must_change: bool = True,
    now: datetime,
) -> Account:
    """Open a person's login. Raises Invalid when the name is taken."""
    if account_by_login(session, login) is not None:
        raise Invalid([Problem("login", "login_taken")])
    account = Account(
        person_id=person.id,
        login=login.strip().lower(),
        password_hash=HASHER.hash(password),
        password_set_at=now,
        must_change=must_change,
        created_at=now,
    )
    session.add(account)
    session.flush()
    subject = SubjectRef("account", account.id, account.login)
    record(session, actor=actor.actor, tag=values.ACCOUNT_CREATED, subject=subject, now=now)
    return account


def grant_membership(
    session: Session, *, actor: Identity, person_id: UUID, fact: MembershipFact, valid_from: date, now: datetime
) -> Membership:
    """Give a person a role in a unit or an organ. The database refuses a second administrator post."""
    membership = Membership(
        person_id=person_id,
        role=fact.role,
        post=fact.post,
        unit_id=fact.unit_id,
        organ_id=fact.organ_id,
        valid_from=valid_from,
    )
    session.add(membership)
    session.flush()
    record(
        session,
        actor=actor.actor,
        tag=values.MEMBERSHIP_GRANTED,
        subject=SubjectRef("person", person_id, session.get_one(Person, person_id).name),
        unit_id=fact.unit_id,
        changes=[FieldChange(name="role", new=str(fact.role))],
        now=now,
    )
    return membership


def end_membership(session: Session, *, actor: Identity, membership_id: UUID, now: datetime) -> None:
    """End a role at once (security administrator)."""
    require(actor, Permission.ACCOUNT_DECIDE)
    membership = session.get(Membership, membership_id, with_for_update=True)
    if membership is None:
        raise NotFound()
    # The last day counts, so that a role which ends now ran out yesterday; one begun today cannot, and ends tonight.
    membership.valid_to = max(city_day(now) - timedelta(days=1), membership.valid_from)
    record(
        session,
        actor=actor.actor,
        tag=values.MEMBERSHIP_ENDED,
        subject=SubjectRef("person", membership.person_id, session.get_one(Person, membership.person_id).name),
        unit_id=membership.unit_id,
        changes=[FieldChange(name="role", old=membership.role)],
        now=now,
    )


def propose_account(
    session: Session,
    *,
    actor: Identity,
    login: str,
    person_name: str,
    police_number: str | None,
    memberships: Sequence[MembershipFact],
    reason: str,
    now: datetime,
) -> AccountProposal:
    """First key: the system administrator asks for an account. Raises Invalid naming the field."""
    require(actor, Permission.ACCOUNT_PROPOSE)
    problems = []
    if account_by_login(session, login) is not None:
        problems.append(Problem("login", "login_taken"))
    if police_number and person_numbered(session, police_number) is not None:
        problems.append(Problem("police_number", "police_number_taken"))
    if not memberships:
        problems.append(Problem("memberships", "required"))
    if len({fact.role for fact in memberships} & ADMIN_ROLES) > 1:
        problems.append(Problem("memberships", "one_admin_post"))
    if problems:
        raise Invalid(problems)
    proposal = AccountProposal(
        login=login.strip().lower(),
        person_name=person_name,
        police_number=police_number,
        memberships=[_as_json(fact) for fact in memberships],
        reason=reason,
        proposed_by=actor.person_id,
        proposed_at=now,
    )
    session.add(proposal)
    session.flush()
    subject = SubjectRef("account_proposal", proposal.id, proposal.login)
    record(session, actor=actor.actor, tag=values.ACCOUNT_PROPOSED, subject=subject, reason=reason, now=now)
    return proposal


def decide_proposal(
    session: Session, *, actor: Identity, proposal_id: UUID, approve: bool, reason: str, password: str, now: datetime
) -> Account | None:
    """Second key: the security administrator approves (the account opens with a first password) or refuses."""
    require(actor, Permission.ACCOUNT_DECIDE)
    proposal = session.get(AccountProposal, proposal_id, with_for_update=True)
    if proposal is None:
        raise NotFound()
    action = ProposalAction.APPROVE if approve else ProposalAction.REFUSE
    status = next_proposal_status(ProposalStatus(proposal.status), action)
    if proposal.proposed_by == actor.person_id:
        raise Invalid("own_proposal")
    if approve and proposal.police_number and person_numbered(session, proposal.police_number) is not None:
        raise Invalid([Problem("verdict", "police_number_taken")])
    proposal.status = status
    proposal.decided_by, proposal.decided_at, proposal.decision_reason = actor.person_id, now, reason
    subject = SubjectRef("account_proposal", proposal.id, proposal.login)
    record(session, actor=actor.actor, tag=values.ACCOUNT_DECIDED, subject=subject, reason=reason, now=now)
    if not approve:
        return None
    person = create_person(
        session, actor=actor, name=proposal.person_name, police_number=proposal.police_number, now=now
    )
    account = create_account(session, actor=actor, person=person, login=proposal.login, password=password, now=now)
    for fact in proposal.memberships:
        grant_membership(
            session, actor=actor, person_id=person.id, fact=_from_json(fact), valid_from=city_day(now), now=now
        )
    return account


def disable_account(session: Session, *, actor: Identity, account_id: UUID, reason: str, now: datetime) -> None:
    """Close a login for good and sign it out everywhere (security administrator)."""
    require(actor, Permission.ACCOUNT_DISABLE)
    account = session.get(Account, account_id, with_for_update=True)
    if account is None:
        raise NotFound()
    account.disabled_at = now
    revoke_sessions(session, actor=actor, account_id=account.id, now=now)
    subject = SubjectRef("account", account.id, account.login)
    record(session, actor=actor.actor, tag=values.ACCOUNT_DISABLED, subject=subject, reason=reason, now=now)


def dedicate_account(
    session: Session,
    *,
    actor: Identity,
    account_id: UUID,
    purpose: AccountPurpose,
    zones: Sequence[str],
    reason: str,
    now: datetime,
) -> Account:
    """Set what an account is for: footage of certain zones, checks without footage, or general use. From here on no role
    of its person reaches further. Nobody sets the purpose of their own account."""
    require(actor, Permission.ACCOUNT_DECIDE)
    account = session.get(Account, account_id, with_for_update=True)
    if account is None:
        raise NotFound()
    if account.person_id == actor.person_id:
        raise Invalid([Problem("purpose", "own_purpose")])
    problems = [] if reason.strip() else [Problem("reason", "required")]
    if (purpose is AccountPurpose.VIEWING) != bool(zones):
        problems.append(Problem("zones", "viewing_zones"))
    if problems:
        raise Invalid(problems)
    changes = [
        FieldChange(name="purpose", old=account.purpose, new=str(purpose)),
        FieldChange(name="zones", old=tuple(account.zones), new=tuple(sorted(set(zones)))),
    ]
    account.purpose, account.zones = purpose, sorted(set(zones))
    session.flush()
    record(
        session,
        actor=actor.actor,
        tag=values.ACCOUNT_DEDICATED,
        subject=SubjectRef("account", account.id, account.login),
        changes=changes,
        reason=reason.strip(),
        now=now,
    )
    return account


def _as_json(fact: MembershipFact) -> dict[str, str]:
    pairs = {"role": fact.role, "post": fact.post, "unit_id": fact.unit_id, "organ_id": fact.organ_id}
    return {name: str(value) for name, value in pairs.items() if value is not None}


def _from_json(fact: dict[str, str]) -> MembershipFact:
    return MembershipFact(
        role=Role(fact["role"]),
        post=Post(fact["post"]) if "post" in fact else None,
        unit_id=UUID(fact["unit_id"]) if "unit_id" in fact else None,
        organ_id=UUID(fact["organ_id"]) if "organ_id" in fact else None,
    )
