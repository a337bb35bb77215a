"""The worker behind every upload: find the type, check it against the kind, make the copy that is shown.

Parsers are imported when their type is met: a child that refuses a file by its first bytes never loads them.
"""

from pathlib import Path
from typing import Any

from portal.vault.sniff import identify
from portal.vault.values import FileType, Refusal, Refused, SheetLimits


def examine_upload(request: dict[str, Any]) -> dict[str, Any]:
    """Takes `file`, `copy` (names in the job's directory), `allowed`, `most_pages`, `most_pixels`."""
    workdir = Path(request["workdir"])
    path, copy = workdir / request["file"], workdir / request["copy"]
    allowed = [FileType(value) for value in request["allowed"]]
    found = identify(path)
    if found not in allowed:
        raise Refused(Refusal.TYPE_NOT_ALLOWED, found=str(found), allowed=[kind.value for kind in allowed])
    kind = FileType(found)
    if kind is FileType.PDF:
        from portal.vault.pdfs import clean_pdf

        facts = clean_pdf(path, copy, most_pages=request["most_pages"])
    elif kind in {FileType.JPEG, FileType.PNG, FileType.WEBP}:
        from portal.vault.images import clean_image

        facts = clean_image(path, copy, kind, most_pixels=request["most_pixels"], shown_edge=request["shown_edge"])
    else:
        from portal.vault.sheets import look_over_sheet

        facts = look_over_sheet(path, kind, SheetLimits())
    return {"type": kind.value, "has_copy": copy.exists(), "facts": facts}
