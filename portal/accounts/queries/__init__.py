"""Reading people and memberships, and turning a visibility into SQL."""

import hashlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, bindparam, column, exists, false, func, or_, select, table, true
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, joinedload
from sqlalchemy.types import Date, Uuid

from portal.accounts.models import (
    Account,
    AccountProposal,
    ApiToken,
    ConcurrentUse,
    Division,
    LoginSession,
    Membership,
    Organ,
    OrganDivision,
    Person,
    PostDelegation,
)
from portal.accounts.permissions import Permission
from portal.accounts.policy import GRANTS
from portal.accounts.values import (
    POLICE_KINDS,
    AccountPurpose,
    ActingPost,
    Identity,
    MembershipFact,
    OrganKind,
    Post,
    Role,
    Visibility,
)
from portal.core.clock import city_day
from portal.core.errors import NotFound
from portal.core.paging import Page, newest_first
from portal.core.prepared import PREPARED

# By its name only: units are entered above this package.
_UNIT = table("unit", column("id", Uuid), column("name"), column("unit_type"))


def visible(
    visibility: Visibility,
    *,
    unit: "InstrumentedAttribute[UUID] | ColumnElement[UUID] | None" = None,
    district: "InstrumentedAttribute[str] | ColumnElement[str] | None" = None,
    filed: "InstrumentedAttribute[str | None] | ColumnElement[str] | None" = None,
    organ: "InstrumentedAttribute[UUID | None] | InstrumentedAttribute[UUID] | ColumnElement[UUID] | None" = None,
    person: "InstrumentedAttribute[UUID] | ColumnElement[UUID] | None" = None,
    kind: "InstrumentedAttribute[str | None] | ColumnElement[str] | None" = None,
) -> ColumnElement[bool]:
    """The WHERE clause of a visibility for the columns that say where a row stands. Missing columns reach nothing.

    `filed` is a row's other district, where it has one: a camera across a border is also its filing's. `kind` says what
    kind of place a row is about where it may have no unit yet; a unit's own is looked up.
    """
    if visibility.everything:
        return true()
    clauses: list[ColumnElement[bool]] = []
    if unit is not None and visibility.units:
        clauses.append(unit.in_(visibility.units))
    if district is not None and visibility.districts:
        clauses.append(district.in_(visibility.districts))
    if filed is not None and visibility.districts:
        clauses.append(filed.in_(visibility.districts))
    if district is not None:
        clauses += _of_sectors(visibility, unit, district, kind)
    if organ is not None and visibility.organs:
        clauses.append(organ.in_(visibility.organs))
    if person is not None and visibility.person:
        clauses.append(person == visibility.person)
    return or_(*clauses) if clauses else false()


def _of_sectors(
    visibility: Visibility,
    unit: "InstrumentedAttribute[UUID] | ColumnElement[UUID] | None",
    district: "InstrumentedAttribute[str] | ColumnElement[str]",
    kind: "InstrumentedAttribute[str | None] | ColumnElement[str] | None",
) -> Iterator[ColumnElement[bool]]:
    """Rows in a sector's districts about a place of its kinds; where nothing tells the kind, none."""
    for sector in visibility.sectors:
        here = true() if sector.everywhere else district.in_(sector.districts)
        if kind is not None:
            yield and_(here, kind.in_(sector.kinds))
        elif unit is not None:
            yield and_(here, unit.in_(select(_UNIT.c.id).where(_UNIT.c.unit_type.in_(sector.kinds))))


def account_by_login(session: Session, login: str, *, lock: bool = False) -> Account | None:
    """The account of a login name (case-insensitive), locked for update when asked."""
    statement = select(Account).options(joinedload(Account.person)).where(Account.login == login.strip().lower())
    if lock:
        statement = statement.with_for_update(of=Account)
    return session.scalars(statement).one_or_none()


def person_numbered(session: Session, police_number: str) -> UUID | None:
    """Who has a police number. One person has one account: two would let them be their own second person."""
    statement = select(Person.id).where(Person.police_number == police_number.strip()).limit(1)
    return session.scalars(statement).one_or_none()


def live_session(session: Session, token: str, *, now: datetime) -> tuple[LoginSession, Account] | None:
    """The sign-in session of a token with its account, unless revoked, expired or disabled."""
    asked = {"digest": hashlib.sha256(token.encode()).digest(), "now": now}
    row = session.execute(_live_session(), asked, execution_options=PREPARED).one_or_none()
    return (row[0], row[1]) if row else None


@cache
def _live_session() -> Select[LoginSession, Account]:
    """The question of `live_session`, put into words once: every request asks it."""
    return (
        select(LoginSession, Account)
        .join(Account, Account.id == LoginSession.account_id)
        .options(joinedload(Account.person))
        .where(
            LoginSession.token_sha256 == bindparam("digest"),
            LoginSession.revoked_at.is_(None),
            LoginSession.expires_at > bindparam("now"),
            Account.disabled_at.is_(None),
        )
    )


