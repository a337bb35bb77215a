"""What a portal consists of while it runs."""

import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from portal.launcher.broker import PrivateRedis
from portal.launcher.cluster import PrivateCluster
from portal.launcher.environment import Environments
from portal.launcher.layout import Layout
from portal.launcher.supervisor import Process

ROOT = Path(__file__).resolve().parents[2]

# Each queue has exactly one kind of worker; tests/architecture compares this with the queues in the code.
WORKERS: Mapping[str, tuple[tuple[str, ...], int]] = {
    "worker": (("default", "mail", "import"), 2),
    # Lanes of their own: what is dead is waited for in vain, and must not keep the living or a person waiting.
    "probe-worker": (("probe.live",), 1),
    "down-worker": (("probe.down",), 1),
    "auth-worker": (("probe.auth",), 1),
    "now-worker": (("probe.now",), 1),
    # Other people's servers take their time.
    "hook-worker": (("webhook",), 1),
}


def postgres(cluster: PrivateCluster) -> Process:
    """The database; INT is its clean, immediate way to end."""
    return Process(
        name="postgres",
        argv=cluster.command(),
        user=cluster.user,
        ask=signal.SIGINT,
        patience=30.0,
        foundation=True,
        environment={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
    )


def redis(broker: PrivateRedis) -> Process:
    """The broker."""
    return Process(name="redis", argv=broker.command(), cwd=broker.data_dir, foundation=True)


def web(environments: Environments, *, bind: str, port: int) -> Process:
    """gunicorn with threads: most of a request is waiting for the database."""
    argv = [
        *python("gunicorn", "portal.wsgi:app"),
        *("--bind", f"{bind}:{port}"),
        *("--worker-class", "gthread", "--workers", "2", "--threads", "8"),
        # Imported once for all workers, and a killed one is replaced by a fork in milliseconds.
        "--preload",
        *("--timeout", "60", "--graceful-timeout", "5", "--keep-alive", "15"),
        *("--worker-tmp-dir", "/dev/shm"),  # noqa: S108 - a heartbeat file that must not sit on a slow disk
        # Its default path is one for all portals of a user.
        "--no-control-socket",
        *("--max-requests", "20000", "--max-requests-jitter", "2000"),
    ]
    return Process(name="web", argv=argv, environment=environments.common(), cwd=ROOT)


def workers(environments: Environments, layout: Layout) -> list[Process]:
    """Celery workers, one kind a group of queues, and the schedule."""
    made = []
    for name, (queues, processes) in WORKERS.items():
        argv = [
            *python("celery", "-A", "portal.celeryd", "worker"),
            *("--queues", ",".join(queues)),
            *("--concurrency", str(processes)),
            *("--hostname", f"{name}@%h"),
            *("--loglevel", "INFO", "--without-gossip", "--without-mingle"),
        ]
        made.append(Process(name=name, argv=argv, environment=environments.common(), cwd=ROOT))
    beat = [
        *python("celery", "-A", "portal.celeryd", "beat"),
        *("--schedule", str(layout.run / "celerybeat-schedule")),
        *("--pidfile=", "--loglevel", "INFO"),
    ]
    made.append(Process(name="beat", argv=beat, environment=environments.common(), cwd=ROOT))
    return made


def sealer(environments: Environments) -> Process:
    """Orders, chains and signs the audit log."""
    return Process(
        name="sealer",
        argv=python("portal", "audit", "seal", "--forever"),
        environment=environments.sealer(),
        cwd=ROOT,
    )


def devices(environments: Environments, layout: Layout) -> Process:
    """The demonstration city's cameras; through the socket one of them is unplugged for a visitor."""
    argv = python("portal", "demo", "devices", "--control", str(layout.run / "devices.sock"))
    return Process(name="devices", argv=argv, environment=environments.common(), cwd=ROOT)


def background(environments: Environments, layout: Layout, *, demo: bool) -> list[Process]:
    """Everything beside the web server, in the order it starts."""
    simulated = [devices(environments, layout)] if demo else []
    return [*simulated, sealer(environments), *workers(environments, layout), archivist(environments, layout)]


def archivist(environments: Environments, layout: Layout) -> Process:
    """Copies newly stored documents beside the backups, once there are any."""
    argv = python("portal", "backup", "--follow", "--data", str(layout.root))
    return Process(name="archivist", argv=argv, environment=environments.common(), cwd=ROOT)


def python(module: str, *arguments: str) -> list[str]:
    """A module run by this very interpreter."""
    return [sys.executable, "-m", module, *arguments]
