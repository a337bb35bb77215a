"""What the operator's commands and the sealer process do, as plain functions over values; `cli.py` reads the settings."""

import logging
import select
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from typing import Any

import psycopg2
from sqlalchemy import create_engine
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from portal.audit.operations.recovering import accept_gap
from portal.audit.operations.sealing import Sealer, SealerBusy
from portal.audit.queries.outside import OutsideProblem, Place
from portal.audit.rules.checkpoint import Signer, VerifierKey
from portal.audit.values import SealReport

log = logging.getLogger("portal.audit")

PAUSE = 1.0
AFTER_TROUBLE = 5.0


@dataclass(frozen=True, kw_only=True)
class Post:
    """What a sealer needs: its database role, its key, the places it writes to."""

    url: str
    signer: Signer
    places: Sequence[Place]

    @contextmanager
    def sealer(self) -> Iterator[Sealer]:
        """A sealer over a connection of its own. Raises SealerBusy, OutsideProblem, OSError."""
        engine = create_engine(self.url, poolclass=NullPool)
        try:
            with engine.connect() as connection:
                yield Sealer(connection, signer=self.signer, places=self.places)
        finally:
            engine.dispose()


def seal_once(post: Post, *, now: datetime) -> SealReport:
    """Seal everything that is committed and sign it, then end."""
    with post.sealer() as sealer:
        return sealer.work(now=now, urgent=True)


def seal_forever(post: Post, *, clock: Callable[[], datetime], stop: Event) -> None:
    """Seal until told to stop; outlive a database that restarts, and say loudly why nothing can be sealed.

    A contradiction between the database and the outside never ends the process: its restarts would hide the cause.
    Nothing is sealed meanwhile, so reveals are refused, and every attempt logs the reason.
    """
    while not stop.is_set():
        try:
            with post.sealer() as sealer:
                log.info("sealer at work, %s entries so far", sealer.size)
                _keep_sealing(sealer, clock, stop)
        except SealerBusy:
            log.warning("another sealer is at work; waiting")
            stop.wait(AFTER_TROUBLE)
        except OutsideProblem as problem:
            log.critical("AUDIT LOG CONTRADICTS ITS CHECKPOINTS: %s %s", problem.code, dict(problem.data))
            stop.wait(AFTER_TROUBLE * 6)
        except (SQLAlchemyError, psycopg2.Error, OSError) as fault:
            log.error("sealing interrupted: %s %s", type(fault).__name__, getattr(fault, "code", None))
            if stop.is_set():
                _sign_off(post, clock)
            stop.wait(PAUSE)


def _sign_off(post: Post, clock: Callable[[], datetime]) -> None:
    """Once more over a fresh connection, when the last act of an orderly stop was cut off with its connection."""
    try:
        seal_once(post, now=clock())
    except (SealerBusy, OutsideProblem, SQLAlchemyError, psycopg2.Error, OSError) as fault:
        log.error("stopped without the last signature: %s", type(fault).__name__)


def _keep_sealing(sealer: Sealer, clock: Callable[[], datetime], stop: Event) -> None:
    urgent = True  # a reveal may have asked before this process listened
    while not stop.is_set():
        sealer.work(now=clock(), urgent=urgent)
        urgent = _wait_for_reveal(sealer.connection, stop)
    # The last act of an orderly stop is a signature over everything, so that the gap until the next start is empty.
    sealer.work(now=clock(), urgent=True)


def _wait_for_reveal(connection: Connection, stop: Event) -> bool:
    """Wait a moment; True when a reveal asked for its record to be sealed at once."""
    driver: Any = connection.connection.driver_connection
    if not driver.notifies and not stop.is_set():
        select.select([driver], [], [], PAUSE)
    driver.poll()
    urgent = bool(driver.notifies)
    driver.notifies.clear()
    return urgent


def newest_note(places: Sequence[Place], key: VerifierKey) -> str | None:
    """The newest signed checkpoint as it stands outside."""
    found = [(note, int(note.split("\n")[1])) for place in places if (note := place.newest_note(key))]
    return max(found, key=lambda pair: pair[1])[0] if found else None


def recover(post: Post) -> tuple[int, int]:
    """After a restore to an earlier moment: continue from the newest outside checkpoint, with the gap left visible.

    Returns the first and last sequence number of the gap. Raises OutsideProblem when there is nothing to accept.
    """
    engine = create_engine(post.url, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            return accept_gap(connection, places=post.places, key=post.signer.key)
    finally:
        engine.dispose()
