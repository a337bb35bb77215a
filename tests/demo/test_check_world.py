"""The fixture world: what it promises to outside checks."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import text

from portal.accounts.operations import sign_in
from portal.accounts.values import SECOND_FACTOR_ROLES, Role
from portal.core.scope import EVERYTHING
from portal.demo.check_world import check_world
from portal.evidence.states import RequestStatus
from portal.inspection.states import AcceptanceStatus
from portal.registry.states import FilingStatus
from tests.support.database import database_for, settings_for

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def world(services, worker_name, worker_number, tmp_path_factory):
    name = f"test_{worker_name}_check"
    services.clone_template(name)
    database = database_for(settings_for(services, name, tmp_path_factory.mktemp("check"), broker=worker_number))
    told = check_world(database, now=NOW)
    yield database, told
    database.dispose()
    services.drop(name)


def test_three_units_two_districts_and_every_role_twice(world):
    _, told = world
    assert len(told["units"]) == 3
    assert len(told["districts"]) == 2
    roles = Counter(account["role"] for account in told["accounts"])
    assert set(roles) == set(Role)
    assert min(roles.values()) >= 2


def test_objects_stand_in_every_state_for_units_of_both_districts(world):
    _, told = world
    for kind, states in (
        ("filing", FilingStatus),
        ("acceptance", AcceptanceStatus),
        ("footage_request", RequestStatus),
    ):
        reachable = {str(state) for state in states} - set(told["unreachable_states"].get(kind, ()))
        found = {row["state"] for row in told["objects"] if row["kind"] == kind}
        assert found == reachable, kind
    secret = [row for row in told["objects"] if row["secret"]]
    assert Counter(row["kind"] for row in secret) == {"footage_request": 2, "system": 2, "camera": 6}
    assert len({row["district"] for row in secret if row["kind"] == "system"}) == 2


def test_every_canary_is_one_of_its_kind(world):
    _, told = world
    values = Counter(row["value"] for row in told["canaries"] if row["field"] != "camera_access.host")
    shared = {value for value, count in values.items() if count > 1}
    # Channels of one recorder share its password.
    assert all(row["field"] == "camera_access.password" for row in told["canaries"] if row["value"] in shared)
    assert {row["field"].split(".")[0] for row in told["canaries"]} >= {
        "unit", "person", "camera_access", "camera", "request", "approval", "filing", "acceptance", "system",
    }  # fmt: skip


def test_sealed_canaries_lie_nowhere_in_the_clear(world):
    """Telephones, device passwords and the secret case: not in any text of any table."""
    database, told = world
    sealed = [row["value"] for row in told["canaries"] if row["field"] in {"unit.contact_phone", "person.phone"}]
    sealed += [row["value"] for row in told["canaries"] if row["field"] == "camera_access.password"]
    sealed += [
        row["value"]
        for row in told["canaries"]
        if row["instance"] == "15" and row["field"] in {"request.summary", "request.reason", "request.case_number"}
    ]
    assert len(sealed) > 20
    with database.session(EVERYTHING) as session:
        tables = session.scalars(
            text(
                "select table_name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'"
            )
        ).all()
        for table in tables:
            readable = text("select has_table_privilege(current_user, :name, 'select')")
            if table == "spatial_ref_sys" or not session.scalar(readable, {"name": table}):
                continue
            everything = "\n".join(session.scalars(text(f"select t::text from {table} t")))
            assert [value for value in sealed if value in everything] == [], table


def test_second_factors_are_the_told_ones(world):
    database, told = world
    account = next(row for row in told["accounts"] if row["login"] == "auditor2")
    assert account["role"] in SECOND_FACTOR_ROLES
    with database.session(EVERYTHING) as session:
        signed = sign_in(
            session,
            login=account["login"],
            password=account["password"],
            totp=pyotp.TOTP(account["totp"]).at(NOW),
            address="127.0.0.9",
            agent="test",
            request_id="",
            lifetime=timedelta(hours=1),
            now=NOW,
        )
        assert signed.problem is None
        session.rollback()


def test_a_second_call_tells_the_same(world):
    database, told = world
    assert check_world(database, now=NOW) == json.loads(json.dumps(told))
