"""What must be true before anything is started, and the one-instance lock."""

import fcntl
import os
import shutil
import socket
from pathlib import Path
from typing import IO

from portal.launcher.layout import Layout
from portal.launcher.speech import Refusal

MIB = 1024 * 1024
# A first start builds a cluster and loads a city; a later one needs room for a checkpoint and logs.
ROOM_FOR_FIRST_START = 1500 * MIB
ROOM_FOR_LATER_START = 300 * MIB


def port_is_free(bind: str, port: int) -> None:
    """Refuse a port somebody listens on, before anything is started for nothing."""
    with socket.socket(socket.AF_INET6 if ":" in bind else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((bind, port))
        except PermissionError:
            raise Refusal(
                f"端口 {port} 需要管理员权限，请用 --port 换一个大于 1023 的端口",
                f"port {port} needs administrator rights; choose one above 1023 with --port",
            ) from None
        except OSError as error:
            raise Refusal(
                f"地址 {bind}:{port} 不可用（已被占用？），请用 --port 换一个端口",
                f"cannot listen on {bind}:{port} ({error.strerror}); choose another with --port",
            ) from None


def disk_has_room(path: Path, *, first_start: bool) -> None:
    """Refuse to begin what the disk cannot hold."""
    wanted = ROOM_FOR_FIRST_START if first_start else ROOM_FOR_LATER_START
    existing = path.absolute()
    while not existing.exists():
        existing = existing.parent
    free = shutil.disk_usage(existing).free
    if free < wanted:
        raise Refusal(
            f"{existing} 所在磁盘剩余 {free // MIB} MB，至少需要 {wanted // MIB} MB",
            f"only {free // MIB} MB free on the disk of {existing}; {wanted // MIB} MB are needed",
        )


class InstanceLock:
    """One launcher a directory. The kernel drops the lock when its holder dies, however it dies."""

    def __init__(self, layout: Layout) -> None:
        self._path = layout.run / "lock"
        self._handle: IO[str] | None = None

    def take(self, address: str) -> None:
        """Hold the lock, or refuse and say who has it."""
        handle = self._path.open("a+")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = self.holder()
            handle.close()
            raise Refusal(
                f"本目录的门户已在运行（{holder}），请先停止它，或用 --data 指定另一个目录",
                f"this directory's portal is already running ({holder}); stop it, or name another with --data",
            ) from None
        handle.truncate(0)
        handle.write(f"pid {os.getpid()}, {address}\n")
        handle.flush()
        self._handle = handle

    def holder(self) -> str:
        """What the holder wrote about itself."""
        try:
            return self._path.read_text().strip() or "?"
        except OSError:
            return "?"

    def is_held(self) -> bool:
        """Is a launcher running over this directory?"""
        try:
            with self._path.open() as handle:
                fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def release(self) -> None:
        """Let the next one in."""
        if self._handle is not None:
            self._handle.close()
            self._handle = None
