"""The stored tree: subtree roots from 256 entries up, everything below from the entries' own hashes."""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from sqlalchemy import bindparam, text
from sqlalchemy.engine import Connection

from portal.audit.rules.entry import CHAIN_START
from portal.audit.rules.merkle import Fetch, Frontier, Node, cover, fold, node_hash, root_at

FLOOR_LEVEL = 8

_Key = TypeVar("_Key")

_LEAVES = text("select seq, leaf from audit_entry where seq = any(:numbers)").bindparams(bindparam("numbers"))
_NODES = text(
    "select n.level, n.place, n.hash from audit_node n "
    "join unnest(cast(:levels as smallint[]), cast(:places as bigint[])) as w(level, place) using (level, place)"
)


class TreeDamaged(LookupError):
    """A hash that the tree needs is not in the database."""


def size_and_chain(connection: Connection) -> tuple[int, bytes]:
    """How many entries there are, and the running hash after the last."""
    row = connection.execute(text("select seq, chain from audit_entry order by seq desc limit 1")).one_or_none()
    return (0, CHAIN_START) if row is None else (row.seq, bytes(row.chain))


def load_nodes(connection: Connection, wanted: Iterable[Node]) -> Fetch:
    """Fetch these nodes with two queries; the result answers for them and for nothing else. Raises TreeDamaged."""
    nodes = set(wanted)
    high = sorted(node for node in nodes if node.level >= FLOOR_LEVEL)
    low = [node for node in nodes if node.level < FLOOR_LEVEL]
    found: dict[Node, bytes] = {}
    if high:
        levels, places = [node.level for node in high], [node.place for node in high]
        for level, place, digest in connection.execute(_NODES, {"levels": levels, "places": places}):
            found[Node(level, place)] = bytes(digest)
    if low:
        numbers = [leaf + 1 for node in low for leaf in _span(node)]
        leaves = {row.seq - 1: bytes(row.leaf) for row in connection.execute(_LEAVES, {"numbers": numbers})}
        for node in low:
            found[node] = _fold_leaves([_known(leaves, leaf) for leaf in _span(node)])

    def fetch(node: Node) -> bytes:
        return _known(found, node)

    return fetch


def load_frontier(connection: Connection, size: int) -> Frontier:
    """The right edge of the first `size` entries."""
    return Frontier.load(size, load_nodes(connection, cover(0, size)))


def stored_root(connection: Connection, size: int) -> bytes:
    """The root of the first `size` entries, from stored hashes (not from the bytes: verification does that)."""
    return root_at(size, load_nodes(connection, cover(0, size)))


def _span(node: Node) -> range:
    return range(node.place << node.level, (node.place + 1) << node.level)


def _fold_leaves(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        hashes = [node_hash(hashes[at], hashes[at + 1]) for at in range(0, len(hashes), 2)]
    return fold(hashes)


def _known(hashes: Mapping[_Key, bytes], key: _Key) -> bytes:
    try:
        return hashes[key]
    except KeyError:
        raise TreeDamaged(f"no hash of {key}") from None
