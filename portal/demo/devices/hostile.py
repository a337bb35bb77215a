"""Answers no honest device gives: each once hung, swelled or misled a real ONVIF client."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Final

from portal.demo.plan import Behaviour, DevicePlan

HUGE_BYTES: Final = 200 * 1024 * 1024
BLOCK: Final = b"x" * 65536
NESTING: Final = 100_000

ENTITY_BOMB: Final = (
    b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + b"".join(
        b'<!ENTITY lol%d "%s">' % (level, b"&lol%s;" % (b"" if level == 1 else b"%d" % (level - 1)) * 10)
        for level in range(1, 10)
    )
    + b"]><s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Body>&lol9;</s:Body></s:Envelope>"
)

Sender = Callable[[DevicePlan, asyncio.StreamWriter], Awaitable[None]]


def head(status: str, headers: Mapping[str, str]) -> bytes:
    """An HTTP status line and headers, closing the connection after."""
    lines = [f"HTTP/1.1 {status}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def whole(status: str, body: bytes, content_type: str = "application/soap+xml; charset=utf-8") -> bytes:
    """A complete HTTP answer with its length."""
    return head(status, {"Content-Type": content_type, "Content-Length": str(len(body))}) + body


async def _garbage(_: DevicePlan, writer: asyncio.StreamWriter) -> None:
    writer.write(b"\x00\xff\x16\x03 what is this \r\n\r\n" + bytes(range(256)) * 8)


async def _huge(_: DevicePlan, writer: asyncio.StreamWriter) -> None:
    writer.write(head("200 OK", {"Content-Type": "application/soap+xml", "Content-Length": str(HUGE_BYTES)}))
    for _block in range(HUGE_BYTES // len(BLOCK)):
        writer.write(BLOCK)
        await writer.drain()


async def _endless(_: DevicePlan, writer: asyncio.StreamWriter) -> None:
    writer.write(head("200 OK", {"Content-Type": "application/soap+xml", "Transfer-Encoding": "chunked"}))
    while True:
        writer.write(b"%x\r\n" % len(BLOCK) + BLOCK + b"\r\n")
        await writer.drain()


async def _endless_headers(_: DevicePlan, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    number = 0
    while True:
        number += 1
        writer.write(b"X-Padding-%d: " % number + BLOCK[:512] + b"\r\n")
        await writer.drain()


@cache
def _bomb() -> bytes:
    """8 MB of zeros in 8 KB: under the prober's size cap until somebody inflates it."""
    return gzip.compress(b"\x00" * (8 * 1024 * 1024), 6)


async def _gzip_bomb(_: DevicePlan, writer: asyncio.StreamWriter) -> None:
    body = await asyncio.to_thread(_bomb)
    writer.write(
        head(
            "200 OK",
            {
                "Content-Type": "application/soap+xml",
                "Content-Encoding": "gzip",
                "Content-Length": str(len(body)),
            },
        )
        + body
    )


async def _too_slow(_: DevicePlan, writer: asyncio.StreamWriter) -> None:
    """A byte now and then: often enough that a time-out of each read never fires, for longer than any limit."""
    writer.write(head("200 OK", {"Content-Type": "application/soap+xml", "Content-Length": "100000"}))
    for _byte in range(100):
        writer.write(b"<")
        await writer.drain()
        await asyncio.sleep(0.15)


async def _stall(_: DevicePlan, writer: asyncio.StreamWriter) -> None:
    writer.write(head("200 OK", {"Content-Type": "application/soap+xml", "Content-Length": "5000"}))
    await writer.drain()
    await asyncio.sleep(3600)


async def _redirect(device: DevicePlan, writer: asyncio.StreamWriter) -> None:
    target = device.target or "http://169.254.169.254/latest/meta-data"
    writer.write(head("307 Temporary Redirect", {"Location": target, "Content-Length": "0"}))


async def _entity_bomb(_: DevicePlan, writer: asyncio.StreamWriter) -> None:
    writer.write(whole("200 OK", ENTITY_BOMB))


async def _external_entity(device: DevicePlan, writer: asyncio.StreamWriter) -> None:
    target = device.target or "http://169.254.169.254/"
    writer.write(
        whole(
            "200 OK",
            f'<?xml version="1.0"?><!DOCTYPE s SYSTEM "{target}"><s:Envelope xmlns:s='
            '"http://www.w3.org/2003/05/soap-envelope"><s:Body/></s:Envelope>'.encode(),
        )
    )


async def _deep(_: DevicePlan, writer: asyncio.StreamWriter) -> None:
    body = (
        b"<s:Envelope xmlns:s='http://www.w3.org/2003/05/soap-envelope'><s:Body>"
        + b"<a>" * NESTING
        + b"</a>" * NESTING
        + b"</s:Body></s:Envelope>"
    )
    writer.write(whole("200 OK", body))


async def _not_onvif(_: DevicePlan, writer: asyncio.StreamWriter) -> None:
    page = b"<!doctype html><html><head><title>Login</title></head><body><form><input><br></body></html>"
    writer.write(whole("200 OK", page, "text/html"))


async def _empty_body(_: DevicePlan, writer: asyncio.StreamWriter) -> None:
    writer.write(whole("200 OK", b""))


async def _http_500(_: DevicePlan, writer: asyncio.StreamWriter) -> None:
    writer.write(whole("500 Internal Server Error", b"stack trace follows", "text/plain"))


async def _basic_auth(_: DevicePlan, writer: asyncio.StreamWriter) -> None:
    writer.write(head("401 Unauthorized", {"WWW-Authenticate": 'Basic realm="camera"', "Content-Length": "0"}))


async def _malformed(_: DevicePlan, writer: asyncio.StreamWriter) -> None:
    writer.write(whole("200 OK", b"<s:Envelope><s:Body><tds:Get </s:Envelope>"))


async def _multipart(_: DevicePlan, writer: asyncio.StreamWriter) -> None:
    body = b"--b\r\nContent-Type: application/xop+xml\r\n\r\n<a/>\r\n--b--\r\n"
    writer.write(whole("200 OK", body, 'multipart/related; boundary="b"'))


# What each hostile behaviour sends in place of an answer, whatever was asked.
HOSTILE: Final[Mapping[Behaviour, Sender]] = {
    Behaviour.GARBAGE: _garbage,
    Behaviour.HUGE: _huge,
    Behaviour.ENDLESS: _endless,
    Behaviour.ENDLESS_HEADERS: _endless_headers,
    Behaviour.GZIP_BOMB: _gzip_bomb,
    Behaviour.TOO_SLOW: _too_slow,
    Behaviour.STALL: _stall,
    Behaviour.REDIRECT: _redirect,
    Behaviour.ENTITY_BOMB: _entity_bomb,
    Behaviour.EXTERNAL_ENTITY: _external_entity,
    Behaviour.DEEP: _deep,
    Behaviour.NOT_ONVIF: _not_onvif,
    Behaviour.EMPTY_BODY: _empty_body,
    Behaviour.HTTP_500: _http_500,
    Behaviour.BASIC_AUTH: _basic_auth,
    Behaviour.MALFORMED: _malformed,
    Behaviour.MULTIPART: _multipart,
}
