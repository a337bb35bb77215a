"""The tree against the definition of RFC 6962, section 2.1, written down naively."""

import itertools
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.audit.rules.merkle import (
    EMPTY_ROOT,
    Frontier,
    Node,
    consistency_ranges,
    cover,
    inclusion_ranges,
    leaf_hash,
    needed,
    node_hash,
    proof,
    root_at,
    verify_consistency,
    verify_inclusion,
)

sizes = st.integers(1, 200)


def naive_root(leaves: list[bytes]) -> bytes:
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(naive_root(leaves[:k]), naive_root(leaves[k:]))


def naive_path(m: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m < k:
        return [*naive_path(m, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive_root(leaves[:k])]


def naive_consistency(m: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    if m == len(leaves):
        return [] if whole else [naive_root(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m <= k:
        return [*naive_consistency(m, leaves[:k], whole), naive_root(leaves[k:])]
    return [*naive_consistency(m - k, leaves[k:], False), naive_root(leaves[:k])]


def leaves_of(size: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(size)]


def fetch_from(leaves: list[bytes]):
    return lambda node: naive_root(leaves[node.place << node.level : (node.place + 1) << node.level])


def test_published_roots() -> None:
    """The test vectors that Certificate Transparency implementations share."""
    data = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    frontier = Frontier()
    assert frontier.root() == EMPTY_ROOT
    for item in data:
        frontier.append(leaf_hash(bytes.fromhex(item)))
    assert frontier.root().hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@given(sizes)
def test_the_frontier_grows_into_the_naive_root(size: int) -> None:
    leaves, frontier, nodes = leaves_of(size), Frontier(), {}
    for count, leaf in enumerate(leaves, 1):
        nodes.update(dict(frontier.append(leaf)))
        assert frontier.size == count
    assert frontier.root() == naive_root(leaves)
    fetch = fetch_from(leaves)
    assert all(fetch(node) == digest for node, digest in nodes.items())
    assert len(nodes) == size - size.bit_count()
    assert Frontier.load(size, fetch).root() == root_at(size, fetch) == naive_root(leaves)


@given(st.integers(0, 300), st.integers(0, 300))
def test_covers_are_aligned_complete_and_smallest(first: int, width: int) -> None:
    nodes = cover(first, first + width)
    covered = [leaf for node in nodes for leaf in range(node.place << node.level, (node.place + 1) << node.level)]
    assert covered == list(range(first, first + width))
    assert all(not (left.level == right.level and left.place % 2 == 0) for left, right in itertools.pairwise(nodes))


@given(st.data(), sizes)
def test_inclusion(data: st.DataObject, size: int) -> None:
    index, leaves = data.draw(st.integers(0, size - 1)), leaves_of(size)
    ranges, root = inclusion_ranges(index, size), naive_root(leaves)
    path = proof(ranges, fetch_from(leaves))
    assert path == naive_path(index, leaves)
    assert verify_inclusion(index, size, leaves[index], path, root)
    assert all(node in needed(ranges) for first, end in ranges for node in cover(first, end))
    other = data.draw(st.integers(0, size - 1))
    if other != index:
        assert not verify_inclusion(other, size, leaves[index], path, root)
        assert not verify_inclusion(index, size, leaves[other], path, root)
    for spoilt in spoilt_paths(path):
        assert not verify_inclusion(index, size, leaves[index], spoilt, root)
    assert not verify_inclusion(size, size, leaves[index], path, root)


@settings(max_examples=200)
@given(st.data(), sizes)
def test_consistency(data: st.DataObject, new: int) -> None:
    old, leaves = data.draw(st.integers(1, new)), leaves_of(new)
    path = proof(consistency_ranges(old, new), fetch_from(leaves))
    assert path == naive_consistency(old, leaves)
    old_root, new_root = naive_root(leaves[:old]), naive_root(leaves)
    assert verify_consistency(old, new, old_root, new_root, path)
    forged = naive_root([*leaves[: old - 1], leaf_hash(b"forged")])
    assert not verify_consistency(old, new, forged, new_root, path)
    if old != new:
        assert not verify_consistency(old, new, old_root, forged, path)
        for spoilt in spoilt_paths(path):
            assert not verify_consistency(old, new, old_root, new_root, spoilt)


def spoilt_paths(path: list[bytes]):
    yield [*path, bytes(32)]
    for at, step in enumerate(path):
        yield path[:at] + path[at + 1 :]
        yield [*path[:at], bytes([step[0] ^ 1]) + step[1:], *path[at + 1 :]]


def test_impossible_places_are_refused() -> None:
    for call in (
        lambda: inclusion_ranges(3, 3),
        lambda: consistency_ranges(0, 3),
        lambda: consistency_ranges(4, 3),
        lambda: Frontier(3, [bytes(32)]),
    ):
        with pytest.raises(ValueError):
            call()
    assert Node(3, 1) == (3, 1)
