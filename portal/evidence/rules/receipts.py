"""The digest of a receipt, which anybody can work out again from the file they were given."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def receipt_bytes(content: Mapping[str, Any]) -> bytes:
    """The file that all three parties get: the same bytes each time."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def receipt_digest(content: Mapping[str, Any]) -> str:
    """SHA-256 of that file."""
    return hashlib.sha256(receipt_bytes(content)).hexdigest()
