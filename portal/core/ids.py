"""Identifiers: UUID version 7 (RFC 9562), ordered by time so that index pages stay warm."""

import os
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


def new_id_texts(count: int) -> list[str]:
    """The same, many at once and as PostgreSQL reads them: for rows that are written as text, a thousand at a time."""
    with _lock:
        first = max((time.time_ns() // 1_000_000) << 12, _last["stamp"] + 1)
        _last["stamp"] = first + count
    chance = os.urandom(8 * count).hex()
    return [
        f"{stamp >> 12:012x}7{stamp & 0xFFF:03x}{8 | int(chance[at], 16) & 3:x}{chance[at + 1 : at + 16]}"
        for stamp, at in zip(range(first, first + count), range(0, 16 * count, 16), strict=True)
    ]
