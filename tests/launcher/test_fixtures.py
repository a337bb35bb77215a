"""The suite's own ground: what a test writes stays its own, and the row scope is real."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.core.db import Database
from portal.core.outbox import OutboxRow, TaskName, enqueue
from portal.core.scope import EVERYTHING, NOTHING


def count(session: Session) -> int:
    return session.query(OutboxRow).count()


def test_a_commit_under_test_is_seen_by_it(session: Session, database: Database) -> None:
    enqueue(session, TaskName.AUDIT_VERIFY)
    session.commit()
    with database.transaction() as other:
        assert count(other) == 1


def test_and_gone_for_the_next(session: Session) -> None:
    assert count(session) == 0


def test_own_database_commits_for_real(own_database: Database) -> None:
    with own_database.transaction() as session:
        enqueue(session, TaskName.AUDIT_VERIFY)
    with own_database.transaction() as session:
        assert count(session) == 1


def test_scope_is_verified_by_the_database(database: Database) -> None:
    def holds_all(session: Session) -> bool:
        return bool(session.scalar(text("select portal_scope_all()")))

    with database.transaction(EVERYTHING) as session:
        assert holds_all(session)
        forged = "0" * 64 + ':{"all":true}'
        session.execute(text("select set_config('portal.scope', :forged, true)"), {"forged": forged})
        assert not holds_all(session)
    with database.transaction(NOTHING) as session:
        assert not holds_all(session)
        assert session.scalar(text("select current_user")) == "portal_app"
