"""A table loaded bare: what watches every single row is taken off before a bulk load and put back once, after it.

A million cameras are three million look-ups of foreign keys and as many walks down six indices; built at the end, from
the whole table, each costs seconds. All of it belongs to the load's transaction: whoever looks sees the table before
or after, never without its constraints. Only the tables' owner may do this; the rows themselves are still written as
the application's role, under row-level security.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.orm import Session

_ROLE = "portal_app"
# Statements that take off, and statements that put back, by the catalogue's own words.
_INDEXES = """
select 'drop index ' || i.indexrelid::regclass, pg_get_indexdef(i.indexrelid) from pg_index i
where i.indrelid = cast(:table as regclass) and not exists (select from pg_constraint c where c.conindid = i.indexrelid)
"""
_CONSTRAINTS = """
select format('alter table %s drop constraint %I', conrelid::regclass, conname),
  format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
from pg_constraint where conrelid = cast(:table as regclass) and contype in ('f', 'u')
  and not exists (select from pg_constraint r where r.contype = 'f' and r.conindid = pg_constraint.conindid
    and r.oid <> pg_constraint.oid and pg_constraint.contype = 'u')
"""


def as_application(session: Session) -> bool:
    """Go on as the application's role. True when the session belongs to the tables' owner, who can come back."""
    owner: bool = session.scalar(text("select current_user <> :role"), {"role": _ROLE}) or False
    if owner:
        session.execute(text(f"set local role {_ROLE}"))
    return owner


@contextmanager
def bare(session: Session, table: str, *, owner: bool) -> Iterator[None]:
    """Load `table` without its secondary indices, foreign keys and triggers; with them, when we are not its owner.

    `table` is the caller's own constant. The triggers' work is the caller's to do once.
    """
    if not owner:
        yield
        return
    session.execute(text("reset role"))
    taken = [*session.execute(text(_CONSTRAINTS), {"table": table}), *session.execute(text(_INDEXES), {"table": table})]
    for off, _ in taken:
        session.execute(text(off))
    session.execute(text(f"alter table {table} disable trigger user"))
    session.execute(text(f"set local role {_ROLE}"))
    yield
    session.execute(text("reset role"))
    session.execute(text("set local maintenance_work_mem = '512MB'"))
    session.execute(text(f"alter table {table} enable trigger user"))
    for _, back in reversed(taken):
        session.execute(text(back))
    session.execute(text(f"set local role {_ROLE}"))
