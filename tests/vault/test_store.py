"""Content goes in whole, comes out unchanged or not at all, and lies sealed in between."""

import io
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from portal.core.crypto import Algorithm, Envelope, KeyRing, KeyUnknown, SealBroken, SealMalformed
from portal.core.digest import sha256_hex
from portal.core.errors import NotFound
from portal.vault.sealed import MAGIC, PIECE_BYTES, open_stream, seal_stream
from portal.vault.store import BlobStore

CANARY = b"canary: the drawing of the vault room"
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def envelope(kid: str = "k1", algorithm: Algorithm = Algorithm.AES_256_GCM) -> Envelope:
    keys = {"k1": bytes(range(32)), "k2": bytes(range(1, 33))}
    return Envelope(
        KeyRing(field_current=kid, index_current="k1", field_keys=keys, index_keys=keys, algorithm=algorithm)
    )


def sealed(content: bytes, *, by: Envelope, name: str = "n") -> bytes:
    out = io.BytesIO()
    seal_stream(io.BytesIO(content), out, envelope=by, name=name)
    return out.getvalue()


def opened(content: bytes, *, by: Envelope, name: str = "n") -> bytes:
    return b"".join(open_stream(io.BytesIO(content), envelope=by, name=name))


@pytest.fixture(params=list(Algorithm))
def either(request: pytest.FixtureRequest) -> Envelope:
    return envelope(algorithm=request.param)


@pytest.mark.parametrize("size", [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES, 200_000])
def test_every_length_comes_back(either: Envelope, size: int) -> None:
    content = os.urandom(size)
    assert opened(sealed(content, by=either), by=either) == content


def test_no_plaintext_lies_on_disk(either: Envelope) -> None:
    assert CANARY not in sealed(CANARY * 1000, by=either)


def test_pieces_cannot_be_cut_moved_repeated_or_changed(either: Envelope) -> None:
    whole = sealed(os.urandom(3 * PIECE_BYTES + 5), by=either)
    step = PIECE_BYTES + 16
    head = len(whole) - 3 * step - 21
    first, second = whole[head : head + step], whole[head + step : head + 2 * step]
    for broken in (
        whole[: head + step],
        whole[: head + 3 * step],
        whole[:-1],
        whole[:head],
        whole[:head] + second + first + whole[head + 2 * step :],
        whole[:head] + first + first + whole[head + 2 * step :],
        whole + b"\x00",
        whole[: head + 9] + bytes((whole[head + 9] ^ 1,)) + whole[head + 10 :],
        whole[: head - 1] + bytes((whole[head - 1] ^ 1,)) + whole[head:],
    ):
        with pytest.raises(SealBroken):
            opened(broken, by=either)
    with pytest.raises(SealBroken):
        opened(whole, by=either, name="another name")


def test_unknown_heads_and_keys_are_told_apart() -> None:
    whole = sealed(CANARY, by=envelope())
    for head in (
        b"",
        b"%PDF-1.7",
        MAGIC,
        MAGIC + b"\x09\x02k1" + b"\x00" * 40,
        MAGIC + b"\x01\x02\xff\xff" + b"\x00" * 40,
    ):
        with pytest.raises(SealMalformed):
            opened(head, by=envelope())
    stranger = Envelope(
        KeyRing(field_current="x", index_current="x", field_keys={"x": b"x" * 32}, index_keys={"x": b"x" * 32})
    )
    with pytest.raises(KeyUnknown):
        opened(whole, by=stranger)


def test_files_of_an_old_key_and_cipher_stay_readable() -> None:
    old = sealed(CANARY, by=envelope("k1"))
    assert opened(old, by=envelope("k2", Algorithm.SM4_GCM)) == CANARY


@pytest.fixture
def store(tmp_path: Path) -> BlobStore:
    return BlobStore(tmp_path / "data", envelope())


def put(store: BlobStore, tmp_path: Path, content: bytes) -> str:
    path = tmp_path / "plain"
    path.write_bytes(content)
    digest = sha256_hex(content)
    store.put(path, digest)
    return digest


def test_the_store_keeps_content_once_and_private(store: BlobStore, tmp_path: Path) -> None:
    digest = put(store, tmp_path, CANARY)
    put(store, tmp_path, CANARY)
    assert b"".join(store.pieces(digest)) == CANARY
    files = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert [path.name for path in files] == [digest]
    assert files[0].stat().st_mode & 0o077 == 0
    assert CANARY not in files[0].read_bytes()


def test_a_failed_write_leaves_nothing(store: BlobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def disk_full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", disk_full)
    with pytest.raises(OSError, match="No space"):
        put(store, tmp_path, CANARY)
    assert not [path for path in (tmp_path / "data").rglob("*") if path.is_file()]


def test_content_under_a_false_name_is_noticed(store: BlobStore, tmp_path: Path) -> None:
    digest = put(store, tmp_path, CANARY)
    other = sha256_hex(b"other")
    there = tmp_path / "data" / "vault" / other[:2] / other[2:4] / other
    there.parent.mkdir(parents=True)
    (tmp_path / "data" / "vault" / digest[:2] / digest[2:4] / digest).rename(there)
    with pytest.raises(SealBroken):
        b"".join(store.pieces(other))
    with pytest.raises(NotFound):
        store.pieces(digest)


def test_names_that_are_no_digest_reach_no_file(store: BlobStore) -> None:
    for name in ("../../etc/passwd", "", "A" * 64, "0" * 63):
        with pytest.raises(ValueError, match="digest"):
            store.has(name)


def test_copy_out_erase_and_sweep(store: BlobStore, tmp_path: Path) -> None:
    digest = put(store, tmp_path, CANARY)
    store.copy_out(digest, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == CANARY
    assert list(store.older_than(timedelta(days=1), now=datetime.now(UTC))) == []
    assert list(store.older_than(timedelta(days=1), now=datetime.now(UTC) + timedelta(days=2))) == [digest]
    left = store.scratch / "job-killed"
    left.mkdir(parents=True)
    (left / "original").write_bytes(CANARY)
    assert store.sweep_scratch(timedelta(hours=1), now=datetime.now(UTC)) == 0
    assert store.sweep_scratch(timedelta(hours=1), now=datetime.now(UTC) + timedelta(hours=2)) >= 1
    assert not (left / "original").exists()
    assert store.erase(digest)
    assert not store.erase(digest)
    assert not store.has(digest)
