"""What a probe takes and gives: endpoint, limits, typed reasons, results."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from urllib.parse import SplitResult, urlsplit


class Reason(StrEnum):
    """Why a device is as it is; the only thing about an answer that anybody is shown.

    Stored by position in the chunks of a round: new members go to the end.
    """

    OK = "ok"
    REFUSED = "refused"  # nothing listens on the port
    TIMEOUT = "timeout"  # no answer to the first packet
    NO_ROUTE = "no_route"
    CLOSED = "closed"  # the connection broke before an answer
    TOO_SLOW = "too_slow"  # connected, then no whole answer in time
    NOT_RTSP = "not_rtsp"
    NOT_ONVIF = "not_onvif"
    HTTP_STATUS = "http_status"  # speaks the protocol, refuses the question
    MALFORMED = "malformed"
    TOO_BIG = "too_big"
    REDIRECT = "redirect"
    FOREIGN_XADDR = "foreign_xaddr"  # points at another host
    TLS = "tls"
    AUTH_REQUIRED = "auth_required"  # wants a password, none is registered
    AUTH_FAILED = "auth_failed"
    UNSAFE_AUTH = "unsafe_auth"  # would take the password in clear text only
    CLOCK_DRIFT = "clock_drift"
    NO_PROFILE = "no_profile"
    NO_STREAM = "no_stream"
    NOT_RECORDING = "not_recording"
    DENIED_ADDRESS = "denied_address"  # outside the networks the operator allows
    PARENT_DOWN = "parent_down"  # its site or network segment is down as a whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where to knock: a checked address literal, and a port for each protocol that is registered.

    Only the address policy makes these for real probes, so a hostname never reaches a socket.
    """

    address: str
    rtsp_port: int | None = 554
    http_port: int | None = 80
    path: str = "/onvif/device_service"
    secure: bool = False
    # SHA-256 of the device's certificate; self-signed is what cameras have, so it is pinned, not chained.
    tls_pin: str | None = None
    channel: int = 1

    @property
    def host(self) -> str:
        """The address as it stands in a URL or Host header."""
        return f"[{self.address}]" if ":" in self.address else self.address

    @property
    def xaddr(self) -> str:
        """The device service's address."""
        return f"{'https' if self.secure else 'http'}://{self.host}:{self.http_port}{self.path}"

    def is_at(self, hostname: str | None) -> bool:
        """Whether a host a device named is the device itself, as an address literal."""
        try:
            return ipaddress.ip_address(hostname or "") == ipaddress.ip_address(self.address)
        except ValueError:
            return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A device's login, alive only inside one probe."""

    username: str
    password: str

    def __repr__(self) -> str:
        return "Credential(…)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long and how much a device may take of us."""

    # Three seconds cover one retransmission of the first packet, which Linux sends after one.
    connect: float = 3.0
    read: float = 3.0
    total: float = 6.0
    session: float = 20.0
    quick_bytes: int = 64 * 1024
    deep_bytes: int = 1024 * 1024


DEFAULT_LIMITS: Final = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerResult:
    """One protocol's answer."""

    reason: Reason
    connected: bool
    rtt_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuickResult:
    """What the unauthenticated layers found; None where a protocol is not registered."""

    rtsp: LayerResult | None
    clock: LayerResult | None
    drift_s: float | None = None

    @property
    def rtt_ms(self) -> int | None:
        """The slowest answer, which is what a viewer feels."""
        known = [layer.rtt_ms for layer in (self.rtsp, self.clock) if layer and layer.rtt_ms]
        return max(known, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeepResult:
    """What the authenticated layer found. Text from the device leaves only as a digest."""

    reason: Reason
    drift_s: float | None = None
    identity: str | None = None
    profiles: int | None = None
    streams: bool | None = None
    open_access: bool = False
    recorded_from: datetime | None = None
    recorded_until: datetime | None = None
    picture: tuple[int, int] | None = None


class ProbeFailure(Exception):
    """A probe ended with a reason other than OK."""

    def __init__(self, reason: Reason, *, connected: bool = True) -> None:
        super().__init__(str(reason))
        self.reason = reason
        self.connected = connected


def reason_of(error: OSError) -> Reason:
    """The reason behind a socket error."""
    if isinstance(error, ConnectionRefusedError):
        return Reason.REFUSED
    if isinstance(error, TimeoutError):
        return Reason.TIMEOUT
    if isinstance(error, (ConnectionError, EOFError)):
        return Reason.CLOSED
    return Reason.NO_ROUTE


def split_url(text: str) -> SplitResult:
    """A URL a device gave, in parts; a broken one is its fault, not ours."""
    try:
        return urlsplit(text)
    except ValueError:
        raise ProbeFailure(Reason.MALFORMED) from None
