"""The client's side of HTTP and RTSP Digest (RFC 7616): at most one proof of one password."""

import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from typing import Final

from portal.reachability.probes.base import Credential, ProbeFailure, Reason

_FIELD = re.compile(r'(\w{1,32})\s*=\s*(?:"((?:[^"\\]|\\.){0,1024})"|([^\s,"]{1,256}))')
_HASHES: Final[Mapping[str, str]] = {"": "md5", "MD5": "md5", "SHA-256": "sha256"}


def answer_challenge(challenge: str, credential: Credential, *, method: str, uri: str) -> str:
    """The Authorization header for one request; never sends the password in a readable form."""
    scheme, _, rest = challenge.strip().partition(" ")
    if scheme.lower() != "digest":
        raise ProbeFailure(Reason.UNSAFE_AUTH)
    given = {name.lower(): quoted or bare for name, quoted, bare in _FIELD.findall(rest)}
    algorithm = given.get("algorithm", "")
    digest = _hash_for(algorithm)
    realm, nonce = given.get("realm", ""), given.get("nonce", "")
    first = digest(f"{credential.username}:{realm}:{credential.password}")
    second = digest(f"{method}:{uri}")
    fields = {
        "username": credential.username,
        "realm": realm,
        "nonce": nonce,
        "uri": uri,
    }
    bare: dict[str, str] = {}
    if "auth" in {option.strip() for option in given.get("qop", "").split(",")}:
        fields["cnonce"] = secrets.token_hex(8)
        bare = {"qop": "auth", "nc": "00000001"}
        middle = f"{nonce}:{bare['nc']}:{fields['cnonce']}:auth"
    elif given.get("qop"):
        raise ProbeFailure(Reason.UNSAFE_AUTH)
    else:
        middle = nonce
    fields["response"] = digest(f"{first}:{middle}:{second}")
    if given.get("opaque"):
        fields["opaque"] = given["opaque"]
    if algorithm:
        bare["algorithm"] = algorithm
    quoted = [f'{name}="{_quoted(value)}"' for name, value in fields.items()]
    return "Digest " + ", ".join(quoted + [f"{name}={value}" for name, value in bare.items()])


def _hash_for(algorithm: str) -> Callable[[str], str]:
    name = _HASHES.get(algorithm)
    if name is None:
        raise ProbeFailure(Reason.UNSAFE_AUTH)

    def digest(text: str) -> str:
        return hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest()

    return digest


def _quoted(text: str) -> str:
    """Safe inside a quoted header field; the device chose the realm, it may hold anything."""
    if any(ord(character) < 32 or ord(character) == 127 for character in text):
        raise ProbeFailure(Reason.MALFORMED)
    return text.replace("\\", "\\\\").replace('"', '\\"')
