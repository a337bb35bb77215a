"""Rules that hold for every template of the tree, by reading them."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "portal").glob("*/templates/**/*.html"))
IDS = [path.relative_to(ROOT / "portal").as_posix() for path in TEMPLATES]

# Where finished markup made by a library is passed on; each is covered by tests of its own (reliability.md D6).
MAY_BE_SAFE = {"maps"}


def source(path: Path) -> str:
    """The template without its comments."""
    return re.sub(r"\{#.*?#\}", "", path.read_text(), flags=re.DOTALL)


def markup(path: Path) -> str:
    """Only what is written as HTML: expressions become a neutral letter-free mark."""
    text = re.sub(r"\{%-?\s*(set)\s[^=%]*=.*?%\}", "", source(path), flags=re.DOTALL)
    text = re.sub(r"\{% block \w+_class %\}.*?\{% endblock %\}", "", text, flags=re.DOTALL)
    text = re.sub(r"\{%.*?%\}", "", text, flags=re.DOTALL)
    return re.sub(r"\{\{.*?\}\}", "0", text, flags=re.DOTALL)


def tags(html: str) -> Iterator[str]:
    """Opening tags."""
    yield from re.findall(r"<[a-zA-Z][^>]*>", html)


@pytest.mark.parametrize("path", TEMPLATES, ids=IDS)
def test_no_inline_style_and_no_inline_handler(path: Path) -> None:
    for tag in tags(markup(path)):
        assert not re.search(r"\sstyle\s*=", tag, re.IGNORECASE), tag
        assert not re.search(r"\son[a-z]+\s*=", tag, re.IGNORECASE), tag
        assert not re.search(r"\shx-on", tag, re.IGNORECASE), tag
        assert not re.search(r"(href|action|src)\s*=\s*[\"']?\s*javascript:", tag, re.IGNORECASE), tag
    assert "<style" not in markup(path).lower()


@pytest.mark.parametrize("path", TEMPLATES, ids=IDS)
def test_a_script_is_a_file_or_carries_the_nonce(path: Path) -> None:
    for tag in re.findall(r"<script\b.*?>", source(path), re.DOTALL):
        assert "src=" in tag or "csp_nonce()" in tag or 'type="application/json"' in tag, tag


@pytest.mark.parametrize("path", TEMPLATES, ids=IDS)
def test_nothing_is_fetched_from_outside(path: Path) -> None:
    for tag in tags(source(path)):
        assert not re.search(r"(?:src|href|action)=[\"'](?:https?:)?//", tag), tag


@pytest.mark.parametrize("path", TEMPLATES, ids=IDS)
def test_values_are_always_escaped(path: Path) -> None:
    if path.relative_to(ROOT / "portal").parts[0] in MAY_BE_SAFE:
        return
    assert not re.search(r"\|\s*safe\b", source(path))
    assert "autoescape" not in source(path)


@pytest.mark.parametrize("path", TEMPLATES, ids=IDS)
def test_every_text_is_translated(path: Path) -> None:
    html = re.sub(r"<(script|code|kbd|pre|svg)\b.*?</\1>", "", markup(path), flags=re.DOTALL)
    texts = re.findall(r">([^<>]+)<", ">" + html + "<")
    attributes = re.findall(r"\s(?:title|alt|placeholder|aria-label)=[\"']([^\"']*)[\"']", html)
    allowed = {"WGS-84", "GB/T 28181", "ONVIF", "RTSP", "SHA-256", "SM3", "PDF", "CSV", "XLSX", "JSON"}
    proper = re.compile("|".join(map(re.escape, sorted(allowed, key=len, reverse=True))))
    bare = [t.strip() for t in texts + attributes if re.search(r"[A-Za-z]{2,}|[\u4e00-\u9fff]", proper.sub("", t))]
    assert bare == []


@pytest.mark.parametrize("path", TEMPLATES, ids=IDS)
def test_a_form_that_changes_state_carries_its_tokens(path: Path) -> None:
    text = source(path)
    for found in re.finditer(r"<form\b[^>]*method=[\"']post[\"'][^>]*>(.{0,400})", text, re.DOTALL | re.IGNORECASE):
        after = found.group(1)
        assert "form_tokens()" in after or ("csrf_token" in after and "idempotency_field()" in after), found.group(0)[
            :200
        ]


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


@pytest.mark.parametrize("path", TEMPLATES, ids=IDS)
def test_every_class_has_a_rule(path: Path) -> None:
    """A class without a rule is a slip, or a look that nobody has drawn."""
    text = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", " ", source(path), flags=re.DOTALL)
    used = {name for names in re.findall(r'class="([^"]*)"', text) for name in names.split()}
    used |= {name for names in re.findall(r'cls="([^"]*)"', source(path)) for name in names.split()}
    known = set(re.findall(r"\.([a-zA-Z][\w-]*)", SHEETS))
    assert {name for name in used - known if name not in SCRIPTS} == set()


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
