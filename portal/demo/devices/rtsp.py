"""The RTSP side of a simulated device: OPTIONS for anybody, DESCRIBE behind Digest."""

import asyncio
import base64
from collections.abc import MutableSequence

from portal.demo.devices.wsse import DigestRealm
from portal.demo.plan import Behaviour, DevicePlan

METHODS = "OPTIONS, DESCRIBE, SETUP, TEARDOWN, PLAY, PAUSE, GET_PARAMETER"
IDLE_SECONDS = 30.0


async def serve_rtsp(
    device: DevicePlan,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    asked: MutableSequence[str],
) -> None:
    """Answer requests on one connection until it closes, noting the methods asked."""
    realm = DigestRealm.fresh(qop=False)
    while True:
        try:
            async with asyncio.timeout(IDLE_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
        except (TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return
        method, path, headers = _parse(head)
        asked.append(method)
        if device.behaviour is Behaviour.SLOW:
            await asyncio.sleep(device.delay_s)
        writer.write(_answer(device, realm, method, path, headers))
        await writer.drain()


def _parse(head: bytes) -> tuple[str, str, dict[str, str]]:
    first, *rest = head.decode("latin-1").split("\r\n")
    parts = first.split(" ")
    headers = {}
    for line in rest:
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    return parts[0], parts[1] if len(parts) > 1 else "*", headers


def stream_path(channel: int) -> str:
    """The path under which a channel's stream is offered."""
    return f"/stream/{channel}"


def _answer(device: DevicePlan, realm: DigestRealm, method: str, path: str, headers: dict[str, str]) -> bytes:
    sequence = headers.get("cseq", "0")
    if method == "OPTIONS":
        return _response(200, "OK", sequence, {"Public": METHODS})
    if method != "DESCRIBE":
        return _response(454, "Session Not Found", sequence, {})
    open_to_all = device.behaviour is Behaviour.OPEN
    given = headers.get("authorization", "")
    if not open_to_all and not realm.is_satisfied(given, method=method, device=device):
        return _response(401, "Unauthorized", sequence, {"WWW-Authenticate": realm.challenge()})
    known = {stream_path(channel) for channel in range(1, device.channels + 1)}
    where = "/" + path.split("://", 1)[-1].partition("/")[2]
    if where not in known or device.behaviour is Behaviour.NO_STREAM:
        return _response(404, "Not Found", sequence, {})
    return _response(200, "OK", sequence, {"Content-Type": "application/sdp"}, _sdp(device))


def _sdp(device: DevicePlan) -> bytes:
    return (
        f"v=0\r\no=- 0 0 IN IP4 {device.address}\r\ns={device.model}\r\nt=0 0\r\n"
        "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
        f"a=fmtp:96 packetization-mode=1;sprop-parameter-sets={parameter_set(device.width, device.height)}\r\n"
        "a=control:track1\r\n"
    ).encode()


def parameter_set(width: int, height: int) -> str:
    """The H.264 sequence parameter set of a picture of this size, in the baseline profile: whole blocks, the rest cut."""
    across, down = -(-width // 16), -(-height // 16)
    cut = (across * 16 - width) // 2, (down * 16 - height) // 2
    # Profile, constraints, level; then the set's number, frame numbers, order of pictures, reference frames, no gaps.
    bits = f"{66:08b}{0:08b}{31:08b}" + "".join(map(_golomb, (0, 0, 2, 1))) + "0"
    bits += _golomb(across - 1) + _golomb(down - 1) + "11"
    bits += "1" + "".join(map(_golomb, (0, cut[0], 0, cut[1]))) if any(cut) else "0"
    bits += "01"  # nothing on usability, and the stop bit
    bits += "0" * (-len(bits) % 8)
    unit = b"\x67" + int(bits, 2).to_bytes(len(bits) // 8)
    return base64.b64encode(unit).decode()


def _golomb(number: int) -> str:
    """A number in the set's own coding."""
    plain = f"{number + 1:b}"
    return "0" * (len(plain) - 1) + plain


def _response(status: int, reason: str, sequence: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    lines = [f"RTSP/1.0 {status} {reason}", f"CSeq: {sequence}", "Server: simulated"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body
