"""Where the Debian programs are, and which package brings each that is missing."""

import os
import pwd
import shutil
from dataclasses import dataclass
from pathlib import Path

POSTGRES_HOME = Path("/usr/lib/postgresql")
POSTGRES_SHARE = Path("/usr/share/postgresql")


class MissingProgram(RuntimeError):
    """A program the launcher needs is not installed."""

    def __init__(self, program: str, package: str) -> None:
        super().__init__(f"{program} is not installed; the Debian package is {package}")
        self.program = program
        self.package = package


@dataclass(frozen=True, kw_only=True)
class ServiceUser:
    """The operating-system user a service runs as."""

    name: str
    uid: int
    gid: int

    @property
    def popen_arguments(self) -> dict[str, object]:
        """Arguments for subprocess that drop to this user; none when we are that user already."""
        if os.geteuid() == self.uid:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def postgres_bin() -> Path:
    """The newest installed PostgreSQL that has PostGIS."""
    versions = sorted(
        (p for p in POSTGRES_HOME.glob("*/bin/initdb") if p.parent.parent.name.isdigit()),
        key=lambda p: int(p.parent.parent.name),
        reverse=True,
    )
    if not versions:
        raise MissingProgram("PostgreSQL", "postgresql-15-postgis-3")
    for initdb in versions:
        version = initdb.parent.parent.name
        if (POSTGRES_SHARE / version / "extension" / "postgis.control").exists():
            return initdb.parent
    raise MissingProgram("PostGIS", "postgresql-15-postgis-3")


def redis_server() -> Path:
    """The Redis server program."""
    found = shutil.which("redis-server", path="/usr/bin:/usr/local/bin:/bin")
    if found is None:
        raise MissingProgram("redis-server", "redis-server")
    return Path(found)


def database_user() -> ServiceUser:
    """Who owns the private cluster: PostgreSQL refuses root, so root hands over to `postgres`."""
    if os.geteuid() != 0:
        entry = pwd.getpwuid(os.geteuid())
    else:
        try:
            entry = pwd.getpwnam("postgres")
        except KeyError:
            raise MissingProgram("the system user postgres", "postgresql-common") from None
    return ServiceUser(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)
