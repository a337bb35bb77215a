"""Proves from inside that the walls stand: each probe tries what a hijacked parser would try."""

import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from portal.vault.values import Refused


def self_check(request: dict[str, Any]) -> dict[str, Any]:
    """Run one probe by name; answers what happened."""
    return PROBES[request["probe"]](request)


def _walls(request: dict[str, Any]) -> dict[str, Any]:
    return {"walls": request["walls"]}


def _read(request: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"read": len(Path(request["path"]).read_bytes())}
    except PermissionError:
        return {"denied": True}


def _write(request: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"wrote": Path(request["path"]).write_bytes(b"x")}
    except PermissionError:
        return {"denied": True}


def _connect(request: dict[str, Any]) -> dict[str, Any]:
    try:
        with socket.create_connection((request["host"], request["port"]), timeout=2):
            return {"connected": True}
    except OSError as error:
        return {"denied": True, "errno": error.errno}


def _execute(_: dict[str, Any]) -> dict[str, Any]:
    try:
        os.execv("/bin/true", ["true"])  # noqa: S606 - the point is that this must fail
    except PermissionError:
        return {"denied": True}


def _memory(_: dict[str, Any]) -> dict[str, Any]:
    held = []
    while True:
        held.append(bytearray(64 * 1024 * 1024))


def _spin(_: dict[str, Any]) -> dict[str, Any]:
    while True:
        pass


def _sleep(_: dict[str, Any]) -> dict[str, Any]:
    import time

    time.sleep(3600)
    return {}


def _fill(request: dict[str, Any]) -> dict[str, Any]:
    with Path(request["workdir"], "filled").open("wb") as handle:
        while True:
            handle.write(b"\x00" * 1024 * 1024)


def _abort(_: dict[str, Any]) -> dict[str, Any]:
    os.abort()


def _killed(request: dict[str, Any]) -> dict[str, Any]:
    """Dies of a SIGKILL, as if from outside, the first `times` times; tells how often before it lived."""
    deaths = Path(request["workdir"], "deaths")
    so_far = len(deaths.read_bytes()) if deaths.exists() else 0
    if so_far < request["times"]:
        deaths.write_bytes(b"x" * (so_far + 1))
        signal.raise_signal(signal.SIGKILL)
    return {"deaths": so_far}


def _raise(_: dict[str, Any]) -> dict[str, Any]:
    raise ValueError("a parser gave up")


def _refuse(_: dict[str, Any]) -> dict[str, Any]:
    raise Refused("damaged", reason="probe")


def _print(_: dict[str, Any]) -> dict[str, Any]:
    sys.stdout.write('{"ok": {"forged": true}}\n')
    sys.stdout.flush()
    return {"forged": False}


def _environment(_: dict[str, Any]) -> dict[str, Any]:
    return {"names": sorted(os.environ)}  # noqa: TID251 - shows that the parent's environment is not here


PROBES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "walls": _walls,
    "read": _read,
    "write": _write,
    "connect": _connect,
    "execute": _execute,
    "memory": _memory,
    "spin": _spin,
    "sleep": _sleep,
    "fill": _fill,
    "abort": _abort,
    "killed": _killed,
    "raise": _raise,
    "refuse": _refuse,
    "print": _print,
    "environment": _environment,
}
