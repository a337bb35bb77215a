"""Posting to addresses that people typed: never to our own network, never redirected, never for long.

The name is looked up here and the connection goes to the very address that was checked: a name that answers with a public
address first and with an inner one a moment later reaches nothing.
"""

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from threading import Timer
from typing import Final
from urllib.parse import urlsplit

from portal.core.addresses import ALWAYS_DENIED, Address, Network

STEP_SECONDS: Final = 5.0
WHOLE_SECONDS: Final = 15.0
ANSWER_BYTES: Final = 2000
LONGEST_URL: Final = 500
# The only part of IPv6 that is given out to anybody; what looks public elsewhere is an IPv4 address in disguise, a
# withdrawn range or a reserved one.
_GIVEN_OUT: Final = ipaddress.ip_network("2000::/3")


class EgressDenial(StrEnum):
    """Why nothing is sent to an address."""

    NOT_HTTPS = "not_https"
    NOT_A_URL = "not_a_url"
    UNKNOWN_HOST = "unknown_host"
    INNER_NETWORK = "inner_network"


class EgressDenied(Exception):
    """The policy refuses to send."""

    def __init__(self, denial: EgressDenial) -> None:
        super().__init__(str(denial))
        self.denial = denial


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where to connect: the checked address, and the name the certificate must be for."""

    secure: bool
    host: str
    port: int
    path: str


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What came of it: the status, or how it failed; how long it took."""

    status: int | None = None
    error: str = ""
    milliseconds: int = 0

    @property
    def good(self) -> bool:
        """Whether the receiver took it."""
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, kw_only=True)
class EgressPolicy:
    """Public addresses, and the private networks that the operator names; the portal's own parts never."""

    networks: tuple[Network, ...] = ()
    plain_http: bool = False
    own: frozenset[Address] = frozenset()

    @classmethod
    def build(
        cls, *, networks: Iterable[str] = (), plain_http: bool = False, own: Iterable[str] = (), production: bool = True
    ) -> "EgressPolicy":
        """From settings. Raises ValueError naming the bad entry, so that a typing error stops the start."""
        parsed = tuple(ipaddress.ip_network(text) for text in networks)
        for network in parsed:
            if production and any(
                network.version == denied.version and network.overlaps(denied) for denied in ALWAYS_DENIED
            ):
                raise ValueError(f"webhook_networks: {network} is never sent to")
        literal = set()
        for host in own:
            try:
                literal.add(ipaddress.ip_address(host))
            except ValueError:
                continue  # a name or a socket's path
        return cls(networks=parsed, plain_http=plain_http and not production, own=frozenset(literal))

    def check_url(self, url: str) -> Target:
        """The parts of an address that may be sent to, as far as its text tells. Raises EgressDenied."""
        if len(url) > LONGEST_URL or any(ord(character) <= 32 or ord(character) > 126 for character in url):
            raise EgressDenied(EgressDenial.NOT_A_URL)
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise EgressDenied(EgressDenial.NOT_A_URL) from None
        if parts.scheme not in ("https", "http") or not parts.hostname or "@" in parts.netloc or parts.fragment:
            raise EgressDenied(EgressDenial.NOT_A_URL)
        if parts.scheme == "http" and not self.plain_http:
            raise EgressDenied(EgressDenial.NOT_HTTPS)
        secure = parts.scheme == "https"
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        target = Target(secure=secure, host=parts.hostname, port=port or (443 if secure else 80), path=path)
        try:
            self.check_address(parts.hostname)
        except ValueError:
            pass  # a name: its addresses are checked each time something is sent
        return target

    def check_address(self, text: str) -> Address:
        """A literal address that may be sent to. Raises EgressDenied, or ValueError for what is no address."""
        address = ipaddress.ip_address(text)
        if isinstance(address, ipaddress.IPv6Address):
            if address.scope_id is not None:
                raise EgressDenied(EgressDenial.INNER_NETWORK)
            address = address.ipv4_mapped or address
        if address in self.own:
            raise EgressDenied(EgressDenial.INNER_NETWORK)
        if _inside(address, self.networks):
            return address
        given_out = address.version == 4 or address in _GIVEN_OUT
        if not given_out or not address.is_global or address.is_multicast or _inside(address, ALWAYS_DENIED):
            raise EgressDenied(EgressDenial.INNER_NETWORK)
        return address

    def addresses_of(self, target: Target) -> list[str]:
        """Every address of a name, none of which may be an inner one. Raises EgressDenied."""
        try:
            found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise EgressDenied(EgressDenial.UNKNOWN_HOST) from None
        return [str(self.check_address(str(entry[4][0]))) for entry in found]


def _inside(address: Address, networks: Iterable[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)


class _Pinned(http.client.HTTPConnection):
    """A connection to one checked address, whatever the name says by now."""

    def __init__(self, target: Target, address: str) -> None:
        super().__init__(target.host, target.port, timeout=STEP_SECONDS)
        self._target, self._address = target, address

    def connect(self) -> None:
        plain = socket.create_connection((self._address, self._target.port), STEP_SECONDS)
        if self._target.secure:
            context = ssl.create_default_context()
            # Known before hands are shaken: whoever shakes them for an hour is cut off, too.
            self.sock = context.wrap_socket(plain, server_hostname=self._target.host, do_handshake_on_connect=False)
            self.sock.do_handshake()
        else:
            self.sock = plain


def post(policy: EgressPolicy, url: str, body: bytes, headers: Mapping[str, str]) -> Sent:
    """Send once. Never raises for what the network or the receiver does; a redirect is an answer like any other."""
    started = time.monotonic()
    status, error = None, ""
    try:
        target = policy.check_url(url)
        status = _send(target, policy.addresses_of(target)[0], body, headers)
    except EgressDenied as denied:
        error = str(denied.denial)
    except ssl.SSLError:
        error = "tls"
    except TimeoutError:
        error = "timeout"
    except (OSError, http.client.HTTPException, IndexError, ValueError):
        error = "connection"
    return Sent(status=status, error=error, milliseconds=round((time.monotonic() - started) * 1000))


def _cut(sock: socket.socket | None) -> None:
    """End a connection from beside it. A TLS socket would first forget its state, which the other thread is using."""
    if sock is not None:
        with suppress(OSError):
            socket.socket.shutdown(sock, socket.SHUT_RDWR)


def _send(target: Target, address: str, body: bytes, headers: Mapping[str, str]) -> int:
    connection = _Pinned(target, address)
    # Each step has its time; a receiver that hands out a byte now and then must not hold a worker for an hour.
    limit = Timer(WHOLE_SECONDS, lambda: _cut(connection.sock))
    limit.daemon = True
    limit.start()
    try:
        connection.request("POST", target.path, body=body, headers=dict(headers))
        answer = connection.getresponse()
        answer.read(ANSWER_BYTES)
        return answer.status
    finally:
        limit.cancel()
        connection.close()
