"""Rules that hold for every template of the tree, by reading them.

Each rule is one test over all templates, which names every fault with its template: a test for each of them and each
rule would be two thousand, whose keeping takes pytest many times as long as the reading.
"""

import gzip
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "portal").glob("*/templates/**/*.html"))
PORTAL = ROOT / "portal"

# Where finished markup made by a library is passed on; each is covered by tests of its own (reliability.md D6).
MAY_BE_SAFE = {"maps"}


def faults(rule: Callable[[Path], Iterator[str]]) -> list[str]:
    """What breaks a rule, each with the template it stands in."""
    assert len(TEMPLATES) > 300
    return [f"{path.relative_to(PORTAL)}: {fault}" for path in TEMPLATES for fault in rule(path)]


@cache
def source(path: Path) -> str:
    """The template without its comments."""
    return re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)


@cache
def markup(path: Path) -> str:
    """Only what is written as HTML: expressions become a neutral letter-free mark."""
    text = re.sub(r"\{%-?\s*(set)\s[^=%]*=.*?%\}", "", source(path), flags=re.DOTALL)
    text = re.sub(r"\{% block \w+_class %\}.*?\{% endblock %\}", "", text, flags=re.DOTALL)
    text = re.sub(r"\{%.*?%\}", "", text, flags=re.DOTALL)
    return re.sub(r"\{\{.*?\}\}", "0", text, flags=re.DOTALL)


def tags(html: str) -> Iterator[str]:
    """Opening tags."""
    yield from re.findall(r"<[a-zA-Z][^>]*>", html)


INLINE = re.compile(r"\sstyle\s*=|\son[a-z]+\s*=|\shx-on|(?:href|action|src)\s*=\s*[\"']?\s*javascript:", re.IGNORECASE)


def inline(path: Path) -> Iterator[str]:
    yield from (tag for tag in tags(markup(path)) if INLINE.search(tag))
    if "<style" in markup(path).lower():
        yield "<style"


def test_no_inline_style_and_no_inline_handler() -> None:
    assert faults(inline) == []


def unsigned(path: Path) -> Iterator[str]:
    for tag in re.findall(r"<script\b.*?>", source(path), re.DOTALL):
        if not ("src=" in tag or "csp_nonce()" in tag or 'type="application/json"' in tag):
            yield tag


def test_a_script_is_a_file_or_carries_the_nonce() -> None:
    assert faults(unsigned) == []


def fetched(path: Path) -> Iterator[str]:
    yield from (tag for tag in tags(source(path)) if re.search(r"(?:src|href|action)=[\"'](?:https?:)?//", tag))


def test_nothing_is_fetched_from_outside() -> None:
    assert faults(fetched) == []


def unescaped(path: Path) -> Iterator[str]:
    if path.relative_to(PORTAL).parts[0] not in MAY_BE_SAFE:
        yield from re.findall(r"\|\s*safe\b|autoescape", source(path))


def test_values_are_always_escaped() -> None:
    assert faults(unescaped) == []


ALLOWED = {"WGS-84", "GB/T 28181", "ONVIF", "RTSP", "SHA-256", "SM3", "PDF", "CSV", "XLSX", "JSON"}
PROPER = re.compile("|".join(map(re.escape, sorted(ALLOWED, key=len, reverse=True))))


def untranslated(path: Path) -> Iterator[str]:
    html = re.sub(r"<(script|code|kbd|pre|svg)\b.*?</\1>", "", markup(path), flags=re.DOTALL)
    texts = re.findall(r">([^<>]+)<", ">" + html + "<")
    attributes = re.findall(r"\s(?:title|alt|placeholder|aria-label)=[\"']([^\"']*)[\"']", html)
    for text in texts + attributes:
        if re.search(r"[A-Za-z]{2,}|[\u4e00-\u9fff]", PROPER.sub("", text)):
            yield text.strip()


def test_every_text_is_translated() -> None:
    assert faults(untranslated) == []


def without_tokens(path: Path) -> Iterator[str]:
    text = source(path)
    for found in re.finditer(r"<form\b[^>]*method=[\"']post[\"'][^>]*>(.{0,400})", text, re.DOTALL | re.IGNORECASE):
        after = found.group(1)
        if not ("form_tokens()" in after or ("csrf_token" in after and "idempotency_field()" in after)):
            yield found.group(0)[:200]


def test_a_form_that_changes_state_carries_its_tokens() -> None:
    assert faults(without_tokens) == []


def test_the_sheets_name_no_address_outside() -> None:
    for sheet in (ROOT / "portal/web/static/css").glob("*.css"):
        assert "http" not in sheet.read_text(), sheet
        assert "@import" not in sheet.read_text(), sheet


def test_only_the_token_sheets_name_colours() -> None:
    """One exception each: the brand mark and search on the dark bar, the badge's white, the dialog's veil."""
    for name in ("data.css", "forms.css"):
        text = re.sub(r"/\*.*?\*/", "", (ROOT / "portal/web/static/css" / name).read_text(), flags=re.DOTALL)
        assert set(re.findall(r"#[0-9a-fA-F]{3,8}\b", text)) <= {"#fff"}, name


SHEETS = " ".join(path.read_text() for path in sorted((ROOT / "portal/web/static/css").glob("*.css")))
SCRIPTS = " ".join(path.read_text() for path in sorted((ROOT / "portal/web/static/js").glob("*.js")))


KNOWN = set(re.findall(r"\.([a-zA-Z][\w-]*)", SHEETS))


def without_rule(path: Path) -> Iterator[str]:
    text = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", " ", source(path), flags=re.DOTALL)
    used = {name for names in re.findall(r'class="([^"]*)"', text) for name in names.split()}
    used |= {name for names in re.findall(r'cls="([^"]*)"', source(path)) for name in names.split()}
    yield from sorted(name for name in used - KNOWN if name not in SCRIPTS)


def test_every_class_has_a_rule() -> None:
    """A class without a rule is a slip, or a look that nobody has drawn."""
    assert faults(without_rule) == []


def test_the_shell_stays_light() -> None:
    sheets = [
        ROOT / f"portal/web/static/css/{name}.css" for name in ("tokens", "dark", "shell", "data", "forms", "print")
    ]
    assert sum(path.stat().st_size for path in sheets) < 36_000
    assert sum(len(gzip.compress(path.read_bytes())) for path in sheets) < 12_000
    lines = sum(
        len((ROOT / "portal/web/static/js" / f).read_text().splitlines()) for f in ("portal.js", "rows.js", "forms.js")
    )
    assert lines <= 300
