"""Which cameras of the city are behind which simulated device.

Cameras of one unit hang on its own recorders and single devices, so a device that fails takes its unit's cameras with
it, as in life. Units that people of the cast work in come first, then the public cameras of the city centre.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from portal.demo.plan import DevicePlan
from portal.demo.systems import SystemPlan

# The districts of the city centre, where a visitor looks first.
_NEAREST = ("410502", "410503", "410505", "410506")


@dataclass(frozen=True, kw_only=True)
class Connection:
    """How one camera is reached: its device and, on a recorder, the channel."""

    device: DevicePlan
    channel: int


def connections(devices: Sequence[DevicePlan]) -> list[Connection]:
    """Every channel of every device, recorders' channels together."""
    return [Connection(device=device, channel=number) for device in devices for number in range(1, device.channels + 1)]


def split(links: Sequence[Connection], wanted: int) -> tuple[Sequence[Connection], Sequence[Connection]]:
    """Those for the model units, at most half, and those for the rest of the city; no device serves both."""
    cut = min(wanted, len(links) // 2)
    while 0 < cut < len(links) and links[cut].channel != 1:
        cut += 1
    return links[:cut], links[cut:]


def share_out(seed: int, links: Sequence[Connection], systems: Sequence[SystemPlan]) -> dict[int, list[Connection]]:
    """Give each chosen system as many connections as it has cameras, until they are used up."""
    rng = random.Random(f"equipment:{seed}")
    left = iter(links)
    given: dict[int, list[Connection]] = {}
    for system in _in_order(rng, systems):
        own = list(_take(left, system.cameras))
        if not own:
            break
        given[system.number] = own
    return given


def _in_order(rng: random.Random, systems: Sequence[SystemPlan]) -> list[SystemPlan]:
    """Running systems, the centre first; public ones are large, so only few of their cameras come in between."""
    running = [s for s in systems if s.cameras and s.use_status == "in_use" and s.kind == "unit_internal"]
    near = [s for s in running if s.district in _NEAREST]
    far = [s for s in running if s.district not in _NEAREST]
    rng.shuffle(near)
    rng.shuffle(far)
    # One in four from the counties, so that no district's page is empty.
    mixed: list[SystemPlan] = []
    while near or far:
        mixed += near[:3] + far[:1]
        del near[:3], far[:1]
    return mixed


def _take(left: Iterator[Connection], count: int) -> Iterator[Connection]:
    for _ in range(count):
        connection = next(left, None)
        if connection is None:
            return
        yield connection
