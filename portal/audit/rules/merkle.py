"""RFC 6962 (section 2.1) Merkle tree: roots, inclusion and consistency proofs, over any store of perfect subtrees.

A *node* is the root of a perfect subtree: `Node(level, place)` covers the leaves [place << level, (place + 1) << level).
Leaves are counted from 0 here; the log's sequence numbers start at 1.
"""

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

EMPTY_ROOT = sha256(b"").digest()


class Node(NamedTuple):
    """Place of a perfect subtree."""

    level: int
    place: int


Fetch = Callable[[Node], bytes]
Range = tuple[int, int]


def leaf_hash(data: bytes) -> bytes:
    """Hash of a leaf's bytes; the prefix keeps a leaf from ever passing for an inner node."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


def cover(first: int, end: int) -> list[Node]:
    """The leaves [first, end) as the fewest perfect subtrees, from left to right."""
    nodes = []
    while first < end:
        level = (first & -first).bit_length() - 1 if first else end.bit_length()
        while (1 << level) > end - first:
            level -= 1
        nodes.append(Node(level, first >> level))
        first += 1 << level
    return nodes


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root over subtrees that shrink from left to right, which `cover(k, end)` gives for a k that is aligned."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def range_root(first: int, end: int, fetch: Fetch) -> bytes:
    """Root of [first, end); `first` must be a multiple of the largest power of two below the width."""
    return fold([fetch(node) for node in cover(first, end)])


class Frontier:
    """The right edge of a growing tree: all that is needed to append leaves and to give the root at the present size."""

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        self.size = size
        self._stack = list(hashes)
        if len(self._stack) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} perfect subtrees on its edge")

    @classmethod
    def load(cls, size: int, fetch: Fetch) -> "Frontier":
        """The edge of a stored tree."""
        return cls(size, [fetch(node) for node in cover(0, size)])

    def append(self, leaf: bytes) -> list[tuple[Node, bytes]]:
        """Add one leaf hash; the inner nodes that it completes."""
        completed = []
        index, level = self.size, 0
        while index & 1:
            leaf = node_hash(self._stack.pop(), leaf)
            index >>= 1
            level += 1
            completed.append((Node(level, index), leaf))
        self._stack.append(leaf)
        self.size += 1
        return completed

    def root(self) -> bytes:
        """Root at the present size."""
        return fold(self._stack)

    def edge(self) -> list[bytes]:
        """The perfect subtrees of the edge, from left to right."""
        return list(self._stack)

    def copy(self) -> "Frontier":
        """An independent edge, for work that may be rolled back."""
        return Frontier(self.size, self._stack)


def root_at(size: int, fetch: Fetch) -> bytes:
    """Root of the first `size` leaves."""
    return range_root(0, size, fetch)


def _split(width: int) -> int:
    """The largest power of two below `width`."""
    return 1 << ((width - 1).bit_length() - 1)


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """Whose roots make the proof that leaf `index` is in the tree of `size` leaves, lowest first."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    first, end, ranges = 0, size, []
    while end - first > 1:
        middle = first + _split(end - first)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((first, middle))
            first = middle
    return ranges[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """Whose roots make the proof that the tree of `old` leaves is the beginning of the tree of `new` leaves."""
    if not 0 < old <= new:
        raise ValueError(f"no consistency proof from {old} to {new}")
    first, end, ranges, whole = 0, new, [], True
    while old != end:
        middle = first + _split(end - first)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((first, middle))
            first = middle
            whole = False
    if not whole:
        ranges.append((first, end))
    return ranges[::-1]


def needed(ranges: Iterable[Range]) -> set[Node]:
    """Every stored node that the roots of `ranges` are folded from, so that a store can fetch them at once."""
    return {node for first, end in ranges for node in cover(first, end)}


def proof(ranges: Iterable[Range], fetch: Fetch) -> list[bytes]:
    """The roots of `ranges`, in order."""
    return [range_root(first, end, fetch) for first, end in ranges]


def inclusion_root(index: int, size: int, leaf: bytes, path: Sequence[bytes]) -> bytes | None:
    """The root that a proof leads to (RFC 9162 section 2.1.3.2); None when the proof has the wrong length."""
    position, last, root = index, size - 1, leaf
    for step in path:
        if last == 0:
            return None
        if position & 1 or position == last:
            root = node_hash(step, root)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            root = node_hash(root, step)
        position >>= 1
        last >>= 1
    return root if last == 0 else None


def verify_inclusion(index: int, size: int, leaf: bytes, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the leaf stands at `index` in the tree of that size and root."""
    return 0 <= index < size and inclusion_root(index, size, leaf, path) == root


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether the newer tree only added leaves to the older one (RFC 9162 section 2.1.4.2)."""
    if not 0 < old <= new:
        return False
    if old == new:
        return not path and old_root == new_root
    steps = list(path)
    if old & (old - 1) == 0:
        steps.insert(0, old_root)
    if not steps:
        return False
    position, last = old - 1, new - 1
    while position & 1:
        position >>= 1
        last >>= 1
    first_root = second_root = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            first_root, second_root = node_hash(step, first_root), node_hash(step, second_root)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            second_root = node_hash(second_root, step)
        position >>= 1
        last >>= 1
    return last == 0 and first_root == old_root and second_root == new_root
