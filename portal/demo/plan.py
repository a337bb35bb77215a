"""Which simulated devices exist, where they listen and how each misbehaves.

One plan, two readers: the device simulator listens as told here, and the demonstration city registers the same
addresses and the passwords a unit *believes* to be right. Both compute it from the seed, or pass it as JSON.
"""

import json
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum

DEFAULT_DEVICES = 300
RTSP_PORT = 8554
ONVIF_PORT = 8899
# A /16 of loopback of its own, so that nothing else on the machine listens there by accident.
NETWORK = "127.82.0.0/16"
_PER_BLOCK = 250


class Behaviour(StrEnum):
    """How a simulated device answers."""

    HEALTHY = "healthy"
    DIGEST = "digest"  # HTTP Digest on every ONVIF call, instead of the WS-Security token
    STRICT = "strict"  # wants a token even for its clock, as some makes do
    RTSP_ONLY = "rtsp_only"  # no ONVIF port at all
    WRONG_CLOCK = "wrong_clock"  # healthy, but ``clock_offset_s`` off
    BAD_LOGIN = "bad_login"  # the registered password is not the device's
    SLOW = "slow"  # answers after ``delay_s``, still inside the time limit
    TOO_SLOW = "too_slow"  # answers byte by byte until the prober gives up
    SILENT = "silent"  # accepts the connection and says nothing
    DOWN = "down"  # nothing listens: refused
    FLAPPING = "flapping"  # down every other minute
    NOT_ONVIF = "not_onvif"  # an HTML login page on the ONVIF port
    MALFORMED = "malformed"  # broken XML
    ENDLESS = "endless"  # an answer that never stops growing
    REDIRECT = "redirect"  # sends the prober to another host
    FOREIGN_XADDR = "foreign_xaddr"  # names service addresses on another host
    NO_PROFILE = "no_profile"  # authenticates, but has no media profile
    UNPLUGGED = "unplugged"  # packets vanish: no answer even to the first
    NOT_RECORDING = "not_recording"  # a recorder that stopped some days ago
    NO_STREAM = "no_stream"  # names a stream that is not there
    STRICT_ZULU = "strict_zulu"  # firmware that wants its time stamps to end in Z
    LEGACY = "legacy"  # knows GetCapabilities only, not GetServices

    # Beyond what a city sees by itself: switched on by tests and on the simulator's control socket.
    OPEN = "open"  # asks nobody for a password
    TLS = "tls"  # self-signed certificate
    GARBAGE = "garbage"
    HUGE = "huge"
    GZIP_BOMB = "gzip_bomb"
    STALL = "stall"  # headers, then silence
    ENDLESS_HEADERS = "endless_headers"
    FOREIGN_STREAM = "foreign_stream"
    ENTITY_BOMB = "entity_bomb"
    EXTERNAL_ENTITY = "external_entity"
    DEEP = "deep"  # a hundred thousand nested elements
    EMPTY_BODY = "empty_body"
    HOLLOW = "hollow"  # well-formed answers with every field missing
    HTTP_500 = "http_500"
    BASIC_AUTH = "basic_auth"
    MULTIPART = "multipart"


@dataclass(frozen=True, kw_only=True)
class DevicePlan:
    """One simulated device, and what the registry is told about it."""

    index: int
    address: str
    rtsp_port: int
    onvif_port: int
    behaviour: Behaviour
    username: str
    password: str
    registered_password: str
    manufacturer: str
    model: str
    firmware: str
    serial: str
    channels: int
    clock_offset_s: int
    delay_s: float
    recording_days: int
    width: int
    height: int
    registered_resolution: str
    target: str = ""  # where the misleading behaviours point
    period_s: float = 60.0
    token_window_s: float = 30.0

    @property
    def key(self) -> str:
        """The name under which the simulator's control socket knows the device."""
        return f"{self.address}:{self.onvif_port}"


