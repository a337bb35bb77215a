"""What a file is, by its content. The name it came with is never asked."""

import codecs
from pathlib import Path

import puremagic

from portal.vault.containers import look_into_ole, look_into_zip
from portal.vault.values import FileType, Refusal, Refused

_HEAD_BYTES = 64 * 1024
# The end record of a zip and its longest comment; a zip may hide behind anything.
_ZIP_END = b"PK\x05\x06"
_ZIP_TAIL_BYTES = 22 + 65535

_SIGNATURES = (
    (b"%PDF-", FileType.PDF),
    (b"\xff\xd8\xff", FileType.JPEG),
    (b"\x89PNG\r\n\x1a\n", FileType.PNG),
)
_UTF16_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_TEXT_CONTROLS = frozenset(b"\t\n\r\x0c\x1a\x1b")


def identify(path: Path) -> FileType | str:
    """The type, or the best name for a type that is not known here. Refuses damaged and mixed files."""
    with path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES)
        stream.seek(max(0, path.stat().st_size - _ZIP_TAIL_BYTES))
        tail = stream.read()
    if not head:
        raise Refused(Refusal.EMPTY)
    found = _by_magic(path, head)
    if isinstance(found, FileType) and found not in {FileType.XLSX, FileType.CSV} and _ZIP_END in tail:
        raise Refused(Refusal.MIXED_CONTENT, found=found.value, hidden="zip")
    return found


def _by_magic(path: Path, head: bytes) -> FileType | str:
    for signature, kind in _SIGNATURES:
        if head.startswith(signature):
            return kind
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return FileType.WEBP
    if head.startswith(b"PK\x03\x04"):
        return look_into_zip(path)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return look_into_ole(path)
    return _name_of_the_rest(head)


def _name_of_the_rest(head: bytes) -> FileType | str:
    named = _puremagic_name(head)
    if named is None and _is_text(head):
        return FileType.CSV
    return named or "unknown"


def _puremagic_name(head: bytes) -> str | None:
    try:
        matches = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return None
    # A short signature matches plain text by chance; only a sure match may overrule "this is text".
    best = max(matches, key=lambda match: match.confidence, default=None)
    if best is None or best.confidence < 0.5 or len(best.byte_match or b"") < 3:
        return None
    return str(best.extension or best.mime_type or best.name).lstrip(".").lower()


def _is_text(head: bytes) -> bool:
    if head.startswith(_UTF16_BOMS):
        return True
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"{", b"%!", b"#!")):
        return False
    return not any(byte < 32 and byte not in _TEXT_CONTROLS for byte in head)
