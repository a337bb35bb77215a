"""Where one portal keeps everything: the directory given by `--data`, and nothing outside it.

The one exception: when the database's own user cannot walk into that directory (a clone under root's home), the
cluster stands under /var/lib/portal, in a directory named after this one.
"""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from portal.launcher.programs import database_user
from portal.launcher.sockets import reachable_by

ELSEWHERE = Path("/var/lib/portal")


@dataclass(frozen=True)
class Layout:
    """The parts of a portal's directory."""

    root: Path

    @property
    def postgres(self) -> Path:
        """Owned by the database's user; the cluster is `data` inside."""
        inside = self.root / "postgres"
        digest = hashlib.sha256(os.fsencode(self.root)).hexdigest()[:12]
        outside = ELSEWHERE / digest / "postgres"
        # Once made it stays where it is, whatever happens to the permissions above it.
        for made in (inside, outside):
            if made.exists():
                return made
        return inside if reachable_by(self.root.parent, database_user()) else outside

    @property
    def redis(self) -> Path:
        """The broker's append-only file."""
        return self.root / "redis"

    @property
    def keys(self) -> Path:
        """Every secret, mode 0400."""
        return self.root / "keys"

    @property
    def files(self) -> Path:
        """Stored documents (the setting `data_dir`)."""
        return self.root / "files"

    @property
    def witnesses(self) -> tuple[Path, Path]:
        """Two places for audit checkpoints. In production they belong to other accounts or machines."""
        return self.root / "witness" / "a", self.root / "witness" / "b"

    @property
    def backups(self) -> Path:
        """Base backups and the write-ahead log that leads on from them."""
        return self.postgres.parent / "backups"

    @property
    def logs(self) -> Path:
        """What each process writes."""
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """The lock, the schedule's memory."""
        return self.root / "run"

    @property
    def pids(self) -> Path:
        """Process numbers by name, kept current while the portal runs."""
        return self.root / "pids.json"

    @property
    def unfinished(self) -> Path:
        """Stands from the first start's beginning until the first city is complete."""
        return self.root / "first-start.unfinished"

    @property
    def demo_note(self) -> Path:
        """Stands when this portal holds the demonstration city; says how large a one."""
        return self.root / "demo.json"

    @property
    def settings_note(self) -> Path:
        """How the portal was started last: profile and address, for commands that join it."""
        return self.run / "settings.json"

    def make(self) -> None:
        """Create the directories that belong to us. The database's user must be able to pass through the root."""
        self.root.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o711)
        for path in (self.keys, self.files, *self.witnesses, self.logs, self.run):
            path.mkdir(parents=True, exist_ok=True)
            path.chmod(0o700)


def write_json(path: Path, value: object) -> None:
    """Replace a small file in one step."""
    partial = path.with_name(path.name + ".partial")
    partial.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n")
    partial.replace(path)
