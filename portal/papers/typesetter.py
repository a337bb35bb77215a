"""Runs typst: in this process for a paper of a few pages, in a child of its own for a long one.

Measured: a form takes 5 to 30 ms and the process settles at 220 MB, most of it fonts. A ledger of 1,000 rows takes
several seconds, and the compiler's cache keeps 200 MB for each; a child gives the memory back and leaves the web
process free to set other papers meanwhile.
"""

import json
import resource
import subprocess
import sys
import threading
from functools import lru_cache
from pathlib import Path

import typst

import portal

FORMS = Path(__file__).with_name("forms")
LONG_CHARACTERS = 60_000
_CHILD_SECONDS = 120
_CHILD_BYTES = 3 * 1024**3
_OK, _FAULT = 0, 3
_lock = threading.Lock()


class Untypable(Exception):
    """Typst refused the document; the text says why, in its own words."""


def typeset(form: str, text: str, *, lang: str, timestamp: int | None) -> bytes:
    """PDF/A-2b of a form and its JSON. Raises Untypable."""
    if len(text) > LONG_CHARACTERS:
        return _in_child(form, text, lang, timestamp)
    return _here(form, text, lang, timestamp)


def _here(form: str, text: str, lang: str, timestamp: int | None) -> bytes:
    # One at a time: the compiler keeps its caches between papers, and two cores gain nothing from two compilers.
    with _lock:
        try:
            pdf = _compiler().compile(
                input=FORMS / f"{form}.typ",
                format="pdf",
                sys_inputs={"data": text, "lang": lang},
                pdf_standards=["a-2b"],
                timestamp=timestamp,
            )
        except typst.TypstError as fault:
            raise Untypable(str(fault)) from fault
    if not isinstance(pdf, bytes):
        raise Untypable("no output")
    return pdf


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    return typst.Compiler(root=FORMS, font_paths=typst.Fonts(include_system_fonts=True))


def _in_child(form: str, text: str, lang: str, timestamp: int | None) -> bytes:
    root = Path(portal.__path__[0]).resolve().parent
    job = json.dumps([form, text, lang, timestamp]).encode()
    try:
        child = subprocess.run(
            [sys.executable, "-s", "-P", "-m", "portal.papers.typesetter"],
            input=job,
            capture_output=True,
            timeout=_CHILD_SECONDS,
            check=False,
            env={"PYTHONPATH": str(root), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
        )
    except subprocess.TimeoutExpired:
        raise Untypable("too slow") from None
    if child.returncode == _FAULT:
        raise Untypable(child.stdout.decode(errors="replace"))
    if child.returncode != _OK or not child.stdout.startswith(b"%PDF-"):
        raise Untypable(f"the typesetter ended with {child.returncode}")
    return child.stdout


def main() -> int:
    """The child: one job from standard input, one PDF to standard output."""
    resource.setrlimit(resource.RLIMIT_AS, (_CHILD_BYTES, _CHILD_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    form, text, lang, timestamp = json.load(sys.stdin.buffer)
    try:
        sys.stdout.buffer.write(_here(form, text, lang, timestamp))
    except Untypable as fault:
        sys.stdout.buffer.write(str(fault).encode())
        return _FAULT
    return _OK


if __name__ == "__main__":
    sys.exit(main())
