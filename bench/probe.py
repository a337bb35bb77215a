"""How fast we probe, against one ONVIFCamera object a device: `python bench/probe.py [--devices 400] [--naive 25]`.

Every device is a simulated one on its own loopback address, in another process. The robust figure is CPU time a
device, since the simulator and whatever else runs on the machine share its cores; the rate is what was seen.
"""

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from portal.demo.plan import Behaviour, DevicePlan, device_plan, to_json  # noqa: E402
from portal.reachability.probes import onvif, quick, wsdl  # noqa: E402
from portal.reachability.probes.base import Credential, Endpoint, Reason  # noqa: E402


@dataclass(frozen=True)
class Measured:
    """One way of probing."""

    name: str
    devices: int
    seconds: float
    cpu: float

    @property
    def cpu_each(self) -> float:
        """CPU microseconds a device."""
        return self.cpu / self.devices * 1e6

    @property
    def rate(self) -> float:
        """Devices a second, as seen."""
        return self.devices / self.seconds


def measure(name: str, devices: int, work: Callable[[], int]) -> Measured:
    """Run once; every device must have answered well, else the figure means nothing."""
    wall, cpu = time.perf_counter(), time.process_time()
    good = work()
    measured = Measured(name, devices, time.perf_counter() - wall, time.process_time() - cpu)
    if good != devices:
        sys.exit(f"{name}: only {good} of {devices} devices answered well")
    return measured


def fleet_of(count: int, port: int) -> list[DevicePlan]:
    """Healthy devices, each on an address of its own."""
    return [
        replace(one, behaviour=Behaviour.HEALTHY, channels=1, onvif_port=port, rtsp_port=port + 1)
        for one in device_plan(1, count)
    ]


def endpoint_of(device: DevicePlan) -> Endpoint:
    """Where the prober knocks."""
    return Endpoint(address=device.address, rtsp_port=device.rtsp_port, http_port=device.onvif_port)


def ours_quick(fleet: list[DevicePlan], rounds: int) -> int:
    """RTSP OPTIONS and the ONVIF clock over bare sockets, 500 in flight."""
    targets = [(number, endpoint_of(device)) for number, device in enumerate(fleet)]
    good = 0
    for _ in range(rounds):
        done = asyncio.run(quick.sweep(targets, in_flight=500, per_segment=250))
        good += sum(
            found.rtsp.reason is Reason.OK and found.clock.reason is Reason.OK  # type: ignore[union-attr]
            for found in done.results.values()
        )
    return good


def ours_deep(fleet: list[DevicePlan]) -> int:
    """Clock, services, identity, profiles, stream URI and DESCRIBE through onvif-zeep, 32 threads."""

    def probe(device: DevicePlan) -> bool:
        login = Credential(username=device.username, password=device.password)
        return onvif.probe(endpoint_of(device), login).reason is Reason.OK

    with ThreadPoolExecutor(32) as pool:
        return sum(pool.map(probe, fleet))


def naive(fleet: list[DevicePlan]) -> int:
    """One ONVIFCamera a device and one call: what the package's own examples do."""
    camera = wsdl.onvif_module().ONVIFCamera
    folder = str(wsdl.wsdl_dir())
    good = 0
    for device in fleet:
        made = camera(device.address, device.onvif_port, device.username, device.password, folder)
        good += made.devicemgmt.GetSystemDateAndTime() is not None
    return good


def main() -> None:
    """Start the devices, measure three ways, print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--naive", type=int, default=25, help="devices probed with an ONVIFCamera each")
    parser.add_argument("--port", type=int, default=28899)
    asked = parser.parse_args()
    fleet = fleet_of(asked.devices, asked.port)
    with tempfile.TemporaryDirectory() as folder:
        plan = Path(folder) / "plan.json"
        plan.write_text(to_json(fleet), "utf-8")
        command = [sys.executable, "-m", "portal.demo.devices", "--plan", str(plan)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as devices:
            assert devices.stdout is not None
            devices.stdout.readline()
            try:
                report(fleet, asked)
            finally:
                devices.terminate()


def report(fleet: list[DevicePlan], asked: argparse.Namespace) -> None:
    """Measure and print."""
    wsdl.preload()
    ours_quick(fleet[:20], 1)
    rows = [
        measure("two quick layers (ours)", len(fleet) * asked.rounds, lambda: ours_quick(fleet, asked.rounds)),
        measure("six authenticated steps (ours)", len(fleet), lambda: ours_deep(fleet)),
        measure("ONVIFCamera and one call", asked.naive, lambda: naive(fleet[: asked.naive])),
    ]
    base = rows[-1]
    print(f"{'way':34} {'CPU µs/device':>14} {'devices/s':>10} {'ratio by CPU':>13} {'ratio by rate':>14}")
    for row in rows:
        cpu, rate = base.cpu_each / row.cpu_each, row.rate / base.rate
        print(f"{row.name:34} {row.cpu_each:14,.0f} {row.rate:10,.0f} {cpu:12,.1f}x {rate:13,.1f}x")
    for name, row in zip(("quick", "deep"), rows, strict=False):
        print(f"ratio probe_{name}_cpu_under_onvifcamera {base.cpu_each / row.cpu_each:.1f}")


if __name__ == "__main__":
    main()