def live_token(session: Session, text: str, *, now: datetime) -> ApiToken | None:
    """The token of that text with its account and person, unless revoked, expired or its account disabled."""
    return session.scalars(
        select(ApiToken)
        .join(Account, Account.id == ApiToken.account_id)
        .options(joinedload(ApiToken.account).joinedload(Account.person))
        .where(
            ApiToken.token_sha256 == hashlib.sha256(text.encode()).digest(),
            ApiToken.revoked_at.is_(None),
            ApiToken.expires_at > now,
            Account.disabled_at.is_(None),
        )
    ).one_or_none()


def live_tokens_of(session: Session, account_id: UUID, *, now: datetime) -> Sequence[ApiToken]:
    """The account's tokens that still open something."""
    return session.scalars(
        select(ApiToken).where(
            ApiToken.account_id == account_id, ApiToken.revoked_at.is_(None), ApiToken.expires_at > now
        )
    ).all()


def token_page(session: Session, *, account_id: UUID | None = None, after: str | None = None) -> Page[ApiToken]:
    """Tokens with account and person, newest first: one account's, or everybody's for who may revoke them."""
    statement = select(ApiToken)
    if account_id is not None:
        statement = statement.where(ApiToken.account_id == account_id)
    options = (joinedload(ApiToken.account).joinedload(Account.person),)
    return newest_first(session, statement, ApiToken.id, after=after, options=options)


def membership_facts(session: Session, person_id: UUID, *, today: date) -> list[tuple[MembershipFact, str]]:
    """The person's memberships of that day as policy facts, each with its organ's or unit's name."""
    rows = session.execute(_facts(), {"person": person_id, "today": today}, execution_options=PREPARED)
    return [
        (
            MembershipFact(
                role=Role(row.role),
                post=Post(row.post) if row.post else None,
                unit_id=row.unit_id,
                organ_id=row.organ_id,
                districts=frozenset(divisions),
                citywide=bool(organ is not None and organ.citywide),
                sectors=frozenset(organ.sectors) if organ is not None else frozenset(),
                acting=tuple(_acting_post(appointment) for appointment in appointments or ()),
            ),
            organ.name if organ is not None else "",
        )
        for row, organ, divisions, appointments in rows
    ]


@cache
def _facts() -> Select[Any]:
    """The question of `membership_facts`: every request asks it, and to put it into words takes longer than to answer it."""
    today = bindparam("today", type_=Date)
    codes = select(OrganDivision.division_code).where(OrganDivision.organ_id == Membership.organ_id)
    return (
        select(
            Membership,
            Organ,
            func.array(codes.correlate(Membership).scalar_subquery()),
            _acting(today).scalar_subquery(),
        )
        .outerjoin(Organ, Organ.id == Membership.organ_id)
        .where(
            Membership.person_id == bindparam("person"),
            Membership.valid_from <= today,
            or_(Membership.valid_to.is_(None), Membership.valid_to >= today),
        )
        .order_by(Membership.id)
    )


def _acting(today: ColumnElement[date]) -> Select[Any]:
    """The posts of a membership's own home that its person fills that day. An appointment falls with the holder's own
    membership: nobody stands in for somebody who has left."""
    theirs = aliased(Membership)
    lent = PostDelegation
    still_held = exists().where(
        theirs.person_id == lent.holder_id,
        theirs.post == lent.post,
        or_(theirs.unit_id == lent.unit_id, theirs.organ_id == lent.organ_id),
        theirs.valid_from <= today,
        or_(theirs.valid_to.is_(None), theirs.valid_to >= today),
    )
    row = func.jsonb_build_array(lent.id, lent.post, lent.holder_id, lent.holder_name, lent.appointed_by)
    return (
        select(func.jsonb_agg(aggregate_order_by(row, lent.id), type_=JSONB))
        .where(
            lent.delegate_id == Membership.person_id,
            or_(lent.unit_id == Membership.unit_id, lent.organ_id == Membership.organ_id),
            lent.from_day <= today,
            lent.to_day >= today,
            lent.revoked_at.is_(None),
            still_held,
        )
        .correlate(Membership)
    )


def _acting_post(row: Sequence[str]) -> ActingPost:
    key, post, holder_id, holder_name, appointed_by = row
    return ActingPost(
        delegation_id=UUID(key),
        post=Post(post),
        holder_id=UUID(holder_id),
        holder_name=holder_name,
        appointed_by=UUID(appointed_by),
    )


def competent_police(session: Session, district: str) -> Organ:
    """The police organ that is competent for filings of a division. Raises NotFound when none is set up."""
    organ = session.scalars(
        select(Organ)
        .join(OrganDivision, OrganDivision.organ_id == Organ.id)
        .where(OrganDivision.division_code == district, Organ.kind == OrganKind.POLICE_BRANCH)
        .order_by(Organ.code)
        .limit(1)
    ).one_or_none()
    organ = organ or session.scalars(select(Organ).where(Organ.kind == OrganKind.POLICE_CITY).limit(1)).one_or_none()
    if organ is None:
        raise NotFound("no_competent_organ", district=district)
    return organ


