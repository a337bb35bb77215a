"""Refusals before the start: each says why in Chinese and English, and changes nothing."""

import socket
from pathlib import Path

import pytest

from portal.launcher import checks
from portal.launcher.checks import InstanceLock, disk_has_room, port_is_free
from portal.launcher.layout import Layout
from portal.launcher.speech import Refusal


def test_a_taken_port_is_refused() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(Refusal) as refusal:
            port_is_free("127.0.0.1", taken.getsockname()[1])
    assert "--port" in refusal.value.chinese
    assert "--port" in refusal.value.english


def test_a_full_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    disk_has_room(tmp_path / "not" / "yet", first_start=False)
    monkeypatch.setattr(checks, "ROOM_FOR_FIRST_START", 10**18)
    with pytest.raises(Refusal, match="free"):
        disk_has_room(tmp_path / "not" / "yet", first_start=True)
    assert list(tmp_path.iterdir()) == []


def test_one_portal_a_directory(tmp_path: Path) -> None:
    layout = Layout(tmp_path / "portal")
    layout.make()
    first = InstanceLock(layout)
    assert not first.is_held()
    first.take("http://127.0.0.1:8000")
    second = InstanceLock(layout)
    assert second.is_held()
    with pytest.raises(Refusal, match="http://127.0.0.1:8000"):
        second.take("http://127.0.0.1:8001")
    first.release()
    second.take("http://127.0.0.1:8001")
    second.release()
