"""Engine, sessions and the two guards every commit passes: signed row scope in, no unaudited change out."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy import MetaData, create_engine, event, select
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session, SessionTransaction, UOWTransaction, sessionmaker
from sqlalchemy.sql.base import ExecutableOption

from portal.config import Settings
from portal.core.addresses import AddressPolicy
from portal.core.crypto import Envelope, load_key_ring
from portal.core.egress import EgressPolicy
from portal.core.errors import Invalid, NotFound, PortalError, Problem
from portal.core.prepared import prepare_marked
from portal.core.scope import EVERYTHING, DataScope
from portal.core.services import Services, Witness

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table. `__audited__ = False` exempts bookkeeping (outbox, sign-in sessions, probe results) from the guard."""

    metadata = MetaData(naming_convention=NAMING)
    __audited__: ClassVar[bool] = True


Row = TypeVar("Row", bound=Base)


def one_of(column: str, vocabulary: Iterable[object]) -> str:
    """The CHECK text that keeps a column inside a vocabulary's texts."""
    return f"{column} in ({', '.join(repr(str(word)) for word in vocabulary)})"


class UnauditedCommit(RuntimeError):
    """A transaction changed audited rows and recorded nothing: a defect, never a user's fault."""


class PortalSession(Session):
    """A session that carries its scope, its services and the marks the guards read, all in `info`."""


class Database:
    """The application's door to PostgreSQL.

    `app_url` is the role under row-level security; `map_url` the read-only role for wide police map queries, whose
    policies are `USING (true)` because PostGIS operators are not leakproof (reliability.md D10).
    """

    def __init__(
        self, *, app_url: str, map_url: str | None, scope_key: bytes, services: Services, pool_size: int = 10
    ) -> None:
        self.services = services
        self.scope_key = scope_key
        self.on_commit_wake: Callable[[set[str]], None] = lambda _queues: None
        self.engine = _engine(app_url, pool_size)
        self.map_engine = _engine(map_url, pool_size) if map_url else self.engine
        self.factory = sessionmaker(self.engine, class_=PortalSession, expire_on_commit=False)

    def session(self, scope: DataScope) -> Session:
        """A new session confined to `scope`; the caller commits and closes it."""
        return self.factory(info={"database": self, "services": self.services, "scope": scope})

    @contextmanager
    def transaction(self, scope: DataScope = EVERYTHING) -> Iterator[Session]:
        """One session, one transaction: commit at the end, roll back on any exception. For jobs and commands."""
        with self.session(scope) as session, session.begin():
            yield session

    @contextmanager
    def map_connection(self) -> Iterator[Connection]:
        """A read-only connection of the map role; the caller has put the permission into its SQL."""
        with self.map_engine.connect() as connection:
            yield connection

    def dispose(self) -> None:
        """Close every pooled connection (after a fork, at the end of a test)."""
        self.engine.dispose()
        self.map_engine.dispose()


def open_database(settings: Settings, *, pool_size: int = 10) -> Database:
    """The database with its keys and places, for web, worker, commands and tests alike."""
    return Database(
        app_url=settings.database_url,
        map_url=settings.map_database_url or None,
        scope_key=settings.scope_key.encode(),
        services=Services(
            envelope=Envelope(load_key_ring(settings.field_keys_dir)),
            data_dir=settings.data_dir,
            city_code=settings.city_code,
            address_policy=_address_policy(settings),
            egress=_egress_policy(settings),
            clamd_socket=settings.clamd_socket,
            probe_interval=timedelta(seconds=settings.probe_interval_seconds),
            history_months=settings.history_months,
            witness=Witness(
                directories=settings.audit_witness_dirs,
                origin=settings.audit_origin,
                public_key_file=settings.audit_public_key_file,
            ),
        ),
        pool_size=pool_size,
    )


def _address_policy(settings: Settings) -> AddressPolicy:
    """What may be probed, never the portal's own parts. Raises ValueError for a setting that is wrong."""
    parts = (settings.database_url, settings.redis_url, settings.base_url)
    return AddressPolicy.build(
        networks=settings.probe_networks,
        ports=settings.probe_ports,
        own=[urlsplit(part).hostname or "" for part in parts],
        simulated=settings.profile != "production",
    )


def _egress_policy(settings: Settings) -> EgressPolicy:
    """Where webhooks may go, never to the portal's own parts. Raises ValueError for a setting that is wrong."""
    parts = (settings.database_url, settings.redis_url, settings.base_url)
    return EgressPolicy.build(
        networks=settings.webhook_networks,
        plain_http=settings.webhook_plain_http,
        own=[urlsplit(part).hostname or "" for part in parts],
        production=settings.profile == "production",
    )


