"""The unauthenticated layers against real sockets."""

import asyncio
import time

import pytest

from portal.demo.plan import Behaviour
from portal.reachability.probes import quick
from portal.reachability.probes.base import Reason
from tests.stubs.devices import HASTY, endpoint_of


def probe(device, limits=HASTY, **changes):
    return asyncio.run(quick.probe(endpoint_of(device, **changes), limits))


def test_a_healthy_device_answers_both_layers_and_tells_the_time(devices):
    result = probe(devices.add())
    assert result.rtsp.reason is Reason.OK
    assert result.clock.reason is Reason.OK
    assert abs(result.drift_s) < 1.5
    assert result.rtt_ms >= 1


def test_neither_layer_sends_a_credential(devices):
    device = devices.add()
    probe(device)
    assert devices.asked(device) == ["OPTIONS", "GetSystemDateAndTime"]


@pytest.mark.parametrize("offset", [-28_800, -12, 3_600])
def test_drift_is_the_devices_clock_against_ours(devices, offset):
    result = probe(devices.add(Behaviour.WRONG_CLOCK, clock_offset_s=offset))
    assert result.clock.reason is Reason.OK
    assert result.drift_s == pytest.approx(offset, abs=1.5)


@pytest.mark.parametrize("behaviour", [Behaviour.DIGEST, Behaviour.STRICT, Behaviour.BASIC_AUTH, Behaviour.LEGACY])
def test_a_device_that_wants_a_password_is_alive(devices, behaviour):
    result = probe(devices.add(behaviour))
    assert result.clock.reason is Reason.OK
    assert (result.drift_s is None) == (behaviour is not Behaviour.LEGACY)


@pytest.mark.parametrize(
    ("behaviour", "rtsp", "clock"),
    [
        (Behaviour.DOWN, Reason.REFUSED, Reason.REFUSED),
        (Behaviour.UNPLUGGED, Reason.TIMEOUT, Reason.TIMEOUT),
        (Behaviour.SILENT, Reason.TOO_SLOW, Reason.TOO_SLOW),
        (Behaviour.RTSP_ONLY, Reason.OK, Reason.REFUSED),
        (Behaviour.NOT_ONVIF, Reason.OK, Reason.NOT_ONVIF),
        (Behaviour.GARBAGE, Reason.NOT_RTSP, Reason.NOT_ONVIF),
        (Behaviour.MALFORMED, Reason.OK, Reason.MALFORMED),
        (Behaviour.HUGE, Reason.OK, Reason.TOO_BIG),
        (Behaviour.ENDLESS, Reason.OK, Reason.TOO_BIG),
        (Behaviour.ENDLESS_HEADERS, Reason.OK, Reason.TOO_BIG),
        (Behaviour.GZIP_BOMB, Reason.OK, Reason.MALFORMED),
        (Behaviour.TOO_SLOW, Reason.OK, Reason.TOO_SLOW),
        (Behaviour.STALL, Reason.OK, Reason.TOO_SLOW),
        (Behaviour.REDIRECT, Reason.OK, Reason.REDIRECT),
        (Behaviour.ENTITY_BOMB, Reason.OK, Reason.MALFORMED),
        (Behaviour.EXTERNAL_ENTITY, Reason.OK, Reason.MALFORMED),
        (Behaviour.DEEP, Reason.OK, Reason.TOO_BIG),
        (Behaviour.EMPTY_BODY, Reason.OK, Reason.NOT_ONVIF),
        (Behaviour.HTTP_500, Reason.OK, Reason.HTTP_STATUS),
        (Behaviour.TLS, Reason.OK, Reason.CLOSED),
    ],
)
def test_every_way_to_misbehave_has_its_reason(devices, behaviour, rtsp, clock):
    started = time.monotonic()
    result = probe(devices.add(behaviour))
    assert (result.rtsp.reason, result.clock.reason) == (rtsp, clock)
    assert time.monotonic() - started < 2 * (HASTY.connect + HASTY.total) + 0.5


