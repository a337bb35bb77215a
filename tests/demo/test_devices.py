"""The simulator itself: what it checks it really checks, and a running device can be changed."""

import base64
import hashlib
import os
import socket
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from portal.demo.devices import control
from portal.demo.devices.wsse import WSSE, WSU, DigestRealm, NonceBook, token_is_valid
from portal.demo.plan import Behaviour, device_plan, to_json
from tests.stubs.devices import ONVIF_PORT, RTSP_PORT

DEVICE = device_plan(1, 1)[0]
NOW = 1_700_000_000.0


def token(*, password=DEVICE.password, user=DEVICE.username, at=NOW, nonce=b"0123456789abcdef", kind="PasswordDigest"):
    created = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    digest = base64.b64encode(hashlib.sha1(nonce + created.encode() + password.encode()).digest()).decode()
    element = ElementTree.Element(f"{{{WSSE}}}UsernameToken")
    ElementTree.SubElement(element, f"{{{WSSE}}}Username").text = user
    ElementTree.SubElement(element, f"{{{WSSE}}}Password", Type=f"x#{kind}").text = digest
    ElementTree.SubElement(element, f"{{{WSSE}}}Nonce").text = base64.b64encode(nonce).decode()
    ElementTree.SubElement(element, f"{{{WSU}}}Created").text = created
    return element


def accepted(element, *, at=NOW, nonces=None, zulu=False):
    book = nonces or NonceBook.empty()
    return token_is_valid(element, DEVICE, device_time=at, nonces=book, must_be_zulu=zulu)


def test_a_right_fresh_token_is_accepted_once():
    book = NonceBook.empty()
    assert accepted(token(), nonces=book)
    assert not accepted(token(), nonces=book), "the same token again is a replay"
    assert accepted(token(nonce=b"another nonce 16"), nonces=book)


@pytest.mark.parametrize(
    "wrong",
    [
        {"password": "other"},
        {"user": "other"},
        {"at": NOW - DEVICE.token_window_s - 1},
        {"at": NOW + DEVICE.token_window_s + 1},
        {"kind": "PasswordText"},
        {"nonce": b"short"},
    ],
)
def test_a_wrong_token_is_refused(wrong):
    assert not accepted(token(**wrong))


def test_http_digest_wants_the_password_the_method_and_this_challenge():
    realm = DigestRealm.fresh(qop=False)

    def header(password, method="POST", nonce=realm.nonce):
        first = hashlib.md5(f"{DEVICE.username}:simulated-device:{password}".encode()).hexdigest()
        second = hashlib.md5(f"{method}:/x".encode()).hexdigest()
        response = hashlib.md5(f"{first}:{nonce}:{second}".encode()).hexdigest()
        return f'Digest username="{DEVICE.username}", nonce="{nonce}", uri="/x", response="{response}"'

    assert realm.is_satisfied(header(DEVICE.password), method="POST", device=DEVICE)
    assert not realm.is_satisfied(header("other"), method="POST", device=DEVICE)
    assert not realm.is_satisfied(header(DEVICE.password, "GET"), method="POST", device=DEVICE)
    assert not realm.is_satisfied(header(DEVICE.password, nonce="old"), method="POST", device=DEVICE)
    assert not realm.is_satisfied("Basic cG9ydGFsOnBvcnRhbA==", method="POST", device=DEVICE)


@pytest.fixture
def fleet(tmp_path: Path):
    """A fleet as the command runs it, on addresses of this test."""
    from dataclasses import replace

    net = f"127.127.{os.getpid() % 250}"
    devices = [
        replace(one, address=f"{net}.{n + 1}", onvif_port=ONVIF_PORT, rtsp_port=RTSP_PORT, behaviour=Behaviour.HEALTHY)
        for n, one in enumerate(device_plan(1, 3))
    ]
    plan, sock = tmp_path / "plan.json", tmp_path / "control"
    plan.write_text(to_json(devices), "utf-8")
    process = subprocess.Popen(
        [sys.executable, "-m", "portal.demo.devices", "--plan", str(plan), "--control", str(sock)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert "3 simulated devices are up" in process.stdout.readline()
    yield sock, devices
    process.terminate()
    assert process.wait(10) == 0
    process.stdout.close()


def reaches(device) -> str:
    try:
        with socket.create_connection((device.address, device.rtsp_port), timeout=0.5) as sock:
            sock.sendall(b"OPTIONS rtsp://x/ RTSP/1.0\r\nCSeq: 7\r\n\r\n")
            return sock.recv(200).decode().split("\r\n")[0]
    except OSError as refused:
        return type(refused).__name__


def test_a_device_is_unplugged_and_plugged_in_again_while_the_fleet_runs(fleet):
    sock, devices = fleet
    one, other, _ = devices
    assert reaches(one) == "RTSP/1.0 200 OK"
    control.set_behaviour(sock, one.address, "unplugged")
    assert reaches(one) == "TimeoutError"
    control.set_behaviour(sock, one.key, "down")
    assert reaches(one) == "ConnectionRefusedError"
    assert reaches(other) == "RTSP/1.0 200 OK"
    assert control.reset(sock, one.key)["behaviour"] == "healthy"
    assert reaches(one) == "RTSP/1.0 200 OK"


def test_what_the_fleet_cannot_do_is_said(fleet):
    sock, devices = fleet
    for device, behaviour, changes in (
        ("127.1.1.1", "down", {}),
        (devices[0].key, "nonsense", {}),
        (devices[0].key, "down", {"address": "10.0.0.1"}),
    ):
        with pytest.raises(control.FleetRefused):
            control.set_behaviour(sock, device, behaviour, **changes)
    with pytest.raises(control.FleetRefused):
        control.command(sock, op="explode")
    assert len(control.command(sock, op="list")["devices"]) == 3


def test_the_command_line_changes_and_lists_a_running_fleet(fleet):
    sock, devices = fleet

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "portal.demo.devices", "--control", str(sock), *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    assert run("--set", f"{devices[0].address}=silent").stdout == "silent\n"
    assert "silent" in run("--list").stdout
    wrong = run("--set", f"{devices[0].address}=nonsense")
    assert wrong.returncode == 1
    assert "behaviours:" in wrong.stderr


def test_a_port_already_taken_is_a_message_not_a_traceback(fleet, tmp_path: Path):
    _, devices = fleet
    plan = tmp_path / "again.json"
    plan.write_text(to_json(devices), "utf-8")
    command = [sys.executable, "-m", "portal.demo.devices", "--plan", str(plan)]
    second = subprocess.run(command, capture_output=True, text=True, check=False, timeout=20)
    assert second.returncode == 1
    assert "cannot start" in second.stderr
    assert "Traceback" not in second.stderr


def test_a_flapping_device_answers_every_other_period(fleet):
    sock, devices = fleet
    control.set_behaviour(sock, devices[2].key, "flapping", period_s=0.3)
    seen, until = set(), time.monotonic() + 2
    while time.monotonic() < until and len(seen) < 2:
        seen.add(reaches(devices[2]) == "RTSP/1.0 200 OK")
        time.sleep(0.05)
    assert seen == {True, False}
