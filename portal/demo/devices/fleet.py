"""All simulated devices in one asyncio process, and the control socket that changes them."""

import asyncio
import json
import socket
import ssl
import time
from collections import deque
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from portal.demo.devices.certificate import self_signed
from portal.demo.devices.http import WebSide
from portal.demo.devices.rtsp import serve_rtsp
from portal.demo.devices.soap import SoapDevice
from portal.demo.plan import Behaviour, DevicePlan

REFUSING: Final = frozenset({Behaviour.DOWN})
LOG_LENGTH: Final = 64
# What a broken peer does to us is the point of the exercise, not an error of the simulator.
EXPECTED: Final = (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError)


CHANGEABLE: Final = frozenset(
    {
        "behaviour", "clock_offset_s", "delay_s", "period_s", "token_window_s", "password", "serial", "target", "width",
        "height",
    }
)  # fmt: skip


def with_changes(device: DevicePlan, changes: Mapping[str, Any]) -> DevicePlan:
    """The device as a control command asks; its address stays, since its sockets are bound."""
    unknown = set(changes) - CHANGEABLE
    if unknown:
        raise ValueError(f"cannot change {', '.join(sorted(unknown))}")
    values = dict(changes)
    if "behaviour" in values:
        values["behaviour"] = Behaviour(values["behaviour"])
    return replace(device, **values)


class Device:
    """One running device: its listeners follow its behaviour."""

    def __init__(self, plan: DevicePlan) -> None:
        self.plan = plan
        self.web = WebSide(SoapDevice(plan))
        self.asked: deque[str] = deque(maxlen=LOG_LENGTH)
        self.connections = 0
        self._servers: list[asyncio.Server] = []
        self._deaf: list[socket.socket] = []
        self._open: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen as the behaviour says: properly, not at all, or with a full queue."""
        plan = self.plan
        if plan.behaviour in REFUSING:
            return
        if plan.behaviour is Behaviour.UNPLUGGED:
            self._deaf += [deaf_listener(plan.address, port) for port in (plan.onvif_port, plan.rtsp_port)]
            return
        tls = self_signed(plan.address) if plan.behaviour is Behaviour.TLS else None
        if plan.behaviour is not Behaviour.RTSP_ONLY:
            self._servers.append(await self._listen(plan.onvif_port, self._web, tls))
        self._servers.append(await self._listen(plan.rtsp_port, self._rtsp, None))

    async def _listen(self, port: int, handler: Any, tls: ssl.SSLContext | None) -> asyncio.Server:
        return await asyncio.start_server(handler, self.plan.address, port, ssl=tls, backlog=64)

    async def stop(self) -> None:
        """Close the listeners and drop every open connection, as pulling the plug does."""
        for server in self._servers:
            server.close()
        for sock in self._deaf:
            sock.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        self._servers.clear()
        self._deaf.clear()

    async def become(self, plan: DevicePlan) -> None:
        """Take on another behaviour; the addresses stay."""
        await self.stop()
        self.plan = plan
        self.web.soap.device = plan
        await self.start()

    async def _web(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._converse("http", reader, writer)

    async def _rtsp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._converse("rtsp", reader, writer)

    async def _converse(self, side: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a server callback always runs in a task
        self._open.add(task)
        self.connections += 1
        try:
            await self._speak(side, reader, writer)
            await writer.drain()
        except EXPECTED:
            pass
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            self._open.discard(task)
            with suppress(*EXPECTED):
                writer.close()

    async def _speak(self, side: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        plan, now = self.plan, time.time()
        if plan.behaviour is Behaviour.FLAPPING and int(now / plan.period_s) % 2:
            writer.transport.abort()
        elif plan.behaviour is Behaviour.SILENT:
            await asyncio.sleep(3600)
        elif side == "http":
            self.asked.append(await self.web.serve(reader, writer, now=now))
        elif plan.behaviour is Behaviour.GARBAGE:
            writer.write(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
        else:
            await serve_rtsp(plan, reader, writer, self.asked)

    def facts(self) -> dict[str, Any]:
        """What the control socket tells about the device."""
        return {
            "device": self.plan.key,
            "behaviour": str(self.plan.behaviour),
            "model": self.plan.model,
            "connections": self.connections,
            "asked": list(self.asked),
        }


def deaf_listener(host: str, port: int) -> socket.socket:
    """A listener whose queue is full: the kernel drops further first packets, as a dead line does."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.bind((host, port))
    sock.listen(0)
    filler = socket.socket()
    filler.connect((host, port))
    # Kept by the listener's lifetime: the filler may close, its place in the queue stays taken.
    filler.close()
    return sock


class Fleet:
    """Every device of a plan, and the socket by which a person or a test changes them."""

    def __init__(self, plans: Iterable[DevicePlan]) -> None:
        self.devices = {plan.key: Device(plan) for plan in plans}
        self._planned = {key: device.plan for key, device in self.devices.items()}
        self._control: asyncio.Server | None = None

    async def start(self, control: Path | None = None) -> None:
        """Bring every device up; a port already taken stops the start with its address."""
        for device in self.devices.values():
            await device.start()
        if control is not None:
            control.unlink(missing_ok=True)
            self._control = await asyncio.start_unix_server(self._converse, str(control))
            control.chmod(0o600)

    async def add(self, plan: DevicePlan) -> None:
        """Bring up one more device."""
        self.devices[plan.key] = device = Device(plan)
        self._planned[plan.key] = plan
        await device.start()

    async def stop(self) -> None:
        """Take every device down."""
        if self._control is not None:
            self._control.close()
        for device in self.devices.values():
            await device.stop()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(*EXPECTED):
            while line := await reader.readline():
                try:
                    answer = await self.command(json.loads(line))
                except (ValueError, KeyError, TypeError) as problem:
                    answer = {"error": str(problem)}
                writer.write(json.dumps(answer).encode() + b"\n")
                await writer.drain()
        writer.close()

    async def command(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Obey one control command: list, show, set or reset."""
        match asked.get("op"):
            case "list":
                return {"devices": [device.facts() for device in self.devices.values()]}
            case "show":
                return self._find(asked["device"]).facts()
            case "set":
                device = self._find(asked["device"])
                await device.become(with_changes(device.plan, asked["changes"]))
                return device.facts()
            case "reset":
                device = self._find(asked["device"])
                await device.become(self._planned[device.plan.key])
                return device.facts()
            case other:
                raise ValueError(f"unknown command {other!r}")

    def _find(self, name: str) -> Device:
        if name in self.devices:
            return self.devices[name]
        matches = [device for key, device in self.devices.items() if key.startswith(f"{name}:")]
        if len(matches) != 1:
            raise ValueError(f"no single device {name!r}")
        return matches[0]
