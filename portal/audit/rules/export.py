"""The form in which the log leaves the portal: lines that a stand-alone program checks against a signed checkpoint.

The first line is the header; each further line is one entry with its stored bytes as text. Every byte of the file is
either hashed into the root or compared with what follows from it, so that no flipped bit goes unnoticed. A segment
carries the roots of the tree to its left and right, and so leads to the same checkpoint as the whole log does.
"""

from collections.abc import Iterator
from typing import Final

from portal.audit.rules.canonical import JsonValue, canonical_bytes
from portal.audit.rules.merkle import Fetch, Node, cover, inclusion_ranges, needed, proof

EXPORT_FORMAT: Final = "portal-audit-export/1"
PROOF_FORMAT: Final = "portal-audit-proof/1"
CONSISTENCY_FORMAT: Final = "portal-audit-consistency/1"


def export_nodes(first: int, last: int, size: int) -> set[Node]:
    """The subtrees beside the entries first … last of a log of `size`."""
    return {*cover(0, first - 1), *cover(last, size)}


def export_header(*, origin: str, first: int, last: int, size: int, chain: bytes, fetch: Fetch) -> bytes:
    """The header line. `chain` is the running hash before the first entry."""
    if not 1 <= first <= last <= size:
        raise ValueError(f"no segment {first} to {last} in a log of {size}")
    return _line(
        {
            "format": EXPORT_FORMAT,
            "origin": origin,
            "first": first,
            "last": last,
            "size": size,
            "chain": chain.hex(),
            "left": _hexes(fetch(node) for node in cover(0, first - 1)),
            "right": _hexes(fetch(node) for node in cover(last, size)),
        }
    )


def export_line(seq: int, body: bytes | None, leaf: bytes, chain: bytes) -> bytes:
    """One entry. A body that a restore lost is null; its leaf still counts in the root."""
    text = None if body is None else body.decode()
    return _line({"seq": seq, "body": text, "leaf": leaf.hex(), "chain": chain.hex()})


def inclusion_nodes(seq: int, size: int) -> set[Node]:
    """The subtrees that a proof for one entry needs."""
    return needed(inclusion_ranges(seq - 1, size))


def inclusion_document(*, seq: int, size: int, body: bytes, note: str, fetch: Fetch) -> bytes:
    """A proof for one entry that needs nothing but the published key: the entry, its path and the checkpoint."""
    path = proof(inclusion_ranges(seq - 1, size), fetch)
    return _line(
        {
            "format": PROOF_FORMAT,
            "seq": seq,
            "size": size,
            "body": body.decode(),
            "path": _hexes(iter(path)),
            "checkpoint": note,
        }
    )


def consistency_document(old: int, new: int, path: list[bytes]) -> bytes:
    """A proof that the log of `old` entries is the beginning of the log of `new` entries."""
    return _line({"format": CONSISTENCY_FORMAT, "first": old, "second": new, "path": _hexes(iter(path))})


def _line(value: JsonValue) -> bytes:
    return canonical_bytes(value) + b"\n"


def _hexes(hashes: Iterator[bytes]) -> list[JsonValue]:
    return [item.hex() for item in hashes]
