"""What each filing freezes of its system's cameras, kept on disk between drawing the cameras and writing the filings."""

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any, Final

from portal.registry.rules import FILED

# As the registry writes what it freezes; one encoder for all, since making one costs more than a camera.
CANONICAL: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
_KEPT = (*FILED, "version")


class Freezer:
    """Extracts of the cameras of systems that filed, in the order they were drawn.

    A million cameras make a few hundred megabytes: too much to hold, little enough for a temporary file.
    """

    def __init__(self) -> None:
        self._file: IO[str] = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - closed by close()

    def keep(self, system: int, rows: Sequence[Mapping[str, Any]]) -> None:
        """Remember the cameras of a system, as rows of the camera table."""
        ordered = sorted(rows, key=lambda row: row["id"].int)
        self._file.write(f"{system}\t{CANONICAL.encode([_extract(row) for row in ordered])}\n")

    def kept(self) -> Iterator[tuple[int, str]]:
        """Every system with its extracts, a JSON list each."""
        self._file.seek(0)
        for line in self._file:
            system, _, cameras = line.rstrip("\n").partition("\t")
            yield int(system), cameras

    def close(self) -> None:
        """Drop the file."""
        self._file.close()


def _extract(row: Mapping[str, Any]) -> dict[str, Any]:
    position = [f"{float(row['declared_lon']):.7f}", f"{float(row['declared_lat']):.7f}"]
    return {name: row[name] for name in _KEPT} | {
        "id": str(row["id"]),
        "position": position,
        "secret": bool(row.get("secret")),
    }
