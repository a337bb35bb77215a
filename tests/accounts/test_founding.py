"""An empty portal gets its three administrators once, and never again this way."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import Account, Organ
from portal.accounts.operations.founding import FirstAdministrator, branch_name, found_portal
from portal.accounts.rules import password_problems
from portal.accounts.values import ADMIN_ROLES, Role, system_identity
from portal.core.errors import IllegalTransition, Invalid
from tests.people import NOW


def administrators(*names: str) -> dict[Role, FirstAdministrator]:
    return {
        role: FirstAdministrator(name=name, login=f"admin{n}", password="Abcd-Efgh-Jkmn-Pqr2")
        for n, (role, name) in enumerate(zip(sorted(ADMIN_ROLES), names, strict=True))
    }


def found(session: Session, *names: str) -> None:
    found_portal(
        session,
        actor=system_identity("tests"),
        city_code="410500",
        organ_name="安阳市公安局",
        administrators=administrators(*names),
        now=NOW,
    )


def test_three_people_three_posts_and_a_bureau_for_each_district(session: Session) -> None:
    found(session, "钱宇", "陶洁", "殷岩")
    session.commit()
    accounts = session.scalars(select(Account)).all()
    assert len(accounts) == 3
    assert all(account.must_change for account in accounts)
    assert session.scalar(select(func.count()).select_from(Organ)) == 10
    with pytest.raises(IllegalTransition):
        found(session, "甲", "乙", "丙")


def test_one_person_cannot_hold_two_posts(session: Session) -> None:
    with pytest.raises(Invalid):
        found(session, "钱宇", "钱宇", "殷岩")


def test_first_passwords_pass_the_password_rules() -> None:
    from portal.accounts.cli import _first_password

    for _ in range(200):
        assert password_problems(_first_password(), login="sysadmin", name="钱宇") == []


def test_names_of_bureaus() -> None:
    assert branch_name("文峰区", bureau="安阳市公安局") == "安阳市公安局文峰分局"
    assert branch_name("汤阴县", bureau="安阳市公安局") == "汤阴县公安局"
    assert branch_name("林州市", bureau="安阳市公安局") == "林州市公安局"
