"""A Redis of our own: unix socket only. It carries wake-ups, never the truth."""

import os
import pwd
import signal
import socket
import subprocess
import time
from pathlib import Path

from portal.launcher.children import spawn, stop
from portal.launcher.programs import ServiceUser, redis_server
from portal.launcher.sockets import private_directory, socket_directory


class BrokerFailed(RuntimeError):
    """Redis did not come up."""


class PrivateRedis:
    """One data directory and the Redis over it, run as whoever starts it."""

    def __init__(
        self,
        data_dir: Path,
        socket_dir: Path | None = None,
        *,
        append_only: bool = True,
        log_file: Path | None = None,
    ) -> None:
        entry = pwd.getpwuid(os.geteuid())
        self.user = ServiceUser(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)
        self.data_dir = private_directory(data_dir.absolute(), self.user)
        self.socket_dir = socket_directory(socket_dir or self.data_dir.parent / "redis-socket", self.user)
        self.socket = self.socket_dir / "redis.sock"
        self.log_file = log_file or self.data_dir.parent / "redis.log"
        self._append_only = append_only
        self._program = redis_server()
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address for redis-py."""
        return f"unix://{self.socket}?db=0"

    @property
    def celery_url(self) -> str:
        """The address for Celery (kombu names the same socket differently)."""
        return f"redis+socket://{self.socket}?virtual_host=0"

    def command(self) -> list[str]:
        """The server in the foreground, for a supervisor."""
        return [
            str(self._program),
            *("--port", "0"),
            *("--unixsocket", str(self.socket)),
            *("--unixsocketperm", "700"),
            *("--dir", str(self.data_dir)),
            *("--appendonly", "yes" if self._append_only else "no"),
            *("--appendfsync", "everysec"),
            *("--save", ""),
            # Evicting a wake-up silently would be worse than refusing a new one.
            *("--maxmemory", "256mb"),
            *("--maxmemory-policy", "noeviction"),
            *("--daemonize", "no"),
        ]

    def start(self, *, patience: float = 20.0) -> None:
        """Start the server and wait until it answers."""
        with self.log_file.open("ab") as log:
            self._server = spawn(self.command(), output=log, cwd=self.data_dir)
        self.wait_until_ready(patience=patience)

    def wait_until_ready(self, *, patience: float = 20.0) -> None:
        """Return when Redis answers PING."""
        deadline = time.monotonic() + patience
        while not self.answers():
            dead = self._server is not None and self._server.poll() is not None
            if dead or time.monotonic() > deadline:
                raise BrokerFailed(self.log_file.read_text(errors="replace")[-2000:])
            time.sleep(0.02)

    def answers(self) -> bool:
        """Does Redis answer PING? While it loads its file it answers with an error instead."""
        try:
            with socket.socket(socket.AF_UNIX) as link:
                link.settimeout(2)
                link.connect(str(self.socket))
                link.sendall(b"PING\r\n")
                return link.recv(64).startswith(b"+PONG")
        except OSError:
            return False

    def stop(self, *, patience: float = 10.0) -> None:
        """Stop a server that `start` started."""
        if self._server is not None:
            stop(self._server, ask=signal.SIGTERM, patience=patience)
            self._server = None
