"""What each simulated device is and how it behaves: a deterministic plan, kept as JSON."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

# 127.64.0.0/10: loopback, yet apart from 127.0.0.1 where the portal's own services listen, so an
# operator can allow the simulated devices without opening the portal to its own prober.
FIRST_HOST = (127, 64, 1, 1)
HOSTS_PER_NET = 200


class Behaviour(StrEnum):
    """How a simulated device answers; the first group is what a city sees, the rest is hostile."""

    HEALTHY = "healthy"
    DOWN = "down"  # nothing listens: connection refused
    UNPLUGGED = "unplugged"  # packets vanish: no answer to the first packet
    SILENT = "silent"  # accepts, then never says a word
    SLOW = "slow"  # right answers, late
    WRONG_CLOCK = "wrong_clock"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - a behaviour, not a secret
    HTTP_DIGEST = "http_digest"
    STRICT_ZULU = "strict_zulu"  # firmware that wants Created to end in Z
    RTSP_ONLY = "rtsp_only"
    NOT_RECORDING = "not_recording"
    NO_PROFILE = "no_profile"
    NO_STREAM = "no_stream"
    OPEN = "open"  # asks no password of anybody
    FLAPPING = "flapping"
    TLS = "tls"  # self-signed certificate
    LEGACY = "legacy"  # no GetServices, only GetCapabilities

    GARBAGE = "garbage"
    HUGE = "huge"
    ENDLESS = "endless"
    GZIP_BOMB = "gzip_bomb"
    SLOW_LORIS = "slow_loris"
    STALL = "stall"  # headers, then silence
    ENDLESS_HEADERS = "endless_headers"
    REDIRECT = "redirect"
    FOREIGN_XADDR = "foreign_xaddr"
    FOREIGN_STREAM = "foreign_stream"
    ENTITY_BOMB = "entity_bomb"
    EXTERNAL_ENTITY = "external_entity"
    DEEP = "deep"  # a hundred thousand nested elements
    HTML_PAGE = "html_page"
    EMPTY_BODY = "empty_body"
    HOLLOW = "hollow"  # well-formed answers with every field missing
    HTTP_500 = "http_500"
    BASIC_AUTH = "basic_auth"
    MULTIPART = "multipart"


@dataclass(frozen=True, kw_only=True)
class DevicePlan:
    """One simulated camera or recorder: where it listens, what it is, how it behaves."""

    host: str
    http_port: int
    rtsp_port: int
    username: str = "portal"
    password: str = "portal"  # noqa: S105 - a simulated device on loopback
    behaviour: Behaviour = Behaviour.HEALTHY
    clock_offset: float = 0.0
    delay: float = 1.5
    period: float = 60.0
    token_window: float = 30.0
    recorder: bool = False
    channels: int = 1
    manufacturer: str = "Simulated"
    model: str = "SIM-C100"
    firmware: str = "1.0.0"
    serial: str = "000000"
    target: str = ""  # where the redirecting behaviours point

    @property
    def key(self) -> str:
        """The name under which the control socket knows the device."""
        return f"{self.host}:{self.http_port}"


@dataclass(frozen=True)
class Mix:
    """How many in a thousand devices of a demonstration city behave in each way."""

    shares: Mapping[Behaviour, int] = field(
        default_factory=lambda: {
            Behaviour.DOWN: 30,
            Behaviour.UNPLUGGED: 15,
            Behaviour.SILENT: 8,
            Behaviour.SLOW: 15,
            Behaviour.WRONG_CLOCK: 35,
            Behaviour.WRONG_PASSWORD: 20,
            Behaviour.HTTP_DIGEST: 25,
            Behaviour.STRICT_ZULU: 20,
            Behaviour.RTSP_ONLY: 15,
            Behaviour.NOT_RECORDING: 15,
            Behaviour.NO_STREAM: 8,
            Behaviour.FLAPPING: 10,
            Behaviour.HTML_PAGE: 6,
            Behaviour.LEGACY: 20,
        }
    )

    def behaviour_at(self, number: int, seed: str) -> Behaviour:
        """The behaviour of device `number`; the same for ever under one seed."""
        mark = _draw(seed, number, "behaviour") % 1000
        for behaviour, share in self.shares.items():
            if mark < share:
                return behaviour
            mark -= share
        return Behaviour.HEALTHY


def _draw(seed: str, number: int, purpose: str) -> int:
    digest = hashlib.sha256(f"{seed}/{number}/{purpose}".encode()).digest()
    return int.from_bytes(digest[:8], "big")


def host_at(number: int) -> str:
    """The loopback address of device `number`: 200 in each /24, like a street's switch."""
    net, last = divmod(number, HOSTS_PER_NET)
    first, second, third, fourth = FIRST_HOST
    carry, third = divmod(third + net, 256)
    return f"{first}.{second + carry}.{third}.{fourth + last}"


def build_plan(
    count: int, *, port_base: int, seed: str = "anyang", mix: Mix | None = None
) -> list[DevicePlan]:
    """`count` devices, each on its own address; web service on `port_base`, RTSP on the next."""
    mix = mix or Mix()
    return [_device(number, port_base, seed, mix) for number in range(count)]


def _device(number: int, port_base: int, seed: str, mix: Mix) -> DevicePlan:
    behaviour = mix.behaviour_at(number, seed)
    recorder = behaviour is Behaviour.NOT_RECORDING or _draw(seed, number, "kind") % 12 == 0
    drift = 20 + _draw(seed, number, "clock") % 7200
    return DevicePlan(
        host=host_at(number),
        http_port=port_base,
        rtsp_port=port_base + 1,
        password=f"sim-{_draw(seed, number, 'password'):016x}",
        behaviour=behaviour,
        clock_offset=float(drift) if behaviour is Behaviour.WRONG_CLOCK else 0.0,
        recorder=recorder,
        channels=(4, 8, 16)[_draw(seed, number, "channels") % 3] if recorder else 1,
        model="SIM-N800" if recorder else "SIM-C100",
        firmware=f"2.{_draw(seed, number, 'firmware') % 9}.{number % 10}",
        serial=f"SIM{number:07d}",
    )


def save_plan(devices: Sequence[DevicePlan], path: Path) -> None:
    """Write the plan so that the fleet, the demonstration city and a person read the same."""
    path.write_text(json.dumps([asdict(device) for device in devices], indent=1), "utf-8")


def load_plan(path: Path) -> list[DevicePlan]:
    """Read a plan; a field the plan does not know is an error, not a silence."""
    return [_from_json(row) for row in json.loads(path.read_text("utf-8"))]


def _from_json(row: Mapping[str, Any]) -> DevicePlan:
    values = dict(row)
    values["behaviour"] = Behaviour(values.get("behaviour", Behaviour.HEALTHY))
    return DevicePlan(**values)


def with_changes(device: DevicePlan, changes: Mapping[str, Any]) -> DevicePlan:
    """The device as a control command asks; its address stays, since its sockets are bound."""
    allowed = {"behaviour", "clock_offset", "delay", "period", "token_window", "password", "target"}
    unknown = set(changes) - allowed
    if unknown:
        raise ValueError(f"cannot change {', '.join(sorted(unknown))}")
    values = dict(changes)
    if "behaviour" in values:
        values["behaviour"] = Behaviour(values["behaviour"])
    return replace(device, **values)