_EVERY = tuple(Behaviour)
# What a demonstration city shows by itself.
CITY: Sequence[Behaviour] = _EVERY[: _EVERY.index(Behaviour.OPEN)]
# Every one of them appears among the first devices, so that a fleet of thirty already shows all of them.
_HEAD: Sequence[Behaviour] = (Behaviour.HEALTHY, *CITY)
_REST: Sequence[tuple[Behaviour, int]] = (
    (Behaviour.HEALTHY, 700),
    (Behaviour.DIGEST, 90),
    (Behaviour.STRICT, 40),
    (Behaviour.RTSP_ONLY, 40),
    (Behaviour.WRONG_CLOCK, 35),
    (Behaviour.BAD_LOGIN, 25),
    (Behaviour.SLOW, 20),
    (Behaviour.DOWN, 30),
    (Behaviour.SILENT, 8),
    (Behaviour.FLAPPING, 8),
    (Behaviour.NO_PROFILE, 4),
    (Behaviour.UNPLUGGED, 12),
    (Behaviour.NOT_RECORDING, 8),
    (Behaviour.NO_STREAM, 5),
    (Behaviour.STRICT_ZULU, 10),
    (Behaviour.LEGACY, 15),
)
# Recorders speak for all their channels, so a small fleet shows many cameras live.
_RECORDERS = 0.4
# Invented makers: a demonstration says nothing about anyone's products.
_MAKERS: Sequence[tuple[str, str]] = (
    ("安视通", "AST-IPC-D2"),
    ("安视通", "AST-IPC-B4"),
    ("中原光电", "ZY-2M-IR30"),
    ("中原光电", "ZY-4M-PTZ"),
    ("洹河智能", "HH-N200"),
)
# What the cameras of a city are bought with, and what some of them are left at when they are put up.
_PICTURES: Sequence[tuple[int, int]] = ((1920, 1080), (1920, 1080), (1920, 1080), (2560, 1440), (3840, 2160))
_POOR: Sequence[tuple[int, int]] = ((1280, 720), (704, 576))
_LEFT_POOR = 0.06
_CLOCK_OFFSETS = (-28_800, -3_600, -95, -12, 9, 40, 190, 3_600)


def device_plan(seed: int, count: int = DEFAULT_DEVICES) -> list[DevicePlan]:
    """The fleet of a seed. A larger fleet begins with the smaller one."""
    return [_device(seed, index) for index in range(count)]


def to_json(plan: Sequence[DevicePlan]) -> str:
    """The plan as text for another process."""
    return json.dumps([asdict(device) for device in plan], ensure_ascii=False, indent=1)


def from_json(text: str) -> list[DevicePlan]:
    """The plan another process wrote."""
    return [DevicePlan(**{**row, "behaviour": Behaviour(row["behaviour"])}) for row in json.loads(text)]


def _device(seed: int, index: int) -> DevicePlan:
    rng = random.Random(f"device:{seed}:{index}")
    behaviour = _HEAD[index] if index < len(_HEAD) else _drawn(rng)
    recorder = behaviour is Behaviour.NOT_RECORDING
    maker, model = rng.choice(_MAKERS)
    password = f"Cam-{rng.getrandbits(48):012x}"
    # A generator of its own: the rest of the fleet stays as every older city knows it.
    eye = random.Random(f"picture:{seed}:{index}")
    bought = eye.choice(_PICTURES)
    width, height = eye.choice(_POOR) if eye.random() < _LEFT_POOR else bought
    return DevicePlan(
        index=index,
        address=f"127.82.{index // _PER_BLOCK}.{index % _PER_BLOCK + 1}",
        rtsp_port=RTSP_PORT,
        onvif_port=ONVIF_PORT,
        behaviour=behaviour,
        username="probe",
        password=password,
        registered_password=f"Old-{rng.getrandbits(32):08x}" if behaviour is Behaviour.BAD_LOGIN else password,
        manufacturer=maker,
        model=model,
        firmware=f"V{rng.randint(3, 5)}.{rng.randint(0, 9)}.{rng.randint(0, 99)}",
        serial=f"{model.replace('-', '')}{rng.randint(0, 10**9 - 1):09d}",
        channels=rng.choice((8, 16, 16)) if recorder or rng.random() < _RECORDERS else 1,
        clock_offset_s=rng.choice(_CLOCK_OFFSETS) if behaviour is Behaviour.WRONG_CLOCK else 0,
        delay_s=round(rng.uniform(1.2, 2.4), 2) if behaviour is Behaviour.SLOW else 0.0,
        recording_days=rng.choice((7, 15, 30, 30, 30, 31, 45, 90)),
        width=width,
        height=height,
        registered_resolution=f"{bought[0]}x{bought[1]}",
    )


def _drawn(rng: random.Random) -> Behaviour:
    kinds, weights = zip(*_REST, strict=True)
    return Behaviour(rng.choices(kinds, weights)[0])
