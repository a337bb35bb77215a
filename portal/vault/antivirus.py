"""Asks clamd about a file over its INSTREAM protocol. Configured and silent means closed: nothing is taken unscanned."""

import re
import socket
import struct
from pathlib import Path

from portal.core.errors import Unavailable
from portal.vault.values import Refusal, Refused

_PIECE = 128 * 1024
_SECONDS = 60.0
_FOUND = re.compile(r"stream: (.+) FOUND")


def scan(path: Path, *, address: str) -> None:
    """Returns for a clean file. Raises `Refused` for malware and `Unavailable` when the scanner gives no clear answer.

    `address` is a socket path, or `host:port`.
    """
    try:
        with _connect(address) as link:
            answer = _ask(link, path)
    except OSError as error:
        raise Unavailable("scanner_down", reason=type(error).__name__) from error
    if answer == "stream: OK":
        return
    found = _FOUND.fullmatch(answer)
    if found is None:
        # A size limit of the scanner, a reload, an error: none of them says the file is clean.
        raise Unavailable("scanner_unclear", answer=answer[:80])
    raise Refused(Refusal.MALWARE, name=found[1][:120])


def _connect(address: str) -> socket.socket:
    if "/" in address:
        link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        link.settimeout(_SECONDS)
        try:
            link.connect(address)
        except OSError:
            link.close()
            raise
        return link
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=_SECONDS)


def _ask(link: socket.socket, path: Path) -> str:
    try:
        link.sendall(b"zINSTREAM\x00")
        with path.open("rb") as stream:
            while piece := stream.read(_PIECE):
                link.sendall(struct.pack(">I", len(piece)) + piece)
        link.sendall(struct.pack(">I", 0))
    except (BrokenPipeError, ConnectionResetError):
        # The scanner hangs up as soon as a limit is passed; its reason is still to be read.
        pass
    answer = b""
    while not answer.endswith(b"\x00") and len(answer) < 4096:
        piece = link.recv(4096)
        if not piece:
            break
        answer += piece
    return answer.rstrip(b"\x00\n").decode(errors="replace")
