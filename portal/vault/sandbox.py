"""Runs a named worker in a fresh, limited child process (reliability.md D9).

A parser that is fed a hostile file may take all memory, never end, or abort the whole process in a way Python cannot
catch: all three were measured. So no sheet, PDF or image is opened anywhere else. A child costs about a tenth of a
second, which an upload can bear.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Any

import portal
from portal.vault.confine import Limits
from portal.vault.values import Refused

__all__ = ["Limits", "SandboxFailure", "SandboxFailureCode", "job_directory", "run_limited", "standing_walls"]

_ROOT = Path(portal.__path__[0]).resolve().parent
ANSWER, NOISE = ".answer", ".noise"
_MOST_ANSWER_BYTES = 4 * 1024 * 1024
_OUT_OF_MEMORY = (b"memory allocation of", b"MemoryError", b"bad_alloc", b"capacity overflow", b"out of memory")


class SandboxFailureCode(StrEnum):
    """How a job can fail without giving an answer of its own."""

    TOO_BIG = "too_big"
    TOO_SLOW = "too_slow"
    CRASHED = "crashed"
    MALFORMED = "malformed"


class SandboxFailure(Exception):
    """The child ended without an answer; the code says how."""

    def __init__(self, code: SandboxFailureCode, *, task: str, what: str = "") -> None:
        super().__init__(f"{task}: {code}{f' ({what})' if what else ''}")
        self.code = code
        self.task = task


@contextlib.contextmanager
def job_directory(base: Path) -> Iterator[Path]:
    """A private directory for one job, gone with all it holds at the end: no plaintext outlives its job."""
    base.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix="job-", dir=base) as name:
        yield Path(name)


def run_limited(task: str, request: Mapping[str, Any], *, limits: Limits, workdir: Path) -> dict[str, Any]:
    """The worker's answer. Raises `Refused` when the worker refuses the file, `SandboxFailure` when the child fails.

    `workdir` is the only place the child may write, and beside the code the only place it may read: put the file there.
    """
    message = json.dumps({**request, "limits": asdict(limits), "workdir": str(workdir)}, ensure_ascii=False).encode()
    exit_code = _run_child(task, message, limits, workdir)
    if exit_code == -signal.SIGKILL:
        # Not our doing and not a limit's, which end otherwise: the kernel short of memory, an operator, a dying host.
        # Once says nothing about the file; a file that does it again is too big for this machine.
        exit_code = _run_child(task, message, limits, workdir)
    return _answer_of(task, exit_code, workdir)


def _run_child(task: str, message: bytes, limits: Limits, workdir: Path) -> int:
    """How the child ended. Raises `SandboxFailure` when its time is up."""
    with (workdir / ANSWER).open("wb") as answers, (workdir / NOISE).open("wb") as noise:
        child = subprocess.Popen(
            [sys.executable, "-s", "-P", "-B", "-m", "portal.vault.sandboxed", task],
            stdin=subprocess.PIPE,
            stdout=answers,
            stderr=noise,
            cwd=workdir,
            env=_environment(workdir),
            start_new_session=True,
        )
        try:
            child.communicate(message, timeout=limits.wall_seconds)
        except subprocess.TimeoutExpired:
            raise SandboxFailure(SandboxFailureCode.TOO_SLOW, task=task) from None
        finally:
            _kill_group(child)
    return child.returncode


def standing_walls(workdir: Path) -> tuple[str, ...]:
    """Which walls of `portal.vault.confine` stand on this machine, asked of a real child."""
    limits = Limits(memory_bytes=512 * 1024 * 1024, cpu_seconds=5, wall_seconds=20, file_bytes=65536)
    answer = run_limited("self_check", {"probe": "walls"}, limits=limits, workdir=workdir)
    return tuple(answer["walls"])


def _environment(workdir: Path) -> dict[str, str]:
    # Nothing of the parent's environment: no proxies, no settings, no secrets.
    return {
        "PYTHONPATH": str(_ROOT),
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": str(workdir),
        "TMPDIR": str(workdir),
        "MALLOC_ARENA_MAX": "2",
    }


def _kill_group(child: subprocess.Popen[bytes]) -> None:
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _answer_of(task: str, exit_code: int, workdir: Path) -> dict[str, Any]:
    answer_path, noise_path = workdir / ANSWER, workdir / NOISE
    if exit_code != 0:
        raise SandboxFailure(_failure_of(exit_code, noise_path), task=task, what=f"exit {exit_code}")
    if answer_path.stat().st_size > _MOST_ANSWER_BYTES:
        raise SandboxFailure(SandboxFailureCode.TOO_BIG, task=task, what="answer")
    try:
        answer: dict[str, Any] = json.loads(answer_path.read_bytes())
    except ValueError:
        raise SandboxFailure(SandboxFailureCode.CRASHED, task=task, what="no answer") from None
    if "refused" in answer:
        raise Refused(answer["refused"]["code"], **answer["refused"]["data"])
    if "failure" in answer:
        raise SandboxFailure(SandboxFailureCode(answer["failure"]), task=task, what=answer.get("what", ""))
    result: dict[str, Any] = answer["ok"]
    return result


def _failure_of(exit_code: int, noise_path: Path) -> SandboxFailureCode:
    if exit_code == -signal.SIGXCPU:
        return SandboxFailureCode.TOO_SLOW
    if exit_code in {-signal.SIGKILL, -signal.SIGXFSZ}:
        return SandboxFailureCode.TOO_BIG
    with noise_path.open("rb") as noise:
        noise.seek(max(0, noise_path.stat().st_size - 4096))
        said = noise.read()
    if any(word in said for word in _OUT_OF_MEMORY):
        return SandboxFailureCode.TOO_BIG
    return SandboxFailureCode.CRASHED
