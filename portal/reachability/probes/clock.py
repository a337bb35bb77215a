"""The cheapest ONVIF question, GetSystemDateAndTime: is the service alive, and how late is its clock?

Asked without a password and read with one regular expression over at most 64 KB, so nothing a
device sends can cost more than that. Anything odd is a reason, and the authenticated layer looks closer.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from portal.reachability.probes.base import Endpoint, ProbeFailure, Reason

ENVELOPE: Final = (
    b'<?xml version="1.0" encoding="UTF-8"?>'
    b'<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>'
    b'<GetSystemDateAndTime xmlns="http://www.onvif.org/ver10/device/wsdl"/>'
    b"</s:Body></s:Envelope>"
)
CONTENT_TYPE: Final = (
    'application/soap+xml; charset=utf-8; action="http://www.onvif.org/ver10/device/wsdl/GetSystemDateAndTime"'
)
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})[ \r]")
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,9})[ \t]*\r\n", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[ \t]*chunked[ \t]*\r\n", re.IGNORECASE)
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,6})[^\r\n]{0,80}\r\n")
_ENCODED = re.compile(rb"\r\ncontent-encoding:", re.IGNORECASE)
_UTC = re.compile(rb"<(?:[\w.-]{1,20}:)?UTCDateTime>(.{20,900}?)</(?:[\w.-]{1,20}:)?UTCDateTime>", re.DOTALL)
_FIELD = re.compile(rb"<(?:[\w.-]{1,20}:)?(Hour|Minute|Second|Year|Month|Day)>\s{0,9}(\d{1,4})\s{0,9}</")
_FAULT = re.compile(rb"<(?:[\w.-]{1,20}:)?Fault[ >]")


def request_bytes(endpoint: Endpoint) -> bytes:
    """The whole HTTP request."""
    head = (
        f"POST {endpoint.path} HTTP/1.1\r\nHost: {endpoint.host}:{endpoint.http_port}\r\n"
        f"Content-Type: {CONTENT_TYPE}\r\nContent-Length: {len(ENVELOPE)}\r\n"
        "Accept-Encoding: identity\r\nConnection: close\r\n\r\n"
    )
    return head.encode("ascii") + ENVELOPE


def is_complete(received: bytes) -> bool:
    """Whether the answer so far is whole, so that a device which keeps the line open costs no wait."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return False
    head = received[: end + 2]
    if length := _LENGTH.search(head):
        return len(received) - end - 4 >= int(length[1])
    if _CHUNKED.search(head):
        return received.endswith(b"0\r\n\r\n")
    return False


@dataclass(frozen=True, slots=True)
class ClockReading:
    """A readable answer: the device's time, or None when it would not tell without a password."""

    device_utc: datetime | None


def read_answer(received: bytes) -> ClockReading:
    """Judge a whole answer; raises ProbeFailure with the reason when it is not a proper one."""
    status = _STATUS.match(received)
    if status is None:
        raise ProbeFailure(Reason.NOT_ONVIF if received else Reason.CLOSED)
    end = received.find(b"\r\n\r\n")
    head, body = (received[: end + 2], received[end + 4 :]) if end >= 0 else (received, b"")
    if _CHUNKED.search(head):
        body = _joined(body)
    if _ENCODED.search(head):
        raise ProbeFailure(Reason.MALFORMED)
    return judge(int(status[1]), body)


def _joined(body: bytes) -> bytes:
    """A chunked body in one piece; a broken one ends where it breaks."""
    pieces = []
    while size := _CHUNK.match(body):
        start, length = size.end(), int(size[1], 16)
        pieces.append(body[start : start + length])
        body = body[start + length + 2 :]
    return b"".join(pieces)


def judge(code: int, body: bytes) -> ClockReading:
    """Judge an answer by its status and body; both kinds of probe ask the clock."""
    if 300 <= code < 400:
        raise ProbeFailure(Reason.REDIRECT)
    if code == 401:
        return ClockReading(None)
    if b"<!doctype html" in body[:512].lower():
        raise ProbeFailure(Reason.NOT_ONVIF)
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise ProbeFailure(Reason.MALFORMED)
    if _FAULT.search(body):
        # A SOAP fault is a live ONVIF service: some makes ask a password even for their clock.
        return ClockReading(None)
    if code != 200:
        raise ProbeFailure(Reason.HTTP_STATUS)
    if b":Envelope" not in body and b"<Envelope" not in body:
        raise ProbeFailure(Reason.NOT_ONVIF)
    return ClockReading(_time_in(body))


def _time_in(body: bytes) -> datetime:
    found = _UTC.search(body)
    if found is None:
        raise ProbeFailure(Reason.MALFORMED)
    fields = {name.decode(): int(value) for name, value in _FIELD.findall(found[1])}
    try:
        # Added up rather than passed on: firmware has been seen to report minute 61.
        return datetime(fields["Year"], fields["Month"], fields["Day"], tzinfo=UTC) + timedelta(
            hours=fields["Hour"], minutes=fields["Minute"], seconds=fields["Second"]
        )
    except (KeyError, ValueError, OverflowError):
        raise ProbeFailure(Reason.MALFORMED) from None


def drift_between(device_utc: datetime, *, sent: float, received: float) -> float:
    """Device clock minus ours in seconds; half a second is added since devices tell whole seconds."""
    return round(device_utc.timestamp() + 0.5 - (sent + received) / 2, 1)
