"""Starting one child process so that it never outlives the one that started it."""

import ctypes
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from portal.launcher.programs import ServiceUser

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def spawn(
    argv: Sequence[str | os.PathLike[str]],
    *,
    user: ServiceUser | None = None,
    output: IO[bytes] | int | None = None,
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    last_will: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start `argv` in its own process group; the kernel sends it `last_will` if we are killed."""
    drop: dict[str, Any] = dict(user.popen_arguments) if user is not None else {}
    return subprocess.Popen(
        [os.fspath(part) for part in argv],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
        env=dict(environment) if environment is not None else None,
        cwd=cwd or "/",
        start_new_session=True,
        # Safe here: the launcher has no threads.
        preexec_fn=_dies_with(os.getpid(), last_will),  # noqa: PLW1509
        **drop,
    )


def _dies_with(parent: int, will: signal.Signals) -> Callable[[], None]:
    def arrange() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, int(will), 0, 0, 0)
        # The parent may have died between fork and prctl; then no signal would ever come.
        if os.getppid() != parent:
            os.kill(os.getpid(), will)

    return arrange


def stop(child: subprocess.Popen[bytes], *, ask: signal.Signals = signal.SIGTERM, patience: float) -> None:
    """Ask a child to end; after `patience` seconds take its whole process group down."""
    if child.poll() is None:
        child.send_signal(ask)
        try:
            child.wait(timeout=patience)
        except subprocess.TimeoutExpired:
            kill_group(child.pid)
            child.wait()


def kill_group(leader: int) -> None:
    """Kill a process group that `spawn` started; silent when it is gone already."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except ProcessLookupError:
        pass
