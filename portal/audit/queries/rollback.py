"""Is this database the one that the outside checkpoints were signed over? Asked before anything runs on it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from portal.audit.queries.outside import OutsideProblem, Place, newest_outside, outside_of
from portal.audit.queries.tree import TreeDamaged, size_and_chain, stored_root
from portal.audit.rules.checkpoint import Checkpoint, VerifierKey
from portal.core.db import Database
from portal.core.scope import EVERYTHING

log = logging.getLogger("portal.audit")


class RolledBack(OutsideProblem):
    """The database holds fewer entries than were signed for: it was restored to an earlier moment, or cut."""


class Rewritten(OutsideProblem):
    """The database holds other entries than were signed for."""


class WitnessLost(OutsideProblem):
    """The database knows of checkpoints, and no place outside holds one: the proof of the past is gone."""


@dataclass(frozen=True)
class Standing:
    """How far the database and the outside agree."""

    size: int
    checkpoint: Checkpoint | None


def standing(connection: Connection, places: Sequence[Place], key: VerifierKey) -> Standing:
    """Compare. Raises RolledBack, Rewritten or WitnessLost."""
    size, _ = size_and_chain(connection)
    outside = newest_outside(places, key)
    if outside is None:
        if connection.scalar(text("select exists (select from audit_checkpoint)")):
            raise WitnessLost("audit_witness_lost", places=[place.name for place in places])
        return Standing(size, None)
    if size < outside.size:
        raise RolledBack("audit_rolled_back", size=size, signed=outside.size)
    try:
        root = stored_root(connection, outside.size)
    except TreeDamaged as damage:
        raise Rewritten("audit_rewritten", signed=outside.size) from damage
    if root != outside.root:
        raise Rewritten("audit_rewritten", signed=outside.size)
    for place in places:
        _compare_mirror(connection, place, size, outside.size)
    return Standing(size, outside)


def _compare_mirror(connection: Connection, place: Place, size: int, signed: int) -> None:
    """Hashes are mirrored just before a checkpoint; after a crash between the two the mirror alone knows the newest."""
    try:
        mirrored = place.leaf_range(signed + 1, place.leaf_count())
    except OSError:
        return
    if signed + len(mirrored) > size:
        raise RolledBack("audit_rolled_back", size=size, signed=signed + len(mirrored))
    rows = connection.execute(
        text("select leaf from audit_entry where seq > :signed order by seq limit :count"),
        {"signed": signed, "count": len(mirrored)},
    )
    if [bytes(row.leaf) for row in rows] != mirrored:
        raise Rewritten("audit_rewritten", signed=signed)


def assert_not_rolled_back(session: Session, places: Sequence[Place], key: VerifierKey) -> Standing:
    """Refuse a database that lost or changed what was signed. Raises RolledBack, Rewritten or WitnessLost."""
    return standing(session.connection(), places, key)


def check_at_start(database: Database) -> None:
    """What web and workers do before they serve anything. A portal without outside places has nothing to compare.

    Raises OutsideProblem, so that the process ends and the supervisor's log says why (deploy/runbooks/audit-break.md).
    """
    if not database.services.witness.directories:
        log.warning("no place outside the database holds audit checkpoints: a rollback would go unnoticed")
        return
    places, key = outside_of(database.services)
    try:
        with database.session(EVERYTHING) as session:
            assert_not_rolled_back(session, places, key)
    except OutsideProblem as problem:
        log.critical("AUDIT LOG CONTRADICTS ITS CHECKPOINTS: %s %s", problem.code, dict(problem.data))
        raise
    finally:
        # The server forks after this; a connection must not be shared by its children.
        database.dispose()
