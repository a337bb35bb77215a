"""The web service of a simulated device: one request a connection, as cheap cameras do."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

from portal.demo.devices.hostile import HOSTILE, head, whole
from portal.demo.devices.soap import SoapDevice
from portal.demo.devices.wsse import DigestRealm
from portal.demo.plan import Behaviour

BODY_LIMIT: Final = 256 * 1024
STATUS: Final = {200: "200 OK", 400: "400 Bad Request"}


@dataclass
class WebSide:
    """HTTP in front of the SOAP service: Digest when the device wants it, hostility when planned."""

    soap: SoapDevice
    realm: DigestRealm = field(default_factory=lambda: DigestRealm.fresh(qop=True))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, now: float) -> str:
        """Answer one request; returns what was asked, marked when it carried a credential."""
        method, headers, body = await _request(reader)
        device = self.soap.device
        marked = b"UsernameToken" in body or "authorization" in headers
        send = HOSTILE.get(device.behaviour)
        if send is not None:
            await send(device, writer)
            return _note(method, marked)
        if device.behaviour is Behaviour.SLOW:
            await asyncio.sleep(device.delay_s)
        proved = False
        if device.behaviour is Behaviour.DIGEST:
            proved = self.realm.is_satisfied(headers.get("authorization", ""), method=method, device=device)
            if not proved:
                challenge = {"WWW-Authenticate": self.realm.challenge(), "Content-Length": "0"}
                writer.write(head("401 Unauthorized", challenge))
                return _note("401", marked)
        status, operation, answer = self.soap.answer(body, now=now, digest_proved=proved)
        writer.write(whole(STATUS[status], answer))
        return _note(operation if status == 200 else f"{operation}!", marked)


def _note(asked: str, marked: bool) -> str:
    return f"{asked}+credential" if marked else asked


async def _request(reader: asyncio.StreamReader) -> tuple[str, dict[str, str], bytes]:
    first, *rest = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {}
    for line in rest:
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    length = int(headers.get("content-length", "0") or "0")
    body = await reader.readexactly(min(length, BODY_LIMIT))
    return first.split(" ")[0], headers, body
