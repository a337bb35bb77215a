"""After a restore that lost the end of the log: put the lost entries' hashes back from the mirror, without their bytes.

The log then continues from the newest outside checkpoint. Nothing is signed anew and nothing is hidden: old
checkpoints, proofs and printed codes stay valid, and the gap stays visible for ever as entries without content.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import text
from sqlalchemy.engine import Connection

from portal.audit.operations.sealing import LOCK, Sealed, SealerBusy, write_entries
from portal.audit.queries.outside import OutsideProblem, Place, newest_outside
from portal.audit.queries.tree import FLOOR_LEVEL, load_frontier, size_and_chain
from portal.audit.rules.checkpoint import Checkpoint, VerifierKey
from portal.audit.rules.entry import chain_hash

STEP: Final = 1000


class NothingToRecover(OutsideProblem):
    """The database is not behind the outside: there is no gap to accept."""


class MirrorUnfit(OutsideProblem):
    """No mirror leads from this database to the signed checkpoint: it is another log, or it was changed."""


def accept_gap(connection: Connection, *, places: Sequence[Place], key: VerifierKey) -> tuple[int, int]:
    """Fill the gap with hashes and commit. Raises SealerBusy, NothingToRecover or MirrorUnfit; then nothing changed."""
    connection.execute(text("set time zone 'UTC'"))
    if not connection.scalar(text("select pg_try_advisory_xact_lock(:key)"), {"key": LOCK}):
        raise SealerBusy("stop the sealer first")
    size, chain = size_and_chain(connection)
    signed = newest_outside(places, key)
    if signed is None or signed.size <= size:
        raise NothingToRecover("audit_nothing_to_recover", size=size)
    for place in places:
        leaves = _mirrored(place, size + 1, signed.size)
        if leaves is not None and _leads_to(connection, size, leaves, signed):
            _write(connection, size=size, chain=chain, leaves=leaves)
            connection.commit()
            return size + 1, signed.size
    raise MirrorUnfit("audit_mirror_unfit", size=size, signed=signed.size)


def _mirrored(place: Place, first: int, last: int) -> list[bytes] | None:
    try:
        leaves = place.leaf_range(first, last)
    except (OSError, OutsideProblem):
        return None
    return leaves if len(leaves) == last - first + 1 else None


def _leads_to(connection: Connection, size: int, leaves: Sequence[bytes], signed: Checkpoint) -> bool:
    frontier = load_frontier(connection, size)
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root() == signed.root


def _write(connection: Connection, *, size: int, chain: bytes, leaves: Sequence[bytes]) -> None:
    frontier = load_frontier(connection, size)
    for start in range(0, len(leaves), STEP):
        entries, nodes = [], []
        for leaf in leaves[start : start + STEP]:
            chain = chain_hash(chain, leaf)
            nodes += [made for made in frontier.append(leaf) if made[0].level >= FLOOR_LEVEL]
            entries.append(Sealed(frontier.size, None, None, leaf, chain))
        write_entries(connection, entries, nodes)
