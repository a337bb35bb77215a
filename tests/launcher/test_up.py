"""A whole portal started, hurt, stopped and started again, as an operator would."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.launcher.layout import Layout
from portal.launcher.proc import is_alive
from portal.launcher.processes import ROOT
from portal.launcher.status import is_well, status
from tests.support.live import free_port
from tests.support.services import open_directory

pytestmark = pytest.mark.slow

PATIENCE = 120.0


class Launched:
    """`portal up` in a directory of its own."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.port = free_port()
        self.output = data.parent / "output"
        self.child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        argv = [sys.executable, "-m", "portal", "up", "--profile", "check", "--no-demo"]
        argv += ["--data", str(self.data), "--port", str(self.port)]
        with self.output.open("wb") as out:
            self.child = subprocess.Popen(argv, cwd=ROOT, stdout=out, stderr=out, start_new_session=True)

    def look(self) -> dict[str, Any]:
        return status(self.data)

    def wait_until_well(self) -> dict[str, Any]:
        return self.wait_until(is_well)

    def wait_until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        deadline = time.monotonic() + PATIENCE
        while True:
            found = self.look()
            if wanted(found):
                return found
            assert self.child is not None
            if self.child.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"{found}\n{self.output.read_text()[-3000:]}")
            time.sleep(0.2)

    def stop(self) -> int:
        assert self.child is not None
        self.child.send_signal(signal.SIGINT)
        return self.child.wait(timeout=60)

    def clean(self) -> None:
        if self.child is not None and self.child.poll() is None:
            self.child.kill()
            self.child.wait()


@pytest.fixture
def launched() -> Iterator[Launched]:
    home = open_directory()
    made = Launched(home / "portal")
    yield made
    made.clean()
    shutil.rmtree(home, ignore_errors=True)


def cut_short(data: Path) -> Layout:
    """A directory as a first start leaves it that was killed half-way."""
    layout = Layout(data)
    layout.make()
    layout.unfinished.touch()
    (layout.keys / "session.key").write_text("half")
    (layout.files / "vault").mkdir()
    return layout


def test_from_a_start_cut_short_over_killed_parts_to_a_clean_stop(launched: Launched) -> None:
    """One life, because each start costs the suite seconds."""
    layout = cut_short(launched.data)
    launched.start()
    launched.wait_until_well()
    assert not layout.unfinished.exists()
    assert len((layout.keys / "session.key").read_text().strip()) == 64
    assert not (layout.files / "vault").exists()

    # The web answers before the workers are up.
    wanted = {"postgres", "redis", "web", "worker", "beat", "sealer"}
    launched.wait_until(lambda found: wanted <= set(found["processes"]))
    # What serves dies together, then what all of it stands on.
    for names in (("web", "worker"), ("redis", "postgres")):
        pids = {name: launched.look()["processes"][name]["pids"][0] for name in names}
        for pid in pids.values():
            os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + PATIENCE
        for name, pid in pids.items():
            while launched.look()["processes"].get(name, {}).get("pids", [pid])[:1] in ([], [pid]):
                assert time.monotonic() < deadline, name
                time.sleep(0.1)
        launched.wait_until_well()
    pids = [pid for process in launched.look()["processes"].values() for pid in process["pids"]]
    assert launched.stop() == 0
    assert [pid for pid in pids if is_alive(pid)] == []

    # Data and keys are kept, and a second start does not take itself for a first.
    keys = {path.name: path.read_bytes() for path in (launched.data / "keys").iterdir() if path.is_file()}
    launched.start()
    launched.wait_until(lambda found: found["health"] == 200)  # its workers are the first start's
    assert "private database cluster created" not in launched.output.read_text()
    assert keys == {path.name: path.read_bytes() for path in (launched.data / "keys").iterdir() if path.is_file()}
    assert launched.stop() == 0
