"""The authenticated layer: onvif-zeep through the bounded transport, against real sockets."""

import logging
import resource
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from portal.demo.plan import Behaviour
from portal.reachability.probes import onvif, wsdl
from portal.reachability.probes.base import Credential, Reason
from tests.stubs.devices import HASTY, endpoint_of, login_of


@pytest.fixture(scope="module", autouse=True)
def _parsed():
    wsdl.preload()


def probe(device, limits=HASTY, credential=None, **changes):
    return onvif.probe(endpoint_of(device, **changes), credential or login_of(device), limits)


@pytest.mark.parametrize(
    "behaviour",
    [Behaviour.HEALTHY, Behaviour.DIGEST, Behaviour.STRICT, Behaviour.STRICT_ZULU, Behaviour.LEGACY],
)
def test_each_kind_of_honest_device_is_read_in_full(devices, behaviour):
    result = probe(devices.add(behaviour))
    assert result.reason is Reason.OK
    assert result.profiles == 1
    assert result.streams is True
    assert result.open_access is False
    assert len(result.identity) == 64


def test_a_recorder_tells_its_channels_and_since_when_it_records(devices):
    recorder = devices.add(channels=8, recording_days=31)
    result = probe(recorder, channel=8)
    assert result.reason is Reason.OK
    assert result.profiles == 8
    assert (result.recorded_until - result.recorded_from).days == 31


def test_a_recorder_that_stopped_is_found_out_by_its_own_clock(devices):
    stopped = devices.add(Behaviour.NOT_RECORDING, channels=8)
    assert probe(stopped).reason is Reason.NOT_RECORDING
    ahead = devices.add(channels=8, clock_offset_s=86_400)
    assert probe(ahead).reason is Reason.OK


def test_a_wrong_clock_does_not_fail_the_login_and_is_reported(devices):
    device = devices.add(Behaviour.WRONG_CLOCK, clock_offset_s=3_600, token_window_s=5)
    result = probe(device)
    assert result.reason is Reason.OK
    assert result.drift_s == pytest.approx(3_600, abs=1.5)


def test_one_wrong_password_is_one_attempt(devices):
    for behaviour in (Behaviour.BAD_LOGIN, Behaviour.DIGEST):
        device = devices.add(behaviour)
        wrong = Credential(username=device.username, password="not this one")
        assert probe(device, credential=wrong).reason is Reason.AUTH_FAILED
        assert sum("+credential" in asked for asked in devices.asked(device)) == 1


def test_without_a_login_a_guarded_device_says_so_and_an_open_one_is_pointed_out(devices):
    for behaviour in (Behaviour.HEALTHY, Behaviour.DIGEST):
        guarded = onvif.probe(endpoint_of(devices.add(behaviour)), None, HASTY)
        assert guarded.reason is Reason.AUTH_REQUIRED
    bare = onvif.probe(endpoint_of(devices.add(Behaviour.OPEN)), None, HASTY)
    assert (bare.reason, bare.open_access) == (Reason.OK, True)


def test_the_password_is_not_sent_before_it_is_asked_for(devices):
    device = devices.add()
    probe(device)
    asked = devices.asked(device)
    assert asked[:3] == ["GetSystemDateAndTime", "GetServices", "GetDeviceInformation!"]
    assert asked[3] == "GetDeviceInformation+credential"


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (Behaviour.DOWN, Reason.REFUSED),
        (Behaviour.UNPLUGGED, Reason.TIMEOUT),
        (Behaviour.SILENT, Reason.TOO_SLOW),
        (Behaviour.NO_PROFILE, Reason.NO_PROFILE),
        (Behaviour.NO_STREAM, Reason.NO_STREAM),
        (Behaviour.NOT_ONVIF, Reason.NOT_ONVIF),
        (Behaviour.GARBAGE, Reason.NOT_ONVIF),
        (Behaviour.MALFORMED, Reason.MALFORMED),
        (Behaviour.HUGE, Reason.TOO_BIG),
        (Behaviour.ENDLESS, Reason.TOO_BIG),
        (Behaviour.ENDLESS_HEADERS, Reason.MALFORMED),
        (Behaviour.GZIP_BOMB, Reason.MALFORMED),
        (Behaviour.TOO_SLOW, Reason.TOO_SLOW),
        (Behaviour.STALL, Reason.TOO_SLOW),
        (Behaviour.REDIRECT, Reason.REDIRECT),
        (Behaviour.FOREIGN_XADDR, Reason.FOREIGN_XADDR),
        (Behaviour.FOREIGN_STREAM, Reason.FOREIGN_XADDR),
        (Behaviour.ENTITY_BOMB, Reason.MALFORMED),
        (Behaviour.EXTERNAL_ENTITY, Reason.MALFORMED),
        (Behaviour.DEEP, Reason.MALFORMED),
        (Behaviour.EMPTY_BODY, Reason.NOT_ONVIF),
        (Behaviour.HOLLOW, Reason.MALFORMED),
        (Behaviour.HTTP_500, Reason.NOT_ONVIF),
        (Behaviour.BASIC_AUTH, Reason.UNSAFE_AUTH),
        (Behaviour.MULTIPART, Reason.NOT_ONVIF),
        (Behaviour.TLS, Reason.CLOSED),
    ],
)
def test_every_way_to_misbehave_ends_in_time_with_its_reason(devices, behaviour, reason, caplog):
    device = devices.add(behaviour)
    started = time.monotonic()
    assert probe(device).reason is reason
    assert time.monotonic() - started < HASTY.session + 0.5
    assert not any("+credential" in asked for asked in devices.asked(device)) or behaviour in {
        Behaviour.NO_PROFILE,
        Behaviour.NO_STREAM,
        Behaviour.FOREIGN_STREAM,
        Behaviour.HOLLOW,
    }
    assert not caplog.records, "ended by an exception nobody foresaw"


