"""The secrets of one portal, made on its first start and never again."""

import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from portal.core.crypto import KeyRole, create_key_file

FIRST_KEY = "k1"


class Keys:
    """The key directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    @property
    def session(self) -> Path:
        """Signs cookies and form tokens."""
        return self.directory / "session.key"

    @property
    def scope(self) -> Path:
        """Signs the row scope."""
        return self.directory / "scope.key"

    @property
    def fields(self) -> Path:
        """Directory of field-encryption and blind-index keys."""
        return self.directory / "fields"

    @property
    def audit(self) -> Path:
        """Signs audit checkpoints; only the sealer is told where it is."""
        return self.directory / "audit-signing.pem"

    @property
    def audit_public(self) -> Path:
        """What a verifier needs."""
        return self.directory / "audit-public.pem"

    def make(self) -> None:
        """Write what is missing. A key that exists is never replaced: what it protects would be lost."""
        self.fields.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in (self.session, self.scope):
            if not path.exists():
                _write_secret(path, secrets.token_hex(32).encode() + b"\n")
        for role in KeyRole:
            if not any(self.fields.glob(f"{role}-*.key")):
                create_key_file(self.fields, role, FIRST_KEY)
        if not self.audit.exists():
            key = Ed25519PrivateKey.generate()
            public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
            self.audit_public.write_bytes(public)
            _write_secret(self.audit, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    def field_key_ids(self) -> list[str]:
        """Names (never contents) of the keys that sealed data may need."""
        return sorted(path.stem for path in self.fields.glob("*.key"))


def _write_secret(path: Path, content: bytes) -> None:
    """All or nothing: a key file cut short by a crash would be worse than none."""
    partial = path.with_name(path.name + ".partial")
    partial.unlink(missing_ok=True)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    partial.rename(path)
