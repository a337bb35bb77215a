"""Builds files that mean harm, each as small as it can be."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping

import pikepdf
from PIL import Image

_TYPES = (
    '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="{main}"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
_RELS = (
    '<?xml version="1.0" encoding="UTF-8"?><Relationships '
    'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/></Relationships>'
)
_WORKBOOK = (
    '<?xml version="1.0" encoding="UTF-8"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
    '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
_SHEET = (
    '<?xml version="1.0" encoding="UTF-8"?>{prolog}'
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>'
)
_MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
_MACRO_MAIN = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"


def workbook(rows: str, *, prolog: str = "", macro: bool = False, extra: Mapping[str, bytes] | None = None) -> bytes:
    """An XLSX written by hand, so that it can say what no library would write."""
    parts = {
        "[Content_Types].xml": _TYPES.format(main=_MACRO_MAIN if macro else _MAIN),
        "_rels/.rels": _RELS.format(kind="officeDocument", target="xl/workbook.xml"),
        "xl/workbook.xml": _WORKBOOK,
        "xl/_rels/workbook.xml.rels": _RELS.format(kind="worksheet", target="worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": _SHEET.format(prolog=prolog, rows=rows),
    }
    return archive({**{name: text.encode() for name, text in parts.items()}, **(extra or {})})


def archive(parts: Mapping[str, bytes]) -> bytes:
    """A zip of these parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return out.getvalue()


def built(content: bytes | Callable[[], bytes]) -> bytes:
    """A table's file. What takes long to build is built by its own test, not by every worker that reads the table."""
    return content() if callable(content) else content


def far_cell() -> bytes:
    """Under 10 kB, with one cell at the last corner: calamine would ask for 549 GB."""
    return workbook('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')


def unnamed_far_cell() -> bytes:
    """A wide row of cells without names and an allowed last row: no reference is out of bounds, their product is."""
    return workbook(
        '<row r="1">' + '<c t="b"><v>1</v></c>' * 16_384 + '</row><row r="199999"><c t="b"><v>1</v></c></row>'
    )


def endless_rows() -> bytes:
    """Three million rows in a third of a megabyte."""
    return workbook('<row><c t="b"><v>1</v></c></row>' * 3_000_000)


def many_plain_rows(count: int) -> bytes:
    """Numbered rows that compress less than a hundredfold, so that only their count speaks against them."""
    return workbook(
        "".join(f'<row r="{n}"><c r="A{n}"><v>{n * 2654435761 % 4294967296}</v></c></row>' for n in range(1, count))
    )


def zip_bomb() -> bytes:
    """Ten megabytes of nothing in ten kilobytes, as a drawing inside a workbook."""
    return workbook("", extra={"xl/media/image1.png": b"\x00" * (10 * 1024 * 1024)})


def lying_zip_bomb() -> bytes:
    """A part whose directory says 100 bytes and whose stream unpacks to 50 MB."""
    honest = workbook("", extra={"xl/sharedStrings.xml": b"\x00" * (50 * 1024 * 1024)})
    size = struct.pack("<I", 50 * 1024 * 1024)
    return honest.replace(size, struct.pack("<I", 100))


def billion_laughs() -> bytes:
    """Entities in entities."""
    inner = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    prolog = f'<!DOCTYPE x [<!ENTITY l0 "lol">{inner}]>'
    return workbook('<row r="1"><c r="A1" t="str"><v>&l9;</v></c></row>', prolog=prolog)


