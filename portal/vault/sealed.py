"""Files sealed at rest: a stream of authenticated pieces, so that a drawing of 100 MB is never held in memory.

Layout: magic, algorithm, length and text of the key id, a salt, then pieces of 64 KiB, each with its tag. The key of a
file is derived from the ring and the salt. The nonce counts the pieces and marks the last one, so that a piece left
out, moved, repeated or cut off at the end is noticed; the header and the file's name are authenticated with each piece.
"""

import secrets
import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portal.core.crypto import TAG_BYTES, Algorithm, Envelope, SealBroken, SealMalformed

MAGIC = b"PORTAL1\n"
PIECE_BYTES = 64 * 1024
_SALT_BYTES = 16
_NUMBERS = {Algorithm.AES_256_GCM: 1, Algorithm.SM4_GCM: 2}
_ALGORITHMS = {number: algorithm for algorithm, number in _NUMBERS.items()}


class Readable(Protocol):
    """What can be read in pieces; a piece shorter than asked for is the last."""

    def read(self, size: int = ..., /) -> bytes: ...


def seal_stream(plain: Readable, out: BinaryIO, *, envelope: Envelope, name: str) -> None:
    """Write the sealed form of a stream; `name` is needed again to open it."""
    salt = secrets.token_bytes(_SALT_BYTES)
    kid, _ = envelope.derive("vault file")
    key_id = kid.encode()
    header = MAGIC + bytes((_NUMBERS[envelope.algorithm], len(key_id))) + key_id + salt
    out.write(header)
    pieces = _Pieces(envelope.algorithm, _file_key(envelope, kid, salt), header + name.encode())
    out.writelines(pieces.seal(number, piece, last=last) for number, piece, last in _with_last(plain))


def open_stream(sealed: BinaryIO, *, envelope: Envelope, name: str) -> Iterator[bytes]:
    """The plain pieces. Raises SealMalformed, KeyUnknown or SealBroken, the last possibly after some pieces."""
    fixed = sealed.read(len(MAGIC) + 2)
    if len(fixed) != len(MAGIC) + 2 or not fixed.startswith(MAGIC) or fixed[-2] not in _ALGORITHMS:
        raise SealMalformed("not a sealed file")
    key_id, salt = sealed.read(fixed[-1]), sealed.read(_SALT_BYTES)
    if len(salt) != _SALT_BYTES or not key_id.isascii():
        raise SealMalformed("not a sealed file")
    key = _file_key(envelope, key_id.decode(), salt)
    pieces = _Pieces(_ALGORITHMS[fixed[-2]], key, fixed + key_id + salt + name.encode())
    for number, piece, last in _with_last(sealed, PIECE_BYTES + TAG_BYTES):
        yield pieces.open(number, piece, last=last)


class _Pieces:
    def __init__(self, algorithm: Algorithm, key: bytes, bound: bytes) -> None:
        self._aes = AESGCM(key) if algorithm is Algorithm.AES_256_GCM else None
        self._key, self._bound = key[:16], bound

    def seal(self, number: int, piece: bytes, *, last: bool) -> bytes:
        nonce = _nonce(number, last)
        if self._aes is not None:
            return self._aes.encrypt(nonce, piece, self._bound)
        encryptor = Cipher(algorithms.SM4(self._key), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(self._bound)
        return encryptor.update(piece) + encryptor.finalize() + encryptor.tag

    def open(self, number: int, piece: bytes, *, last: bool) -> bytes:
        nonce = _nonce(number, last)
        if len(piece) < TAG_BYTES:
            raise SealBroken("a sealed file was cut short")
        try:
            if self._aes is not None:
                return self._aes.decrypt(nonce, piece, self._bound)
            decryptor = Cipher(algorithms.SM4(self._key), modes.GCM(nonce, piece[-TAG_BYTES:])).decryptor()
            decryptor.authenticate_additional_data(self._bound)
            return decryptor.update(piece[:-TAG_BYTES]) + decryptor.finalize()
        except InvalidTag:
            raise SealBroken("a sealed file was altered or belongs elsewhere") from None


def _nonce(number: int, last: bool) -> bytes:
    return b"\x00" * 7 + struct.pack(">IB", number, last)


def _file_key(envelope: Envelope, kid: str, salt: bytes) -> bytes:
    return envelope.derive_from(kid, f"vault file {salt.hex()}")


def _with_last(stream: Readable, size: int = PIECE_BYTES) -> Iterable[tuple[int, bytes, bool]]:
    """Number, piece and whether it is the last; one empty last piece for an empty stream."""
    number, piece = 0, stream.read(size)
    while True:
        after = stream.read(size) if len(piece) == size else b""
        yield number, piece, not after
        if not after:
            return
        number, piece = number + 1, after
