"""RTSP: OPTIONS for anybody, and the status lines both kinds of probe read."""

import re
from typing import Final

from portal.reachability.probes.base import Endpoint, ProbeFailure, Reason

_STATUS = re.compile(rb"RTSP/1\.\d (\d{3})(?: |\r)")
# 401 is as alive as 200: the server speaks RTSP and guards its streams.
_ALIVE: Final = frozenset({200, 401})


def options_bytes(endpoint: Endpoint) -> bytes:
    """The OPTIONS request: answered without a password by every server tried."""
    return (
        f"OPTIONS rtsp://{endpoint.host}:{endpoint.rtsp_port}/ RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: portal-probe\r\n\r\n"
    ).encode("ascii")


def is_complete(received: bytes) -> bool:
    """Whether the whole head has come; OPTIONS has no body."""
    return b"\r\n\r\n" in received


def status_of(received: bytes) -> int:
    """The status code; raises ProbeFailure when this is not RTSP."""
    status = _STATUS.match(received)
    if status is None:
        raise ProbeFailure(Reason.NOT_RTSP if received else Reason.CLOSED)
    return int(status[1])


def read_answer(received: bytes) -> None:
    """Judge the answer to OPTIONS."""
    if status_of(received) not in _ALIVE:
        raise ProbeFailure(Reason.HTTP_STATUS)
