"""What may be kept: kinds of files, the types each kind admits, sizes, and the closed list of refusals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from portal.audit.values import audit_tag

MIB = 1024 * 1024

FILE_STORED = audit_tag("vault:file:store", "File stored")
FILE_QUARANTINED = audit_tag("vault:file:quarantine", "File set aside as harmful")
FILE_ERASED = audit_tag("vault:file:erase", "Content of a file erased")


class Refused(Exception):
    """A file that must not be taken. The code is a `Refusal`; the data fills the sentence shown at the field."""

    def __init__(self, code: str, **data: object) -> None:
        super().__init__(code)
        self.code = code
        self.data: Mapping[str, object] = data


class Refusal(StrEnum):
    """Every reason to refuse a file. `portal.vault.labels` has a sentence for each."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    QUOTA = "quota"
    TYPE_NOT_ALLOWED = "type_not_allowed"
    MIXED_CONTENT = "mixed_content"
    ENCRYPTED_PDF = "encrypted_pdf"
    ENCRYPTED_WORKBOOK = "encrypted_workbook"
    MACRO_WORKBOOK = "macro_workbook"
    BOMB = "bomb"
    DAMAGED = "damaged"
    TOO_MANY_PAGES = "too_many_pages"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_MANY_ROWS = "too_many_rows"
    TOO_MANY_COLUMNS = "too_many_columns"
    CELL_TOO_LONG = "cell_too_long"
    NO_SUCH_SHEET = "no_such_sheet"
    ENCODING = "encoding"
    TOO_COMPLEX = "too_complex"
    MALWARE = "malware"


class FileType(StrEnum):
    """Types the vault can keep, found by content, never by name."""

    PDF = "pdf"
    JPEG = "jpeg"
    PNG = "png"
    WEBP = "webp"
    XLSX = "xlsx"
    XLS = "xls"
    CSV = "csv"
    GEOJSON = "geojson"
    # Footage as the recorder wrote it: never opened, never shown, only handed out as it came.
    NATIVE = "native"

    @property
    def media_type(self) -> str:
        """What it is served as."""
        return _MEDIA_TYPES[self]

    @property
    def suffix(self) -> str:
        """The suffix a download gets, whatever the uploader called the file."""
        return {FileType.JPEG: ".jpg"}.get(self, f".{self.value}")


_MEDIA_TYPES = {
    FileType.PDF: "application/pdf",
    FileType.JPEG: "image/jpeg",
    FileType.PNG: "image/png",
    FileType.WEBP: "image/webp",
    FileType.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    FileType.XLS: "application/vnd.ms-excel",
    FileType.CSV: "text/csv; charset=utf-8",
    FileType.GEOJSON: "application/geo+json",
    FileType.NATIVE: "application/octet-stream",
}

_PAPERS = frozenset({FileType.PDF, FileType.JPEG, FileType.PNG})
_PICTURES = frozenset({FileType.JPEG, FileType.PNG, FileType.WEBP})
SHEET_TYPES: frozenset[FileType] = frozenset({FileType.XLSX, FileType.XLS, FileType.CSV})


class FileKind(StrEnum):
    """What a file is for; decides which types and sizes are taken."""

    FILING_DOCUMENT = "filing_document"
    DRAWING = "drawing"
    LETTER = "letter"
    IDENTITY = "identity"
    PHOTO = "photo"
    SIGNED_SCAN = "signed_scan"
    SHEET = "sheet"
    PAPER = "paper"
    EXPORT = "export"
    FOOTAGE = "footage"


class Secrecy(StrEnum):
    """How closely a file is held. The views that serve it decide; the vault records and stamps."""

    OPEN = "open"
    INTERNAL = "internal"
    SENSITIVE = "sensitive"
    SECRET = "secret"  # noqa: S105 - a level, not a password


class FileState(StrEnum):
    """kept → quarantined (a later finding) | erased (retention over, bytes gone, the row stays as proof)."""

    KEPT = "kept"
    QUARANTINED = "quarantined"
    ERASED = "erased"


@dataclass(frozen=True, kw_only=True)
class KindPolicy:
    """What one kind of file may be."""

    types: frozenset[FileType]
    most_bytes: int
    secrecy: Secrecy = Secrecy.INTERNAL
    most_pages: int = 500
    most_pixels: int = 100_000_000


KIND_POLICIES: Mapping[FileKind, KindPolicy] = MappingProxyType(
    {
        FileKind.FILING_DOCUMENT: KindPolicy(types=_PAPERS, most_bytes=30 * MIB),
        FileKind.DRAWING: KindPolicy(types=_PAPERS, most_bytes=100 * MIB, secrecy=Secrecy.SENSITIVE),
        FileKind.LETTER: KindPolicy(types=_PAPERS, most_bytes=15 * MIB),
        FileKind.IDENTITY: KindPolicy(types=_PAPERS, most_bytes=15 * MIB, secrecy=Secrecy.SENSITIVE, most_pages=20),
        FileKind.PHOTO: KindPolicy(types=_PICTURES, most_bytes=20 * MIB),
        FileKind.SIGNED_SCAN: KindPolicy(types=_PAPERS, most_bytes=50 * MIB),
        FileKind.SHEET: KindPolicy(types=SHEET_TYPES, most_bytes=30 * MIB),
        FileKind.PAPER: KindPolicy(types=frozenset({FileType.PDF}), most_bytes=50 * MIB),
        FileKind.EXPORT: KindPolicy(
            types=frozenset({FileType.XLSX, FileType.CSV, FileType.GEOJSON}),
            most_bytes=2048 * MIB,
            secrecy=Secrecy.SENSITIVE,
        ),
        # How large a file of footage may be, and how much a request holds, are rules of practice (portal.evidence).
        FileKind.FOOTAGE: KindPolicy(types=frozenset({FileType.NATIVE}), most_bytes=2**50, secrecy=Secrecy.SENSITIVE),
    }
)


@dataclass(frozen=True, kw_only=True)
class Inspection:
    """What the child found in an accepted file."""

    type: FileType
    has_copy: bool
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class SheetLimits:
    """What a sheet for import may hold."""

    most_rows: int = 200_000
    most_columns: int = 200
    most_cells: int = 10_000_000
    most_cell_characters: int = 10_000


_TYPE_NAMES = {
    "jpeg": "JPG",
    "ole": "OLE",
    "odf": "ODF",
    **{
        name: name.upper()
        for name in ("pdf", "png", "webp", "xlsx", "xls", "csv", "zip", "docx", "doc", "pptx", "ppt", "ofd")
    },
}


def readable(data: Mapping[str, object]) -> dict[str, object]:
    """The data of a refusal as a sentence needs them: sizes with units, types by the names people know."""
    said: dict[str, object] = dict(data)
    for name in ("found", "hidden"):
        if isinstance(said.get(name), str):
            said[name] = _TYPE_NAMES.get(str(said[name]), str(said[name]))
    if isinstance(said.get("allowed"), list | tuple):
        said["allowed"] = ", ".join(_TYPE_NAMES.get(str(kind), str(kind)) for kind in said["allowed"])  # type: ignore[attr-defined]
    for name in ("most", "used"):
        if isinstance(said.get(name), int) and int(str(said[name])) >= MIB:
            said[name] = size_text(int(str(said[name])))
    return said


def size_text(size: int) -> str:
    """A size for people: 30 MB."""
    for unit, scale in (("GB", 1024 * MIB), ("MB", MIB), ("kB", 1024)):
        if size >= scale:
            return f"{size / scale:.1f}".removesuffix(".0") + f" {unit}"
    return f"{size} B"
