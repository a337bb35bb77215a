"""The sealer: committed acts get their number, their bytes and their hashes, and checkpoints go outside.

One process at a time (advisory lock), under its own database role. Rows are taken in the order of their transactions.
A row whose transaction id is not below every running one has to wait: an older transaction might still commit a row
that belongs before it. Behind a transaction that runs for long the sealer stops waiting after GRACE, and at once when
a reveal waits; rows that commit later are then found because every pass looks for unsealed rows, not for rows after a
position.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.engine import Connection

from portal.audit.operations.publishing import append_leaves, append_note, prepare
from portal.audit.queries.outside import LEAF_LINE, Place
from portal.audit.queries.rollback import standing
from portal.audit.queries.tree import FLOOR_LEVEL, load_frontier, size_and_chain
from portal.audit.rules.canonical import utc_text
from portal.audit.rules.checkpoint import Checkpoint, Signer, parse_note
from portal.audit.rules.entry import COLUMNS, StagedEvent, body_bytes, chain_hash
from portal.audit.rules.merkle import Node, leaf_hash
from portal.audit.values import SealReport
from portal.core.crash import crash_point

log = logging.getLogger("portal.audit")

LOCK: Final = 7_405_003
CHANNEL: Final = "audit_seal"
BATCH: Final = 1000
EVERY_ENTRIES: Final = 1000
INTERVAL: Final = timedelta(seconds=60)
GRACE: Final = timedelta(seconds=10)
_HIGHEST_ID: Final = UUID(int=(1 << 128) - 1)

_XMIN = text("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
_PENDING = text(
    f"select {COLUMNS} from audit_stage s "  # noqa: S608 - column names of our own
    "where (s.txid, s.id) > (:txid, cast(:id as uuid)) and ("
    "  s.txid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
    # A row of an id that this cluster has not reached yet came with a logical restore; nothing can precede it.
    "  or s.txid >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
    "  or s.id < cast(:overtake as uuid)) "
    "and not exists (select from audit_entry e where e.stage_id = s.id) "
    "order by s.txid, s.id limit :batch"
)
_INSERT_ENTRIES: Final = (
    "insert into audit_entry (seq, stage_id, body, leaf, chain) "
    "select * from unnest(%s::bigint[], %s::uuid[], %s::bytea[], %s::bytea[], %s::bytea[])"
)
_INSERT_NODES: Final = (
    "insert into audit_node (level, place, hash) select * from unnest(%s::smallint[], %s::bigint[], %s::bytea[])"
)


class SealerBusy(RuntimeError):
    """Another sealer holds the lock."""


class Sealed(NamedTuple):
    """One entry ready to be written."""

    seq: int
    stage_id: str | None
    body: bytes | None
    leaf: bytes
    chain: bytes


class Sealer:
    """The state of one sealing process over one database connection, which must not be shared."""

    def __init__(self, connection: Connection, *, signer: Signer, places: Sequence[Place]) -> None:
        """Take the lock and compare with the outside. Raises SealerBusy, or OutsideProblem when they disagree."""
        self.connection = connection
        self.signer = signer
        self.places = tuple(places)
        connection.execute(text("set time zone 'UTC'"))
        if not connection.scalar(text("select pg_try_advisory_lock(:key)"), {"key": LOCK}):
            raise SealerBusy("another sealer is at work")
        prepare(self.places)
        found = standing(connection, self.places, signer.key)
        self.size, self.chain = size_and_chain(connection)
        self.frontier = load_frontier(connection, self.size)
        self.checkpoint_size = found.checkpoint.size if found.checkpoint else 0
        self.checkpoint_at: datetime | None = None
        self.watermark = self._drained_below()
        self._adopt_checkpoint()
        connection.commit()
        connection.execute(text(f"listen {CHANNEL}"))
        connection.commit()

    def work(self, *, now: datetime, urgent: bool = False) -> SealReport:
        """Seal what is due, publish when it is time. `urgent` (a reveal waits) seals everything visible and publishes."""
        sealed, failed = 0, dict[str, None]()
        # Read before the rows: every transaction below this mark had ended when the rows were looked for.
        xmin: int = self.connection.execute(_XMIN).scalar_one()
        position = (self.watermark - 1, str(_HIGHEST_ID))
        while True:
            rows = self._pass(position, now=now, urgent=urgent)
            sealed += len(rows)
            last = len(rows) < BATCH
            if last:
                # A row that committed behind the position meanwhile belongs to a transaction above the mark.
                self.watermark = xmin
            # Inside a burst too, so that a checkpoint covers little more than its 1,000 entries.
            if self._due(now) or (urgent and last and self.size > self.checkpoint_size):
                failed |= dict.fromkeys(self.publish(now=now))
            if last:
                break
            position = (rows[-1].txid, str(rows[-1].id))
        return SealReport(
            sealed=sealed, size=self.size, checkpoint_size=self.checkpoint_size, failed_places=tuple(failed)
        )

    def publish(self, *, now: datetime) -> tuple[str, ...]:
        """Sign the present size and write it to every place; the names of the places that failed.

        With no place left the checkpoint does not count, and whoever waits for it goes on waiting: nothing secret is
        shown on the word of the database alone.
        """
        crash_point("audit.before_checkpoint")
        checkpoint = Checkpoint(
            origin=self.signer.key.name, size=self.size, root=self.frontier.root(), chain=self.chain, at=now
        )
        note = self.signer.sign(checkpoint)
        failed = []
        for place in self.places:
            try:
                self._mirror(place)
                append_note(place, note)
            except OSError as fault:
                log.error("audit checkpoint not written to %s: %s", place.name, fault.strerror or type(fault).__name__)
                failed.append(place.name)
        if len(failed) < len(self.places):
            self._note_checkpoint(checkpoint, note)
            self.connection.commit()
            self.checkpoint_size, self.checkpoint_at = self.size, now
        return tuple(failed)

    def _drained_below(self) -> int:
        """Where the sealer before this one had got to; from the start, if this is another cluster's counting."""
        found: int | None = self.connection.scalar(
            text("select drained_below from audit_checkpoint order by size desc limit 1")
        )
        xmin: int = self.connection.execute(_XMIN).scalar_one()
        return found if found is not None and found <= xmin else 0

    def _adopt_checkpoint(self) -> None:
        """A crash may have come between writing a checkpoint outside and noting it here; those who wait look here."""
        if not self.checkpoint_size:
            return
        notes = [note for place in self.places if (note := place.newest_note(self.signer.key))]
        for note in notes:
            checkpoint = parse_note(note, self.signer.key)
            if checkpoint.size == self.checkpoint_size:
                self._note_checkpoint(checkpoint, note)

    def _note_checkpoint(self, checkpoint: Checkpoint, note: str) -> None:
        self.connection.execute(
            text(
                "insert into audit_checkpoint (size, root, chain, at, note, drained_below) "
                "values (:size, :root, :chain, :at, :note, :drained_below) on conflict (size) do nothing"
            ),
            {
                "size": checkpoint.size,
                "root": checkpoint.root,
                "chain": checkpoint.chain,
                "at": checkpoint.at,
                "note": note,
                "drained_below": self.watermark,
            },
        )

    def _due(self, now: datetime) -> bool:
        if self.size == self.checkpoint_size:
            return False
        waited = self.checkpoint_at is None or now - self.checkpoint_at >= INTERVAL
        return waited or self.size - self.checkpoint_size >= EVERY_ENTRIES

    def _pass(self, position: tuple[int, str], *, now: datetime, urgent: bool) -> list[StagedEvent]:
        overtake = _HIGHEST_ID if urgent else _id_floor(now - GRACE)
        values = {"txid": position[0], "id": position[1], "overtake": str(overtake), "batch": BATCH}
        rows = [StagedEvent._make(row) for row in self.connection.execute(_PENDING, values)]
        if rows:
            self._write(rows, sealed_at=utc_text(now))
        else:
            self.connection.rollback()
        return rows

    def _write(self, events: Sequence[StagedEvent], *, sealed_at: str) -> None:
        frontier, chain = self.frontier.copy(), self.chain
        entries: list[Sealed] = []
        nodes: list[tuple[Node, bytes]] = []
        for event in events:
            seq = frontier.size + 1
            body = body_bytes(event, seq=seq, previous=chain, sealed_at=sealed_at)
            leaf = leaf_hash(body)
            chain = chain_hash(chain, leaf)
            nodes += [made for made in frontier.append(leaf) if made[0].level >= FLOOR_LEVEL]
            entries.append(Sealed(seq, str(event.id), body, leaf, chain))
        crash_point("audit.before_seal")
        write_entries(self.connection, entries, nodes)
        self.connection.commit()
        self.frontier, self.chain, self.size = frontier, chain, frontier.size

    def _mirror(self, place: Place) -> None:
        """Bring the place's mirror up to the present size, from the database for what it missed."""
        have = place.leaf_count()
        while have < self.size or self._torn(place, have):
            rows = self.connection.execute(
                text("select leaf from audit_entry where seq > :have order by seq limit 10000"), {"have": have}
            ).fetchall()
            if not rows:
                break
            append_leaves(place, have + 1, [bytes(row.leaf) for row in rows])
            have += len(rows)

    @staticmethod
    def _torn(place: Place, have: int) -> bool:
        return place.leaves.exists() and place.leaves.stat().st_size > have * LEAF_LINE


def write_entries(connection: Connection, entries: Sequence[Sealed], nodes: Sequence[tuple[Node, bytes]] = ()) -> None:
    """Write entries and finished subtrees into the running transaction (COPY stops at row-level security)."""
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor:
        ids = [entry.stage_id for entry in entries]
        seqs, bodies = [entry.seq for entry in entries], [entry.body for entry in entries]
        leaves, chains = [entry.leaf for entry in entries], [entry.chain for entry in entries]
        cursor.execute(_INSERT_ENTRIES, (seqs, ids, bodies, leaves, chains))
        if nodes:
            levels, places = [node.level for node, _ in nodes], [node.place for node, _ in nodes]
            cursor.execute(_INSERT_NODES, (levels, places, [digest for _, digest in nodes]))


def _id_floor(moment: datetime) -> UUID:
    """The smallest UUIDv7 of that millisecond: rows with a smaller id were staged before it."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
