"""The unauthenticated layers over bare asyncio sockets: a fifth of a millisecond a device.

Measured (docs of the design): the same question through an ONVIFCamera object costs 350 times as much.
"""

import asyncio
import hashlib
import logging
import socket
import ssl
import struct
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Final

from portal.reachability.probes import clock, rtsp
from portal.reachability.probes.base import (
    DEFAULT_LIMITS,
    Endpoint,
    LayerResult,
    Limits,
    ProbeFailure,
    QuickResult,
    Reason,
    reason_of,
)

log = logging.getLogger(__name__)

# Closing with a reset leaves no half-closed connection behind in the firewall's table.
_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)
_BLOCK: Final = 16 * 1024
PER_SEGMENT: Final = 50
_PULSE: Final = 0.25

Complete = Callable[[bytes], bool]


async def exchange(endpoint: Endpoint, port: int, request: bytes, complete: Complete, limits: Limits) -> bytes:
    """Send one request and read until `complete`, the end, the size cap or the deadline."""
    loop = asyncio.get_running_loop()
    family = socket.AF_INET6 if ":" in endpoint.address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as sock:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        received, connected = b"", False
        try:
            # One timer for all phases, set anew for each: entering a timeout costs as much as a small read.
            async with asyncio.timeout(limits.connect) as timer:
                await loop.sock_connect(sock, (endpoint.address, port))
                connected, end = True, loop.time() + limits.total
                await loop.sock_sendall(sock, request)
                while not complete(received):
                    timer.reschedule(min(end, loop.time() + limits.read))
                    block = await loop.sock_recv(sock, _BLOCK)
                    if not block:
                        break
                    received += block
                    if len(received) > limits.quick_bytes:
                        raise ProbeFailure(Reason.TOO_BIG)
        except OSError as error:
            late = connected and isinstance(error, TimeoutError)
            raise ProbeFailure(Reason.TOO_SLOW if late else reason_of(error), connected=connected) from None
        return received


async def exchange_tls(endpoint: Endpoint, port: int, request: bytes, complete: Complete, limits: Limits) -> bytes:
    """The same over TLS to a certificate known by its fingerprint; without one nothing is sent."""
    if endpoint.tls_pin is None:
        raise ProbeFailure(Reason.TLS, connected=False)
    writer: asyncio.StreamWriter | None = None
    try:
        async with asyncio.timeout(limits.total):
            reader, writer = await asyncio.open_connection(
                endpoint.address, port, ssl=unverified_context(), limit=limits.quick_bytes
            )
            check_pin(writer.get_extra_info("ssl_object"), endpoint.tls_pin)
            writer.write(request)
            received = b""
            while not complete(received) and (block := await reader.read(_BLOCK)):
                received += block
                if len(received) > limits.quick_bytes:
                    raise ProbeFailure(Reason.TOO_BIG)
            return received
    except TimeoutError:
        reason = Reason.TOO_SLOW if writer else Reason.TIMEOUT
        raise ProbeFailure(reason, connected=writer is not None) from None
    except ssl.SSLError:
        raise ProbeFailure(Reason.TLS) from None
    except OSError as error:
        raise ProbeFailure(reason_of(error), connected=writer is not None) from None
    finally:
        if writer is not None:
            writer.transport.abort()


