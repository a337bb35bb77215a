"""What a child process gives up before it opens a stranger's file.

Five walls, each useful without the others, because kernels and containers differ in which they allow:

- resource limits (memory, CPU, file size, open files): always there;
- no new privileges, no core dump, death with the parent: always there on Linux;
- Landlock: reads only the interpreter, the libraries and the fonts; writes only in the job's own directory. It is the
  wall that keeps a hijacked parser from the key files, which belong to the same user;
- an empty network namespace, where the kernel lets this user make one;
- a seccomp filter that refuses sockets, programs and tracing, so that a missing namespace opens no network.

`confine` returns the names of the walls that stand; `portal status` and the tests read them.
"""

import ctypes
import os
import platform
import resource
import signal
import struct
import sys
from dataclasses import dataclass
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000

# The same numbers on every architecture (asm-generic).
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_FS_EXECUTE, _FS_WRITE_FILE, _FS_READ_FILE, _FS_READ_DIR = 1, 2, 4, 8
_FS_ALL_OF_ABI_1 = (1 << 13) - 1

# architecture: (audit number, refused system calls): socket, connect, bind, listen, sendto, execve, execveat, ptrace,
# kill, fork and vfork where they exist, io_uring_setup, process_vm_readv, process_vm_writev.
_SECCOMP = {
    "x86_64": (0xC000003E, (41, 42, 49, 50, 44, 59, 322, 101, 62, 57, 58, 425, 310, 311)),
    "aarch64": (0xC00000B7, (198, 203, 200, 201, 206, 221, 281, 117, 129, 425, 270, 271)),
}
_RETURN_ALLOW, _RETURN_EPERM, _RETURN_KILL = 0x7FFF0000, 0x00050001, 0x80000000
_X32_BIT = 0x40000000


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one job may use. The wall clock is kept by the parent, the rest by the kernel."""

    memory_bytes: int
    cpu_seconds: int
    wall_seconds: float
    file_bytes: int
    open_files: int = 64


def confine(limits: Limits, workdir: Path) -> tuple[str, ...]:
    """Give up everything the job does not need. Not to be undone; the limits are hard ones."""
    _limit_resources(limits)
    walls = ["limits"]
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    _LIBC.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    if _LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
        walls.append("no-new-privileges")
    if _LIBC.unshare(_CLONE_NEWNET) == 0 or _LIBC.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0:
        walls.append("no-network-namespace")
    if _landlock(workdir):
        walls.append("landlock")
    if _seccomp():
        walls.append("seccomp")
    return tuple(walls)


def _limit_resources(limits: Limits) -> None:
    # One CPU second between the soft and the hard limit: SIGXCPU tells the parent "too slow", SIGKILL would not.
    resource.setrlimit(resource.RLIMIT_CPU, (limits.cpu_seconds, limits.cpu_seconds + 1))
    for kind, value in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (value, value))


def _readable() -> tuple[Path, ...]:
    package = Path(__file__).resolve().parents[1]
    system = ("/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/fonts", "/etc/mime.types", "/dev/urandom")
    interpreter: tuple[str | Path, ...] = (
        sys.prefix,
        sys.base_prefix,
        sys.exec_prefix,
        Path(sys.executable).resolve().parent,
    )
    libraries = (part for part in sys.path if part and Path(part) != package.parent)
    return (package, *map(Path, (*system, *interpreter, *libraries)))


def _landlock(workdir: Path) -> bool:
    """Read the code and the job's directory, write the job's directory, nothing else on the file system."""
    ruleset = ctypes.create_string_buffer(struct.pack("=Q", _FS_ALL_OF_ABI_1))
    fence = _LIBC.syscall(_LANDLOCK_CREATE, ruleset, ctypes.c_size_t(8), 0)
    if fence < 0:
        return False
    try:
        for path in _readable():
            _landlock_allow(fence, path, _FS_READ_FILE | _FS_READ_DIR)
        # The import system lists the directory that holds the package; it must not read what lies beside it.
        _landlock_allow(fence, Path(__file__).resolve().parents[2], _FS_READ_DIR)
        _landlock_allow(fence, workdir, _FS_ALL_OF_ABI_1 & ~_FS_EXECUTE)
        return bool(_LIBC.syscall(_LANDLOCK_RESTRICT, fence, 0) == 0)
    finally:
        os.close(fence)


def _landlock_allow(fence: int, path: Path, access: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not path.is_dir():
            access &= _FS_WRITE_FILE | _FS_READ_FILE | _FS_EXECUTE
        rule = ctypes.create_string_buffer(struct.pack("=Qi", access, handle))
        _LIBC.syscall(_LANDLOCK_ADD, fence, 1, rule, 0)
    finally:
        os.close(handle)


def _seccomp() -> bool:
    known = _SECCOMP.get(platform.machine())
    if known is None:
        return False
    architecture, refused = known
    load, jump_equal, jump_at_least, answer = 0x20, 0x15, 0x35, 0x06
    steps = [
        (load, 0, 0, 4),
        (jump_equal, 1, 0, architecture),
        (answer, 0, 0, _RETURN_KILL),
        (load, 0, 0, 0),
        # The x32 calls of x86_64 carry other numbers for the same things.
        (jump_at_least, len(refused) + 1, 0, _X32_BIT),
        *((jump_equal, len(refused) - index, 0, number) for index, number in enumerate(refused)),
        (answer, 0, 0, _RETURN_ALLOW),
        (answer, 0, 0, _RETURN_EPERM),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    program = ctypes.create_string_buffer(struct.pack("@HP", len(steps), ctypes.addressof(code)))
    return bool(_LIBC.prctl(_PR_SET_SECCOMP, 2, program, 0, 0) == 0)
