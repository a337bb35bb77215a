"""Extract the texts of each package and keep its Chinese catalogue in step.

    python dev/messages.py [package …]           rewrite portal/<package>/translations/…/messages.po
    python dev/messages.py --check [package …]   change nothing; exit 1 and say what is wrong

A catalogue has no line numbers and no dates, so it changes only when texts do. Translations of texts
that stay are kept; texts that are gone are dropped; nothing is guessed from similar texts.
"""

import argparse
import io
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
LOCALE = "zh_Hans_CN"
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2"), ("**/templates/**.txt", "jinja2")]
OPTIONS = {
    "**/templates/**.html": {"silent": "false", "encoding": "utf-8"},
    "**/templates/**.txt": {"silent": "false", "encoding": "utf-8"},
}
KEYWORDS: dict[str, object] = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "audit_tag": (2,),  # acts are declared in values.py, which knows no translation
}
HEADER = """\
# Simplified Chinese texts of portal.{package}. `make messages` keeps the list; write the translations here.
msgid ""
msgstr ""
"Language: zh_Hans_CN\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}")
TAG = re.compile(r"</?[a-z][^>]*>")

Key = tuple[str | None, str | tuple[str, ...]]


def packages() -> list[str]:
    """Every package of the portal that can hold texts."""
    return sorted(path.parent.name for path in (ROOT / "portal").glob("*/__init__.py"))


def catalogue_path(package: str) -> Path:
    """Where a package keeps its texts."""
    return ROOT / "portal" / package / "translations" / LOCALE / "LC_MESSAGES" / "messages.po"


def extracted(package: str) -> Catalog:
    """The texts that stand in the package's source now, untranslated."""
    catalog = Catalog(locale=LOCALE, fuzzy=False)
    found = extract_from_dir(
        str(ROOT / "portal" / package),
        method_map=METHODS,
        options_map=OPTIONS,
        keywords=KEYWORDS,  # type: ignore[arg-type]
        comment_tags=("i18n:",),
        strip_comment_tags=True,
    )
    for _file, _line, text, comments, context in found:
        catalog.add(text, None, auto_comments=comments, context=context)
    return catalog


def stored(package: str) -> Catalog:
    """The catalogue on disk; empty when there is none."""
    path = catalogue_path(package)
    if not path.exists():
        return Catalog(locale=LOCALE)
    return read_po(io.BytesIO(path.read_bytes()), locale=LOCALE)


def texts(catalog: Catalog) -> Iterator[Message]:
    """Each message but the header."""
    return (message for message in catalog if message.id)


def key_of(message: Message) -> Key:
    """What makes two messages the same text."""
    return message.context, message.id


def merged(package: str) -> Catalog:
    """The extracted texts with the translations that are already there."""
    fresh = extracted(package)
    known = {key_of(message): message for message in texts(stored(package))}
    for message in texts(fresh):
        old = known.get(key_of(message))
        if old is not None:
            message.string = old.string
            message.user_comments = list(old.user_comments)
            message.flags |= old.flags & {"fuzzy"}
    return fresh


def rendered(package: str, catalog: Catalog) -> str:
    """The catalogue's text as it should stand on disk."""
    if not any(texts(catalog)):
        return ""
    out = io.BytesIO()
    write_po(out, catalog, width=0, no_location=True, omit_header=True, sort_output=True, ignore_obsolete=True)
    body = out.getvalue().decode()
    # The header is ours, dateless; write_po leaves the empty message out with omit_header.
    return HEADER.format(package=package) + body.strip("\n") + "\n"


def rewrite(package: str) -> None:
    """Bring a package's file up to date."""
    path, text = catalogue_path(package), rendered(package, merged(package))
    if not text:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text() != text:
        path.write_text(text)
    empty = sum(1 for message in texts(read_po(io.BytesIO(text.encode()), locale=LOCALE)) if is_empty(message))
    if empty:
        print(f"portal/{package}: {empty} texts to translate in {path.relative_to(ROOT)}")


def is_empty(message: Message) -> bool:
    """Is any form of the translation missing?"""
    strings = message.string if isinstance(message.string, tuple | list) else (message.string,)
    return not strings or not all(strings)


def as_texts(value: str | Iterable[str]) -> list[str]:
    """One text or the forms of a plural, as a list."""
    return [value] if isinstance(value, str) else list(value)


def message_problems(message: Message) -> Iterator[str]:
    """What is wrong with one translation."""
    shown = repr(as_texts(message.id)[0])
    if is_empty(message):
        yield f"{shown} has no translation"
        return
    if message.fuzzy:
        yield f"{shown} is marked fuzzy"
    wanted = set(PLACEHOLDER.findall(" ".join(as_texts(message.id))))
    for form in as_texts(message.string):
        given = set(PLACEHOLDER.findall(form))
        # A Chinese plural has one form; an English singular may leave the number out.
        if given != wanted:
            yield f"{shown}: placeholders {sorted(wanted)} became {sorted(given)}"
        if sorted(TAG.findall(as_texts(message.id)[-1])) != sorted(TAG.findall(form)):
            yield f"{shown}: the tags differ"


def problems(chosen: list[str]) -> Iterator[str]:
    """Everything that would make the check fail."""
    for package in chosen:
        path = catalogue_path(package)
        on_disk = path.read_text() if path.exists() else ""
        if on_disk != rendered(package, merged(package)):
            yield f"portal/{package}: the catalogue is stale; run `make messages`"
        for message in texts(stored(package)):
            for problem in message_problems(message):
                yield f"portal/{package}: {problem}"
    yield from disagreements()


def disagreements() -> Iterator[str]:
    """The catalogues are merged at start, so one text must mean the same in every package."""
    meanings: dict[Key, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for package in packages():
        for message in texts(stored(package)):
            if not is_empty(message):
                meanings[key_of(message)]["|".join(as_texts(message.string))].append(package)
    for (_context, text), versions in meanings.items():
        if len(versions) > 1:
            told = "; ".join(f"{string} in {', '.join(where)}" for string, where in versions.items())
            yield f"{as_texts(text)[0]!r} is translated in {len(versions)} ways: {told} (use pgettext)"


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="Keep the Chinese catalogues in step with the source.")
    parser.add_argument("package", nargs="*", help="default: all")
    parser.add_argument("--check", action="store_true", help="change nothing, fail on any problem")
    arguments = parser.parse_args()
    unknown = set(arguments.package) - set(packages())
    if unknown:
        parser.error(f"no such package: {', '.join(sorted(unknown))}")
    chosen = arguments.package or packages()
    if not arguments.check:
        for package in chosen:
            rewrite(package)
        return 0
    found = list(problems(chosen))
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