def unverified_context() -> ssl.SSLContext:
    """A client context that trusts nobody by name: the pin decides."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def check_pin(connection: ssl.SSLObject | ssl.SSLSocket, pin: str) -> None:
    """Refuse a certificate other than the pinned one before a byte is sent."""
    certificate = connection.getpeercert(binary_form=True) or b""
    if hashlib.sha256(certificate).hexdigest() != pin.replace(":", "").lower():
        raise ProbeFailure(Reason.TLS)


async def probe_rtsp(endpoint: Endpoint, limits: Limits = DEFAULT_LIMITS) -> LayerResult | None:
    """Layer one: does an RTSP server answer?"""
    if endpoint.rtsp_port is None:
        return None
    started = time.monotonic()
    try:
        received = await exchange(endpoint, endpoint.rtsp_port, rtsp.options_bytes(endpoint), rtsp.is_complete, limits)
        rtsp.read_answer(received)
    except ProbeFailure as failure:
        return LayerResult(reason=failure.reason, connected=failure.connected)
    return LayerResult(reason=Reason.OK, connected=True, rtt_ms=_ms_since(started))


async def probe_clock(endpoint: Endpoint, limits: Limits = DEFAULT_LIMITS) -> tuple[LayerResult | None, float | None]:
    """Layer two: does ONVIF answer, and how far is its clock from ours?"""
    if endpoint.http_port is None:
        return None, None
    ask = exchange_tls if endpoint.secure else exchange
    # The machine's own clock, never the portal's business clock, which a check may move.
    started, sent = time.monotonic(), time.time()
    try:
        received = await ask(endpoint, endpoint.http_port, clock.request_bytes(endpoint), clock.is_complete, limits)
        reading = clock.read_answer(received)
    except ProbeFailure as failure:
        return LayerResult(reason=failure.reason, connected=failure.connected), None
    drift = None
    if reading.device_utc is not None:
        drift = clock.drift_between(reading.device_utc, sent=sent, received=time.time())
    return LayerResult(reason=Reason.OK, connected=True, rtt_ms=_ms_since(started)), drift


def _ms_since(started: float) -> int:
    return max(1, round((time.monotonic() - started) * 1000))


async def probe(endpoint: Endpoint, limits: Limits = DEFAULT_LIMITS) -> QuickResult:
    """Both layers, one connection at a time: cheap cameras serve one client."""
    stream = await probe_rtsp(endpoint, limits)
    answer, drift = await probe_clock(endpoint, limits)
    return QuickResult(rtsp=stream, clock=answer, drift_s=drift)


def segment_of(address: str) -> str:
    """The network segment of an address literal: what usually hangs on one switch."""
    parts = address.split(":") if ":" in address else address.split(".")
    return ":".join(parts[:4]) if ":" in address else ".".join(parts[:3])


@dataclass(slots=True)
class Sweep:
    """What came of probing many devices, and how late our own event loop was at its worst."""

    results: dict[int, QuickResult] = field(default_factory=dict)
    lag_ms: int = 0


async def sweep(
    targets: Iterable[tuple[int, Endpoint]],
    *,
    in_flight: int,
    limits: Limits = DEFAULT_LIMITS,
    per_segment: int = PER_SEGMENT,
    total_seconds: float = 60.0,
) -> Sweep:
    """Probe many devices; each address by one connection at a time, each segment gently.

    Channels of one recorder share its endpoint, which is asked once. Devices are taken in an order
    that scatters neighbours, since they share a switch. What is not done in time is left out.
    """
    devices: dict[str, dict[Endpoint, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number, endpoint in targets:
        devices[endpoint.address][replace(endpoint, channel=1)].append(number)
    done = Sweep()
    whole = asyncio.Semaphore(in_flight)
    segments: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(per_segment))

    async def probe_address(address: str) -> None:
        async with segments[segment_of(address)], whole:
            for endpoint, numbers in devices[address].items():
                try:
                    result = await probe(endpoint, limits)
                except Exception:
                    # A fault of ours on one device must not cost the others their check.
                    log.exception("the quick probe failed on a device")
                    continue
                done.results.update(dict.fromkeys(numbers, result))

    order = sorted(devices, key=lambda address: hashlib.blake2s(address.encode()).digest())
    pulse = asyncio.create_task(_measure_lag(done))
    try:
        async with asyncio.timeout(total_seconds):
            await _run_all(order, probe_address, workers=min(in_flight * 2, len(order)))
    except TimeoutError:
        log.warning(
            "a sweep of %d devices ended after %.0f s with %d results", len(order), total_seconds, len(done.results)
        )
    finally:
        pulse.cancel()
    return done


async def _measure_lag(done: Sweep) -> None:
    """A prober that is late itself mistakes devices for dead; its chunk is not believed then."""
    while True:
        before = time.monotonic()
        await asyncio.sleep(_PULSE)
        late = time.monotonic() - before - _PULSE
        done.lag_ms = max(done.lag_ms, round(late * 1000))


async def _run_all(order: list[str], work: Callable[[str], Awaitable[None]], *, workers: int) -> None:
    """A fixed set of workers over one list: a task for each of a million devices would cost memory."""
    remaining = iter(order)

    async def worker() -> None:
        for address in remaining:
            await work(address)

    async with asyncio.TaskGroup() as group:
        for _ in range(workers):
            group.create_task(worker())