def _engine(url: str, pool_size: int) -> Engine:
    engine = create_engine(url, pool_pre_ping=True, pool_size=pool_size, max_overflow=pool_size)
    prepare_marked(engine)
    return engine


def mark_audited(session: Session) -> None:
    """Called by audit.operations alone: this transaction has its record."""
    session.info["audited"] = True


def narrow(session: Session, scope: DataScope) -> None:
    """Change a session's scope, for the running transaction too."""
    session.info["scope"] = scope
    if session.in_transaction():
        _apply_scope(session, session.connection())


def lock_row(session: Session, model: type[Row], key: UUID, *load: ExecutableOption) -> Row:
    """A row held for change, as it is once nobody else holds it. `load`: what comes with it. Raises NotFound."""
    table: Any = model
    found = session.scalars(
        select(model)
        .where(table.id == key)
        .options(*load)
        .with_for_update(of=model)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if found is None:
        raise NotFound()
    return found


@contextmanager
def told_apart(session: Session, faults: Mapping[str, Problem]) -> Iterator[None]:
    """Turn the breach of a unique constraint, by its name, into the fault at its field. Raises Invalid.

    A look beforehand is not enough: it loses races, and row-level security hides another unit's row from it, which
    the constraint nevertheless sees.
    """
    try:
        with session.begin_nested():
            yield
            session.flush()
    except IntegrityError as clash:
        diagnosis = getattr(clash.orig, "diag", None)
        fault = faults.get(getattr(diagnosis, "constraint_name", None) or "")
        if fault is None:
            raise
        raise Invalid([fault]) from clash


@contextmanager
def undone_if_refused(session: Session) -> Iterator[None]:
    """Undo what an operation wrote before it refused, and nothing before it: the page is then shown again.

    A whole rollback would take the request's earlier work with it, and the rows the page is about to show. What a refusal
    is to leave behind (`commit`: a wrong password counted, a mismatch recorded) stays.
    """
    savepoint = session.begin_nested()
    try:
        yield
    except PortalError as refusal:
        if refusal.data.get("commit"):
            savepoint.commit()
        else:
            savepoint.rollback()
        raise
    except BaseException:
        savepoint.rollback()
        raise
    savepoint.commit()


def _apply_scope(session: Session, connection: Connection) -> None:
    database: Database = session.info["database"]
    scope: DataScope = session.info["scope"]
    # Every transaction begins with it: sent as it is, past the compiler and its cache.
    connection.exec_driver_sql(
        "select set_config('portal.scope', %(value)s, true)", {"value": scope.signed(database.scope_key)}
    )


@event.listens_for(PortalSession, "after_begin")
def _begin(session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
    if not session.in_nested_transaction():
        _apply_scope(session, connection)


@event.listens_for(PortalSession, "after_flush")
def _note_flush(session: Session, _context: UOWTransaction) -> None:
    touched = [*session.new, *session.dirty, *session.deleted]
    if any(
        getattr(type(row), "__audited__", True) for row in touched if session.is_modified(row) or row in session.deleted
    ):
        session.info["changed"] = True


@event.listens_for(PortalSession, "do_orm_execute")
def _note_bulk(state: ORMExecuteState) -> None:
    if (state.is_insert or state.is_update or state.is_delete) and _is_audited(state):
        state.session.info["changed"] = True


def _is_audited(state: ORMExecuteState) -> bool:
    if state.bind_mapper is not None:
        return bool(getattr(state.bind_mapper.class_, "__audited__", True))
    # A statement over a bare table, such as the outbox's insert, names no mapper; its table still tells.
    table = getattr(state.statement, "table", None)
    exempt = (mapper.local_table for mapper in Base.registry.mappers if not mapper.class_.__audited__)
    return not any(table is each for each in exempt)


@event.listens_for(PortalSession, "before_commit")
def _refuse_unaudited(session: Session) -> None:
    if session.in_nested_transaction():
        return
    session.flush()
    if session.info.get("changed") and not session.info.get("audited"):
        raise UnauditedCommit("rows changed without an audit record in the same transaction")


@event.listens_for(PortalSession, "after_commit")
def _wake(session: Session) -> None:
    if session.in_nested_transaction():
        return
    queues: set[str] = session.info.pop("wake", set())
    _forget(session)
    if queues:
        session.info["database"].on_commit_wake(queues)


@event.listens_for(PortalSession, "after_rollback")
def _forget(session: Session, *_: Any) -> None:
    for mark in ("changed", "audited", "wake"):
        session.info.pop(mark, None)
