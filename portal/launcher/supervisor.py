"""Keeps a set of processes running: restarts what dies, stops everything together."""

import errno
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from portal.launcher.children import kill_group, spawn, stop
from portal.launcher.layout import write_json
from portal.launcher.proc import children_of_all, family
from portal.launcher.programs import ServiceUser
from portal.launcher.speech import tell

# A process that ends by itself waits this long for its next try, so that a lasting fault does not spin.
BACK_OFF = (0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
SETTLED_SECONDS = 30.0
GIVES_UP_TELLING = 3
LOG_LIMIT = 20 * 1024 * 1024
TICK = 0.2


@dataclass(frozen=True, kw_only=True)
class Process:
    """One thing to keep running."""

    name: str
    argv: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    user: ServiceUser | None = None
    cwd: Path | None = None
    ask: signal.Signals = signal.SIGTERM
    patience: float = 8.0
    # The others write to it until their last breath, so it ends after all of them.
    foundation: bool = False


class Stopped(Exception):
    """Somebody asked the launcher to end."""


class _Watched:
    """A process with its running child and its history of failures."""

    def __init__(self, process: Process) -> None:
        self.process = process
        self.child: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self.failures = 0
        self.next_try = 0.0
        self.finished = False


class Supervisor:
    """Starts processes in order, watches them, stops them in reverse order."""

    def __init__(self, *, logs: Path, pids: Path) -> None:
        self._logs = logs
        self._pids = pids
        self._watched: dict[str, _Watched] = {}
        self._stop_requested = False
        self._written = ""
        self._next_listing = 0.0
        self._disk_full = False

    def listen_for_signals(self) -> None:
        """From now on Ctrl-C and TERM end the run at the next tick."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._request_stop)

    def _request_stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stop_requested = True

    # -- starting --------------------------------------------------------------------------

    def start(self, process: Process, *, ready: Callable[[], bool] | None = None, patience: float = 60.0) -> None:
        """Start a process and keep it running; wait until it is ready when a test for that is given."""
        watched = _Watched(process)
        self._watched[process.name] = watched
        self._launch(watched)
        deadline = time.monotonic() + patience
        while ready is not None and not ready():
            if time.monotonic() > deadline or watched.failures >= 3:
                raise NotReady(process.name, self.log_tail(process.name))
            self.pause()

    def run_once(
        self, name: str, argv: list[str], environment: Mapping[str, str], *, cwd: Path, quiet: bool = True
    ) -> None:
        """Run a command to its end while the others are kept alive. Raises NotReady when it fails."""
        with self._log(name).open("ab") as log:
            child = spawn(argv, environment=environment, output=log if quiet else None, cwd=cwd)
        try:
            while child.poll() is None:
                self.pause()
        finally:
            stop(child, patience=5.0)
        if child.returncode != 0:
            raise NotReady(name, self.log_tail(name) if quiet else "")

    def _launch(self, watched: _Watched) -> None:
        process = watched.process
        with self._log(process.name).open("ab") as log:
            watched.child = spawn(
                process.argv,
                user=process.user,
                output=log,
                environment=process.environment or None,
                cwd=process.cwd,
                last_will=process.ask,
            )
        watched.started = time.monotonic()

    def _log(self, name: str) -> Path:
        path = self._logs / f"{name}.log"
        if path.exists() and path.stat().st_size > LOG_LIMIT:
            path.replace(path.with_suffix(".log.1"))
        return path

    def log_tail(self, name: str, lines: int = 12) -> str:
        """The end of what a process wrote."""
        path = self._logs / f"{name}.log"
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""

    # -- watching --------------------------------------------------------------------------

    def pause(self) -> None:
        """One beat: look after every process, then sleep a little. Raises Stopped when asked to end."""
        if self._stop_requested:
            raise Stopped
        self.tend()
        time.sleep(TICK)

    def watch(self) -> None:
        """Look after the processes until somebody asks to end."""
        while True:
            self.pause()

    def tend(self) -> None:
        """Notice the dead, restart those whose time has come, keep the list of process numbers."""
        now = time.monotonic()
        for watched in self._watched.values():
            if watched.child is not None and watched.child.poll() is not None:
                self._bury(watched, now)
            if watched.child is None and now >= watched.next_try:
                self._launch(watched)
        if now >= self._next_listing:
            self._next_listing = now + 1.0
            self.write_pids()

    def _bury(self, watched: _Watched, now: float) -> None:
        child = watched.child
        assert child is not None  # noqa: S101 - for the type checker; `tend` looked
        # What a killed master leaves behind would keep its port or its jobs.
        kill_group(child.pid)
        watched.child = None
        killed = child.returncode < 0
        settled = now - watched.started > SETTLED_SECONDS
        watched.failures = 0 if killed or settled else watched.failures + 1
        watched.next_try = now + BACK_OFF[min(watched.failures, len(BACK_OFF) - 1)]
        how = f"signal {-child.returncode}" if killed else f"exit {child.returncode}"
        self._tell_of_end(watched.process.name, how, watched.failures)
        if "No space left on device" in self.log_tail(watched.process.name):
            tell("磁盘已满，请释放空间", "the disk is full: free some space")

    def _tell_of_end(self, name: str, how: str, failures: int) -> None:
        """Say it twice, then point to the log and be quiet: a fault that lasts would fill the terminal."""
        if failures < GIVES_UP_TELLING:
            tell(f"{name} 已停止（{how}），正在重启", f"{name} ended ({how}), restarting")
        elif failures == GIVES_UP_TELLING:
            log = self._logs / f"{name}.log"
            tell(f"{name} 反复停止，继续重试；见 {log}", f"{name} keeps ending and is tried again quietly; see {log}")

    def write_pids(self) -> None:
        """Keep `pids.json` true: each name with its process numbers, the main one first."""
        table = children_of_all()
        listing = {"supervisor": [os.getpid()]}
        for name, watched in self._watched.items():
            listing[name] = family(watched.child.pid, table) if watched.child is not None else []
        text = json.dumps(listing)
        if text != self._written:
            self._note(listing, text)

    def _note(self, listing: dict[str, list[int]], text: str) -> None:
        """A full disk must not end the one who restarts the others once there is room again."""
        try:
            write_json(self._pids, listing)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            if not self._disk_full:
                tell(
                    "磁盘已满，请释放空间，服务将自行恢复",
                    "the disk is full: free some space, and all goes on by itself",
                )
            self._disk_full = True
            return
        self._disk_full = False
        self._written = text

    # -- stopping --------------------------------------------------------------------------

    def stop_all(self) -> None:
        """End everything: first the workers, all at once, then what they stand on, the last started first.

        A second Ctrl-C during this shortens the patience to nothing.
        """
        self._stop_requested = False
        running = [watched for watched in reversed(self._watched.values()) if watched.child is not None]
        self._stop_together([watched for watched in running if not watched.process.foundation])
        for watched in running:
            if watched.process.foundation:
                self._stop_together([watched])
        self._watched.clear()
        self._pids.unlink(missing_ok=True)

    def _stop_together(self, group: list[_Watched]) -> None:
        alive = [(watched.process, watched.child) for watched in group if watched.child is not None]
        for process, child in alive:
            if child.poll() is None:
                child.send_signal(process.ask)
        deadline = time.monotonic() + max((process.patience for process, _ in alive), default=0.0)
        while any(child.poll() is None for _, child in alive):
            if self._stop_requested or time.monotonic() > deadline:
                break
            time.sleep(TICK / 2)
        for _, child in alive:
            kill_group(child.pid)
            child.wait()


class NotReady(Exception):
    """A process did not come up; carries the end of its log."""

    def __init__(self, name: str, log: str) -> None:
        super().__init__(f"{name} did not start\n{log}")
        self.name = name
        self.log = log
