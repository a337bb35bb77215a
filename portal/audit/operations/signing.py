"""The checkpoint key: a file that only the sealer reads."""

import stat
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from portal.audit.rules.checkpoint import Signer
from portal.core.crypto import KeyFileRefused


def load_signer(path: Path, origin: str) -> Signer:
    """The signer of the log `origin`. Raises KeyFileRefused, whose text names no key material."""
    try:
        mode, raw = path.stat().st_mode, path.read_bytes()
    except OSError as error:
        raise KeyFileRefused(f"{path.name}: {error.strerror}") from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyFileRefused(f"{path.name} is readable by other users; give it mode 0400")
    try:
        key = load_pem_private_key(raw, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileRefused(f"{path.name} does not hold an Ed25519 private key in PEM form")
    return Signer(origin, key)
