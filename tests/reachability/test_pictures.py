"""The size of a picture out of a stream's description: as encoders really write it, and whatever else arrives."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.demo.devices.rtsp import parameter_set
from portal.demo.plan import Behaviour
from portal.reachability.probes import onvif
from portal.reachability.probes.base import Reason
from portal.reachability.probes.picture import picture_of, size_of
from portal.reachability.probes.stream import Described
from tests.stubs.devices import HASTY, endpoint_of, login_of

# Sets as encoders send them: x264 in its high profile, two cameras in the baseline and main profiles, x265.
AVC = {
    "6764001facd9405005bb016c80000003008000001e078c18cb": (1280, 720),
    "67640028acd940780227e584000003000400000300f03c60c658": (1920, 1080),
    "67420029e2901407b602dc04040690789115": (640, 480),
    "674d001e9da8280bfe54": (640, 360),
}
HEVC = {
    "420101016000000300900000030000030078a003c08010e596666924cae010000003001000000301e080": (1920, 1080),
}


def described(*media: str) -> bytes:
    return ("v=0\r\ns=x\r\n" + "".join(f"{line}\r\n" for line in media)).encode()


@pytest.mark.parametrize(("unit", "size"), AVC.items())
def test_an_h264_set_is_read(unit: str, size: tuple[int, int]) -> None:
    assert size_of(bytes.fromhex(unit)) == size
    assert size_of(bytes.fromhex(unit), hevc=True) is None


@pytest.mark.parametrize(("unit", "size"), HEVC.items())
def test_an_h265_set_is_read(unit: str, size: tuple[int, int]) -> None:
    assert size_of(bytes.fromhex(unit), hevc=True) == size
    assert size_of(bytes.fromhex(unit)) is None


@given(st.integers(16, 4000), st.integers(16, 4000))
def test_what_the_simulated_device_writes_is_what_is_read(width: int, height: int) -> None:
    width, height = width // 2 * 2, height // 2 * 2
    assert size_of(base64.b64decode(parameter_set(width, height))) == (width, height)


@given(st.binary(max_size=80), st.booleans())
def test_no_bytes_break_the_reader(data: bytes, hevc: bool) -> None:
    head = b"\x42\x01" if hevc else b"\x67"
    for unit in (data, head + data):
        size = size_of(unit, hevc=hevc)
        assert size is None or (min(size) >= 16 and max(size) <= 16_384)


@given(st.text(max_size=200))
def test_no_description_breaks_the_reader(text: str) -> None:
    picture_of(text.encode())
    picture_of(described("a=rtpmap:96 H264/90000", f"a=fmtp:96 sprop-parameter-sets={text}"))


def test_the_largest_stream_of_a_description_counts_and_other_codecs_do_not() -> None:
    small, large = (base64.b64encode(bytes.fromhex(unit)).decode() for unit in list(AVC)[:2])
    assert picture_of(
        described(
            "a=rtpmap:0 PCMU/8000",
            f"a=fmtp:0 sprop-parameter-sets={large}",
            "a=rtpmap:96 H264/90000",
            f"a=fmtp:96 packetization-mode=1;sprop-parameter-sets={small},aM4xsg==",
        )
    ) == (1280, 720)
    both = ("a=rtpmap:96 H264/90000", f"a=fmtp:96 sprop-parameter-sets={small}")
    more = ("a=rtpmap:97 h264/90000", f"a=fmtp:97 profile-level-id=640028; sprop-parameter-sets={large}")
    assert picture_of(described(*both, *more)) == (1920, 1080)
    hevc = base64.b64encode(bytes.fromhex(next(iter(HEVC)))).decode()
    assert picture_of(described("a=rtpmap:98 H265/90000", f"a=fmtp:98 sprop-vps=QAE=;sprop-sps={hevc}")) == (1920, 1080)
    assert picture_of(described("m=video 0 RTP/AVP 26")) is None


@pytest.mark.parametrize("behaviour", [Behaviour.HEALTHY, Behaviour.DIGEST, Behaviour.OPEN, Behaviour.LEGACY])
def test_a_device_tells_the_size_of_its_picture(devices, behaviour: Behaviour) -> None:
    device = devices.add(behaviour, width=1280, height=720)
    assert onvif.probe(endpoint_of(device), login_of(device), HASTY).picture == (1280, 720)


def test_what_the_stream_carries_counts_before_what_the_device_is_set_to(devices, monkeypatch) -> None:
    device = devices.add(width=1920, height=1080)
    for told, counted in (((704, 576), (704, 576)), (None, (1920, 1080))):
        monkeypatch.setattr(onvif, "describe", lambda *_, told=told: Described(guarded=True, picture=told))
        assert onvif.probe(endpoint_of(device), login_of(device), HASTY).picture == counted


def test_of_a_recorder_only_its_own_channels_are_measured(devices) -> None:
    recorder = devices.add(channels=8, recording_days=31)
    assert onvif.probe(endpoint_of(recorder, channel=8), login_of(recorder), HASTY).picture is not None
    beyond = onvif.probe(endpoint_of(recorder, channel=9), login_of(recorder), HASTY)
    assert (beyond.reason, beyond.picture) == (Reason.OK, None)
    single = devices.add()
    assert onvif.probe(endpoint_of(single, channel=9), login_of(single), HASTY).picture is not None
