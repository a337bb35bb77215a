"""A PostgreSQL cluster of our own: unix socket only, UTF-8, never run as root."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import connection as Connection

from portal.launcher.children import spawn, stop
from portal.launcher.programs import ServiceUser, database_user, postgres_bin
from portal.launcher.sockets import private_directory, socket_directory

SUPERUSER = "postgres"
PORT = 5432

# Under plain "C" pg_trgm finds no trigrams in Chinese text, so the locale is C.UTF-8.
LOCALE = "C.UTF-8"


def buffers() -> str:
    """A sixteenth of the memory, between 128 MB and 1 GB: a registry of a million cameras then stays in it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return f"{max(128, min(memory // 16 // 2**20, 1024))}MB"


DURABLE: Mapping[str, str] = {
    "shared_buffers": buffers(),
    "max_connections": "100",
    "wal_level": "replica",
    "wal_compression": "on",
    "synchronous_commit": "on",
    "jit": "off",
    "random_page_cost": "1.1",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %q%u@%d ",
    "log_statement": "none",
    # A failing statement is not written with its values: they may be personal data.
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
}

# A test cluster is thrown away, so nothing it holds has to survive a crash.
THROW_AWAY: Mapping[str, str] = {
    **DURABLE,
    "shared_buffers": "128MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum_naptime": "10min",
}


class ClusterFailed(RuntimeError):
    """PostgreSQL could not be created or did not come up."""


class PrivateCluster:
    """One data directory and the server over it."""

    def __init__(
        self,
        data_dir: Path,
        socket_dir: Path | None = None,
        *,
        throw_away: bool = False,
        settings: Mapping[str, str] | None = None,
        log_file: Path | None = None,
    ) -> None:
        self.user: ServiceUser = database_user()
        self.data_dir = data_dir.absolute()
        self.socket_dir = socket_directory(socket_dir or self.data_dir.parent / "postgres-socket", self.user)
        self.log_file = log_file or self.data_dir.parent / "postgres.log"
        self._bin = postgres_bin()
        self._throw_away = throw_away
        self._settings = {**(THROW_AWAY if throw_away else DURABLE), **(settings or {})}
        self._server: subprocess.Popen[bytes] | None = None

    # -- life ------------------------------------------------------------------------------

    def create(self) -> bool:
        """Make the cluster when there is none yet; True when it was made now.

        initdb works in a directory beside the final one, so a start that was cut short leaves
        nothing that looks like a cluster.
        """
        if (self.data_dir / "PG_VERSION").exists():
            self.configure()
            return False
        partial = self.data_dir.with_name(self.data_dir.name + ".partial")
        if partial.exists():
            shutil.rmtree(partial)
        private_directory(partial, self.user)
        self._run(
            self._bin / "initdb",
            f"--pgdata={partial}",
            f"--username={SUPERUSER}",
            "--encoding=UTF8",
            f"--locale={LOCALE}",
            "--auth-local=trust",
            "--auth-host=reject",
            *(["--no-sync"] if self._throw_away else ["--data-checksums"]),
        )
        partial.rename(self.data_dir)
        self.configure()
        return True

    def configure(self) -> None:
        """Write our settings; done before every start so that a new version's settings apply."""
        settings = {
            **self._settings,
            "listen_addresses": "",
            "port": str(PORT),
            "unix_socket_directories": str(self.socket_dir),
            "unix_socket_permissions": "0700",
        }
        lines = [f"{key} = '{value.replace(chr(39), chr(39) * 2)}'" for key, value in settings.items()]
        self._write("portal.conf", "\n".join(lines) + "\n")
        main = self.data_dir / "postgresql.conf"
        include = "include_if_exists = 'portal.conf'"
        text = main.read_text()
        if include not in text:
            self._write("postgresql.conf", f"{text}\n{include}\n")

    def command(self) -> list[str]:
        """The server in the foreground, for a supervisor; run it as `self.user`."""
        return [str(self._bin / "postgres"), "-D", str(self.data_dir)]

    def start(self, *, patience: float = 60.0) -> None:
        """Start the server and wait until it answers."""
        with self.log_file.open("ab") as log:
            self._server = spawn(
                self.command(),
                user=self.user,
                output=log,
                last_will=signal.SIGQUIT if self._throw_away else signal.SIGINT,
            )
        self.wait_until_ready(patience=patience)

    def wait_until_ready(self, *, patience: float = 60.0) -> None:
        """Return when a connection succeeds; raise ClusterFailed with the end of the log."""
        deadline = time.monotonic() + patience
        while True:
            try:
                self.connect().close()
                return
            except psycopg2.OperationalError as refusal:
                dead = self._server is not None and self._server.poll() is not None
                if dead or time.monotonic() > deadline:
                    raise ClusterFailed(f"{refusal}\n{self.log_tail()}") from refusal
            time.sleep(0.05)

    def answers(self) -> bool:
        """Does the server accept a connection now?"""
        try:
            self.connect().close()
        except psycopg2.OperationalError:
            return False
        return True

    def stop(self, *, patience: float = 30.0) -> None:
        """Stop a server that `start` started: at once when it is thrown away, else cleanly."""
        if self._server is not None:
            ask = signal.SIGQUIT if self._throw_away else signal.SIGINT
            stop(self._server, ask=ask, patience=patience)
            self._server = None

    def has_ended(self) -> bool:
        """Did a server that `start` started end by itself?"""
        return self._server is not None and self._server.poll() is not None

    def log_tail(self, lines: int = 20) -> str:
        """The last lines the server wrote."""
        if not self.log_file.exists():
            return ""
        return "\n".join(self.log_file.read_text(errors="replace").splitlines()[-lines:])

    # -- databases -------------------------------------------------------------------------

    def url(self, database: str, *, user: str = SUPERUSER) -> str:
        """An SQLAlchemy address of a database in this cluster."""
        where = urlencode({"host": str(self.socket_dir), "port": PORT})
        return f"postgresql+psycopg2://{quote(user)}@/{quote(database)}?{where}"

    def connect(self, database: str = "postgres", *, user: str = SUPERUSER) -> Connection:
        """A plain autocommit connection."""
        link = psycopg2.connect(host=str(self.socket_dir), port=PORT, dbname=database, user=user)
        link.autocommit = True
        return link

    def has_database(self, name: str) -> bool:
        """Is there a database of this name?"""
        with self.connect() as link, link.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
            return cursor.fetchone() is not None

    def create_database(self, name: str, *, template: str = "template0", owner: str | None = None) -> None:
        """CREATE DATABASE, from a prepared template when one is named."""
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        if owner is not None:
            statement += sql.SQL(" OWNER {}").format(sql.Identifier(owner))
        self._execute(statement)

    def drop_database(self, name: str) -> None:
        """DROP DATABASE, throwing out whoever is still connected."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    # -- inside ----------------------------------------------------------------------------

    def _execute(self, statement: sql.Composable) -> None:
        link = self.connect()
        try:
            with link.cursor() as cursor:
                cursor.execute(statement)
        finally:
            link.close()

    def _run(self, program: Path, *arguments: str) -> None:
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": LOCALE}
        done = subprocess.run(
            [program, *arguments],
            cwd="/",
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            **self.user.popen_arguments,  # type: ignore[call-overload]
        )
        if done.returncode != 0:
            raise ClusterFailed(f"{program.name}: {done.stderr.strip() or done.stdout.strip()}")

    def _write(self, name: str, text: str) -> None:
        path = self.data_dir / name
        path.write_text(text)
        if os.geteuid() == 0:
            os.chown(path, self.user.uid, self.user.gid)
