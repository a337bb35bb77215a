"""The first people of an empty portal: without them nobody could propose or approve anybody else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import Account
from portal.accounts.operations.divisions import enter_divisions
from portal.accounts.operations.memberships import create_account, create_organ, create_person, grant_membership
from portal.accounts.queries import divisions
from portal.accounts.values import ADMIN_ROLES, Identity, MembershipFact, OrganKind, Role
from portal.core.clock import city_day
from portal.core.divisions import DivisionLevel
from portal.core.errors import IllegalTransition, Invalid, Problem


@dataclass(frozen=True, kw_only=True)
class FirstAdministrator:
    """Who takes one of the three posts, and the password to be changed at the first sign-in."""

    name: str
    login: str
    password: str


def found_portal(
    session: Session,
    *,
    actor: Identity,
    city_code: str,
    organ_name: str,
    administrators: Mapping[Role, FirstAdministrator],
    now: datetime,
) -> None:
    """Enter divisions, the city's bureau with its branches, and the three administrators: three different people.

    Raises IllegalTransition once any account exists: from then on the two-key rule is the only way.
    """
    if session.scalar(select(func.count()).select_from(Account)):
        raise IllegalTransition("accounts_exist")
    names = [administrators[role].name.strip() for role in sorted(ADMIN_ROLES)]
    if len(set(names)) != len(names) or not all(names):
        raise Invalid([Problem("name", "administrators_not_distinct")])
    enter_divisions(session, city_code=city_code)
    bureau = create_organ(
        session,
        actor=actor,
        kind=OrganKind.POLICE_CITY,
        code=f"{city_code}000000",
        name=organ_name,
        citywide=True,
        now=now,
    )
    for division in divisions(session):
        if division.level == DivisionLevel.DISTRICT:
            create_organ(
                session,
                actor=actor,
                kind=OrganKind.POLICE_BRANCH,
                code=f"{division.code}000000",
                name=branch_name(division.name, bureau=organ_name),
                divisions=(division.code,),
                parent_id=bureau.id,
                now=now,
            )
    for role in sorted(ADMIN_ROLES):
        chosen = administrators[role]
        person = create_person(session, actor=actor, name=chosen.name.strip(), now=now)
        create_account(session, actor=actor, person=person, login=chosen.login, password=chosen.password, now=now)
        fact = MembershipFact(role=role, organ_id=bureau.id)
        grant_membership(session, actor=actor, person_id=person.id, fact=fact, valid_from=city_day(now), now=now)


def branch_name(division: str, *, bureau: str) -> str:
    """How the bureau of a district is called: a city's district has a branch, a county or county-level city its own."""
    return f"{bureau}{division[:-1]}分局" if division.endswith("区") else f"{division}公安局"