@pytest.mark.parametrize("behaviour", [Behaviour.HUGE, Behaviour.ENDLESS, Behaviour.GZIP_BOMB, Behaviour.DEEP])
def test_no_device_makes_the_prober_swell(devices, behaviour):
    probe(devices.add())
    device = devices.add(behaviour)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(3):
        probe(device)
    # The simulator lives in this process too; the hostile answer itself would be hundreds of MB.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32 * 1024


@pytest.mark.parametrize(
    "behaviour",
    [Behaviour.REDIRECT, Behaviour.FOREIGN_XADDR, Behaviour.FOREIGN_STREAM, Behaviour.EXTERNAL_ENTITY],
)
def test_a_device_cannot_send_the_prober_to_another_host(devices, behaviour):
    canary = devices.add()
    liar = devices.add(behaviour, target=f"http://{canary.address}:{canary.onvif_port}")
    if behaviour is Behaviour.FOREIGN_STREAM:
        devices.change(liar, behaviour, target=f"rtsp://{canary.address}:{canary.rtsp_port}")
    assert probe(liar).reason in {Reason.REDIRECT, Reason.FOREIGN_XADDR, Reason.MALFORMED}
    assert devices.connections(canary) == 0


def test_the_session_as_a_whole_has_a_deadline(devices):
    """Many answers, each just in time, would otherwise hold a worker for half a minute."""
    device = devices.add(Behaviour.SLOW, delay_s=0.35)
    hurried = HASTY.__class__(connect=0.4, read=0.5, total=0.6, session=1.0)
    started = time.monotonic()
    assert probe(device, hurried).reason is Reason.TOO_SLOW
    assert time.monotonic() - started < 1.5


def test_thirty_two_threads_share_the_parsed_descriptions_and_mix_nothing_up(devices):
    fleet = [devices.add(serial=f"THREAD{n:03d}", clock_offset_s=n * 100, token_window_s=5) for n in range(8)]
    patient = HASTY.__class__(connect=2, read=5, total=8, session=20)
    alone = {device.key: probe(device, patient).identity for device in fleet}
    assert len(set(alone.values())) == len(fleet)
    with ThreadPoolExecutor(32) as pool:
        results = list(pool.map(lambda device: (device.key, probe(device, patient)), fleet * 8))
    assert all(result.reason is Reason.OK for _, result in results)
    assert all(result.identity == alone[key] for key, result in results)


def test_importing_onvif_leaves_everybody_elses_logging_alone():
    root = logging.getLogger()
    before = (list(root.handlers), root.level)
    wsdl.onvif_module()
    assert (list(root.handlers), root.level) == before


def test_a_login_is_never_written_to_a_log_or_an_error(devices, caplog):
    caplog.set_level(logging.DEBUG)
    for behaviour in (Behaviour.HEALTHY, Behaviour.DIGEST, Behaviour.BAD_LOGIN, Behaviour.HOLLOW, Behaviour.HTTP_500):
        device = devices.add(behaviour)
        probe(device)
        assert device.password not in caplog.text
        assert device.password not in repr(login_of(device))


def test_no_camera_object_and_no_thread_is_left_behind(devices):
    probe(devices.add())
    camera = wsdl.onvif_module().ONVIFCamera
    assert set(camera.services_template.values()) == {None}
    assert not [thread for thread in threading.enumerate() if "onvif" in thread.name.lower()]
