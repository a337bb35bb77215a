"""Field encryption: one tagged envelope, a key ring with readable old keys, and keyed blind indexes.

An envelope is text, so that it fits any text column and names everything needed to open it again::

    v1.<algorithm>.<key id>.<nonce>.<ciphertext and tag>

The last two parts are unpadded base64url. The additional authenticated data is the header and the caller's context
(`row_context(table, column, row id)`), so a value copied to another row, column or table, or relabelled with another
key or algorithm, does not open. Keys live in files outside the database; nothing here reads the environment: the
composition root builds one `KeyRing` from the settings and hands out an `Envelope`.

The key of a file is never used as it is. HKDF derives one key per purpose and table from it, which keeps each key far
below the number of random nonces at which GCM becomes unsafe, and keeps the AES and the SM4 use of a file apart.
"""

import base64
import binascii
import hmac
import os
import re
import secrets
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = "v1"
NONCE_BYTES = 12
TAG_BYTES = 16
MASTER_KEY_BYTES = 32

_KEY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}")
_KEY_FILE = re.compile(r"(field|index)-([A-Za-z0-9][A-Za-z0-9_-]{0,31})\.key")


class CryptoError(Exception):
    """Anything that keeps a sealed value shut. Messages never hold key material, plaintext or the sealed value."""


class SealMalformed(CryptoError):
    """The text is not an envelope of a version and algorithm known here."""


class SealBroken(CryptoError):
    """The envelope does not open: it was altered, or it belongs to another row, column or table."""


class KeyUnknown(CryptoError):
    """The envelope names a key that the ring does not hold."""


class KeyFileRefused(CryptoError):
    """A key file is missing, unreadable, of the wrong length, or readable by other users."""


class Algorithm(StrEnum):
    """Authenticated ciphers an envelope may name."""

    AES_256_GCM = "aes256gcm"
    SM4_GCM = "sm4gcm"


class KeyRole(StrEnum):
    """What a key file is for. Index keys are apart: changing one means computing every index of its columns anew."""

    FIELD = "field"
    INDEX = "index"


@dataclass(frozen=True, kw_only=True)
class KeyRing:
    """Keys by id with the current id of each role. Old ids stay readable until everything is sealed anew."""

    field_current: str
    index_current: str
    field_keys: Mapping[str, bytes] = field(repr=False)
    index_keys: Mapping[str, bytes] = field(repr=False)
    algorithm: Algorithm = Algorithm.AES_256_GCM

    def __post_init__(self) -> None:
        for current, keys in ((self.field_current, self.field_keys), (self.index_current, self.index_keys)):
            if current not in keys:
                raise KeyUnknown(f"the current key {current!r} is not in the ring")
            for kid, key in keys.items():
                if not _KEY_ID.fullmatch(kid):
                    raise KeyFileRefused(f"key id {kid!r} has characters outside A-Z a-z 0-9 _ -")
                if len(key) != MASTER_KEY_BYTES:
                    raise KeyFileRefused(f"key {kid!r} has {len(key)} bytes, not {MASTER_KEY_BYTES}")

    def __reduce__(self) -> NoReturn:
        # A pickled ring would carry the keys into a broker, a cache or a traceback dump.
        raise TypeError("a key ring is not to be serialised")


