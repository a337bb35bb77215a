"""Every form is PDF/A-2b as far as a file says so itself, and a file that breaks a clause is told so."""

import io
from collections.abc import Callable

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from portal.papers.archival import archival_faults
from portal.papers.operations import render
from portal.papers.values import FormKey
from tests.papers.samples import SAMPLES

PAPER = render(FormKey.VIEWING_DECISION, SAMPLES[FormKey.VIEWING_DECISION])


@pytest.mark.parametrize("form", [form for form in FormKey if form is not FormKey.LEDGER])
def test_each_paper_is_what_it_says(form: FormKey) -> None:
    assert archival_faults(render(form, SAMPLES[form])) == []


def _spoilt(spoil: Callable[[Pdf], object], **how: object) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(PAPER)) as document:
        spoil(document)
        document.save(out, **how)
    return out.getvalue()


def _first(document: Pdf, what: Callable[[Dictionary], bool]) -> Dictionary:
    return next(one for one in document.objects if isinstance(one, Dictionary | Stream) and what(one))


def _without_a_font(document: Pdf) -> None:
    del _first(document, lambda one: "/FontFile3" in one)["/FontFile3"]


def _another_standard(document: Pdf) -> None:
    with document.open_metadata(set_pikepdf_as_editor=False) as said:
        said["{http://www.aiim.org/pdfa/ns/id/}part"] = "3"


def _opens_with(action: Dictionary) -> Callable[[Pdf], None]:
    return lambda document: document.Root.__setitem__("/OpenAction", action)


def _on_a_click(action: Dictionary) -> Callable[[Pdf], None]:
    def add(document: Pdf) -> None:
        link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], F=4, A=action)
        document.pages[0].obj.Annots = Array([document.make_indirect(link)])

    return add


def _attached(document: Pdf) -> None:
    document.attachments["clip.dav"] = b"clip"


def _profile(change: Callable[[bytes], bytes]) -> Callable[[Pdf], None]:
    def write(document: Pdf) -> None:
        profile = document.Root.OutputIntents[0].DestOutputProfile
        profile.write(change(profile.read_bytes()))

    return write


def _printed_in_four_colours(document: Pdf) -> None:
    document.pages[0].contents_add(document.make_stream(b"0 0 0 1 k 0 0 9 9 re f"))


def _picture(**more: object) -> Callable[[Pdf], None]:
    def add(document: Pdf) -> None:
        document.pages[0].obj["/PieceInfo"] = document.make_stream(
            b"\0", Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1, BitsPerComponent=8,
            ColorSpace=Name.DeviceGray, **more,
        )  # fmt: skip

    return add


KEPT = {"object_stream_mode": pikepdf.ObjectStreamMode.preserve}
SCRIPT = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


@pytest.mark.parametrize(
    ("clause", "spoil"),
    [
        ("6.1.2", lambda: PAPER.replace(b"%PDF-1.7", b"%PDF-2.0", 1)),
        ("6.1.2", lambda: PAPER[:9] + b"%text" + PAPER[14:]),
        ("6.1.3", lambda: PAPER + b"more"),
        ("6.1.3", lambda: PAPER.replace(b"/ID[", b"/IX[")),
        ("6.1.3", lambda: _spoilt(lambda _: None, encryption=pikepdf.Encryption(owner="x", user=""))),
        ("6.1.3", lambda: _spoilt(lambda _: None, encryption=pikepdf.Encryption(owner="x", user="y"))),
        ("6.1", lambda: PAPER[: len(PAPER) // 2] + b"%%EOF"),
        ("6.2.3", lambda: _spoilt(lambda document: document.Root.__delitem__("/OutputIntents"))),
        ("6.2.3", lambda: _spoilt(_profile(lambda icc: icc[:36] + b"ksca" + icc[40:]))),
        ("6.2.3", lambda: _spoilt(_profile(lambda icc: icc[:-1]))),
        ("6.2.3", lambda: _spoilt(_profile(lambda icc: icc[:16] + b"GRAY" + icc[20:]))),
        ("6.2.4.3", lambda: _spoilt(_printed_in_four_colours)),
        ("6.2.8", lambda: _spoilt(_picture(Interpolate=True))),
        ("6.1.7", lambda: _spoilt(_picture(F=String("outside.raw")))),
        ("6.2.9", lambda: _spoilt(lambda d: d.pages[0].obj.__setitem__("/X", d.make_stream(b"", Subtype=Name.PS)))),
        ("6.2.11.4", lambda: _spoilt(_without_a_font)),
        ("6.3", lambda: _spoilt(lambda d: d.pages[0].obj.__setitem__("/Annots", [Dictionary(Subtype=Name.Movie)]))),
        ("6.4.1", lambda: _spoilt(lambda d: d.Root.__setitem__("/AcroForm", Dictionary(NeedAppearances=True)))),
        ("6.5", lambda: _spoilt(_opens_with(SCRIPT))),
        ("6.5", lambda: _spoilt(_on_a_click(Dictionary(S=Name.URI, URI=String("http://elsewhere.example/"))))),
        ("6.5", lambda: _spoilt(_on_a_click(Dictionary(S=Name.Launch, F=String("cmd.exe"))))),
        ("6.5", lambda: _spoilt(_attached)),
        ("6.6.2", lambda: _spoilt(lambda document: document.Root.__delitem__("/Metadata"))),
        ("6.6.4", lambda: _spoilt(_another_standard)),
    ],
)
def test_a_broken_clause_is_named(clause: str, spoil: Callable[[], bytes]) -> None:
    found = archival_faults(spoil())
    assert any(fault.split()[0] == clause for fault in found), found


def test_a_file_that_was_only_written_anew_breaks_none() -> None:
    assert archival_faults(_spoilt(lambda _: None)) == []
