"""Simulated devices inside the test process, on loopback addresses of this process's own."""

import asyncio
import itertools
import os
import threading
from dataclasses import replace

from portal.demo.devices.fleet import Fleet
from portal.demo.plan import Behaviour, DevicePlan, device_plan
from portal.reachability.probes.base import Credential, Endpoint, Limits

ONVIF_PORT = 18899
RTSP_PORT = 18554
# 127.96.0.0/11: inside the range that tests may probe, outside the demonstration's, one /24 a process.
_NET = f"127.{96 + os.getpid() % 32}.{os.getpid() // 32 % 256}"
_numbers = itertools.count(1)

# A test that waits for a device to be given up waits this long instead of seconds.
HASTY = Limits(connect=0.4, read=0.4, total=0.9, session=4.0)


class Devices:
    """A running fleet that grows as tests ask for devices."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._fleet = Fleet([])
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def _run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def add(self, behaviour: Behaviour = Behaviour.HEALTHY, **changes) -> DevicePlan:
        """Start one device with this behaviour on a fresh address."""
        number = next(_numbers)
        plan = replace(
            device_plan(1, 1)[0],
            index=number,
            address=f"{_NET}.{number % 250 + 1}",
            onvif_port=ONVIF_PORT + number // 250,
            rtsp_port=RTSP_PORT + number // 250,
            behaviour=behaviour,
            **{"channels": 1, "serial": f"SIM{number:06d}", **changes},
        )
        self._run(self._fleet.add(plan))
        return plan

    def change(self, device: DevicePlan, behaviour: Behaviour, **changes) -> None:
        """What the control socket does."""
        asked = {"op": "set", "device": device.key}
        self._run(self._fleet.command({**asked, "changes": {"behaviour": str(behaviour), **changes}}))

    def asked(self, device: DevicePlan) -> list[str]:
        """What the device was asked, each marked when it came with a credential."""
        return self._run(self._fleet.command({"op": "show", "device": device.key}))["asked"]

    def connections(self, device: DevicePlan) -> int:
        """How many connections the device has accepted."""
        return self._run(self._fleet.command({"op": "show", "device": device.key}))["connections"]

    def stop(self) -> None:
        """Take every device down and end the loop."""
        self._run(self._fleet.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()


def endpoint_of(device: DevicePlan, **changes) -> Endpoint:
    """The endpoint a registry entry for the device would give."""
    return replace(
        Endpoint(address=device.address, rtsp_port=device.rtsp_port, http_port=device.onvif_port),
        **changes,
    )


def login_of(device: DevicePlan) -> Credential:
    """The login the device accepts."""
    return Credential(username=device.username, password=device.password)