class Envelope:
    """Seals and opens field values with the keys of one ring."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    @property
    def algorithm(self) -> Algorithm:
        """The cipher new values are sealed with."""
        return self._ring.algorithm

    def seal(self, plaintext: bytes, *, context: str) -> str:
        """Seal under the current key. `context` names the place of the value and is needed again to open it."""
        ring = self._ring
        header = f"{VERSION}.{ring.algorithm}.{ring.field_current}"
        nonce = secrets.token_bytes(NONCE_BYTES)
        key = _data_key(ring.field_keys[ring.field_current], ring.algorithm, _scope(context))
        sealed = _encrypt(ring.algorithm, key, nonce, plaintext, _aad(header, context))
        return f"{header}.{_b64(nonce)}.{_b64(sealed)}"

    def open(self, sealed: str, *, context: str) -> bytes:
        """The plaintext, or SealMalformed, KeyUnknown or SealBroken."""
        algorithm, kid, nonce, body = _parse(sealed)
        master = self._ring.field_keys.get(kid)
        if master is None:
            raise KeyUnknown(f"sealed with key {kid!r}, which the ring does not hold")
        key = _data_key(master, algorithm, _scope(context))
        try:
            return _decrypt(algorithm, key, nonce, body, _aad(f"{VERSION}.{algorithm}.{kid}", context))
        except InvalidTag:
            raise SealBroken("the sealed value was altered or belongs elsewhere") from None

    def is_current(self, sealed: str) -> bool:
        """False for a value that a key rotation still has to seal anew."""
        algorithm, kid, _, _ = _parse(sealed)
        return kid == self._ring.field_current and algorithm == self._ring.algorithm

    def reseal(self, sealed: str, *, context: str) -> str:
        """The same plaintext under the current key and algorithm; unchanged when it is current already."""
        if self.is_current(sealed):
            return sealed
        return self.seal(self.open(sealed, context=context), context=context)

    def blind_index(self, value: str, column: str) -> str:
        """Keyed digest of an already normalised value, for equality search on an encrypted column."""
        return self._index(self._ring.index_current, value, column)

    def blind_index_candidates(self, value: str, column: str) -> tuple[str, ...]:
        """Indexes under every key of the ring, the current first: what a search asks while a rotation runs."""
        current = self._ring.index_current
        others = sorted(kid for kid in self._ring.index_keys if kid != current)
        return tuple(self._index(kid, value, column) for kid in (current, *others))

    def derive(self, purpose: str) -> tuple[str, bytes]:
        """Current key id and a 32-byte key of its own for another use of the ring, such as sealing files."""
        kid = self._ring.field_current
        return kid, self.derive_from(kid, purpose)

    def derive_from(self, kid: str, purpose: str) -> bytes:
        """The key that `derive` gave while `kid` was current."""
        master = self._ring.field_keys.get(kid)
        if master is None:
            raise KeyUnknown(f"sealed with key {kid!r}, which the ring does not hold")
        return _hkdf(master, f"portal purpose {purpose}", 32)

    def _index(self, kid: str, value: str, column: str) -> str:
        key = _hkdf(self._ring.index_keys[kid], f"portal index {column}", 32)
        if self._ring.algorithm is Algorithm.SM4_GCM:
            digest = HMAC(key, hashes.SM3())
            digest.update(value.encode())
            return f"{kid}.{_b64(digest.finalize())}"
        return f"{kid}.{_b64(hmac.digest(key, value.encode(), 'sha256'))}"


def row_context(table: str, column: str, row_id: object) -> str:
    """The context of one field of one row: `table/column/row id`."""
    parts = (table, column, str(row_id))
    if any(not part or "/" in part for part in parts):
        raise ValueError("a context part is empty or holds a slash")
    return "/".join(parts)


def load_key_ring(
    directory: Path,
    *,
    algorithm: Algorithm = Algorithm.AES_256_GCM,
    field_current: str | None = None,
    index_current: str | None = None,
    private: bool = True,
) -> KeyRing:
    """Read `field-<id>.key` and `index-<id>.key` files; without an explicit current id the last in order is current.

    `private=False` accepts files that other users may read, for secret mounts that cannot set a mode.
    """
    found: dict[KeyRole, dict[str, bytes]] = {KeyRole.FIELD: {}, KeyRole.INDEX: {}}
    for path in _key_files(directory):
        match = _KEY_FILE.fullmatch(path.name)
        if match is not None:
            found[KeyRole(match[1])][match[2]] = read_key_file(path, private=private)
    for role, keys in found.items():
        if not keys:
            raise KeyFileRefused(f"no {role}-<id>.key file in the key directory")
    return KeyRing(
        field_current=field_current or max(found[KeyRole.FIELD]),
        index_current=index_current or max(found[KeyRole.INDEX]),
        field_keys=found[KeyRole.FIELD],
        index_keys=found[KeyRole.INDEX],
        algorithm=algorithm,
    )


def create_key_file(directory: Path, role: KeyRole, kid: str) -> Path:
    """A new random key, readable by its owner alone. An existing file is never replaced: its data would be lost."""
    if not _KEY_ID.fullmatch(kid):
        raise KeyFileRefused(f"key id {kid!r} has characters outside A-Z a-z 0-9 _ -")
    path = directory / f"{role}-{kid}.key"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(base64.b64encode(secrets.token_bytes(MASTER_KEY_BYTES)) + b"\n")
        handle.flush()
        os.fsync(handle.fileno())
    return path


def read_key_file(path: Path, *, private: bool = True) -> bytes:
    """32 bytes, kept as base64 or hex text. Raw bytes are refused: 32 typed characters would pass for a key."""
    try:
        mode = path.stat().st_mode
        raw = path.read_bytes()
    except OSError as error:
        raise KeyFileRefused(f"key file {path.name}: {error.strerror}") from error
    if private and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise KeyFileRefused(f"key file {path.name} is readable by other users; give it mode 0400")
    for decode in (binascii.unhexlify, base64.b64decode):
        try:
            key = decode(raw.strip())
        except (binascii.Error, ValueError):
            continue
        if len(key) == MASTER_KEY_BYTES:
            return key
    raise KeyFileRefused(f"key file {path.name} does not hold {MASTER_KEY_BYTES} bytes as base64 or hex")


def _key_files(directory: Path) -> Iterable[Path]:
    try:
        return sorted(directory.iterdir())
    except OSError as error:
        raise KeyFileRefused(f"key directory: {error.strerror}") from error


def _scope(context: str) -> str:
    if not context:
        raise ValueError("a sealed value needs a context")
    return context.split("/", 1)[0]


def _aad(header: str, context: str) -> bytes:
    return f"{header}\x00{context}".encode()


@lru_cache(maxsize=256)
def _hkdf(master: bytes, info: str, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=None, info=info.encode()).derive(master)


def _data_key(master: bytes, algorithm: Algorithm, scope: str) -> bytes:
    length = 16 if algorithm is Algorithm.SM4_GCM else 32
    return _hkdf(master, f"portal field {algorithm} {scope}", length)


def _encrypt(algorithm: Algorithm, key: bytes, nonce: bytes, plaintext: bytes, aad: bytes) -> bytes:
    if algorithm is Algorithm.AES_256_GCM:
        return AESGCM(key).encrypt(nonce, plaintext, aad)
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(aad)
    return encryptor.update(plaintext) + encryptor.finalize() + encryptor.tag


def _decrypt(algorithm: Algorithm, key: bytes, nonce: bytes, body: bytes, aad: bytes) -> bytes:
    if algorithm is Algorithm.AES_256_GCM:
        return AESGCM(key).decrypt(nonce, body, aad)
    text, tag = body[:-TAG_BYTES], body[-TAG_BYTES:]
    decryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce, tag)).decryptor()
    decryptor.authenticate_additional_data(aad)
    return decryptor.update(text) + decryptor.finalize()


def _parse(sealed: str) -> tuple[Algorithm, str, bytes, bytes]:
    parts = sealed.split(".")
    if len(parts) != 5 or parts[0] != VERSION or not _KEY_ID.fullmatch(parts[2]):
        raise SealMalformed("not an envelope of version v1")
    try:
        algorithm = Algorithm(parts[1])
        nonce, body = _unb64(parts[3]), _unb64(parts[4])
    except ValueError:
        raise SealMalformed("not an envelope of version v1") from None
    if len(nonce) != NONCE_BYTES or len(body) < TAG_BYTES:
        raise SealMalformed("not an envelope of version v1")
    return algorithm, parts[2], nonce, body


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    # The strict decoder and the round trip refuse second spellings of the same bytes, so sealed text is unique.
    raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if _b64(raw) != text:
        raise ValueError("not canonical base64url")
    return raw
