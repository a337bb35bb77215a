"""Signed notes: what the signer wrote opens, anything else does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.audit.rules.checkpoint import BadCheckpoint, VerifierKey, code_words, newest, parse_note, split_notes
from tests.audit.specimen import ORIGIN, Signer, load_verifier, sample, signer

LOG = sample(9)
NOTE = signer().sign(LOG.checkpoint())
KEY = signer().key


def test_a_note_opens_to_what_was_signed() -> None:
    assert parse_note(NOTE, KEY) == LOG.checkpoint()
    assert NOTE.startswith(f"{ORIGIN}\n9\n")
    assert VerifierKey.parse(KEY.text + "\n") == KEY


def test_every_flipped_bit_of_a_note_is_noticed() -> None:
    data = NOTE.encode()
    for at in range(len(data)):
        for bit in range(8):
            flipped = data[:at] + bytes([data[at] ^ 1 << bit]) + data[at + 1 :]
            if at == len(data) - 1:
                continue  # the line end after the signature belongs to the file, not to the note
            with pytest.raises((BadCheckpoint, UnicodeDecodeError)):
                parse_note(flipped.decode(), KEY)


def test_a_note_of_another_key_or_name_is_refused() -> None:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    stranger = Signer(ORIGIN, Ed25519PrivateKey.generate())
    with pytest.raises(BadCheckpoint):
        parse_note(stranger.sign(LOG.checkpoint()), KEY)
    with pytest.raises(BadCheckpoint):
        Signer("other.portal", Ed25519PrivateKey.generate()).sign(LOG.checkpoint())
    for text in ("", "a+b+c", KEY.text[:-4], KEY.text.replace("+", "-", 1)):
        with pytest.raises(BadCheckpoint):
            VerifierKey.parse(text)


def test_cosigners_beside_the_key_do_no_harm() -> None:
    assert parse_note(NOTE + "— witness.example AAAAAAAA\n", KEY) == LOG.checkpoint()


def test_a_file_of_notes_with_a_torn_one_in_it() -> None:
    notes = [signer().sign(LOG.checkpoint(size)) for size in (3, 6, 9)]
    torn = notes[1][:-20]
    text = notes[0] + "\n" + torn + "\n# torn\n\n" + notes[2] + "\n" + notes[0][:50]
    assert list(split_notes(text)) == [notes[0], notes[2]]
    found = newest(split_notes(text), KEY)
    assert found is not None
    assert found.size == 9
    assert newest([], KEY) is None


@given(st.binary(min_size=1, max_size=40))
def test_words_are_twelve_and_the_verifier_says_the_same(data: bytes) -> None:
    words = code_words(data.hex())
    assert len(words) == 12
    assert all(len(word) == 5 for word in words)
    assert tuple(load_verifier().words(data.hex())) == words
