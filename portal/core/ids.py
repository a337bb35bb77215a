"""Identifiers: UUID version 7 (RFC 9562), ordered by time so that index pages stay warm."""

import secrets
import time
from uuid import UUID


def new_id() -> UUID:
    """A fresh UUIDv7: 48 bits of Unix milliseconds, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds & (1 << 48) - 1) << 80
    value |= 0x7 << 76 | secrets.randbits(12) << 64
    value |= 0x2 << 62 | secrets.randbits(62)
    return UUID(int=value)
