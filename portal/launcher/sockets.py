"""Short, private directories for unix sockets."""

import hashlib
import os
import stat
import tempfile
from pathlib import Path

from portal.launcher.programs import ServiceUser

# sockaddr_un holds 108 bytes with the closing zero; the longest name we put in a directory is
# ".s.PGSQL.5432.lock", so a directory may have this many bytes at most.
LONGEST_DIRECTORY = 107 - len("/.s.PGSQL.5432.lock")


class UnsafeDirectory(RuntimeError):
    """Somebody else owns the directory that our sockets should stand in."""


def socket_directory(wanted: Path, user: ServiceUser) -> Path:
    """Make a 0700 directory owned by `user`: `wanted`, or a short stand-in when its path is too long."""
    path = wanted.absolute()
    if len(os.fsencode(path)) > LONGEST_DIRECTORY or not reachable_by(path.parent, user):
        digest = hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
        path = Path(tempfile.gettempdir()) / f"portal-{user.uid}-{digest}"
    return private_directory(path, user)


def private_directory(path: Path, user: ServiceUser) -> Path:
    """Make or check a directory that only `user` (and root) can enter."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        pass
    else:
        if os.geteuid() == 0:
            os.chown(path, user.uid, user.gid)
    # lstat, not stat: in /tmp another user could have left a link under the name we expect.
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {user.uid, os.geteuid()}:
        raise UnsafeDirectory(f"{path} belongs to another user")
    if os.geteuid() == 0 and found.st_uid != user.uid:
        os.chown(path, user.uid, user.gid)
    if stat.S_IMODE(found.st_mode) != 0o700:
        path.chmod(0o700)
    return path


def reachable_by(path: Path, user: ServiceUser) -> bool:
    """Can `user` walk down to `path`? A clone under root's home is closed to `postgres`."""
    if user.uid in {0, os.geteuid()}:
        return True
    existing = path.absolute()
    while not existing.exists():
        existing = existing.parent
    return all(_may_enter(step.stat(), user) for step in (existing, *existing.parents))


def _may_enter(found: os.stat_result, user: ServiceUser) -> bool:
    if found.st_uid == user.uid:
        return bool(found.st_mode & stat.S_IXUSR)
    if found.st_gid == user.gid:
        return bool(found.st_mode & stat.S_IXGRP)
    return bool(found.st_mode & stat.S_IXOTH)
