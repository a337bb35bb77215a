"""A socket that cannot be held hostage: every read is under a deadline and a byte count."""

import io
import socket
import ssl
import time
from typing import TYPE_CHECKING, Any

from portal.reachability.probes.base import Endpoint, Limits, ProbeFailure, Reason, reason_of
from portal.reachability.probes.quick import check_pin, unverified_context

if TYPE_CHECKING:
    from typing_extensions import Buffer


class Deadline:
    """When a whole call or a whole session must be over."""

    def __init__(self, seconds: float, *, within: "Deadline | None" = None) -> None:
        own = time.monotonic() + seconds
        self.end: float = own if within is None else min(own, within.end)

    def left(self) -> float:
        """Seconds left; raises when there are none."""
        left = self.end - time.monotonic()
        if left <= 0:
            raise ProbeFailure(Reason.TOO_SLOW)
        return left


class _BoundedReader(io.RawIOBase):
    """Counts bytes and re-arms the timeout before each read.

    A plain socket timeout restarts with every byte, which is what a slow-loris device lives on.
    """

    def __init__(self, sock: socket.socket, limits: Limits, deadline: Deadline) -> None:
        self._sock, self._limits, self._deadline = sock, limits, deadline
        self._count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "Buffer", /) -> int:
        self._sock.settimeout(min(self._limits.read, self._deadline.left()))
        try:
            got = self._sock.recv_into(buffer)
        except TimeoutError:
            raise ProbeFailure(Reason.TOO_SLOW) from None
        except OSError as error:
            raise ProbeFailure(reason_of(error)) from None
        self._count += got
        if self._count > self._limits.deep_bytes:
            raise ProbeFailure(Reason.TOO_BIG)
        return got


class Wire:
    """One connection to the checked address of an endpoint; looks enough like a socket to http.client."""

    def __init__(self, endpoint: Endpoint, port: int, limits: Limits, deadline: Deadline) -> None:
        self._limits, self._deadline = limits, deadline
        self._sock = _connect(endpoint, port, limits, deadline)

    def secure(self, pin: str | None) -> None:
        """Speak TLS to the pinned certificate, or not at all."""
        if pin is None:
            raise ProbeFailure(Reason.TLS)
        self._sock.settimeout(self._deadline.left())
        try:
            wrapped = unverified_context().wrap_socket(self._sock)
        except TimeoutError:
            raise ProbeFailure(Reason.TOO_SLOW) from None
        except OSError:
            raise ProbeFailure(Reason.TLS) from None
        self._sock = wrapped
        check_pin(wrapped, pin)

    def send(self, data: bytes) -> None:
        """Send everything within the deadline."""
        self._sock.settimeout(self._deadline.left())
        try:
            self._sock.sendall(data)
        except OSError as error:
            late = isinstance(error, TimeoutError)
            raise ProbeFailure(Reason.TOO_SLOW if late else reason_of(error)) from None

    def makefile(self, *_: Any, **__: Any) -> io.BufferedReader:
        """The bounded reading end."""
        return io.BufferedReader(_BoundedReader(self._sock, self._limits, self._deadline))

    def close(self) -> None:
        """Drop the connection."""
        self._sock.close()


def _connect(endpoint: Endpoint, port: int, limits: Limits, deadline: Deadline) -> socket.socket | ssl.SSLSocket:
    try:
        return socket.create_connection((endpoint.address, port), timeout=min(limits.connect, deadline.left()))
    except OSError as error:
        raise ProbeFailure(reason_of(error), connected=False) from None
