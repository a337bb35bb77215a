"""Change a running fleet from a test, a command or a demonstration: one JSON line each way."""

import json
import socket
from pathlib import Path
from typing import Any


class FleetRefused(Exception):
    """The fleet did not understand or could not do what was asked."""


def command(control: Path, **asked: Any) -> dict[str, Any]:
    """Send one command and wait for its answer."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(10)
        sock.connect(str(control))
        sock.sendall(json.dumps(asked).encode() + b"\n")
        with sock.makefile("rb") as lines:
            answer: dict[str, Any] = json.loads(lines.readline())
    if "error" in answer:
        raise FleetRefused(answer["error"])
    return answer


def set_behaviour(control: Path, device: str, behaviour: str, **changes: Any) -> dict[str, Any]:
    """Make one device behave differently, e.g. unplug it."""
    return command(control, op="set", device=device, changes={"behaviour": behaviour, **changes})


def reset(control: Path, device: str) -> dict[str, Any]:
    """Put one device back to its plan."""
    return command(control, op="reset", device=device)
