"""What PDF/A-2b (ISO 19005-2) asks of a file, as far as it can be read off the file itself.

The typesetter is asked for the standard; here its answer is looked at, so that a package for a court does not rest on a
word. Checked are the clauses whose breach makes a paper unreadable, changeable or dependent on something outside it. Not
checked: the well-formedness of every content stream, widths of glyphs, and the syntax of the XMP packet beyond what
names the standard; for these there is veraPDF, which is not part of the portal.
"""

import io
import re
from collections.abc import Iterator

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

PART, CONFORMANCE = "2", "B"
_AIIM = "{http://www.aiim.org/pdfa/ns/id/}"
_ICC_HEADER = 128
_CHANNELS = {b"GRAY": 1, b"RGB ": 3, b"CMYK": 4}
# Clause 6.5: what starts something, or leads out of the file. The standard bears a link to an address; a court's paper does not.
_ACTIONS = frozenset(
    {
        "/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData", "/Hide", "/SetOCGState", "/Rendition", "/Trans",
        "/GoTo3DView", "/JavaScript", "/SubmitForm", "/GoToR", "/GoToE", "/URI", "/Named",
    }
)  # fmt: skip
# Clauses 6.1.7, 6.2.9, 6.4, 6.5, 6.8: scripts, forms' scripts, other files inside, other files outside.
_KEYS = ("/JS", "/JavaScript", "/XFA", "/EF", "/EmbeddedFiles", "/AA", "/OPI", "/Alternates", "/Ref", "/FFilter")
_ANNOTATIONS = frozenset({"/3D", "/Sound", "/Screen", "/Movie", "/FileAttachment", "/RichMedia"})
_EMBEDDED = ("/FontFile", "/FontFile2", "/FontFile3")
_END = re.compile(rb"%%EOF[\r\n]*\Z")


def archival_faults(pdf: bytes) -> list[str]:
    """Every clause the file breaks, in words for a log; empty for a file that keeps to all that is checked here."""
    found = list(_of_bytes(pdf))
    try:
        with pikepdf.open(io.BytesIO(pdf), attempt_recovery=False) as document:
            found += [*_of_file(document), *_of_objects(document), *_of_fonts(document)]
    except pikepdf.PasswordError:
        found.append("6.1.3 encrypted")
    except pikepdf.PdfError as fault:
        found.append(f"6.1 not a readable file: {type(fault).__name__}")
    return list(dict.fromkeys(found))


def _of_bytes(pdf: bytes) -> Iterator[str]:
    first, _, rest = pdf.partition(b"\n")
    if not re.fullmatch(rb"%PDF-1\.[0-7]\r?", first):
        yield "6.1.2 the header names no version of PDF 1"
    mark = rest[:5]
    if mark[:1] != b"%" or len(mark) < 5 or min(mark[1:]) < 128:
        yield "6.1.2 the second line does not say that the file is binary"
    if not _END.search(pdf):
        yield "6.1.3 something follows the end of the file"


def _of_file(document: Pdf) -> Iterator[str]:
    if document.is_encrypted:
        yield "6.1.3 encrypted"
    if len(document.trailer.get("/ID", ())) != 2:
        yield "6.1.3 the trailer has no identifier"
    if "/Metadata" not in document.Root:
        yield "6.6.2 no metadata"
    else:
        with document.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as said:
            if (said.get(f"{_AIIM}part"), str(said.get(f"{_AIIM}conformance")).upper()) != (PART, CONFORMANCE):
                yield "6.6.4 the metadata do not say PDF/A-2b"
    yield from _of_intents(document)


def _of_intents(document: Pdf) -> Iterator[str]:
    intents = [one for one in document.Root.get("/OutputIntents", ()) if one.get("/S") == Name.GTS_PDFA1]
    profiles = [one.get("/DestOutputProfile") for one in intents]
    if len(profiles) != 1 or not isinstance(profiles[0], Stream):
        yield "6.2.3 no output intent with a colour profile of its own"
        return
    icc = profiles[0].read_bytes()
    if len(icc) < _ICC_HEADER or icc[36:40] != b"acsp" or icc[8] > 4 or int.from_bytes(icc[:4], "big") != len(icc):
        yield "6.2.3 the colour profile is none"
    elif _CHANNELS.get(icc[16:20]) != int(profiles[0].get("/N", 0)):
        yield "6.2.3 the colour profile has another number of colours"
    elif icc[16:20] != b"CMYK" and any(_paints_cmyk(document)):
        yield "6.2.4.3 colours of a press without its profile"


def _paints_cmyk(document: Pdf) -> Iterator[bool]:
    for page in document.pages:
        yield bool(pikepdf.parse_content_stream(page, operators="k K"))


def _of_objects(document: Pdf) -> Iterator[str]:
    for one in document.objects:
        for thing in _within(one):
            yield from _of_dictionary(thing)
            if isinstance(thing, Stream):
                yield from _of_stream(thing)


def _within(thing: Object) -> Iterator[Dictionary | Stream]:
    """Every dictionary in an object of its own: what it refers to is met as another object."""
    inside: list[Object] = []
    if isinstance(thing, Dictionary | Stream):
        yield thing
        inside = [pair[1] for pair in thing.items()]
    elif isinstance(thing, Array):
        inside = list(thing)
    for inner in inside:
        if isinstance(inner, Dictionary | Array) and not inner.is_indirect:
            yield from _within(inner)


def _of_dictionary(thing: Dictionary | Stream) -> Iterator[str]:
    for key in _KEYS:
        if key in thing:
            yield f"6.5 {key} is not borne"
    if "/OpenAction" in thing and isinstance(thing["/OpenAction"], Dictionary):
        yield "6.5 it starts something when it is opened"
    if str(thing.get("/S", "")) in _ACTIONS and ("/Type" not in thing or thing["/Type"] == Name.Action):
        yield f"6.5 an action of kind {thing['/S']}"
    if str(thing.get("/Subtype", "")) in _ANNOTATIONS:
        yield f"6.3 an annotation of kind {thing['/Subtype']}"
    if thing.get("/Type") == Name.Filespec or ("/F" in thing and isinstance(thing, Stream)):
        yield "6.1.7 it refers to another file"
    if thing.get("/NeedAppearances", False):
        yield "6.4.1 fields look as each reader likes"


def _of_stream(thing: Stream) -> Iterator[str]:
    filters = thing.get("/Filter", ())
    names = {str(filters)} if isinstance(filters, Name) else {str(one) for one in filters}
    if names & {"/LZWDecode", "/Crypt"}:
        yield "6.1.7 a filter that is not borne"
    if str(thing.get("/Subtype")) == "/PS" or "/PS" in thing:
        yield "6.2.9 a program in PostScript"
    if thing.get("/Subtype") == Name.Image and thing.get("/Interpolate", False):
        yield "6.2.8 a picture that each reader smooths"


def _of_fonts(document: Pdf) -> Iterator[str]:
    for one in document.objects:
        for thing in _within(one):
            if thing.get("/Type") != Name.Font or thing.get("/Subtype") in {Name.Type0, Name.Type3}:
                continue
            descriptor = thing.get("/FontDescriptor")
            if descriptor is None or not any(isinstance(descriptor.get(key), Stream) for key in _EMBEDDED):
                yield f"6.2.11.4 the font {thing.get('/BaseFont', '?')} is not in the file"
