"""Guessing, taking over and standing in for somebody else at the door."""

from datetime import timedelta

import pyotp
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Account, Membership
from portal.accounts.operations import (
    confirm_totp,
    decide_proposal,
    end_membership,
    propose_account,
    verify_second_person,
)
from portal.accounts.queries import identity_of
from portal.accounts.rules import ADDRESS_MAX_FAILURES, ADDRESS_WINDOW, MAX_FAILURES
from portal.accounts.values import SIGN_IN, MembershipFact, Role
from portal.audit.models import AuditStage
from portal.core.errors import Invalid
from tests.accounts.test_signin import attempt
from tests.people import NOW, PASSWORD, World, make_world, post
from tests.people import sign_in as sign_in_page


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def test_a_lock_does_not_tell_which_accounts_exist(session: Session, world: World) -> None:
    real = world.login_of(world.person(Role.REGISTRAR))
    told = {login: [attempt(session, login, "wrong").problem for _ in range(MAX_FAILURES + 1)] for login in (real, "x")}
    assert told[real] == told["x"] == ["refused"] * MAX_FAILURES + ["locked"]
    later = NOW + timedelta(minutes=16)
    assert attempt(session, real, "wrong", now=later).problem == attempt(session, "x", now=later).problem == "refused"


def test_an_open_browser_is_no_place_to_guess_the_password(client: FlaskClient, session: Session, world: World) -> None:
    person = world.person(Role.REGISTRAR)
    sign_in_page(client, world.login_of(person))
    new = {"password": "Wholly-New-7", "again": "Wholly-New-7"}
    for _ in range(MAX_FAILURES):
        assert post(client, "/account/password", new | {"current": "guess"}).status_code == 422
    assert post(client, "/account/password", new | {"current": PASSWORD}).status_code == 422
    account = session.get_one(Account, person.account_id)
    assert account.locked_until is not None


def test_an_open_browser_does_not_replace_the_second_factor(session: Session, world: World) -> None:
    person = world.person(Role.REGISTRAR)
    first, other = pyotp.random_base32(), pyotp.random_base32()
    confirm_totp(session, actor=person, secret=first, code=pyotp.TOTP(first).at(NOW), now=NOW)
    sealed = session.get_one(Account, person.account_id).totp_sealed
    code = pyotp.TOTP(other).at(NOW)
    with pytest.raises(Invalid):
        confirm_totp(session, actor=person, secret=other, code=code, now=NOW)
    assert session.get_one(Account, person.account_id).totp_sealed == sealed
    confirm_totp(session, actor=person, secret=other, code=code, current=PASSWORD, now=NOW)
    assert session.get_one(Account, person.account_id).totp_sealed != sealed


def test_a_first_password_makes_no_second_person(session: Session, world: World) -> None:
    one, two = world.person(Role.REGISTRAR), world.person(Role.REGISTRAR)
    login = world.login_of(two)

    def second() -> object:
        return verify_second_person(session, actor=one, login=login, password=PASSWORD, totp="", now=NOW)

    session.get_one(Account, two.account_id).must_change = True
    with pytest.raises(Invalid):
        second()
    session.get_one(Account, two.account_id).must_change = False
    assert second()


def test_one_likely_password_is_not_tried_on_every_colleague(session: Session, world: World) -> None:
    one, two = world.person(Role.REGISTRAR), world.person(Role.REGISTRAR)

    def stand_in(login: str, password: str) -> list[str]:
        with pytest.raises(Invalid) as refused:
            verify_second_person(session, actor=one, login=login, password=password, totp="", now=NOW)
        return [problem.code for problem in refused.value.problems]

    for number in range(ADDRESS_MAX_FAILURES):
        assert stand_in(f"colleague-{number}", "Spring-2025") == ["second_person_refused"]
    assert stand_in(world.login_of(two), PASSWORD) == ["locked"]
    later = NOW + ADDRESS_WINDOW + timedelta(minutes=1)
    assert (
        verify_second_person(
            session, actor=one, login=world.login_of(two), password=PASSWORD, totp="", now=later
        ).person_id
        == two.person_id
    )


def test_one_police_number_gets_one_account(session: Session, world: World) -> None:
    proposer, decider = world.person(Role.SYSTEM_ADMIN), world.person(Role.SECURITY_ADMIN)
    fact = MembershipFact(role=Role.REGISTRAR, organ_id=world.city.id)

    def propose(login: str) -> object:
        return propose_account(
            session,
            actor=proposer,
            login=login,
            person_name="王同",
            police_number="041234",
            memberships=[fact],
            reason="入职",
            now=NOW,
        ).id

    def approve(proposal_id: object) -> object:
        return decide_proposal(
            session,
            actor=decider,
            proposal_id=proposal_id,  # type: ignore[arg-type]
            approve=True,
            reason="属实",
            password=PASSWORD,
            now=NOW,
        )

    first, second = propose("one"), propose("two")
    assert approve(first)
    with pytest.raises(Invalid):
        approve(second)
    with pytest.raises(Invalid):
        propose("three")


def test_a_role_ended_now_is_gone_now(session: Session, world: World) -> None:
    person = world.person(Role.REGISTRAR)
    membership = session.query(Membership).filter_by(person_id=person.person_id).one()
    membership.valid_from = (NOW - timedelta(days=30)).date()
    end_membership(session, actor=world.person(Role.SECURITY_ADMIN), membership_id=membership.id, now=NOW)
    session.flush()
    account = session.get_one(Account, person.account_id)
    session.refresh(account, ["person"])
    assert not identity_of(session, account, now=NOW).roles


def test_the_number_of_a_request_in_the_log_is_not_the_callers_to_choose(
    client: FlaskClient, session: Session, world: World
) -> None:
    given = "somebody-elses-request"
    answer = client.get("/sign-in", headers={"X-Request-ID": given})
    assert answer.headers["X-Request-ID"] != given
    login = world.login_of(world.person(Role.REGISTRAR))
    client.environ_base["HTTP_X_REQUEST_ID"] = given
    assert sign_in_page(client, login).status_code == 303
    entered = session.scalars(select(AuditStage.request_id).where(AuditStage.tag == SIGN_IN)).all()
    assert entered
    assert given not in entered
