"""Identifiers: UUID version 7 (RFC 9562), ordered by time so that index pages stay warm."""

import secrets
import threading
import time
from uuid import UUID

_lock = threading.Lock()
_last = {"stamp": 0}


def new_id() -> UUID:
    """A fresh UUIDv7: 48 bits of Unix milliseconds, a 12-bit counter, 62 random bits.

    Within one process each is greater than the one before it: rows of one transaction keep their order.
    """
    with _lock:
        stamp = max((time.time_ns() // 1_000_000) << 12, _last["stamp"] + 1)
        _last["stamp"] = stamp
    value = (stamp >> 12 & (1 << 48) - 1) << 80
    value |= 0x7 << 76 | (stamp & 0xFFF) << 64
    value |= 0x2 << 62 | secrets.randbits(62)
    return UUID(int=value)
