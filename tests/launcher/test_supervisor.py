"""The supervisor: restarts what dies, leaves nothing behind, never spins on a lasting fault."""

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from portal.launcher.proc import is_alive
from portal.launcher.supervisor import NotReady, Process, Stopped, Supervisor

# A process with a child of its own, as gunicorn and Celery have.
MASTER = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); time.sleep(60)"


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    made = Supervisor(logs=tmp_path, pids=tmp_path / "pids.json")
    yield made
    made.stop_all()


def python(name: str, code: str) -> Process:
    return Process(name=name, argv=[sys.executable, "-c", code], patience=2.0)


def listed(tmp_path: Path, name: str) -> list[int]:
    pids: list[int] = json.loads((tmp_path / "pids.json").read_text())[name]
    return pids


def tend_until(supervisor: Supervisor, condition: object, seconds: float = 5.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline
        supervisor.pause()
        supervisor.write_pids()


def test_a_killed_master_is_back_within_a_second_and_its_children_are_gone(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisor.start(python("master", MASTER))
    tend_until(supervisor, lambda: (tmp_path / "pids.json").exists() and len(listed(tmp_path, "master")) == 2)
    master, child = listed(tmp_path, "master")
    os.kill(master, signal.SIGKILL)
    os.waitid(os.P_PID, master, os.WEXITED | os.WNOWAIT)  # dead, and left for the supervisor to find
    # By the supervisor's own clock: how long a busy machine takes for two looks says nothing about it.
    clock = [time.monotonic()]
    monkeypatch.setattr(
        "portal.launcher.supervisor.time", SimpleNamespace(monotonic=lambda: clock[0], sleep=time.sleep)
    )
    supervisor.tend()
    clock[0] += 0.99
    supervisor.tend()
    supervisor.write_pids()
    assert listed(tmp_path, "master") not in ([], [master], [master, child])
    monkeypatch.undo()
    tend_until(supervisor, lambda: not is_alive(child))


def test_a_lasting_fault_does_not_spin(supervisor: Supervisor, tmp_path: Path) -> None:
    supervisor.start(python("broken", "print('tried', flush=True); raise SystemExit(3)"))
    started = time.monotonic()
    while time.monotonic() - started < 2.5:
        supervisor.pause()
    assert 2 <= (tmp_path / "broken.log").read_text().count("tried") <= 5


def test_what_never_gets_ready_is_reported_with_its_log(supervisor: Supervisor) -> None:
    with pytest.raises(NotReady) as failure:
        supervisor.start(python("broken", "raise SystemExit('no such setting')"), ready=lambda: False)
    assert "no such setting" in failure.value.log


def test_a_failed_command_stops_the_start(supervisor: Supervisor, tmp_path: Path) -> None:
    argv = [sys.executable, "-c", "raise SystemExit('cannot migrate')"]
    with pytest.raises(NotReady, match="cannot migrate"):
        supervisor.run_once("migrate", argv, dict(os.environ), cwd=tmp_path)


def test_stopping_takes_everything_down_even_what_will_not_listen(supervisor: Supervisor, tmp_path: Path) -> None:
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    supervisor.start(python("deaf", deaf))
    supervisor.start(python("master", MASTER))
    tend_until(supervisor, lambda: (tmp_path / "pids.json").exists() and len(listed(tmp_path, "master")) == 2)
    everybody = [pid for pids in json.loads((tmp_path / "pids.json").read_text()).values() for pid in pids]
    everybody.remove(os.getpid())
    supervisor.stop_all()
    deadline = time.monotonic() + 2.0  # the kernel may still be burying the orphans
    while any(is_alive(pid) for pid in everybody):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert not (tmp_path / "pids.json").exists()


def test_foundation_ends_after_the_rest(supervisor: Supervisor, tmp_path: Path) -> None:
    last_words = "import signal, sys, time, pathlib\n"
    last_words += "def end(*_):\n pathlib.Path(sys.argv[1]).write_text(str(time.monotonic())); sys.exit()\n"
    last_words += "signal.signal(signal.SIGTERM, end); print('on', flush=True); time.sleep(60)"
    for name, foundation in (("base", True), ("top", False)):
        argv = [sys.executable, "-c", last_words, str(tmp_path / name)]
        supervisor.start(
            Process(name=name, argv=argv, foundation=foundation),
            ready=lambda name=name: "on" in supervisor.log_tail(name),
        )
    supervisor.stop_all()
    assert float((tmp_path / "top").read_text()) < float((tmp_path / "base").read_text())


def test_a_full_disk_does_not_end_the_supervisor(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def no_room(_path: Path, _value: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr("portal.launcher.supervisor.write_json", no_room)
        supervisor.start(python("lively", "import time; time.sleep(60)"))
        supervisor.write_pids()
        supervisor.write_pids()
    assert capsys.readouterr().out.count("the disk is full") == 1
    supervisor.write_pids()
    assert len(listed(tmp_path, "lively")) == 1


def test_a_signal_ends_the_watch(supervisor: Supervisor) -> None:
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        supervisor.listen_for_signals()
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(Stopped):
            supervisor.watch()
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
