"""RTSP DESCRIBE: is the stream the device named really there?"""

import re
from io import BufferedReader
from typing import Final

from portal.reachability.probes.base import Credential, Endpoint, Limits, ProbeFailure, Reason
from portal.reachability.probes.digest import answer_challenge
from portal.reachability.probes.rtsp import status_of
from portal.reachability.probes.wire import Deadline, Wire

_CHALLENGE = re.compile(rb"^www-authenticate:[ \t]*([^\r\n]{1,2000})", re.IGNORECASE | re.MULTILINE)
_LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,9})", re.IGNORECASE | re.MULTILINE)
_BODY_LIMIT: Final = 64 * 1024
_LINE_LIMIT: Final = 4096
_LINES_LIMIT: Final = 100


def describe(endpoint: Endpoint, path: str, credential: Credential | None, limits: Limits, session: Deadline) -> bool:
    """Ask for the stream's description at our own endpoint; True when it wanted a password.

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
                return _judge(head, proved=False)
            if credential is None:
                raise ProbeFailure(Reason.AUTH_REQUIRED)
            _skip_body(lines, head)
            challenges = [found.decode("latin-1") for found in _CHALLENGE.findall(head)]
            # Servers that offer both list Basic as well; only Digest is ever used.
            digest = next((one for one in challenges if one.lower().startswith("digest")), "")
            proof = answer_challenge(digest, credential, method="DESCRIBE", uri=uri)
            return _judge(_ask(wire, lines, uri, 2, proof), proved=True)
    finally:
        wire.close()


def _judge(head: bytes, *, proved: bool) -> bool:
    status = status_of(head)
    if status == 200:
        return proved
    if status == 401:
        raise ProbeFailure(Reason.AUTH_FAILED)
    raise ProbeFailure(Reason.NO_STREAM)


def _skip_body(lines: BufferedReader, head: bytes) -> None:
    length = _LENGTH.search(head)
    if length is not None:
        # The reader below counts, so a false length ends as too big or too slow.
        lines.read(min(int(length[1]), _BODY_LIMIT))


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
