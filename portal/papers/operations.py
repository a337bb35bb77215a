"""Sets a paper: checked data in, PDF/A bytes out.

Typst is memory-safe, reads only this package's templates and the installed fonts, takes the data as JSON and has no
network (no package is ever imported). The same data give the same bytes.
"""

import io
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import segno
from pydantic import ValidationError

from portal.core.errors import Invalid, PortalError, Problem
from portal.papers.typesetter import LONG_CHARACTERS, Untypable, typeset
from portal.papers.values import PAPERS, FormKey, Paper
from portal.papers.values.parts import GETA, is_private

_MISSING = re.compile(r'the text `"(.+?)"` could not be displayed')
_ESCAPE = re.compile(r"\\u\{([0-9a-f]+)\}")
_MOST_REPAIRS = 8


class PaperFailed(PortalError):
    """A template did not compile: a defect of the template or a missing font, never of the data."""


def render(form_key: FormKey | str, data: Mapping[str, Any] | Paper, *, lang: str = "zh_Hans_CN") -> bytes:
    """The paper as PDF/A-2b. Raises Invalid naming each field that is missing or wrong.

    `lang` sets the labels: English for `en…`, else Chinese. A character without a glyph prints as 〓.
    """
    form = FormKey(form_key)
    paper = _checked(form, data)
    content = paper.model_dump(mode="json")
    content["verify"] = {"code": paper.verify.code, "svg": qr_svg(paper.verify.url)} if paper.verify else None
    text = json.dumps(content, ensure_ascii=False)
    if len(text) > LONG_CHARACTERS:
        # Asked beforehand, because each attempt at a long paper takes seconds.
        text = _with_marks(text, characters_without_glyph(text))
    language = "en" if lang.startswith("en") else "zh"
    for _ in range(_MOST_REPAIRS):
        try:
            return typeset(form.value, text, lang=language, timestamp=int(paper.stamp.printed_at.timestamp()))
        except Untypable as fault:
            missing = _characters_without_glyph(str(fault))
            if not missing:
                raise PaperFailed("paper_failed", form=form.value, reason=str(fault)[:200]) from fault
            text = _with_marks(text, missing)
    raise PaperFailed("paper_failed", form=form.value, reason="glyphs")


def characters_without_glyph(text: str) -> tuple[str, ...]:
    """Characters that would print as 〓, for a warning beside the field where a name is typed."""
    missing = {char for char in text if is_private(char)}
    for _ in range(_MOST_REPAIRS):
        probe = "".join(sorted(set(text) - missing - set("\n\r\t")))
        try:
            typeset("glyphs", json.dumps({"text": probe}), lang="zh", timestamp=0)
        except Untypable as fault:
            found = _characters_without_glyph(str(fault))
            if not found:
                raise PaperFailed("paper_failed", form="glyphs", reason=str(fault)[:200]) from fault
            missing |= found
        else:
            break
    return tuple(char for char in dict.fromkeys(text) if char in missing)


def _with_marks(text: str, missing: Iterable[str]) -> str:
    return text.translate({ord(char): GETA for char in missing})


def qr_svg(url: str) -> str:
    """A QR code with medium error correction as SVG text."""
    out = io.BytesIO()
    segno.make(url, error="m", micro=False).save(
        out, kind="svg", border=0, xmldecl=False, svgclass=None, lineclass=None
    )
    return out.getvalue().decode()


def _checked(form: FormKey, data: Mapping[str, Any] | Paper) -> Paper:
    model = PAPERS[form]
    if isinstance(data, Paper):
        if not isinstance(data, model):
            raise Invalid([Problem("form", "paper_mismatch", {"form": form.value})])
        return data
    try:
        return model.model_validate(data)
    except ValidationError as faults:
        problems = [
            Problem(".".join(str(part) for part in fault["loc"]), "paper_field", {"reason": fault["msg"]})
            for fault in faults.errors(include_input=False, include_url=False)
        ]
        raise Invalid(problems) from None


def _characters_without_glyph(fault: str) -> set[str]:
    found: set[str] = set()
    for quoted in _MISSING.findall(fault):
        found.update(_ESCAPE.sub(lambda match: chr(int(match[1], 16)), quoted))
    return {char for char in found if ord(char) > 0x7E}
