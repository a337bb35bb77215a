"""What the worker answers to honest and to hostile files.

The worker is called here, where no file of the table can harm it; test_operations.py and test_reading.py send files
through real children under the real limits.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from PIL import Image

from portal.vault.examine import examine_upload
from portal.vault.intake import request_for
from portal.vault.values import FileKind, FileType, Inspection, Refused
from tests.vault import hostile

PAPER, PHOTO, SHEET = FileKind.FILING_DOCUMENT, FileKind.PHOTO, FileKind.SHEET


def examine(tmp_path: Path, content: bytes, kind: FileKind) -> tuple[Inspection, Path]:
    (tmp_path / "original").write_bytes(content)
    answer = examine_upload({"workdir": str(tmp_path), **request_for(kind)})
    return Inspection(
        type=FileType(answer["type"]), has_copy=answer["has_copy"], facts=answer["facts"]
    ), tmp_path / "copy"


HONEST_SHEET = hostile.workbook('<row r="1"><c r="A1" t="str"><v>名称</v></c></row>')

REFUSALS: list[tuple[str, bytes | Callable[[], bytes], FileKind, str, dict[str, Any]]] = [
    ("empty", b"", PAPER, "empty", {}),
    ("cell in the far corner", hostile.far_cell(), SHEET, "too_many_rows", {"cell": "XFD1048576"}),
    ("three million rows", hostile.endless_rows, SHEET, "bomb", {"reason": "ratio"}),
    ("too many honest rows", lambda: hostile.many_plain_rows(200_100), SHEET, "too_many_rows", {"most": 200_000}),
    ("zip bomb", hostile.zip_bomb, SHEET, "bomb", {"reason": "ratio"}),
    ("zip bomb that lies", hostile.lying_zip_bomb, SHEET, "damaged", {}),
    ("billion laughs", hostile.billion_laughs(), SHEET, "bomb", {"reason": "entities"}),
    ("macros", hostile.workbook("", macro=True), SHEET, "macro_workbook", {}),
    ("macro part", hostile.workbook("", extra={"xl/vbaProject.bin": b"x"}), SHEET, "macro_workbook", {}),
    ("old macros", hostile.legacy_workbook("Workbook", "_VBA_PROJECT"), SHEET, "macro_workbook", {}),
    ("locked workbook", hostile.legacy_workbook("EncryptedPackage"), SHEET, "encrypted_workbook", {}),
    ("old word file", hostile.legacy_workbook("WordDocument"), SHEET, "type_not_allowed", {"found": "doc"}),
    ("path traversal", hostile.archive({"../../etc/passwd": b"x"}), SHEET, "mixed_content", {"hidden": "path"}),
    ("backslash traversal", hostile.archive({"..\\x": b"x"}), SHEET, "mixed_content", {"hidden": "path"}),
    ("foreign part", hostile.workbook("", extra={"setup.exe": b"MZ"}), SHEET, "mixed_content", {"hidden": "setup.exe"}),
    ("too many entries", lambda: hostile.archive({f"{n}": b"" for n in range(2001)}), SHEET, "bomb", {"reason": "entries"}),
    ("truncated workbook", HONEST_SHEET[:-40], SHEET, "damaged", {}),
    ("zip with a changed byte", HONEST_SHEET[:60] + b"\xff\xff\xff" + HONEST_SHEET[63:], SHEET, "damaged", {}),
    ("ofd", hostile.archive({"OFD.xml": b"<x/>"}), PAPER, "type_not_allowed", {"found": "ofd"}),
    ("plain zip", hostile.archive({"a.txt": b"x"}), PAPER, "type_not_allowed", {"found": "zip", "allowed": ["jpeg", "pdf", "png"]}),
    ("picture called csv", hostile.picture(), SHEET, "type_not_allowed", {"found": "png"}),
    ("program", b"MZ\x90\x00" + b"\x00" * 200, PAPER, "type_not_allowed", {}),
    ("web page", b"<!doctype html><script>alert(1)</script>", SHEET, "type_not_allowed", {}),
    ("svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', PHOTO, "type_not_allowed", {}),
    ("pdf as photo", hostile.pdf(), PHOTO, "type_not_allowed", {"found": "pdf"}),
    ("pdf and zip", hostile.pdf_with_zip(), PAPER, "mixed_content", {"found": "pdf", "hidden": "zip"}),
    ("png and zip", hostile.picture() + hostile.archive({"x": b"y"}), PHOTO, "mixed_content", {"found": "png"}),
    ("locked pdf", hostile.pdf(password="geheim"), PAPER, "encrypted_pdf", {}),
    ("truncated pdf", hostile.pdf()[:200], PAPER, "damaged", {}),
    ("pdf head alone", b"%PDF-1.7\n", PAPER, "damaged", {}),
    ("too many pages", lambda: hostile.pdf(501), PAPER, "too_many_pages", {"found": 501, "most": 500}),
    ("billion pixels", hostile.png_header(32_000, 32_000), PHOTO, "too_many_pixels", {"width": 32_000}),
    ("promised pixels missing", hostile.png_header(400, 400), PHOTO, "damaged", {}),
    ("truncated photo", hostile.picture((800, 800), kind="JPEG")[:900], PHOTO, "damaged", {}),
    ("binary called csv", bytes(range(256)) * 10, SHEET, "type_not_allowed", {}),
    ("text in no encoding", "编号,名称\n".encode() + b"\xff\xfe\xff\n", SHEET, "encoding", {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "kind", "code", "data"), [case[1:] for case in REFUSALS], ids=[case[0] for case in REFUSALS]
)
def test_refused_by_name(
    tmp_path: Path, content: bytes | Callable[[], bytes], kind: FileKind, code: str, data: dict[str, Any]
) -> None:
    with pytest.raises(Refused) as refused:
        examine(tmp_path, hostile.built(content), kind)
    assert refused.value.code == code, dict(refused.value.data)
    assert data.items() <= refused.value.data.items()


def test_the_measured_files_are_as_small_as_said() -> None:
    assert len(hostile.far_cell()) < 10_000
    assert len(hostile.zip_bomb()) < 20_000


def test_a_shown_pdf_cannot_act(tmp_path: Path) -> None:
    found, copy = examine(tmp_path, hostile.pdf(2, active=True), PAPER)
    assert found.type is FileType.PDF
    assert found.facts["pages"] == 2
    assert {"OpenAction", "AA", "JavaScript", "XFA", "EmbeddedFiles", "FileAttachment", "A"} <= set(
        found.facts["removed"]
    )  # type: ignore[call-overload]
    with pikepdf.open(copy) as shown:
        raw = b"".join(bytes(thing.unparse(resolved=True)) for thing in shown.objects)
        assert len(shown.pages[0].obj.Annots) == 2
    for trace in (b"JavaScript", b"Canary", b"/AA", b"OpenAction", b"EmbeddedFile", b"canary", b"/URI"):
        assert trace not in raw, trace
    assert b"/GoTo" in raw
    assert b"MZ CanaryAttachment" not in copy.read_bytes()


def test_a_sly_pdf_cannot_act_either(tmp_path: Path) -> None:
    _, copy = examine(tmp_path, hostile.sly_pdf(), PAPER)
    with pikepdf.open(copy) as shown:
        raw = b"".join(bytes(thing.unparse(resolved=True)) for thing in shown.objects)
    for trace in (b"canary", b"JavaScript", b"Launch", b"/Next", b"OpenAction", b"/AA", b"/F "):
        assert trace not in raw, trace
    assert b"/GoTo" in raw


def test_a_crooked_pdf_is_put_right(tmp_path: Path) -> None:
    pages = ("<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
             "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Resources << >> >>")  # fmt: skip
    found, copy = examine(tmp_path, hostile.raw_pdf(*pages, crooked=True), PAPER)
    assert (found.facts["pages"], found.facts["repaired"]) == (1, True)
    with pikepdf.open(copy, attempt_recovery=False) as shown:
        assert len(shown.pages) == 1
    assert examine(tmp_path, hostile.raw_pdf(*pages), PAPER)[0].facts["repaired"] is False


def test_a_pdf_locked_against_changes_only_is_taken(tmp_path: Path) -> None:
    found, copy = examine(tmp_path, hostile.pdf(owner_only=True), PAPER)
    assert found.facts["was_encrypted"] is True
    with pikepdf.open(copy) as shown:
        assert not shown.is_encrypted


def test_a_shown_photo_is_upright_and_tells_no_place(tmp_path: Path) -> None:
    found, copy = examine(tmp_path, hostile.located_photo(), PHOTO)
    assert (found.facts["width"], found.facts["height"], found.facts["notes_dropped"]) == (48, 64, True)
    with Image.open(copy) as shown:
        assert not shown.getexif()
    assert b"Canary" not in copy.read_bytes()


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "1", "I;16", "RGB"])
def test_every_colour_mode_is_drawn_anew(tmp_path: Path, mode: str) -> None:
    found, copy = examine(tmp_path, hostile.picture(mode=mode), PHOTO)
    assert found.type is FileType.PNG
    with Image.open(copy) as shown:
        assert shown.size == (64, 48)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (HONEST_SHEET, FileType.XLSX),
        ("编号,名称\n".encode("gb18030"), FileType.CSV),
        (hostile.picture(kind="WEBP"), FileType.WEBP),
    ],
)
def test_honest_files_are_known(tmp_path: Path, content: bytes, kind: FileType) -> None:
    wanted = PHOTO if kind is FileType.WEBP else SHEET
    assert examine(tmp_path, content, wanted)[0].type is kind
