"""The settings that each process of a launched portal is given, and no process more than it needs."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass

from portal.launcher.broker import PrivateRedis
from portal.launcher.cluster import PrivateCluster
from portal.launcher.keys import Keys
from portal.launcher.layout import Layout

DATABASE = "portal"
# Where the demonstration's devices listen (portal.demo.plan.NETWORK); the portal's own services are not in it.
SIMULATED_CAMERAS = "127.82.0.0/16"
# What a program needs to run at all; everything else of the caller's environment stays outside.
INHERITED = ("PATH", "HOME", "TERM", "TMPDIR", "USER", "COVERAGE_PROCESS_START")
# Settings an operator may give on the command line of a demonstration.
PASSED_ON = (
    "PORTAL_CLOCK",
    "PORTAL_CRASH",
    "PORTAL_LOG_LEVEL",
    "PORTAL_TOTP_REQUIRED",
    "PORTAL_PROBE_INTERVAL_SECONDS",
    "PORTAL_PROBE_NETWORKS",
    "PORTAL_PROBE_PORTS",
    "PORTAL_BASE_TILES_URL",
    "PORTAL_CLAMD_SOCKET",
)


@dataclass(frozen=True, kw_only=True)
class Environments:
    """Builds the environment of each kind of process."""

    layout: Layout
    keys: Keys
    cluster: PrivateCluster
    broker: PrivateRedis
    profile: str
    address: str

    def common(self) -> dict[str, str]:
        """Web and workers: the application's role and the read-only map role, no key that signs the audit log."""
        environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
        environment |= {name: os.environ[name] for name in PASSED_ON if name in os.environ}
        environment |= {
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "PYTHONUNBUFFERED": "1",
            "PORTAL_PROFILE": self.profile,
            "PORTAL_DATABASE_URL": self.cluster.url(DATABASE, user="portal_app"),
            "PORTAL_MAP_DATABASE_URL": self.cluster.url(DATABASE, user="portal_map"),
            "PORTAL_REDIS_URL": self.broker.celery_url,
            "PORTAL_DATA_DIR": str(self.layout.files),
            "PORTAL_SECRET_KEY_FILE": str(self.keys.session),
            "PORTAL_SCOPE_KEY_FILE": str(self.keys.scope),
            "PORTAL_FIELD_KEYS_DIR": str(self.keys.fields),
            "PORTAL_AUDIT_WITNESS_DIRS": ",".join(str(path) for path in self.layout.witnesses),
            "PORTAL_AUDIT_PUBLIC_KEY_FILE": str(self.keys.audit_public),
            "PORTAL_BASE_URL": self.address,
        }
        environment.setdefault("PORTAL_TOTP_REQUIRED", "false")
        # Where the simulated devices listen, apart from the portal's own part of loopback; nothing else is ever
        # probed unless the operator says so.
        environment.setdefault("PORTAL_PROBE_NETWORKS", "127.64.0.0/10")
        return environment

    def owner(self) -> Mapping[str, str]:
        """Migrations and the first load: also the role that owns the tables."""
        return {**self.common(), "PORTAL_OWNER_DATABASE_URL": self.cluster.url(DATABASE)}

    def sealer(self) -> Mapping[str, str]:
        """The audit sealer: its own role and the signing key."""
        return {
            **self.common(),
            "PORTAL_SEALER_DATABASE_URL": self.cluster.url(DATABASE, user="portal_sealer"),
            "PORTAL_AUDIT_KEY_FILE": str(self.keys.audit),
        }

    def everything(self) -> Mapping[str, str]:
        """The operator's own commands: `portal --of DIR …`."""
        return {**self.common(), **self.owner(), **self.sealer()}


def environments_of(layout: Layout, *, cluster: PrivateCluster | None = None) -> Environments:
    """The environments of a portal that was started before; over another cluster when one is given."""
    note = json.loads(layout.settings_note.read_text()) if layout.settings_note.exists() else {}
    return Environments(
        layout=layout,
        keys=Keys(layout.keys),
        cluster=cluster or PrivateCluster(layout.postgres / "data", layout.postgres / "socket"),
        broker=PrivateRedis(layout.redis, layout.run / "redis"),
        profile=note.get("profile", "demo"),
        address=note.get("address", "http://127.0.0.1:8000"),
    )
