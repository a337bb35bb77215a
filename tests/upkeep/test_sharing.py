"""DPW-03: one person one account; an account on two devices at once is found and told; the table of rights is shown."""

from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.accounts.models import Account, ConcurrentUse, LoginSession, Notice
from portal.accounts.operations import note_concurrent_use
from portal.accounts.permissions import Permission
from portal.accounts.rules import AT_ONCE, Use, device_of, used_at_once
from portal.accounts.values import Role
from portal.core.clock import real_now
from tests.evidence.city import EvidenceCity
from tests.evidence.test_views import at
from tests.people import post
from tests.support.world import NOW

pytestmark = pytest.mark.requirement("DPW-03")
MINUTE = timedelta(minutes=1)
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Edg/140.0"
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0"
PHONE = "Mozilla/5.0 (Linux; Android 14; HarmonyOS) AppleWebKit/537.36 Mobile"


def use(address: str, agent: str, began: datetime, seen: datetime) -> Use:
    return Use(device=device_of(address, agent), began=began, seen=seen)


def test_what_counts_as_two_at_once() -> None:
    desk = use("10.8.0.5", EDGE, NOW - 30 * MINUTE, NOW)
    other = use("10.8.0.9", EDGE, NOW - 10 * MINUTE, NOW - MINUTE)
    assert used_at_once(desk, other, now=NOW)
    assert used_at_once(other, desk, now=NOW)
    assert used_at_once(desk, use("10.8.0.5", PHONE, NOW - 10 * MINUTE, NOW - MINUTE), now=NOW)
    # Another browser of the same computer, and the same one after an update.
    assert not used_at_once(desk, use("10.8.0.5", CHROME, NOW - 10 * MINUTE, NOW), now=NOW)
    # Somebody went over to another desk: the first sign-in was not used any more.
    left = use("10.8.0.5", EDGE, NOW - 30 * MINUTE, NOW - 5 * MINUTE)
    assert not used_at_once(left, use("10.8.0.9", EDGE, NOW - 4 * MINUTE, NOW), now=NOW)
    # Long ago is not at once.
    assert not used_at_once(desk, use("10.8.0.9", EDGE, NOW - 60 * MINUTE, NOW - AT_ONCE - MINUTE), now=NOW)


def signed_in(
    session: Session, account: Account, address: str, agent: str, *, began: datetime, seen: datetime
) -> LoginSession:
    row = LoginSession(
        account_id=account.id, token_sha256=address.encode().ljust(16)[:16] + agent[-16:].encode(), created_at=began, seen_at=seen,
        expires_at=NOW + timedelta(hours=8), address=address, agent=agent,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def test_it_is_recorded_once_and_told_to_both(session: Session) -> None:
    city = EvidenceCity(session)
    admin = city.person("secadmin", Role.SECURITY_ADMIN, organ=city.bureau)
    account = city.accounts["custodian"]
    first = signed_in(session, account, "10.8.0.5", EDGE, began=NOW - 30 * MINUTE, seen=NOW - MINUTE)
    second = signed_in(session, account, "10.8.0.5", CHROME, began=NOW - 20 * MINUTE, seen=NOW)
    assert note_concurrent_use(session, session_id=second.id, now=NOW) == 0
    third = signed_in(session, account, "10.8.0.9", EDGE, began=NOW - 10 * MINUTE, seen=NOW)
    first.seen_at = NOW
    session.flush()
    assert note_concurrent_use(session, session_id=third.id, now=NOW) == 2
    assert note_concurrent_use(session, session_id=first.id, now=NOW) == 0
    found = session.scalars(select(ConcurrentUse)).all()
    assert {(one.earlier_address, one.later_address) for one in found} == {("10.8.0.5", "10.8.0.9")}
    told = session.execute(select(Notice.person_id, Notice.kind).distinct()).all()
    assert {tuple(one) for one in told} == {
        (account.person_id, "accounts.own_concurrent"), (admin.person_id, "accounts.concurrent"),
    }  # fmt: skip


def test_one_person_has_one_account(session: Session) -> None:
    city = EvidenceCity(session)
    city.session.add(
        Account(
            person_id=city.custodian.person_id, login="shared", password_hash="x", password_set_at=NOW, created_at=NOW
        )
    )
    with pytest.raises(IntegrityError, match="person_id"):
        session.flush()


def test_the_pages_name_what_was_found_and_end_the_others(session: Session, client: FlaskClient) -> None:
    city = EvidenceCity(session)
    city.person("secadmin", Role.SECURITY_ADMIN, organ=city.bureau)
    at(client, "custodian")
    own = session.scalars(select(LoginSession).where(LoginSession.revoked_at.is_(None))).one()
    now = real_now()
    own.created_at, own.seen_at = now - 5 * MINUTE, now - 2 * MINUTE
    other = signed_in(session, city.accounts["custodian"], "10.9.9.9", PHONE, began=now - 4 * MINUTE, seen=now - MINUTE)
    other.expires_at = now + timedelta(hours=8)
    session.flush()
    assert client.get("/").status_code == 200  # the very next click finds it
    shown = client.get("/account/sign-ins").text
    assert "10.9.9.9" in shown
    assert "两台设备同时使用" in shown
    assert post(client, "/account/sign-ins/end-others").status_code == 303
    session.refresh(other)
    assert other.revoked_at is not None
    assert client.get("/accounts/concurrent").status_code == 403
    at(client, "secadmin")
    assert "10.9.9.9" in client.get("/accounts/concurrent").text


def test_the_table_of_rights_is_the_very_table(session: Session, client: FlaskClient) -> None:
    from portal.accounts.labels.rights import PERMISSION_LABELS, by_area

    EvidenceCity(session)
    at(client, "custodian")
    page = client.get("/accounts/roles").text
    assert page.count('<th scope="row"') == len(Permission)
    assert {one for _area, rows in by_area() for one in rows} == set(Permission)
    for permission, words in PERMISSION_LABELS.items():
        assert str(permission) in set(Permission)
        assert str(words)
    only = client.get("/accounts/roles?role=audit_admin").text
    assert only.count('<th scope="row"') < 20