def png_header(width: int, height: int) -> bytes:
    """A PNG that promises a size and holds no pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\x00" * 64))
        + chunk(b"IEND", b"")
    )


def picture(size: tuple[int, int] = (64, 48), *, kind: str = "PNG", exif: bytes = b"", mode: str = "RGB") -> bytes:
    """An honest picture."""
    out = io.BytesIO()
    image = Image.new(mode, size, 128 if mode == "L" else None)  # type: ignore[arg-type]
    image.save(out, kind, **({"exif": exif} if exif else {}))
    return out.getvalue()


def located_photo() -> bytes:
    """A JPEG taken on its side, with the camera's name and the place in its notes."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "CanaryCamera"
    exif.get_ifd(0x8825)[2] = (36.0, 6.0, 1.0)
    out = io.BytesIO()
    Image.new("RGB", (64, 48)).save(out, "JPEG", exif=exif, comment=b"CanaryComment", icc_profile=b"CanaryProfile")
    return out.getvalue()


def pdf(pages: int = 1, *, active: bool = False, password: str | None = None, owner_only: bool = False) -> bytes:
    """A PDF, on demand with everything in it that acts by itself."""
    document = pikepdf.new()
    for _ in range(pages):
        document.add_blank_page(page_size=(595, 842))
    if active:
        _activate(document)
    out = io.BytesIO()
    encryption: pikepdf.Encryption | bool = False
    if password or owner_only:
        encryption = pikepdf.Encryption(user=password or "", owner="owner-password")
    document.save(out, encryption=encryption)
    return out.getvalue()


def _activate(document: pikepdf.Pdf) -> None:
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert('CanaryScript')"))
    page = document.pages[0]
    link = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9],
        A=pikepdf.Dictionary(S=pikepdf.Name.URI, URI=pikepdf.String("http://canary.example/")),
    )  # fmt: skip
    inner = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Link, Rect=[0, 0, 9, 9],
        A=pikepdf.Dictionary(S=pikepdf.Name.GoTo, D=pikepdf.Array([page.obj, pikepdf.Name.Fit])),
    )  # fmt: skip
    attached = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.FileAttachment, Rect=[0, 0, 9, 9])
    page.obj.Annots = pikepdf.Array([document.make_indirect(link), inner, attached])
    page.obj.AA = pikepdf.Dictionary(O=script)
    document.Root.OpenAction = document.make_indirect(script)
    document.Root.Names = pikepdf.Dictionary(
        JavaScript=pikepdf.Dictionary(Names=pikepdf.Array([pikepdf.String("x"), script]))
    )
    document.Root.AcroForm = pikepdf.Dictionary(Fields=pikepdf.Array(), XFA=document.make_stream(b"<CanaryForm/>"))
    document.attachments["canary.exe"] = b"MZ CanaryAttachment"


def raw_pdf(*objects: str, crooked: bool = False) -> bytes:
    """A PDF written by hand, object 1 being the catalogue; on demand with a table of contents that is off by some bytes."""
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    start = len(out)
    shift = 3 if crooked else 0
    table = "".join(f"{place + shift:010d} 00000 n \n" for place in places)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}".encode()
    return out + f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()


def sly_pdf() -> bytes:
    """Actions where a careless cleaner does not look: escaped names, outlines, chains, streams kept elsewhere."""
    return raw_pdf(
        "<< /Type /Catalog /Pages 2 0 R /Open#41ction 4 0 R /Outlines 5 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Contents 7 0 R /A#41 << /O [[ << /S /Launch /F (canary) >> ]] >> >>",
        "<< /S /J#61vaScript /JS (canary) >>",
        "<< /First 6 0 R /Last 6 0 R /Count 1 >>",
        "<< /Title (x) /Parent 5 0 R /A << /S /GoTo /D [3 0 R /Fit] /Next << /S /URI /URI (http://canary.example) >> >> >>",
        "<< /Length 0 /F (http://canary.example/data) >>\nstream\n\nendstream",
    )


def pdf_with_zip() -> bytes:
    """A PDF that is also a zip."""
    return pdf() + archive({"x.html": b"<script>1</script>"})


def legacy_workbook(*streams: str) -> bytes:
    """The head of an OLE2 container whose directory names these streams."""
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 504
    entries = [name.encode("utf-16-le").ljust(64, b"\x00") + b"\x00" * 64 for name in ("Root Entry", *streams)]
    return head + b"".join(entries)
