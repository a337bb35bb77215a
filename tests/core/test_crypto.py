"""The envelope opens only what it sealed, where it was sealed; and keys can be changed without losing a value."""

import io
import os
import pickle
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.crypto import (
    Algorithm,
    Envelope,
    KeyFileRefused,
    KeyRing,
    KeyRole,
    KeyUnknown,
    SealBroken,
    SealMalformed,
    create_key_file,
    load_key_ring,
    row_context,
)
from portal.core.digest import Digester, digests_of, sha256_hex, sm3_hex

OLD, NEW, INDEX = bytes(range(32)), bytes(range(32, 64)), bytes(range(64, 96))
HERE = "device/password/018f"


def ring(*, current: str = "k1", algorithm: Algorithm = Algorithm.AES_256_GCM) -> KeyRing:
    return KeyRing(
        field_current=current,
        index_current="i1",
        field_keys={"k1": OLD, "k2": NEW},
        index_keys={"i1": INDEX, "i0": OLD},
        algorithm=algorithm,
    )


@pytest.fixture(params=list(Algorithm))
def envelope(request: pytest.FixtureRequest) -> Envelope:
    return Envelope(ring(algorithm=request.param))


def test_what_is_sealed_opens_again(envelope: Envelope) -> None:
    for plaintext in (b"", b"admin:admin", "口令𡒄".encode(), os.urandom(100_000)):
        sealed = envelope.seal(plaintext, context=HERE)
        assert sealed.startswith("v1.")
        assert sealed.isascii()
        assert envelope.open(sealed, context=HERE) == plaintext


def test_the_same_value_never_looks_the_same_twice(envelope: Envelope) -> None:
    assert len({envelope.seal(b"12345", context=HERE) for _ in range(100)}) == 100


@pytest.mark.parametrize("elsewhere", ["device/password/0190", "device/username/018f", "account/password/018f", "x"])
def test_a_value_moved_elsewhere_stays_shut(envelope: Envelope, elsewhere: str) -> None:
    sealed = envelope.seal(b"secret", context=HERE)
    with pytest.raises(SealBroken):
        envelope.open(sealed, context=elsewhere)


def test_every_altered_character_is_noticed(envelope: Envelope) -> None:
    sealed = envelope.seal(b"secret", context=HERE)
    for at, old in enumerate(sealed):
        for new in "A0-.":
            if new != old:
                with pytest.raises((SealBroken, SealMalformed, KeyUnknown)):
                    envelope.open(sealed[:at] + new + sealed[at + 1 :], context=HERE)
        with pytest.raises((SealBroken, SealMalformed, KeyUnknown)):
            envelope.open(sealed[:at], context=HERE)


def test_one_envelope_has_one_spelling(envelope: Envelope) -> None:
    for length in range(4):
        sealed = envelope.seal(b"x" * length, context=HERE)
        for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=":
            if last != sealed[-1]:
                with pytest.raises((SealBroken, SealMalformed)):
                    envelope.open(sealed[:-1] + last, context=HERE)


def test_relabelling_the_key_or_the_algorithm_is_noticed() -> None:
    both = KeyRing(field_current="k1", index_current="i", field_keys={"k1": OLD, "k2": OLD}, index_keys={"i": INDEX})
    sealed = Envelope(both).seal(b"secret", context=HERE)
    with pytest.raises(SealBroken):
        Envelope(both).open(sealed.replace(".k1.", ".k2."), context=HERE)
    with pytest.raises(SealBroken):
        Envelope(both).open(sealed.replace("aes256gcm", "sm4gcm"), context=HERE)


@given(st.text(max_size=200))
def test_any_other_text_is_malformed_not_a_crash(text: str) -> None:
    with pytest.raises((SealMalformed, KeyUnknown, SealBroken)):
        Envelope(ring()).open(text, context=HERE)


def test_rotation_reads_old_values_and_seals_them_anew() -> None:
    before, after = Envelope(ring(current="k1")), Envelope(ring(current="k2"))
    sealed = before.seal(b"secret", context=HERE)
    assert after.open(sealed, context=HERE) == b"secret"
    assert not after.is_current(sealed)
    again = after.reseal(sealed, context=HERE)
    assert after.is_current(again)
    assert after.reseal(again, context=HERE) == again
    without_old = KeyRing(field_current="k2", index_current="i", field_keys={"k2": NEW}, index_keys={"i": INDEX})
    assert Envelope(without_old).open(again, context=HERE) == b"secret"
    with pytest.raises(KeyUnknown):
        Envelope(without_old).open(sealed, context=HERE)


