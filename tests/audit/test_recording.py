"""record(): in the caller's transaction, in the closed vocabulary, and never readable where it must not be."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg2
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.audit.models import AuditStage
from portal.audit.operations import record
from portal.audit.values import LOG_READ, Actor, FieldChange, Outcome, SubjectRef, UnknownTag
from portal.core.crypto import row_context
from portal.core.db import Database
from portal.core.scope import DataScope
from portal.core.services import services as services_of
from tests.support.services import Services

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
ACTOR = Actor(
    account_id=UUID(int=1), person_id=UUID(int=2), name="王敏", organ_id=UUID(int=3), organ_name="文峰分局",
    roles=("registrar", "inspector"), session_id=UUID(int=4), request_id="req-12345678", address="10.1.2.3",
)  # fmt: skip
SUBJECT = SubjectRef("filing", UUID(int=9), "市第一人民医院")


def stored(session: Session, key: UUID) -> AuditStage:
    return session.scalars(select(AuditStage).where(AuditStage.id == key)).one()


def test_everything_said_is_stored(session: Session) -> None:
    changes = [FieldChange(name="days", old=30, new=90), FieldChange(name="phone", new="13900002207", sensitive=True)]
    key = record(
        session, actor=ACTOR, tag=LOG_READ, subject=SUBJECT, unit_id=UUID(int=7), district="410502", reason="例行",
        outcome=Outcome.DENIED, changes=changes, now=NOW,
    )  # fmt: skip
    row = stored(session, key)
    assert (row.actor_person, row.actor_account, row.actor_name) == (UUID(int=2), UUID(int=1), "王敏")
    assert (row.actor_organ, row.actor_organ_name, row.actor_roles) == (
        UUID(int=3),
        "文峰分局",
        ["inspector", "registrar"],
    )
    assert (row.session_id, row.request_id, row.address) == (UUID(int=4), "req-12345678", "10.1.2.3")
    assert (row.tag, row.subject_kind, row.subject_id, row.subject_label) == (
        "audit:log:read", "filing", str(UUID(int=9)), "市第一人民医院",
    )  # fmt: skip
    assert (row.unit_id, row.district, row.reason, row.outcome) == (UUID(int=7), "410502", "例行", "denied")
    assert row.at == NOW
    assert row.txid == session.scalar(text("select pg_current_xact_id()::text::bigint"))
    assert row.changes is not None
    assert row.changes[0] == {"field": "days", "type": "integer", "old": 30, "new": 90}
    assert "13900002207" not in str(row.changes)
    assert session.info["audited"] is True


def test_an_undeclared_act_is_refused(session: Session) -> None:
    with pytest.raises(UnknownTag):
        record(session, actor=ACTOR, tag="registry:filing:vanish", subject=SUBJECT, now=NOW)


def test_a_secret_reason_is_sealed_and_bound_to_its_row(session: Session) -> None:
    key = record(session, actor=ACTOR, tag=LOG_READ, subject=SUBJECT, reason="案件2026-17", secret=True, now=NOW)
    row = stored(session, key)
    assert row.reason is None
    assert row.reason_sealed is not None
    context = row_context("audit_stage", "reason", key)
    assert services_of(session).envelope.open(row.reason_sealed, context=context).decode() == "案件2026-17"
    assert row.reason_digest == services_of(session).envelope.blind_index("案件2026-17", "audit_stage.reason")
    dumped = session.scalar(text("select string_agg(s::text, '') from audit_stage s"))
    assert "2026-17" not in str(dumped)


def test_what_no_database_can_hold_still_gets_recorded(session: Session) -> None:
    odd = Actor(name="a\x00b\ud800" + "x" * 300, address="z" * 100)
    row = stored(session, record(session, actor=odd, tag=LOG_READ, subject=SubjectRef("k", None, "长" * 500), now=NOW))
    assert len(row.actor_name) == 120
    assert len(row.subject_label) == 200
    assert row.subject_label.endswith("…")


def test_the_record_goes_with_the_transaction(own_database: Database) -> None:
    with own_database.session(DataScope(everything=True)) as session:
        record(session, actor=ACTOR, tag=LOG_READ, subject=SUBJECT, now=NOW)
        session.rollback()
        kept = record(session, actor=ACTOR, tag=LOG_READ, subject=SUBJECT, now=NOW)
        session.commit()
        assert list(session.scalars(select(AuditStage.id))) == [kept]


@pytest.mark.parametrize(
    ("scope", "seen"),
    [
        (DataScope(everything=True), {"unit", "district", "own", "elsewhere"}),
        (DataScope(units=frozenset({UUID(int=7)})), {"unit"}),
        (DataScope(districts=frozenset({"410502"})), {"district"}),
        (DataScope(person=UUID(int=2)), {"own"}),
        (DataScope(), set()),
    ],
)
def test_a_session_reads_what_stands_in_its_scope(
    database: Database, session: Session, scope: DataScope, seen: set[str]
) -> None:
    from portal.core.db import narrow

    other = Actor(name="某人", person_id=uuid4())
    for label, actor, unit, district in (
        ("unit", other, UUID(int=7), None), ("district", other, None, "410502"), ("own", ACTOR, None, None),
        ("elsewhere", other, UUID(int=8), "410503"),
    ):  # fmt: skip
        subject = SubjectRef("x", None, label)
        record(session, actor=actor, tag=LOG_READ, subject=subject, unit_id=unit, district=district, now=NOW)
    narrow(session, scope)
    assert set(session.scalars(select(AuditStage.subject_label))) == seen
    # Adding is not bounded by the scope: the record of a refused act elsewhere must go in.
    record(session, actor=other, tag=LOG_READ, subject=SUBJECT, unit_id=UUID(int=8), now=NOW)


CHANGES = {
    "audit_stage": "update audit_stage set actor_name = 'x'",
    "audit_entry": "update audit_entry set body = ''",
    "audit_node": "update audit_node set hash = hash",
    "audit_checkpoint": "update audit_checkpoint set note = ''",
}


@pytest.fixture
def superuser(services: Services, database: Database) -> Iterator[Any]:
    """A connection past the application, to try what each role may; nothing it does is kept."""
    link = services.connect(str(database.engine.url.database))
    link.autocommit = False
    yield link
    link.rollback()
    link.close()


def attempt(link: Any, role: str, statement: str) -> str:
    """What the database says to a role; empty when it obeys."""
    with link.cursor() as cursor:
        cursor.execute(f"savepoint attempt; set local role {role}")
        try:
            cursor.execute(statement)
        except psycopg2.Error as refused:
            return str(refused)
        finally:
            cursor.execute("rollback to savepoint attempt; reset role")
    return ""


@pytest.mark.parametrize("role", ["portal_app", "portal_map", "portal_sealer", "portal_owner", "postgres"])
def test_no_role_changes_or_removes_anything(superuser: Any, role: str) -> None:
    owner = role in ("portal_owner", "postgres")
    for table, update in CHANGES.items():
        for statement in (update, f"delete from {table}", f"truncate {table} cascade"):
            said = attempt(superuser, role, statement)
            assert ("only ever added" if owner else "permission denied") in said, statement


INSERTS = {
    "audit_stage": "insert into audit_stage (id, at, actor_name, actor_roles, tag, subject_kind, outcome) "
    "values (gen_random_uuid(), now(), 'x', '{}', 'a:b:c', 'k', 'ok')",
    "audit_entry": "insert into audit_entry (seq, leaf, chain) values (1, sha256(''), sha256(''))",
    "audit_node": "insert into audit_node values (8, 0, sha256(''))",
    "audit_checkpoint": "insert into audit_checkpoint values (1, '', '', now(), '')",
}
WRITERS = {
    "portal_app": {"audit_stage"},
    "portal_sealer": {"audit_entry", "audit_node", "audit_checkpoint"},
    "portal_map": set(),
}


@pytest.mark.parametrize("role", WRITERS)
def test_each_role_adds_to_its_own_tables_only(superuser: Any, role: str) -> None:
    said = {table: attempt(superuser, role, statement) for table, statement in INSERTS.items()}
    assert {table for table, answer in said.items() if not answer} == WRITERS[role]
    assert all("permission denied" in answer for answer in said.values() if answer)


@pytest.mark.parametrize("numbers", [(2,), (1, 3), (1, 2, 4)])
def test_the_database_refuses_a_gap_in_the_numbers(superuser: Any, numbers: tuple[int, ...]) -> None:
    rows = ", ".join(f"({number}, sha256(''), sha256(''))" for number in numbers)
    said = attempt(superuser, "postgres", f"insert into audit_entry (seq, leaf, chain) values {rows}")
    assert "leave a gap" in said


def test_a_tag_outside_the_form_is_refused_by_the_database_too(session: Session) -> None:
    with pytest.raises(DBAPIError, match="ck_audit_stage_tag"):
        session.execute(text(INSERTS["audit_stage"].replace("a:b:c", "nonsense")))
