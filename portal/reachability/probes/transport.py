"""The transport zeep speaks through: bounded in time and size, to one address, following nobody.

Written because of twenty hostile devices, three hung plain onvif-zeep for ever, three cost it
gigabytes, and three led it, token in hand, to another host. Measured, it is also half the price
of the requests library.
"""

import http.client
from dataclasses import dataclass
from email.message import Message
from typing import Any, Final, NoReturn

from lxml import etree

from portal.reachability.probes.base import (
    Credential,
    Endpoint,
    Limits,
    ProbeFailure,
    Reason,
    split_url,
)
from portal.reachability.probes.digest import answer_challenge
from portal.reachability.probes.wire import Deadline, Wire

_BLOCK: Final = 64 * 1024
_SOAP_TYPES: Final = frozenset({"application/soap+xml", "text/xml", "application/xml"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What zeep reads of a response."""

    status_code: int
    headers: dict[str, str]
    content: bytes
    encoding: str = "utf-8"


class BoundedTransport:
    """One probe's transport: pinned to its endpoint, with the probe's own deadline."""

    def __init__(self, endpoint: Endpoint, limits: Limits, session: Deadline, credential: Credential | None) -> None:
        self._endpoint, self._limits, self._session = endpoint, limits, session
        self._credential = credential
        self.wants_digest = False
        self.password_sent = False

    def load(self, *_: Any, **__: Any) -> NoReturn:
        """Refuse: the service descriptions were read once, from our own disk."""
        raise ProbeFailure(Reason.MALFORMED)

    get = load

    def post_xml(self, address: str, envelope: Any, headers: dict[str, str]) -> Answer:
        """Send one SOAP request; zeep's entry."""
        return self.post(address, etree.tostring(envelope, encoding="utf-8"), headers)

    def post(self, address: str, message: bytes, headers: dict[str, str]) -> Answer:
        """Send, and once more with HTTP Digest when the device asks for it."""
        path = self._path_of(address)
        answer = self._exchange(path, message, headers)
        if answer.status_code != 401:
            return self._judged(answer)
        challenge = answer.headers.get("www-authenticate", "")
        if not challenge:
            return self._judged(answer)
        if self._credential is None:
            raise ProbeFailure(Reason.AUTH_REQUIRED)
        if self.password_sent and not self.wants_digest:
            raise ProbeFailure(Reason.AUTH_FAILED)
        proof = answer_challenge(challenge, self._credential, method="POST", uri=path)
        self.wants_digest = self.password_sent = True
        answer = self._exchange(path, message, {**headers, "Authorization": proof})
        if answer.status_code == 401:
            # One wrong password a probe: cameras lock their accounts.
            raise ProbeFailure(Reason.AUTH_FAILED)
        return self._judged(answer)

    def _path_of(self, address: str) -> str:
        """The path to ask at our own endpoint; another host is refused, never called."""
        parts = split_url(address)
        if parts.scheme not in {"http", "https"} or not self._endpoint.is_at(parts.hostname):
            raise ProbeFailure(Reason.FOREIGN_XADDR)
        path = parts.path or "/"
        if parts.query:
            path = f"{path}?{parts.query}"
        if not path.isascii() or any(ord(character) <= 32 for character in path):
            raise ProbeFailure(Reason.MALFORMED)
        return path

    def _exchange(self, path: str, message: bytes, headers: dict[str, str]) -> Answer:
        endpoint = self._endpoint
        port = endpoint.http_port or 80
        lines = [
            f"POST {path} HTTP/1.1",
            f"Host: {endpoint.host}:{port}",
            f"Content-Length: {len(message)}",
            "Accept-Encoding: identity",
            "Connection: close",
        ]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        wire = Wire(endpoint, port, self._limits, Deadline(self._limits.total, within=self._session))
        try:
            if endpoint.secure:
                wire.secure(endpoint.tls_pin)
            wire.send(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + message)
            return _read(wire)
        finally:
            wire.close()

    def _judged(self, answer: Answer) -> Answer:
        """Refuse what zeep would follow, swell on or misread."""
        if 300 <= answer.status_code < 400:
            raise ProbeFailure(Reason.REDIRECT)
        if answer.headers.get("content-encoding", "identity").lower() != "identity":
            raise ProbeFailure(Reason.MALFORMED)
        media_type = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        if answer.status_code == 401:
            raise ProbeFailure(Reason.AUTH_FAILED if self.password_sent else Reason.AUTH_REQUIRED)
        if not answer.content or media_type not in _SOAP_TYPES:
            refused = answer.status_code != 200 and not answer.content
            raise ProbeFailure(Reason.HTTP_STATUS if refused else Reason.NOT_ONVIF)
        return answer


def _read(wire: Wire) -> Answer:
    response = http.client.HTTPResponse(wire, method="POST")  # type: ignore[arg-type]
    try:
        response.begin()
        # In blocks: asked for everything, http.client allocates whatever length the device claims.
        # The reader below counts bytes, so the loop ends.
        content = b"".join(iter(lambda: response.read(_BLOCK), b""))
    except http.client.RemoteDisconnected:
        raise ProbeFailure(Reason.CLOSED) from None
    except http.client.BadStatusLine:
        raise ProbeFailure(Reason.NOT_ONVIF) from None
    except http.client.HTTPException:
        raise ProbeFailure(Reason.MALFORMED) from None
    except ValueError:
        raise ProbeFailure(Reason.MALFORMED) from None
    finally:
        response.close()
    return Answer(response.status, _plain(response.headers), content)


def _plain(headers: Message) -> dict[str, str]:
    plain = {name.lower(): str(value) for name, value in headers.items()}
    return plain | {"Content-Type": plain.get("content-type", "")}
