"""Reading the whole sealed log and holding it against everything signed: what `portal audit verify` and the page do.

It trusts nothing that is stored beside the bytes: leaf hashes, running hashes and subtree roots are computed again, and
the readable row that lists show is compared with the sealed bytes it should have become.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NoReturn

from sqlalchemy import text
from sqlalchemy.engine import Connection

from portal.audit.queries.outside import OutsideProblem, Place
from portal.audit.queries.tree import FLOOR_LEVEL
from portal.audit.rules.canonical import NotCanonical
from portal.audit.rules.checkpoint import BadCheckpoint, Checkpoint, VerifierKey, parse_note
from portal.audit.rules.entry import CHAIN_START, COLUMNS, StagedEvent, body_bytes, chain_hash
from portal.audit.rules.merkle import Frontier, leaf_hash
from portal.audit.values import Verdict

STEP = 10_000
_SEALED_AT = re.compile(rb'"sealed_at":"([0-9TZ:.-]+)"')
_ENTRIES = text(
    f"select e.seq, e.body, e.leaf, e.chain, {COLUMNS} "  # noqa: S608 - column names of our own
    "from audit_entry e left join audit_stage s on s.id = e.stage_id order by e.seq"
).execution_options(stream_results=True, yield_per=1000)
_NODES = text("select level, place, hash from audit_node order by (place + 1) << level, level").execution_options(
    stream_results=True, yield_per=1000
)


class _Broken(Exception):
    def __init__(self, seq: int | None, problem: str, **data: object) -> None:
        super().__init__(problem)
        self.seq, self.problem, self.data = seq, problem, data


Checkpoints = Mapping[int, Checkpoint]


def signed_checkpoints(connection: Connection, places: Iterable[Place], key: VerifierKey) -> dict[int, Checkpoint]:
    """Every checkpoint outside and in the database, by size. Raises _Broken on two that differ or a bad signature."""
    found: dict[int, Checkpoint] = {}
    sources = [(place.name, place.all_notes()) for place in places]
    sources.append(
        ("database", iter(connection.scalars(text("select note from audit_checkpoint order by size")).all()))
    )
    for source, notes in sources:
        for note in notes:
            try:
                checkpoint = parse_note(note, key)
            except BadCheckpoint as bad:
                raise _Broken(None, "checkpoint_unsigned", place=source) from bad
            known = found.setdefault(checkpoint.size, checkpoint)
            if (known.root, known.chain) != (checkpoint.root, checkpoint.chain):
                raise _Broken(None, "checkpoints_differ", size=checkpoint.size, place=source)
    return found


def verify_log(
    connection: Connection,
    *,
    places: Iterable[Place],
    key: VerifierKey,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Verdict:
    """Read everything, streaming, and report the first entry that cannot be trusted. Never raises for a bad log.

    Use a connection of its own in a repeatable-read transaction, so that entries sealed meanwhile do not matter.
    """
    kept = list(places)
    size = connection.scalar(text("select coalesce(max(seq), 0) from audit_entry")) or 0
    reading: _Reading | None = None
    try:
        checkpoints = signed_checkpoints(connection, kept, key)
        reading = _Reading(checkpoints, kept)
        for row in connection.execute(_ENTRIES):
            reading.take(row)
            if reading.frontier.size % STEP == 0:
                progress(reading.frontier.size, size)
        reading.finish(connection)
    except _Broken as broken:
        checked = reading.frontier.size if reading else 0
        return Verdict(
            ok=False, checked=checked, size=size, first_bad=broken.seq, problem=broken.problem, data=broken.data
        )
    progress(size, size)
    newest = max(checkpoints, default=0)
    return Verdict(ok=True, checked=size, size=size, checkpoint_size=newest, root=reading.frontier.root().hex(),
                   data={"lost": reading.lost})  # fmt: skip


class _Reading:
    """The state of one walk through the entries."""

    def __init__(self, checkpoints: Checkpoints, places: list[Place]) -> None:
        self.checkpoints = checkpoints
        self.places = places
        self.frontier = Frontier()
        self.chain = CHAIN_START
        self.trusted = 0
        self.since: list[bytes] = []  # leaf hashes after the last checkpoint that agreed
        self.lost = 0
        self.nodes: dict[tuple[int, int], bytes] = {}

    def take(self, row: Any) -> None:
        """Check one entry against the one before it, its bytes, its readable row and the checkpoints at its number."""
        seq, body, leaf = row.seq, row.body, bytes(row.leaf)
        if seq != self.frontier.size + 1:
            raise _Broken(self.frontier.size + 1, "entry_missing")
        if body is None:
            self.lost += 1
        else:
            self._check_body(seq, bytes(body), leaf, StagedEvent._make(row[4:]))
        self.chain = chain_hash(self.chain, leaf)
        if bytes(row.chain) != self.chain:
            raise _Broken(seq, "chain_broken")
        self.since.append(leaf)
        for node, digest in self.frontier.append(leaf):
            if node.level >= FLOOR_LEVEL:
                self.nodes[node] = digest
        if seq in self.checkpoints:
            self._compare(self.checkpoints[seq])

    def _check_body(self, seq: int, body: bytes, leaf: bytes, staged: StagedEvent) -> None:
        if leaf_hash(body) != leaf:
            raise _Broken(seq, "content_changed")
        found = _SEALED_AT.search(body)
        try:
            sealed_at = found[1].decode() if found else ""
            same = body_bytes(staged, seq=seq, previous=self.chain, sealed_at=sealed_at) == body
        except (NotCanonical, AttributeError, TypeError):
            same = False
        if not same:
            self._explain(seq, body)

    def _explain(self, seq: int, body: bytes) -> NoReturn:
        """The bytes are not what the readable row becomes in this place: say which of the two was tampered with."""
        try:
            said = json.loads(body)
            number, previous = said["seq"], said["prev"]
        except (ValueError, KeyError, TypeError):
            raise _Broken(seq, "content_changed") from None
        if number != seq or previous != self.chain.hex():
            raise _Broken(max(seq - 1, 1) if number == seq else seq, "entry_replaced")
        raise _Broken(seq, "readable_row_differs")

    def _compare(self, checkpoint: Checkpoint) -> None:
        if (self.frontier.root(), self.chain) != (checkpoint.root, checkpoint.chain):
            raise _Broken(self._first_rewritten(), "rewritten", size=checkpoint.size)
        self.trusted = checkpoint.size
        self.since.clear()

    def _first_rewritten(self) -> int:
        """With a mirror of the hashes the exact entry; without one, the first after the last good checkpoint."""
        first = self.trusted + 1
        for place in self.places:
            try:
                mirrored = place.leaf_range(first, self.frontier.size)
            except (OSError, OutsideProblem):
                continue
            for seq, (here, there) in enumerate(zip(self.since, mirrored, strict=False), first):
                if here != there:
                    return seq
        return first

    def finish(self, connection: Connection) -> None:
        """What only the end can tell: a cut tail, and stored subtree roots that proofs would be made from."""
        newest = max(self.checkpoints, default=0)
        if newest > self.frontier.size:
            raise _Broken(self.frontier.size + 1, "tail_missing", size=newest)
        self._compare_mirrors(connection)
        for row in connection.execute(_NODES):
            if self.nodes.pop((row.level, row.place), None) != bytes(row.hash):
                raise _Broken(None, "tree_damaged", level=row.level, place=row.place)
        if self.nodes:
            raise _Broken(None, "tree_damaged")

    def _compare_mirrors(self, connection: Connection) -> None:
        for place in self.places:
            count = place.leaf_count()
            if count > self.frontier.size:
                raise _Broken(self.frontier.size + 1, "tail_missing", size=count)
            for first in range(1, count + 1, STEP):
                last = min(first + STEP - 1, count)
                rows = connection.execute(
                    text("select leaf from audit_entry where seq between :first and :last order by seq"),
                    {"first": first, "last": last},
                )
                stored = [bytes(row.leaf) for row in rows]
                try:
                    mirrored = place.leaf_range(first, last)
                except OutsideProblem:
                    raise _Broken(None, "mirror_damaged", place=place.name) from None
                for seq, (here, there) in enumerate(zip(stored, mirrored, strict=True), first):
                    if here != there:
                        raise _Broken(seq, "mirror_differs", place=place.name)
