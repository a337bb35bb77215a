"""What runs right now, read from the process table and the portal's own answers."""

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from portal.launcher.checks import InstanceLock
from portal.launcher.layout import Layout
from portal.launcher.proc import children_of_all, family, is_alive


def status(data: Path) -> dict[str, Any]:
    """Processes by name with their numbers, and the answers of /healthz and /readyz."""
    layout = Layout(data.absolute())
    listed = _listed(layout)
    running = InstanceLock(layout).is_held()
    table = children_of_all()
    processes = {
        name: {"alive": bool(pids) and is_alive(pids[0]), "pids": family(pids[0], table) if pids else []}
        for name, pids in listed.items()
        if name != "supervisor"
    }
    address = _address(layout) if running else None
    return {
        "running": running,
        "address": address,
        "supervisor": listed.get("supervisor", [None])[0] if running else None,
        "processes": processes if running else {},
        "health": _ask(address, "/healthz") if address else None,
        "readiness": _ask(address, "/readyz") if address else None,
    }


def is_well(found: dict[str, Any]) -> bool:
    """Does everything run and the portal call itself ready?"""
    processes = found["processes"].values()
    return bool(found["running"] and processes and all(p["alive"] for p in processes) and found["readiness"] == 200)


def _listed(layout: Layout) -> dict[str, list[int]]:
    try:
        listed: dict[str, list[int]] = json.loads(layout.pids.read_text())
    except FileNotFoundError:
        return {}
    return listed


def _address(layout: Layout) -> str | None:
    _pid, _, address = InstanceLock(layout).holder().partition(", ")
    return address or None


def _ask(address: str, path: str) -> int | None:
    try:
        with urllib.request.urlopen(address + path, timeout=5) as answer:  # noqa: S310 - our own address
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None
