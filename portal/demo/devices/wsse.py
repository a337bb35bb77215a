"""The two ways a device checks a password: WS-Security digest tokens and HTTP/RTSP Digest."""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree

from portal.demo.plan import DevicePlan

WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
REALM = "simulated-device"
REMEMBERED_NONCES = 512
DIGEST_FIELD = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')


@dataclass
class NonceBook:
    """The nonces a device has seen lately, so that a captured token cannot be replayed."""

    seen: OrderedDict[bytes, None]

    @classmethod
    def empty(cls) -> "NonceBook":
        return cls(OrderedDict())

    def is_new(self, nonce: bytes) -> bool:
        """Remember `nonce`; False when it was used before."""
        if nonce in self.seen:
            return False
        self.seen[nonce] = None
        if len(self.seen) > REMEMBERED_NONCES:
            self.seen.popitem(last=False)
        return True


def token_in(envelope: ElementTree.Element) -> ElementTree.Element | None:
    """The UsernameToken of a request, if it carries one."""
    return envelope.find(f".//{{{WSSE}}}UsernameToken")


def token_is_valid(
    token: ElementTree.Element,
    device: DevicePlan,
    *,
    device_time: float,
    nonces: NonceBook,
    must_be_zulu: bool,
) -> bool:
    """Whether the token proves the password, freshly, by the device's own clock."""
    created = token.findtext(f"{{{WSU}}}Created") or ""
    password = token.find(f"{{{WSSE}}}Password")
    if password is None or not (password.get("Type") or "").endswith("#PasswordDigest"):
        return False
    if must_be_zulu and not created.endswith("Z"):
        return False
    try:
        stamp = datetime.fromisoformat(created)
        nonce = base64.b64decode(token.findtext(f"{{{WSSE}}}Nonce") or "", validate=True)
    except (ValueError, binascii.Error):
        return False
    if stamp.tzinfo is None:
        stamp = stamp.replace(tzinfo=UTC)
    if abs(stamp.timestamp() - device_time) > device.token_window_s or len(nonce) < 8:
        return False
    digest = hashlib.sha1(nonce + created.encode() + device.password.encode())  # noqa: S324 - the profile's hash
    expected = base64.b64encode(digest.digest()).decode()
    proven = hmac.compare_digest(expected, (password.text or "").strip())
    named = (token.findtext(f"{{{WSSE}}}Username") or "") == device.username
    return proven and named and nonces.is_new(nonce)


@dataclass
class DigestRealm:
    """HTTP (and RTSP) Digest of one device: RFC 2617, MD5, qop auth or none."""

    nonce: str
    qop: bool

    @classmethod
    def fresh(cls, *, qop: bool) -> "DigestRealm":
        return cls(secrets.token_hex(16), qop)

    def challenge(self) -> str:
        """The WWW-Authenticate header."""
        qop = ', qop="auth", algorithm=MD5' if self.qop else ""
        return f'Digest realm="{REALM}", nonce="{self.nonce}"{qop}'

    def is_satisfied(self, header: str, *, method: str, device: DevicePlan) -> bool:
        """Whether the Authorization header proves the password for this method."""
        scheme, _, rest = header.partition(" ")
        if scheme.lower() != "digest":
            return False
        values = {name.lower(): quoted or bare for name, quoted, bare in DIGEST_FIELD.findall(rest)}
        if values.get("nonce") != self.nonce or values.get("username") != device.username:
            return False
        first = _md5(f"{device.username}:{REALM}:{device.password}")
        second = _md5(f"{method}:{values.get('uri', '')}")
        middle = self.nonce
        if values.get("qop"):
            middle = f"{self.nonce}:{values.get('nc', '')}:{values.get('cnonce', '')}:auth"
        elif self.qop:
            return False
        return hmac.compare_digest(_md5(f"{first}:{middle}:{second}"), values.get("response", ""))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
