"""Looks into zip and OLE2 containers by their directories, before any parser unpacks a byte."""

import re
import zipfile
import zlib
from pathlib import Path

from portal.vault.values import MIB, FileType, Refusal, Refused

MOST_ENTRIES = 2_000
MOST_RATIO = 100
MOST_UNPACKED_BYTES = 600 * MIB  # 100,000 rows of 40 columns are 300 MiB of XML
# Small parts may compress far better than a hundredfold without being a bomb.
_RATIO_FREE_BYTES = MIB

_PARTS = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|(docProps|customXml|customUI|xl|\[trash\])/[\w\-. /\[\]()]+", re.ASCII
)
_MACRO_PARTS = re.compile(r"vbaProject|vbaData|macrosheets/|activeX/", re.IGNORECASE)
_CHUNK = 256 * 1024


def look_into_zip(path: Path) -> FileType | str:
    """XLSX, or the name of what else the container is. Refuses bombs, traversal, macros and foreign parts."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            check_directory(entries, packed_bytes=path.stat().st_size)
            names = {entry.filename for entry in entries}
            if "[Content_Types].xml" not in names:
                return _other_zip(names)
            return _office_type(archive, names)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, UnicodeDecodeError) as error:
        raise Refused(Refusal.DAMAGED, reason=type(error).__name__) from None


def check_directory(entries: list[zipfile.ZipInfo], *, packed_bytes: int) -> None:
    """Refuse by what the directory promises: too many entries, too much, too dense, overlapping, or out of its root."""
    if len(entries) > MOST_ENTRIES:
        raise Refused(Refusal.BOMB, reason="entries", found=len(entries), most=MOST_ENTRIES)
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MOST_UNPACKED_BYTES:
        raise Refused(Refusal.BOMB, reason="size", found=unpacked, most=MOST_UNPACKED_BYTES)
    # Entries that share the same compressed bytes promise more packed bytes than the file has.
    if sum(entry.compress_size for entry in entries) > packed_bytes:
        raise Refused(Refusal.BOMB, reason="overlap")
    for entry in entries:
        if entry.file_size > _RATIO_FREE_BYTES and entry.file_size > MOST_RATIO * max(1, entry.compress_size):
            raise Refused(
                Refusal.BOMB, reason="ratio", found=entry.file_size // max(1, entry.compress_size), most=MOST_RATIO
            )
        name = entry.filename
        if name.startswith(("/", "\\")) or "\\" in name or ":" in name or ".." in name.split("/") or "\x00" in name:
            raise Refused(Refusal.MIXED_CONTENT, found="zip", hidden="path")
        if entry.flag_bits & 0x1:
            raise Refused(Refusal.ENCRYPTED_WORKBOOK)


def _other_zip(names: set[str]) -> str:
    if "OFD.xml" in names:
        return "ofd"
    if "META-INF/MANIFEST.MF" in names:
        return "jar"
    if "mimetype" in names and "content.xml" in names:
        return "odf"
    return "zip"


def _office_type(archive: zipfile.ZipFile, names: set[str]) -> FileType | str:
    with archive.open("[Content_Types].xml") as part:
        types = part.read(MIB)
    if b"macroEnabled" in types or b"vbaProject" in types or any(_MACRO_PARTS.search(name) for name in names):
        raise Refused(Refusal.MACRO_WORKBOOK)
    if b"wordprocessingml" in types:
        return "docx"
    if b"presentationml" in types:
        return "pptx"
    if b"spreadsheetml.sheet.main" not in types and b"spreadsheetml.template.main" not in types:
        return "xlsb" if b"sheet.binary" in types else "zip"
    for name in names:
        if not name.endswith("/") and not _PARTS.fullmatch(name):
            raise Refused(Refusal.MIXED_CONTENT, found="xlsx", hidden=name[:80])
    return FileType.XLSX


def look_into_ole(path: Path) -> FileType | str:
    """XLS, or the name of what else the OLE2 container is. Stream names stand in its directory as UTF-16."""
    wanted = {
        "EncryptedPackage": b"EncryptedPackage",
        "VBA": b"_VBA_PROJECT",
        "Workbook": b"Workbook",
        "Book": b"Book",
        "WordDocument": b"WordDocument",
        "PowerPoint": b"PowerPoint Document",
    }
    seen = _streams_named(path, {key: _utf16(name) for key, name in wanted.items()})
    if "EncryptedPackage" in seen:
        raise Refused(Refusal.ENCRYPTED_WORKBOOK)
    if "WordDocument" in seen:
        return "doc"
    if "PowerPoint" in seen:
        return "ppt"
    if not seen & {"Workbook", "Book"}:
        return "ole"
    if "VBA" in seen:
        raise Refused(Refusal.MACRO_WORKBOOK)
    return FileType.XLS


def _streams_named(path: Path, wanted: dict[str, bytes]) -> set[str]:
    # Directory entries are 128 bytes, start with the name and lie on 128-byte borders of the file.
    seen: set[str] = set()
    with path.open("rb") as stream:
        while piece := stream.read(_CHUNK):
            for key, name in wanted.items():
                at = piece.find(name)
                while at >= 0:
                    if at % 128 == 0:
                        seen.add(key)
                        break
                    at = piece.find(name, at + 1)
    return seen


def _utf16(name: bytes) -> bytes:
    return name.decode().encode("utf-16-le") + b"\x00\x00"