def test_one_byte_at_a_time_does_not_outlive_the_total_deadline(devices):
    """Each byte restarts a plain socket timeout; the whole exchange has its own."""
    started = time.monotonic()
    assert probe(devices.add(Behaviour.TOO_SLOW)).clock.reason is Reason.TOO_SLOW
    assert time.monotonic() - started < HASTY.total + 0.6


def test_a_protocol_that_is_not_registered_is_not_asked(devices):
    device = devices.add()
    result = probe(device, http_port=None)
    assert result.clock is None
    assert result.rtsp.reason is Reason.OK
    assert devices.asked(device) == ["OPTIONS"]


def test_tls_without_a_pinned_certificate_sends_nothing(devices):
    device = devices.add(Behaviour.TLS)
    before = devices.connections(device)
    assert probe(device, rtsp_port=None, secure=True).clock.reason is Reason.TLS
    assert devices.connections(device) == before


def test_tls_with_the_right_pin_is_asked_and_with_another_refused(devices):
    device = devices.add(Behaviour.TLS)
    right = certificate_digest(device)
    patient = HASTY.__class__()
    found = probe(device, patient, rtsp_port=None, secure=True, tls_pin=right)
    assert found.clock.reason is Reason.OK
    wrong = probe(device, patient, rtsp_port=None, secure=True, tls_pin="0" * 64)
    assert wrong.clock.reason is Reason.TLS
    assert devices.asked(device) == ["GetSystemDateAndTime"]


def certificate_digest(device) -> str:
    import hashlib
    import ssl

    pem = ssl.get_server_certificate((device.address, device.onvif_port))
    return hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()


def test_a_sweep_asks_a_recorder_once_for_all_its_channels(devices):
    recorder = devices.add(channels=8)
    other = devices.add(Behaviour.DOWN)
    targets = [(n, endpoint_of(recorder, channel=n)) for n in range(1, 9)]
    results = asyncio.run(quick.sweep([*targets, (9, endpoint_of(other))], in_flight=8, limits=HASTY)).results
    assert sorted(results) == list(range(1, 10))
    assert devices.asked(recorder) == ["OPTIONS", "GetSystemDateAndTime"]
    assert results[9].rtsp.reason is Reason.REFUSED
    assert results[8].clock.reason is Reason.OK


def test_dead_devices_wait_together_not_in_a_row(devices):
    dead = [devices.add(Behaviour.UNPLUGGED) for _ in range(20)]
    started = time.monotonic()
    results = asyncio.run(quick.sweep([(n, endpoint_of(d)) for n, d in enumerate(dead)], in_flight=20, limits=HASTY))
    assert len(results.results) == 20
    assert time.monotonic() - started < 4 * HASTY.connect


def test_a_segment_never_has_more_open_at_once_than_allowed(devices):
    slow = [devices.add(Behaviour.SILENT) for _ in range(6)]
    started = time.monotonic()
    asyncio.run(
        quick.sweep(
            [(n, endpoint_of(d, http_port=None)) for n, d in enumerate(slow)],
            in_flight=6,
            per_segment=2,
            limits=HASTY,
        )
    )
    assert time.monotonic() - started >= 3 * HASTY.read - 0.05


def test_a_sweep_that_runs_out_of_time_keeps_what_it_has(devices):
    quick_one, silent = devices.add(), devices.add(Behaviour.SILENT)
    targets = [(1, endpoint_of(quick_one)), (2, endpoint_of(silent))]
    done = asyncio.run(quick.sweep(targets, in_flight=8, total_seconds=0.5))
    assert list(done.results) == [1]


def test_a_prober_that_is_late_itself_knows_it(devices):
    device = devices.add(Behaviour.SLOW, delay_s=0.3)

    async def starved():
        loop = asyncio.get_running_loop()
        loop.call_later(0.1, time.sleep, 0.9)
        return await quick.sweep([(1, endpoint_of(device))], in_flight=1)

    assert asyncio.run(starved()).lag_ms > 400
