"""Logs made in memory, good and forged, for the tests of proofs and of the stand-alone verifier."""

import importlib.util
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portal.audit.rules.canonical import canonical_bytes, utc_text
from portal.audit.rules.checkpoint import Checkpoint, Signer
from portal.audit.rules.entry import CHAIN_START, StagedEvent, body_of, chain_hash
from portal.audit.rules.export import export_header, export_line
from portal.audit.rules.merkle import Frontier, Node, leaf_hash, node_hash

ORIGIN = "test.portal/audit"
START = datetime(2026, 11, 20, 8, 0, 0, 1, UTC)
VERIFIER = Path(__file__).parents[2] / "deploy" / "audit_verify.py"


def load_verifier() -> ModuleType:
    """The one-file program as a module; it imports nothing of the portal."""
    spec = importlib.util.spec_from_file_location("audit_verify", VERIFIER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def event(number: int, **given: object) -> StagedEvent:
    """A plausible staged event, different for each number."""
    values: dict[str, object] = {
        "id": UUID(int=0x0190_0000_0000_7000_8000_0000_0000_0000 + number),
        "txid": 1000 + number,
        "at": START + timedelta(seconds=number, microseconds=number * 7),
        "actor_person": UUID(int=number % 3 + 1),
        "actor_account": UUID(int=number % 3 + 101),
        "actor_name": ("王敏", "陈海涛", "李建国")[number % 3],
        "actor_organ": None,
        "actor_organ_name": "文峰分局",
        "actor_roles": ["registrar"],
        "session_id": None,
        "request_id": f"r{number:06d}",
        "address": "10.1.2.3",
        "tag": "registry:filing:accept",
        "subject_kind": "filing",
        "subject_id": f"F{number}",
        "subject_label": "市第一人民医院门诊楼",
        "unit_id": UUID(int=500 + number % 5),
        "district": "410502",
        "outcome": "ok",
        "reason": None if number % 2 else "材料齐全",
        "reason_sealed": None,
        "reason_digest": None,
        "changes": [{"field": "retention_days", "type": "integer", "old": 30, "new": 90 + number}],
    }
    return StagedEvent(**{**values, **given})  # type: ignore[arg-type]


@dataclass
class Log:
    """A sealed log: bodies, leaves, running hashes. `bodies` may be forged before `reseal`."""

    bodies: list[bytes] = field(default_factory=list)
    leaves: list[bytes] = field(default_factory=list)
    chains: list[bytes] = field(default_factory=list)

    @classmethod
    def of(cls, events: Sequence[StagedEvent]) -> "Log":
        log = cls()
        for staged in events:
            log.add(staged)
        return log

    def add(self, staged: StagedEvent) -> None:
        previous = self.chains[-1] if self.chains else CHAIN_START
        seq = len(self.bodies) + 1
        body = canonical_bytes(body_of(staged, seq=seq, previous=previous, sealed_at=utc_text(START)))
        self.bodies.append(body)
        self.leaves.append(leaf_hash(body))
        self.chains.append(chain_hash(previous, self.leaves[-1]))

    @property
    def size(self) -> int:
        return len(self.bodies)

    def node(self, node: Node) -> bytes:
        if node.level == 0:
            return self.leaves[node.place]
        below = (Node(node.level - 1, node.place * 2), Node(node.level - 1, node.place * 2 + 1))
        return node_hash(*(self.node(child) for child in below))

    def checkpoint(self, size: int | None = None) -> Checkpoint:
        size = self.size if size is None else size
        frontier = Frontier()
        for leaf in self.leaves[:size]:
            frontier.append(leaf)
        chain = self.chains[size - 1] if size else CHAIN_START
        return Checkpoint(origin=ORIGIN, size=size, root=frontier.root(), chain=chain, at=START)

    def lines(self, first: int = 1, last: int | None = None, size: int | None = None) -> list[bytes]:
        last = self.size if last is None else last
        size = self.size if size is None else size
        chain = self.chains[first - 2] if first > 1 else CHAIN_START
        header = export_header(origin=ORIGIN, first=first, last=last, size=size, chain=chain, fetch=self.node)
        return [header, *(self.line(seq) for seq in range(first, last + 1))]

    def line(self, seq: int) -> bytes:
        return export_line(seq, self.bodies[seq - 1], self.leaves[seq - 1], self.chains[seq - 1])


def signer() -> Signer:
    return Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))


def sample(size: int) -> Log:
    return Log.of([event(number) for number in range(1, size + 1)])


class Bench:
    """The verifier held ready, so that a hundred thousand damaged files can be shown to it."""

    def __init__(self, checkpoints: Sequence[Checkpoint]) -> None:
        self.module = load_verifier()
        key = self.module.Key(signer().key.text)
        self.checkpoints = {
            checkpoint.size: self.module.Checkpoint(signer().sign(checkpoint), key) for checkpoint in checkpoints
        }

    def first_bad(
        self,
        data: bytes,
        *,
        last: int,
        first: int = 1,
        leaves: Path | None = None,
        lost: tuple[tuple[int, int], ...] = (),
    ) -> int | None:
        """None for a file that holds; else the first bad sequence number (-1 where no entry is at fault)."""
        with self.module.Leaves(leaves) as mirror:
            export = self.module.Export(
                io.BytesIO(data), self.checkpoints, leaves=mirror, first=first, last=last, lost=list(lost)
            )
            try:
                export.check()
            except self.module.Bad as bad:
                return -1 if bad.seq is None else int(bad.seq)
        return None
