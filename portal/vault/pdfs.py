"""Checks a PDF and writes the copy that is shown: no actions, scripts, attachments, forms or remote content."""

from pathlib import Path

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf

from portal.vault.values import Refusal, Refused

# Whatever a viewer could start by itself or on a click, wherever in the file it hangs.
_ACTIVE_KEYS = (
    "/AA", "/OpenAction", "/JS", "/JavaScript", "/Launch", "/XFA", "/EF", "/EmbeddedFiles", "/AF", "/RichMediaContent",
    "/RichMediaSettings", "/Movie", "/Sound", "/Rendition", "/Renditions", "/URI", "/PA", "/Collection", "/GoToE",
    "/Ref", "/OPI",
)  # fmt: skip
_SHOWN_ANNOTATIONS = frozenset(
    {
        "/Link", "/Text", "/FreeText", "/Line", "/Square", "/Circle", "/Polygon", "/PolyLine", "/Highlight", "/Underline",
        "/Squiggly", "/StrikeOut", "/Stamp", "/Caret", "/Ink", "/Popup", "/Widget", "/Redact",
    }
)  # fmt: skip
_MOST_OBJECTS = 200_000
_MOST_DEPTH = 40
_END_WITHIN = 2048


def clean_pdf(path: Path, copy: Path, *, most_pages: int) -> dict[str, object]:
    """Write the harmless copy; answers pages, whether it was encrypted, and the names of what was taken out."""
    if not _ends_whole(path):
        raise Refused(Refusal.DAMAGED, reason="no end")
    try:
        # Scanners write crooked tables of contents: a file that is all there may be repaired, a cut one was refused.
        with pikepdf.open(path, attempt_recovery=True, suppress_warnings=True) as pdf:
            repaired = bool(pdf.get_warnings())
            pages = len(pdf.pages)
            if pages == 0:
                raise Refused(Refusal.DAMAGED, reason="no pages")
            if pages > most_pages:
                raise Refused(Refusal.TOO_MANY_PAGES, found=pages, most=most_pages)
            if len(pdf.objects) > _MOST_OBJECTS:
                raise Refused(Refusal.TOO_COMPLEX, found=len(pdf.objects), most=_MOST_OBJECTS)
            encrypted = pdf.is_encrypted
            removed = _Cleaner().clean(pdf)
            # Streams are copied as they are: unpacking them here would let a small file grow without need.
            pdf.save(
                copy,
                encryption=False,
                compress_streams=False,
                stream_decode_level=pikepdf.StreamDecodeLevel.none,
                object_stream_mode=pikepdf.ObjectStreamMode.generate,
            )
    except pikepdf.PasswordError:
        raise Refused(Refusal.ENCRYPTED_PDF) from None
    except pikepdf.PdfError as error:
        raise Refused(Refusal.DAMAGED, reason=type(error).__name__) from None
    return {"pages": pages, "was_encrypted": encrypted, "removed": removed, "repaired": repaired}


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - _END_WITHIN))
        return b"%%EOF" in stream.read()


class _Cleaner:
    """One pass over every object of a file."""

    def __init__(self) -> None:
        self._removed: set[str] = set()

    def clean(self, pdf: Pdf) -> list[str]:
        """Strip the file in place; the sorted names of what was found."""
        for page in pdf.pages:
            self._annotations(page.obj)
        for thing in pdf.objects:
            self._walk(thing, 0)
        if Name.AcroForm in pdf.Root and Name.XFA in pdf.Root.AcroForm:
            del pdf.Root.AcroForm.XFA
        pdf.remove_unreferenced_resources()
        return sorted(self._removed)

    def _annotations(self, page: Object) -> None:
        listed = page.get(Name.Annots)
        if not isinstance(listed, Array):
            return
        kept = []
        for annotation in listed.as_list():
            kind = str(annotation.get(Name.Subtype, "")) if isinstance(annotation, Dictionary) else ""
            if kind in _SHOWN_ANNOTATIONS:
                kept.append(annotation)
            else:
                self._removed.add(kind.lstrip("/") or "annotation")
        page.Annots = Array(kept)

    def _walk(self, thing: Object, depth: int) -> None:
        if depth > _MOST_DEPTH:
            raise Refused(Refusal.TOO_COMPLEX, reason="depth")
        children: list[object]
        if isinstance(thing, Array):
            children = list(thing.as_list())
        elif isinstance(thing, Dictionary | pikepdf.Stream):
            self._strip(thing)
            children = [value for _, value in thing.items()]
        else:
            return
        for child in children:
            # Indirect objects come by themselves in the outer loop; following them here would loop for ever.
            if isinstance(child, Object) and not child.is_indirect:
                self._walk(child, depth + 1)

    def _strip(self, thing: Object) -> None:
        for key in _ACTIVE_KEYS:
            if key in thing:
                del thing[key]
                self._removed.add(key.lstrip("/"))
        if isinstance(thing, pikepdf.Stream):
            # A stream whose data lie in another file makes the viewer fetch it.
            for key in ("/F", "/FFilter", "/FDecodeParms"):
                if key in thing:
                    del thing[key]
                    self._removed.add("external stream")
        # An action stays only when it turns to a page of the same file.
        if "/A" in thing and self._is_action(thing["/A"]):
            del thing["/A"]
            self._removed.add("A")
        if "/Next" in thing and "/S" in thing:
            del thing["/Next"]

    @staticmethod
    def _is_action(value: object) -> bool:
        if not isinstance(value, Dictionary):
            return False
        return "/S" in value and str(value["/S"]) != "/GoTo"
