"""Signing in: the right way, the wrong ways, and what they leave behind."""

from datetime import timedelta

import pyotp
import pytest
from argon2 import Parameters, PasswordHasher, Type, extract_parameters
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Account, LoginSession
from portal.accounts.operations import confirm_totp, sign_in
from portal.accounts.rules import ADDRESS_MAX_FAILURES, MAX_FAILURES
from portal.accounts.values import LANGUAGE_CHOSEN, Role
from portal.audit.models import AuditStage
from portal.core.errors import Invalid
from tests.people import NOW, PASSWORD, World, make_world
from tests.people import sign_in as sign_in_page


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def attempt(
    session: Session, login: str, password: str = PASSWORD, *, totp: str = "", address: str = "127.0.0.9", now=NOW
):
    return sign_in(
        session,
        login=login,
        password=password,
        totp=totp,
        address=address,
        agent="test",
        request_id="r",
        lifetime=timedelta(hours=8),
        now=now,
    )


def test_right_password_opens_a_session_that_keeps_only_the_digest(session: Session, world: World) -> None:
    person = world.person(Role.REGISTRAR)
    outcome = attempt(session, world.login_of(person).upper())
    assert outcome.token
    row = session.get(LoginSession, outcome.session_id)
    assert row is not None
    assert outcome.token.encode() not in row.token_sha256


def test_a_guess_costs_memory_and_time(costly_hashing: Parameters) -> None:
    """Tests hash cheaply; what the portal was built with is kept apart, and one hash is made with it."""
    assert (costly_hashing.type, costly_hashing.time_cost, costly_hashing.memory_cost) == (Type.ID, 2, 19_456)
    assert extract_parameters(PasswordHasher.from_parameters(costly_hashing).hash(PASSWORD)) == costly_hashing


def test_five_wrong_passwords_lock_the_account_and_time_frees_it(session: Session, world: World) -> None:
    login = world.login_of(world.person(Role.REGISTRAR))
    for _ in range(MAX_FAILURES):
        assert attempt(session, login, "wrong").problem == "refused"
    assert attempt(session, login).problem == "locked"
    assert attempt(session, login, now=NOW + timedelta(minutes=16)).token


def test_unknown_login_reads_like_a_wrong_password(session: Session, world: World) -> None:
    assert attempt(session, "nobody").problem == "refused"


def test_who_draws_a_new_ipv6_address_for_each_guess_is_locked_out(session: Session, world: World) -> None:
    person = world.person(Role.REGISTRAR)
    for number in range(ADDRESS_MAX_FAILURES):
        assert attempt(session, f"nobody{number}", "x", address=f"2001:db8::{number:x}").problem == "refused"
    assert attempt(session, world.login_of(person), address="2001:db8::ffff").problem == "locked"
    assert attempt(session, world.login_of(person), address="2001:db8:0:1::ffff").token


def test_one_time_code_is_accepted_once(session: Session, world: World) -> None:
    person = world.person(Role.REGISTRAR)
    secret = pyotp.random_base32()
    with pytest.raises(Invalid):
        confirm_totp(session, actor=person, secret=secret, code="000000", now=NOW)
    confirm_totp(session, actor=person, secret=secret, code=pyotp.TOTP(secret).at(NOW), now=NOW)
    account = session.get(Account, person.account_id)
    assert account is not None
    assert secret not in (account.totp_sealed or "")
    login, later = world.login_of(person), NOW + timedelta(minutes=5)
    assert attempt(session, login, now=later).problem == "totp"
    code = pyotp.TOTP(secret).at(later)
    assert attempt(session, login, totp=code, now=later).token
    assert attempt(session, login, totp=code, now=later).problem == "refused"


def test_sign_in_page_sets_a_cookie_and_sign_out_ends_it(client: FlaskClient, session: Session, world: World) -> None:
    person = world.person(Role.REGISTRAR)
    assert client.get("/account/password").status_code == 302
    assert sign_in_page(client, world.login_of(person), "nope-nope-nope").status_code == 422
    answer = sign_in_page(client, world.login_of(person))
    assert answer.status_code == 303, answer.text
    assert client.get("/account/password").status_code == 200
    session.execute(select(1))
    for row in session.scalars(select(LoginSession)):
        row.revoked_at = NOW
    session.flush()
    assert client.get("/account/password").status_code == 302


def test_the_language_is_kept_in_the_account_and_comes_back_at_the_next_sign_in(
    client: FlaskClient, session: Session, world: World
) -> None:
    person = world.person(Role.REGISTRAR)
    account = session.get_one(Account, person.account_id)
    login = world.login_of(person)

    def chosen() -> int:
        return len(session.scalars(select(AuditStage).where(AuditStage.tag == str(LANGUAGE_CHOSEN))).all())

    client.get("/sign-in?lang=en")  # before signing in it is this browser's alone
    assert sign_in_page(client, login).status_code == 303
    session.refresh(account)
    assert (account.locale, '<html lang="en"' in client.get("/account/password").text) == (None, True)

    assert client.get("/account/password?lang=en").status_code == 303
    client.get("/account/password?lang=en")
    session.refresh(account)
    assert (account.locale, chosen()) == ("en", 1)
    client.get("/account/password?lang=tlh")
    client.get("/account/password?lang=zh", headers={"Sec-Fetch-Site": "cross-site"})
    session.refresh(account)
    assert account.locale == "en"

    # Another browser, with the language of whoever sat there before.
    client.delete_cookie("portal")
    client.set_cookie("lang", "zh")
    assert "lang=en" in sign_in_page(client, login).headers["Set-Cookie"]
    assert '<html lang="en"' in client.get("/account/password").text