def signing_organ(session: Session, actor: Identity, permission: Permission, district: str) -> Organ:
    """The organ in whose name the actor acts in a district: their own where it reaches there, else the competent police."""
    for fact in actor.memberships:
        here = fact.organ_id and (fact.citywide or district in fact.districts)
        if here and fact.role in GRANTS[permission]:
            own = session.get(Organ, fact.organ_id)
            if own is not None:
                return own
    return competent_police(session, district)


def all_organs() -> Select[Organ]:
    """Every organ, police first, then by name."""
    return select(Organ).order_by(Organ.kind.notin_(POLICE_KINDS), Organ.code)


def divisions(session: Session) -> list[Division]:
    """The city's districts and counties in code order, without their outlines."""
    return list(session.scalars(select(Division).where(Division.level == "district").order_by(Division.code)))


def identity_of(
    session: Session,
    account: Account,
    *,
    login_session: LoginSession | None = None,
    token: ApiToken | None = None,
    request_id: str = "",
    address: str = "",
    now: datetime,
) -> Identity:
    """The plain value that stands for an account's person from here on."""
    facts = membership_facts(session, account.person_id, today=city_day(now))
    homes = [(fact, name) for fact, name in facts if fact.organ_id]
    return Identity(
        account_id=account.id,
        person_id=account.person_id,
        name=account.person.name,
        memberships=tuple(fact for fact, _ in facts),
        organ_id=homes[0][0].organ_id if homes else None,
        organ_name=homes[0][1] if homes else "",
        session_id=login_session.id if login_session else None,
        token_id=token.id if token else None,
        # Whom it stands for, any token may be asked.
        scopes=frozenset({*token.scopes, Permission.TOKEN_OWN}) if token else None,
        request_id=request_id,
        address=address,
        must="change_password" if account.must_change else "",
        purpose=AccountPurpose(account.purpose),
        zones=frozenset(account.zones),
    )


def identity_of_account(session: Session, account_id: UUID, *, now: datetime) -> Identity | None:
    """Whoever an account stands for now, for work done on their behalf; nobody once it is disabled."""
    account = session.scalars(
        select(Account)
        .options(joinedload(Account.person))
        .where(Account.id == account_id, Account.disabled_at.is_(None))
    ).one_or_none()
    return identity_of(session, account, now=now) if account else None


def account_page(session: Session, *, keyword: str = "", after: str | None = None) -> Page[Account]:
    """Accounts with their persons, newest first."""
    statement = select(Account).join(Person, Person.id == Account.person_id)
    if keyword.strip():
        word = keyword.strip()
        statement = statement.where(
            or_(Account.login.startswith(word.lower(), autoescape=True), Person.name.contains(word, autoescape=True))
        )
    return newest_first(session, statement, Account.id, after=after, options=(joinedload(Account.person),))


def concurrent_page(
    session: Session, *, account_id: UUID | None = None, after: str | None = None
) -> Page[ConcurrentUse]:
    """Accounts found in use on two devices at once, newest first: everybody's, or one person's own."""
    statement = select(ConcurrentUse)
    if account_id is not None:
        statement = statement.where(ConcurrentUse.account_id == account_id)
    options = (joinedload(ConcurrentUse.account).joinedload(Account.person),)
    return newest_first(session, statement, ConcurrentUse.id, after=after, options=options)


def live_sessions(session: Session, account_id: UUID, *, now: datetime) -> Sequence[LoginSession]:
    """The sign-ins of an account that still open something, the last used first."""
    return session.scalars(
        select(LoginSession)
        .where(LoginSession.account_id == account_id, LoginSession.revoked_at.is_(None), LoginSession.expires_at > now)
        .order_by(LoginSession.seen_at.desc())
        .limit(50)
    ).all()


def get_account(session: Session, account_id: UUID) -> Account | None:
    """One account with its person."""
    return session.scalars(
        select(Account).where(Account.id == account_id).options(joinedload(Account.person))
    ).one_or_none()


def homes_of(session: Session, person_ids: Sequence[UUID]) -> dict[UUID, list[tuple[Role, str]]]:
    """For each person the roles held now, each with its organ's or unit's name."""
    rows = session.execute(
        select(Membership.person_id, Membership.role, Organ.name, _UNIT.c.name)
        .outerjoin(Organ, Organ.id == Membership.organ_id)
        .outerjoin(_UNIT, _UNIT.c.id == Membership.unit_id)
        .where(Membership.person_id.in_(person_ids), Membership.valid_to.is_(None))
    )
    homes: dict[UUID, list[tuple[Role, str]]] = {}
    for person_id, role, organ_name, unit_name in rows:
        homes.setdefault(person_id, []).append((Role(role), organ_name or unit_name or ""))
    return homes


def open_proposals(session: Session) -> Sequence[AccountProposal]:
    """Proposals that wait for the second key, oldest first."""
    return session.scalars(
        select(AccountProposal).where(AccountProposal.status == "proposed").order_by(AccountProposal.id)
    ).all()


def get_proposal(session: Session, proposal_id: UUID) -> AccountProposal | None:
    """One proposal."""
    return session.get(AccountProposal, proposal_id)