def test_moving_to_the_national_cipher_keeps_old_values_readable() -> None:
    sealed = Envelope(ring()).seal(b"secret", context=HERE)
    national = Envelope(ring(algorithm=Algorithm.SM4_GCM))
    assert national.open(national.reseal(sealed, context=HERE), context=HERE) == b"secret"
    assert ".sm4gcm." in national.reseal(sealed, context=HERE)


def test_blind_index_is_keyed_and_of_its_column(envelope: Envelope) -> None:
    index = envelope.blind_index("410502199001011234", "person.id_number")
    assert index == envelope.blind_index("410502199001011234", "person.id_number")
    assert index != envelope.blind_index("410502199001011234", "visitor.id_number")
    assert index != envelope.blind_index("410502199001011235", "person.id_number")
    assert sha256_hex(b"410502199001011234") not in index
    candidates = envelope.blind_index_candidates("410502199001011234", "person.id_number")
    assert candidates[0] == index
    assert len(set(candidates)) == 2


def test_keys_show_in_no_text_and_no_pickle() -> None:
    keys = ring()
    assert "field_keys" not in repr(keys)
    assert repr(OLD)[2:20] not in repr(keys)
    with pytest.raises(TypeError):
        pickle.dumps(keys)


def test_row_context_refuses_parts_that_could_be_confused() -> None:
    assert row_context("device", "password", 7) == "device/password/7"
    for parts in (("a/b", "c", "d"), ("a", "", "d"), ("a", "b", "c/d")):
        with pytest.raises(ValueError, match="slash"):
            row_context(*parts)
    with pytest.raises(ValueError, match="context"):
        Envelope(ring()).seal(b"x", context="")


def test_key_files_are_made_private_and_loaded(tmp_path: Path) -> None:
    made = create_key_file(tmp_path, KeyRole.FIELD, "2026-01")
    create_key_file(tmp_path, KeyRole.INDEX, "2026-01")
    assert stat.S_IMODE(made.stat().st_mode) == 0o400
    with pytest.raises(FileExistsError):
        create_key_file(tmp_path, KeyRole.FIELD, "2026-01")
    sealed = Envelope(load_key_ring(tmp_path)).seal(b"secret", context=HERE)
    create_key_file(tmp_path, KeyRole.FIELD, "2026-02")
    later = load_key_ring(tmp_path)
    assert later.field_current == "2026-02"
    assert Envelope(later).open(sealed, context=HERE) == b"secret"
    assert load_key_ring(tmp_path, field_current="2026-01").field_current == "2026-01"


def test_unfit_key_files_are_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(KeyFileRefused, match="key directory"):
        load_key_ring(tmp_path / "absent")
    with pytest.raises(KeyFileRefused, match="no field-"):
        load_key_ring(tmp_path)
    with pytest.raises(KeyFileRefused, match="characters"):
        create_key_file(tmp_path, KeyRole.FIELD, "../x")
    path = create_key_file(tmp_path, KeyRole.FIELD, "a")
    create_key_file(tmp_path, KeyRole.INDEX, "a")
    path.chmod(0o644)
    with pytest.raises(KeyFileRefused, match=r"field-a\.key is readable by other users"):
        load_key_ring(tmp_path)
    assert load_key_ring(tmp_path, private=False)
    path.chmod(0o600)
    for unfit in (b"too short", b"correct horse battery staple....", bytes(range(32)), b""):
        path.write_bytes(unfit)
        with pytest.raises(KeyFileRefused, match="32 bytes"):
            load_key_ring(tmp_path)
    path.write_text(OLD.hex())
    assert load_key_ring(tmp_path).field_keys["a"] == OLD
    with pytest.raises(KeyUnknown, match="'b'"):
        load_key_ring(tmp_path, field_current="b")


def test_derived_purpose_keys_follow_the_key_id() -> None:
    kid, key = Envelope(ring()).derive("vault")
    assert kid == "k1"
    assert Envelope(ring(current="k2")).derive_from("k1", "vault") == key
    assert Envelope(ring()).derive("other")[1] != key
    with pytest.raises(KeyUnknown):
        Envelope(ring()).derive_from("gone", "vault")


def test_known_digests(tmp_path: Path) -> None:
    # GB/T 32905-2016 annex A example 1 and FIPS 180-4.
    sm3 = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    sha = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert (sm3_hex(b"abc"), sha256_hex(b"abc")) == (sm3, sha)
    path = tmp_path / "abc"
    path.write_bytes(b"abc")
    for source in (b"abc", path, iter([b"a", b"", b"bc"]), io.BytesIO(b"abc")):
        digests = digests_of(source)
        assert (digests.sha256, digests.sm3, digests.size) == (sha, sm3, 3)
    digester = Digester()
    assert digester.digests().sha256 == sha256_hex(b"")
    digester.update(b"abc")
    assert digester.digests().sm3 == sm3
