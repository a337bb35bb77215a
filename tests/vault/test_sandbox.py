"""A child that is fed anything stays inside its limits, reaches nothing, and fails by name."""

import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from portal.vault.sandbox import Limits, SandboxFailure, job_directory, run_limited, standing_walls
from portal.vault.values import Refused

MIB = 1024 * 1024
LIMITS = Limits(memory_bytes=512 * MIB, cpu_seconds=2, wall_seconds=10, file_bytes=4 * MIB)


def probe(workdir: Path, name: str, **request: Any) -> dict[str, Any]:
    return run_limited("self_check", {"probe": name, **request}, limits=LIMITS, workdir=workdir)


@pytest.mark.parametrize(
    ("name", "code"),
    [("memory", "too_big"), ("spin", "too_slow"), ("fill", "too_big"), ("abort", "crashed"), ("raise", "malformed")],
)
def test_each_way_to_fail_has_its_name(tmp_path: Path, name: str, code: str) -> None:
    with pytest.raises(SandboxFailure) as failure:
        probe(tmp_path, name)
    assert failure.value.code == code


def test_a_child_that_waits_is_killed_by_the_clock(tmp_path: Path) -> None:
    limits = Limits(memory_bytes=512 * MIB, cpu_seconds=2, wall_seconds=1, file_bytes=MIB)
    begun = time.monotonic()
    with pytest.raises(SandboxFailure, match="too_slow"):
        run_limited("self_check", {"probe": "sleep"}, limits=limits, workdir=tmp_path)
    assert time.monotonic() - begun < 5


def test_a_child_killed_from_outside_is_not_held_against_the_file(tmp_path: Path) -> None:
    assert probe(tmp_path, "killed", times=1) == {"deaths": 1}


def test_a_file_that_has_its_child_killed_again_is_too_big(tmp_path: Path) -> None:
    with pytest.raises(SandboxFailure, match="too_big"):
        probe(tmp_path, "killed", times=2)


def test_a_refusal_crosses_with_its_data(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        probe(tmp_path, "refuse")
    assert (refused.value.code, refused.value.data) == ("damaged", {"reason": "probe"})


def test_what_a_library_prints_is_not_the_answer(tmp_path: Path) -> None:
    assert probe(tmp_path, "print") == {"forged": False}


def test_an_unknown_worker_is_a_defect_not_a_hang(tmp_path: Path) -> None:
    with pytest.raises(SandboxFailure, match="crashed"):
        run_limited("no_such_worker", {}, limits=LIMITS, workdir=tmp_path)


def test_nothing_of_the_parents_environment_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_SECRET_KEY", "canary")
    monkeypatch.setenv("http_proxy", "http://proxy.example")
    names = probe(tmp_path, "environment")["names"]
    assert "PORTAL_SECRET_KEY" not in names
    assert "http_proxy" not in names


def test_files_outside_the_job_are_out_of_reach(tmp_path: Path) -> None:
    job, elsewhere = tmp_path / "job", tmp_path / "field-k1.key"
    job.mkdir()
    elsewhere.write_bytes(b"key material")
    (job / "mine").write_bytes(b"12345")
    assert probe(job, "read", path=str(job / "mine")) == {"read": 5}
    if "landlock" not in standing_walls(job):
        pytest.skip("this kernel has no Landlock")
    assert probe(job, "read", path=str(elsewhere)) == {"denied": True}
    assert probe(job, "write", path=str(tmp_path / "new")) == {"denied": True}
    assert probe(job, "read", path="/etc/passwd") == {"denied": True}


def test_no_connection_leaves_the_child(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        reached = threading.Event()

        def accept() -> None:
            server.settimeout(3)
            try:
                server.accept()
                reached.set()
            except TimeoutError:
                pass

        listener = threading.Thread(target=accept)
        listener.start()
        host, port = server.getsockname()
        assert probe(tmp_path, "connect", host=host, port=port)["denied"]
        listener.join()
        assert not reached.is_set()


def test_no_program_is_started(tmp_path: Path) -> None:
    if "seccomp" not in standing_walls(tmp_path):
        pytest.skip("no seccomp on this machine")
    assert probe(tmp_path, "execute") == {"denied": True}


def test_the_job_directory_leaves_nothing_behind(tmp_path: Path) -> None:
    with job_directory(tmp_path / "quarantine") as job:
        assert job.stat().st_mode & 0o077 == 0
        (job / "plain").write_bytes(b"secret")
    assert list((tmp_path / "quarantine").iterdir()) == []
