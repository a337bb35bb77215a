"""The log as it leaves the portal: a segment that leads to a checkpoint, and the proof of one entry."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.engine import Connection

from portal.audit.queries.tree import load_nodes
from portal.audit.rules.entry import CHAIN_START
from portal.audit.rules.export import (
    consistency_document,
    export_header,
    export_line,
    export_nodes,
    inclusion_document,
    inclusion_nodes,
)
from portal.audit.rules.merkle import consistency_ranges, needed, proof
from portal.core.errors import Invalid, NotFound

_ENTRIES = text(
    "select seq, body, leaf, chain from audit_entry where seq between :first and :last order by seq"
).execution_options(stream_results=True, yield_per=1000)


@dataclass(frozen=True)
class StoredCheckpoint:
    """A checkpoint as the database remembers it."""

    size: int
    note: str


def newest_checkpoint(connection: Connection) -> StoredCheckpoint | None:
    """The newest checkpoint that went outside."""
    row = connection.execute(text("select size, note from audit_checkpoint order by size desc limit 1")).one_or_none()
    return None if row is None else StoredCheckpoint(row.size, row.note)


def checkpoint_over(connection: Connection, seq: int) -> StoredCheckpoint | None:
    """The first checkpoint that covers an entry."""
    row = connection.execute(
        text("select size, note from audit_checkpoint where size >= :seq order by size limit 1"), {"seq": seq}
    ).one_or_none()
    return None if row is None else StoredCheckpoint(row.size, row.note)


def export_segment(connection: Connection, *, origin: str, first: int, last: int | None) -> Iterator[bytes]:
    """The lines of an export, streamed; without `last` up to the newest checkpoint. Raises Invalid for no such range."""
    newest = newest_checkpoint(connection)
    if newest is None:
        raise Invalid("audit_nothing_signed")
    end = newest.size if last is None else last
    if not 1 <= first <= end <= newest.size:
        raise Invalid("audit_range", first=first, last=end, size=newest.size)
    fetch = load_nodes(connection, export_nodes(first, end, newest.size))
    chain = _chain_after(connection, first - 1)
    yield export_header(origin=origin, first=first, last=end, size=newest.size, chain=chain, fetch=fetch)
    for row in connection.execute(_ENTRIES, {"first": first, "last": end}):
        body = None if row.body is None else bytes(row.body)
        yield export_line(row.seq, body, bytes(row.leaf), bytes(row.chain))


def entry_proof(connection: Connection, *, seq: int) -> bytes:
    """The proof document of one entry under the first checkpoint that covers it. Raises NotFound, Invalid."""
    row = connection.execute(text("select body from audit_entry where seq = :seq"), {"seq": seq}).one_or_none()
    if row is None or row.body is None:
        raise NotFound
    checkpoint = checkpoint_over(connection, seq)
    if checkpoint is None:
        raise Invalid("audit_not_signed_yet")
    fetch = load_nodes(connection, inclusion_nodes(seq, checkpoint.size))
    return inclusion_document(seq=seq, size=checkpoint.size, body=bytes(row.body), note=checkpoint.note, fetch=fetch)


def consistency(connection: Connection, *, old: int, new: int) -> bytes:
    """The proof that the log of `old` entries is the beginning of the log of `new` entries."""
    ranges = consistency_ranges(old, new)
    return consistency_document(old, new, proof(ranges, load_nodes(connection, needed(ranges))))


def _chain_after(connection: Connection, seq: int) -> bytes:
    if seq == 0:
        return CHAIN_START
    row = connection.execute(text("select chain from audit_entry where seq = :seq"), {"seq": seq}).one_or_none()
    if row is None:
        raise NotFound
    return bytes(row.chain)
