"""A telephone for tests: a key, a chain for each visit, entries as the page seals them."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from portal.accounts.values import Identity
from portal.core.digest import sha256_hex
from portal.inspection import operations
from portal.inspection.models import FieldDevice
from portal.inspection.rules.sealing import GENESIS, Seal, canonical, moment_text, record_digest
from tests.people import NOW


def to_base64url(data: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@dataclass
class Telephone:
    """One device of one inspector at one visit."""

    who: Identity
    visit: UUID
    device: UUID = field(default_factory=uuid4)
    seq: int = 0
    prev: str = GENESIS
    clock: datetime = NOW
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def public_key(self) -> str:
        """The point, as WebCrypto exports it."""
        form = serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        return to_base64url(self.key.public_key().public_bytes(*form))

    def enrol(self, session: Any, *, now: datetime = NOW) -> FieldDevice:
        """Make the device known."""
        found = operations.enrol_device(session, actor=self.who, public_key=self.public_key, label="测试手机", now=now)
        self.device = found.id
        return found

    def sign(self, body: str) -> str:
        """The signature as WebCrypto gives it: r and s, side by side."""
        r, s = decode_dss_signature(self.key.sign(body.encode(), ec.ECDSA(hashes.SHA256())))
        return to_base64url(r.to_bytes(32) + s.to_bytes(32))

    def seal(self, **said: Any) -> Seal:
        """The next entry of the chain."""
        self.seq += 1
        self.clock += timedelta(seconds=20)
        body = canonical(
            {
                "v": 1,
                "visit": str(self.visit),
                "person": str(self.who.person_id),
                "device": str(self.device),
                "seq": self.seq,
                "captured_at": moment_text(self.clock),
                "position": {"lon": "114.3531200", "lat": "36.1000000", "accuracy_m": 12},
                "no_position": "",
                "prev": self.prev,
                **said,
            }
        )
        self.prev = sha256_hex(body.encode())
        return Seal(body=body, digest=self.prev, signature=self.sign(body))

    def judge(self, item: str, verdict: str = "met", *, settles: Iterable[str] = (), **more: Any) -> Seal:
        """An item judged."""
        said = {"deductions": [], "note": "", "photos": []} | more
        return self.seal(kind="answer", item=item, verdict=verdict, settles=sorted(settles), **said)

    def write(self, name: str, entries: Iterable[str], *, capacity: str = "inspector", refused: str = "") -> Seal:
        """A signature under the entries named, or its refusal."""
        named = sorted(entries)
        return self.seal(
            kind="signature", capacity=capacity, name=name, path="" if refused else "M10 10L40 30L60 12",
            refused=refused, entries=named, record=record_digest(self.visit, named),
        )  # fmt: skip

    def send(self, session: Any, *seals: Seal, now: datetime | None = None, device_now: datetime | None = None) -> Any:
        """Hand entries in."""
        return operations.receive_entries(
            session, actor=self.who, visit_id=self.visit, device_id=self.device, seals=seals,
            device_now=device_now or self.clock, now=now or self.clock,
        )  # fmt: skip
