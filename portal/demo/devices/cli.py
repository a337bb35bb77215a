"""`portal demo devices`: run the simulated devices, or change one while they run."""

import argparse
import asyncio
import contextlib
import errno
import os
import resource
import signal
import sys
from dataclasses import replace
from pathlib import Path

from portal.demo.devices import control
from portal.demo.devices.fleet import Fleet
from portal.demo.plan import (
    DEFAULT_DEVICES,
    Behaviour,
    DevicePlan,
    device_plan,
    from_json,
    to_json,
)

LONGEST_SOCKET = 107  # sockaddr_un


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `portal demo devices`."""
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--plan", type=Path, help="a plan written by --write-plan or the demo city")
    source.add_argument("--count", type=int, default=DEFAULT_DEVICES, help="how many devices")
    parser.add_argument("--seed", type=int, default=1, help="the seed of the demonstration city")
    parser.add_argument("--port-base", type=int, help="web service here, RTSP on the next port")
    parser.add_argument("--control", type=Path, help="unix socket by which devices are changed")
    parser.add_argument(
        "--wait", action="store_true", help="where another fleet holds the addresses, take over after it"
    )
    parser.add_argument("--write-plan", type=Path, help="write the plan and stop")
    parser.add_argument("--set", metavar="DEVICE=BEHAVIOUR", help="change a device of a running fleet")
    parser.add_argument("--reset", metavar="DEVICE", help="put a device back to its plan")
    parser.add_argument("--list", action="store_true", help="list the devices of a running fleet")


def run(arguments: argparse.Namespace) -> int:
    """Obey the parsed arguments; returns the exit status."""
    if arguments.set or arguments.reset or arguments.list:
        return _change(arguments)
    if arguments.plan:
        devices = from_json(arguments.plan.read_text("utf-8"))
    else:
        devices = device_plan(arguments.seed, arguments.count)
    if arguments.port_base is not None:
        base = arguments.port_base
        devices = [replace(one, onvif_port=base, rtsp_port=base + 1) for one in devices]
    if arguments.write_plan:
        arguments.write_plan.write_text(to_json(devices), "utf-8")
        return 0
    return serve(devices, arguments.control, wait=arguments.wait)


def _change(arguments: argparse.Namespace) -> int:
    if arguments.control is None:
        print("--control names the running fleet's socket", file=sys.stderr)
        return 2
    try:
        if arguments.list:
            for row in control.command(arguments.control, op="list")["devices"]:
                print(f"{row['device']:24} {row['behaviour']:16} {row['model']}")
        elif arguments.reset:
            print(control.reset(arguments.control, arguments.reset)["behaviour"])
        else:
            device, _, behaviour = arguments.set.partition("=")
            print(control.set_behaviour(arguments.control, device, behaviour)["behaviour"])
    except (OSError, control.FleetRefused) as problem:
        print(f"cannot change the fleet: {problem}", file=sys.stderr)
        print(f"behaviours: {', '.join(Behaviour)}", file=sys.stderr)
        return 1
    return 0


def serve(devices: list[DevicePlan], control_path: Path | None, *, wait: bool = False) -> int:
    """Run the fleet until asked to stop."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = len(devices) * 4 + 1024
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard), hard))
    try:
        asyncio.run(_serve(devices, control_path, wait=wait))
    except OSError as problem:
        print(f"the simulated devices cannot start: {problem}", file=sys.stderr)
        return 1
    return 0


async def _serve(devices: list[DevicePlan], control_path: Path | None, *, wait: bool) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    if control_path is not None and len(os.fsencode(control_path.absolute())) > LONGEST_SOCKET:
        print(f"{control_path} is too long for a socket: devices cannot be changed while they run", file=sys.stderr)
        control_path = None
    while (fleet := await _started(devices, control_path, wait=wait)) is None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), 1)
        if stopped.is_set():
            return
    print(f"{len(devices)} simulated devices are up", flush=True)
    await stopped.wait()
    await fleet.stop()


async def _started(devices: list[DevicePlan], control_path: Path | None, *, wait: bool) -> Fleet | None:
    """The fleet, up; None while another one holds the addresses and this one is to wait."""
    fleet = Fleet(devices)
    try:
        await fleet.start(control_path)
    except OSError as taken:
        await fleet.stop()
        if wait and taken.errno == errno.EADDRINUSE:
            return None
        raise
    return fleet


def main(argv: list[str] | None = None) -> int:
    """Entry of `python -m portal.demo.devices`."""
    parser = argparse.ArgumentParser(prog="portal demo devices", description=__doc__)
    add_arguments(parser)
    return run(parser.parse_args(argv))
