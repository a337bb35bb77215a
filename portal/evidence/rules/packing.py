"""A court package: parts under one root, written so that the same parts always give the same bytes. Pure.

`static/verify.py` knows the format a second time, on purpose: it must not share a line with what it checks.
"""

import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.core.digest import digests_of
from portal.evidence.rules import merkle_root

FORMAT = "portal-court-package/1"
MANIFEST, ANCHOR = "manifest.json", "anchor.json"
STATIC = Path(__file__).parents[1] / "static"
PROGRAM, README = STATIC / "verify.py", STATIC / "README.txt"
# Before 1980 an archive knows no time, and any other would make the bytes depend on the clock.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Head:
    """What a package is: whose request, under which serial, when and by whom made, for whom."""

    request: str
    serial: str
    made_at: str
    made_by: str
    recipient: str

    def as_json(self) -> dict[str, Any]:
        """The head as the root covers it."""
        return {
            "format": FORMAT,
            "request": self.request,
            "serial": self.serial,
            "made_at": self.made_at,
            "made_by": self.made_by,
            "recipient": self.recipient,
        }


def canonical(value: Any) -> bytes:
    """One byte sequence for one meaning: sorted keys, no blanks, text as it is."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def json_part(value: Any) -> bytes:
    """A part that is read by programs."""
    return canonical(value) + b"\n"


def manifest_of(head: Head, parts: Mapping[str, bytes]) -> dict[str, Any]:
    """Head, every part with its digests in order, and the root over all of it."""
    lines = []
    for name, data in parts.items():
        digests = digests_of(data)
        lines.append({"name": name, "size": len(data), "sha256": digests.sha256, "sm3": digests.sm3})
    said = head.as_json()
    leaves = [canonical({**said, "count": len(lines)}), *(canonical(line) for line in lines)]
    return {**said, "entries": lines, "root": merkle_root(leaves)}


def pack(manifest: Mapping[str, Any], parts: Mapping[str, bytes], anchor: bytes) -> bytes:
    """The archive: manifest, parts, anchor; stored, without times."""
    everything = [(MANIFEST, json_part(manifest)), *parts.items(), (ANCHOR, anchor)]
    return write_archive(everything)


def write_archive(everything: Sequence[tuple[str, bytes]]) -> bytes:
    """The bytes of an archive with these parts in this order."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, data in everything:
            entry = zipfile.ZipInfo(name, _NO_TIME)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, data)
    return out.getvalue()
