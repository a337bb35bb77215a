"""What an upload may be, and how the open protocol says it (tus 1.0.0). Pure."""

import base64
import binascii
import unicodedata
from dataclasses import dataclass

from portal.core.errors import Problem
from portal.evidence.values.uploads import DISK_RESERVE, GIGABYTE, MOST_PARTS

VERSION = "1.0.0"
EXTENSIONS = "creation,expiration,checksum,termination"
ALGORITHMS = ("sha1", "sha256")


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What the rules and the disk leave for one request."""

    file_gigabytes: int
    request_gigabytes: int
    taken: int
    files: int
    files_most: int
    room: int

    @property
    def file_bytes(self) -> int:
        """The largest file."""
        return self.file_gigabytes * GIGABYTE


def faults_of(name: str, size: int, bounds: Bounds) -> list[Problem]:
    """Why a file of this name and claimed size is not taken."""
    if not _fits(name) or size <= 0:
        return [Problem("file", "evidence.upload_empty" if _fits(name) else "evidence.upload_name")]
    if size > bounds.file_bytes:
        return [Problem("file", "evidence.upload_too_large", {"most": bounds.file_gigabytes})]
    if bounds.taken + size > bounds.request_gigabytes * GIGABYTE:
        return [Problem("file", "evidence.upload_request_full", {"most": bounds.request_gigabytes})]
    if bounds.files >= bounds.files_most:
        return [Problem("file", "evidence.upload_files_full", {"most": bounds.files_most})]
    # While it is sealed under its digest a file stands twice on the disk.
    if bounds.room - 2 * size < DISK_RESERVE:
        return [Problem("file", "evidence.upload_no_room")]
    return []


def _fits(name: str) -> bool:
    # A mark that turns the writing round makes another name of it on the page and on paper.
    hidden = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    bad = any(char in "/\\" or unicodedata.category(char) in hidden for char in name)
    return 0 < len(name.strip()) <= 200 and not bad


def may_add(parts: int) -> bool:
    """Whether a file already cut into so many parts takes one more."""
    return parts < MOST_PARTS


def metadata(header: str) -> dict[str, str]:
    """`Upload-Metadata`: pairs of a key and a base64 value; what is malformed is left out."""
    found = {}
    for pair in header.split(","):
        key, _, value = pair.strip().partition(" ")
        try:
            found[key] = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
    return found


def checksum(header: str) -> tuple[str, bytes] | None:
    """`Upload-Checksum`: algorithm and digest, or None where it says neither one we know nor base64."""
    algorithm, _, value = header.strip().partition(" ")
    if algorithm not in ALGORITHMS:
        return None
    try:
        return algorithm, base64.b64decode(value.strip(), validate=True)
    except binascii.Error:
        return None


def whole_number(text: str) -> int | None:
    """A count of bytes as the protocol writes it, or None."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 16 else None
