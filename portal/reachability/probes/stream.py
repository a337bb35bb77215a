"""RTSP DESCRIBE: is the stream the device named really there, and how large is its picture?"""

import re
from dataclasses import dataclass
from io import BufferedReader
from typing import Final

from portal.reachability.probes.base import Credential, Endpoint, Limits, ProbeFailure, Reason
from portal.reachability.probes.digest import answer_challenge
from portal.reachability.probes.picture import Pixels, picture_of
from portal.reachability.probes.rtsp import status_of
from portal.reachability.probes.wire import Deadline, Wire

_CHALLENGE = re.compile(rb"^www-authenticate:[ \t]*([^\r\n]{1,2000})", re.IGNORECASE | re.MULTILINE)
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,9})", re.IGNORECASE | re.MULTILINE)
_BODY_LIMIT: Final = 64 * 1024
_LINE_LIMIT: Final = 4096
_LINES_LIMIT: Final = 100


@dataclass(frozen=True, slots=True)
class Described:
    """A stream that is there: whether it wanted a password, and its picture where the description tells it."""

    guarded: bool
    picture: Pixels | None


def describe(
    endpoint: Endpoint, path: str, credential: Credential | None, limits: Limits, session: Deadline
) -> Described:
    """Ask for the stream's description at our own endpoint.

    The path comes from the device, the host never does.
    """
    if endpoint.rtsp_port is None:
        raise ProbeFailure(Reason.NO_STREAM)
    if not path.isascii() or any(ord(character) <= 32 for character in path):
        raise ProbeFailure(Reason.MALFORMED)
    uri = f"rtsp://{endpoint.host}:{endpoint.rtsp_port}{path}"
    wire = Wire(endpoint, endpoint.rtsp_port, limits, Deadline(limits.total, within=session))
    try:
        with wire.makefile() as lines:
            head = _ask(wire, lines, uri, 1)
            if status_of(head) != 401:
                return _judge(lines, head, proved=False)
            if credential is None:
                raise ProbeFailure(Reason.AUTH_REQUIRED)
            _body(lines, head)
            challenges = [found.decode("latin-1") for found in _CHALLENGE.findall(head)]
            # Servers that offer both list Basic as well; only Digest is ever used.
            digest = next((one for one in challenges if one.lower().startswith("digest")), "")
            proof = answer_challenge(digest, credential, method="DESCRIBE", uri=uri)
            return _judge(lines, _ask(wire, lines, uri, 2, proof), proved=True)
    finally:
        wire.close()


def _judge(lines: BufferedReader, head: bytes, *, proved: bool) -> Described:
    status = status_of(head)
    if status == 200:
        return Described(guarded=proved, picture=_picture(lines, head))
    if status == 401:
        raise ProbeFailure(Reason.AUTH_FAILED)
    raise ProbeFailure(Reason.NO_STREAM)


def _picture(lines: BufferedReader, head: bytes) -> Pixels | None:
    """The stream is there, whatever becomes of the rest: a body that does not come tells nothing and faults nothing."""
    try:
        return picture_of(_body(lines, head))
    except ProbeFailure:
        return None


def _body(lines: BufferedReader, head: bytes) -> bytes:
    length = _LENGTH.search(head)
    # The reader below counts, so a false length ends as too big or too slow.
    return lines.read(min(int(length[1]), _BODY_LIMIT)) if length is not None else b""


def _ask(wire: Wire, lines: BufferedReader, uri: str, sequence: int, proof: str = "") -> bytes:
    request = [
        f"DESCRIBE {uri} RTSP/1.0",
        f"CSeq: {sequence}",
        "Accept: application/sdp",
        "User-Agent: portal-probe",
    ]
    if proof:
        request.append(f"Authorization: {proof}")
    wire.send(("\r\n".join(request) + "\r\n\r\n").encode("latin-1"))
    return _head(lines)


def _head(lines: BufferedReader) -> bytes:
    received = []
    for _ in range(_LINES_LIMIT):
        line = lines.readline(_LINE_LIMIT)
        received.append(line)
        if line in (b"\r\n", b"\n", b""):
            return b"".join(received)
    raise ProbeFailure(Reason.MALFORMED)
