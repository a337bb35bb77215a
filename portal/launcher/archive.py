"""The place where backups stand, and how the running database feeds it.

    backups/
      wal/                the write-ahead log, segment by segment, as the server hands it over
      files/              stored documents; named after their content, so a copy never goes stale
      <moment>/base/      one base backup
      <moment>/note.json  written last: a backup without its note was cut short and does not count

Any second from the end of the oldest base backup on can be restored: the base, then the log up to that second.
"""

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from portal.launcher.programs import ServiceUser
from portal.launcher.sockets import private_directory
from portal.launcher.speech import Refusal

# Seconds of quiet after which a half-filled log segment is handed over: the most that a dead disk can cost.
ARCHIVE_TIMEOUT = 60


@dataclass(frozen=True, kw_only=True)
class Note:
    """What a backup says about itself."""

    name: str
    started: str
    finished: str
    first_segment: str
    schema: str
    version: str
    key_ids: tuple[str, ...]

    @property
    def finished_at(self) -> datetime:
        """From this moment on the backup can be restored."""
        return datetime.fromisoformat(self.finished)


@dataclass(frozen=True)
class Archive:
    """The backups directory of one portal."""

    root: Path

    @property
    def wal(self) -> Path:
        """Log segments, compressed."""
        return self.root / "wal"

    @property
    def files(self) -> Path:
        """Stored documents."""
        return self.root / "files"

    def make(self, user: ServiceUser) -> None:
        """Create it; both parts that the server writes belong to the server's user."""
        private_directory(self.root, user)
        private_directory(self.wal, user)

    def settings(self) -> Mapping[str, str]:
        """Server settings: hand segments over once the archive exists, and do nothing until the first backup.

        A segment appears under its name only when it is whole and on disk.
        """
        wal = str(self.wal)
        if "'" in wal or "%" in wal:
            raise Refusal(
                f"目录名不能含引号或百分号：{wal}", f"the path must not hold a quote or a percent sign: {wal}"
            )
        keep = (
            f"test ! -d '{wal}' || test -f '{wal}/%f.gz' || "
            f"(gzip -1 < '%p' > '{wal}/%f.part' && sync '{wal}/%f.part' && mv '{wal}/%f.part' '{wal}/%f.gz')"
        )
        return {"archive_mode": "on", "archive_command": keep, "archive_timeout": str(ARCHIVE_TIMEOUT)}

    def fetch_command(self) -> str:
        """How a restoring server asks for a segment."""
        return f"gunzip -c '{self.wal}/%f.gz' > '%p'"

    def notes(self) -> list[Note]:
        """Every complete backup, the oldest first."""
        found = []
        for path in sorted(self.root.glob("*/note.json")):
            content = json.loads(path.read_text())
            found.append(Note(**{**content, "key_ids": tuple(content["key_ids"])}))
        return found

    def write_note(self, note: Note) -> None:
        """Declare a backup complete."""
        path = self.root / note.name / "note.json"
        partial = path.with_suffix(".partial")
        with partial.open("w") as handle:
            json.dump(asdict(note), handle, indent=1)
            handle.flush()
            os.fsync(handle.fileno())
        partial.replace(path)

    def mirror_files(self, files: Path) -> int:
        """Copy stored documents that are not here yet; the number copied. What stands in quarantine is not stored."""
        copied = 0
        for path in sorted(files.rglob("*")):
            inside = path.relative_to(files)
            if inside.parts[0] == "quarantine" or path.name.startswith(".") or not path.is_file():
                continue
            copied += copy_once(path, self.files / inside)
        return copied

    def return_files(self, files: Path) -> int:
        """Put documents back that the portal's directory lacks; the number returned."""
        found = (path for path in sorted(self.files.rglob("*")) if path.is_file() and not path.name.startswith("."))
        return sum(copy_once(path, files / path.relative_to(self.files)) for path in found)

    def prune(self, keep: int) -> None:
        """Drop all but the newest `keep` backups, what was cut short, and the log that none of the kept ones needs."""
        notes = self.notes()
        kept = notes[-keep:]
        complete = {note.name for note in kept}
        for path in self.root.iterdir():
            if path.is_dir() and path.name[:1].isdigit() and path.name not in complete:
                shutil.rmtree(path)
        if kept:
            # A name is timeline, then position; only the position says what is older.
            oldest = kept[0].first_segment[8:24]
            for segment in self.wal.glob("*.gz"):
                if len(segment.stem) >= 24 and segment.stem[8:24] < oldest:
                    segment.unlink()


def copy_once(source: Path, target: Path) -> int:
    """Copy a file whose content never changes; 0 when it is there already."""
    size = source.stat().st_size
    if target.exists() and target.stat().st_size == size:
        return 0
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    partial = target.with_name(f".{target.name}.partial")
    shutil.copyfile(source, partial)
    partial.chmod(0o600)
    with partial.open("rb") as handle:
        os.fsync(handle.fileno())
    partial.replace(target)
    return 1
