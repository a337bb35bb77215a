"""Language: which one the reader gets, and the catalogues behind it.

Each package keeps its own `translations/<locale>/LC_MESSAGES/messages.po`. They are merged in memory at start straight
from the text files, so that no compiled file can be stale.
"""

import io
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, g, has_request_context, request
from flask_babel import Babel, Domain, get_locale
from flask_babel.speaklater import LazyString
from jinja2 import pass_context
from jinja2.runtime import Context

from portal.core.clock import CITY_TZ
from portal.web import formats

CHINESE = "zh_Hans_CN"
ENGLISH = "en"
LOCALES = (CHINESE, ENGLISH)
HTML_LANG = {CHINESE: "zh-Hans-CN", ENGLISH: "en"}
OWN_NAME = {CHINESE: "中文", ENGLISH: "English"}
SHORT = {"zh": CHINESE, "en": ENGLISH}
COOKIE = "lang"
PACKAGES = Path(__file__).parents[1]


@lru_cache(maxsize=4)
def catalogue(locale: str, packages: Path = PACKAGES) -> NullTranslations:
    """All packages' texts in one language. English is the language of the source, so it needs no file."""
    merged = Catalog(locale=locale)
    for path in sorted(packages.glob(f"*/translations/{locale}/LC_MESSAGES/messages.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=locale):
                if message.id:
                    merged[message.id] = message
    if not len(merged):
        return NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, merged)
    compiled.seek(0)
    return Translations(compiled)


class MergedDomain(Domain):
    """Flask-Babel's lookup, answered from the merged catalogues."""

    def get_translations(self) -> NullTranslations:
        """The texts of the language of this request; Chinese outside one."""
        return catalogue(current_locale())


def locale_from_header(header: str) -> str:
    """The best language of an Accept-Language header. Any Chinese counts as ours; unknown or none is Chinese too."""
    wishes = []
    for place, part in enumerate(header[:400].split(",")):
        tag, _, weight = part.strip().partition(";q=")
        try:
            wishes.append((-float(weight or 1), place, tag.lower()))
        except ValueError:
            continue
    for _, _, tag in sorted(wishes):
        # negotiate_locale() does not match zh-CN with zh_Hans_CN, so the family decides.
        for family, locale in SHORT.items():
            if tag == family or tag.startswith(f"{family}-"):
                return locale
    return CHINESE


def init_app(app: Flask) -> None:
    """Wire languages, filters and the escaping of lazy texts.

    The switch in the top bar sets a cookie, which is this browser's latest word and so comes first; then the signed-in
    person's stored language, which the gate leaves in `g.account_locale`; then what the browser asks for.
    """

    def choose() -> str:
        if not has_request_context():
            return CHINESE
        from_cookie = SHORT.get(request.cookies.get(COOKIE, ""))
        stored = None if from_cookie else g.get("account_locale")
        if stored in LOCALES:
            return str(stored)
        return from_cookie or locale_from_header(request.headers.get("Accept-Language", ""))

    babel = Babel(
        app, default_locale=CHINESE, default_timezone=str(CITY_TZ), locale_selector=choose, configure_jinja=True
    )
    babel.domain_instance = MergedDomain()  # type: ignore[no-untyped-call]
    _escape_lazy_texts()
    for name, filter_ in formats.FILTERS.items():
        app.add_template_filter(_asked_each_time(filter_), name)


def _asked_each_time(filter_: Callable[..., str]) -> Callable[..., str]:
    """A filter the template compiler leaves alone: it works out `402|duration` once, in the first reader's language."""

    @pass_context
    def call(_context: Context, *arguments: Any, **named: Any) -> str:
        return filter_(*arguments, **named)

    return call


def _escape_lazy_texts() -> None:
    """flask-babel's lazy texts call themselves safe HTML, although values may be formatted into them. Undo that."""
    if "__html__" in vars(LazyString):
        del LazyString.__html__


def short_code(locale: str) -> str:
    """zh or en: the form used in addresses and cookies."""
    return {value: key for key, value in SHORT.items()}[locale]


def current_locale() -> str:
    """The locale being answered in, as a plain name."""
    found: Any = get_locale()
    if not found:
        return CHINESE
    # Spelt out once: each text of each page asks for it. A letter in another language brings a locale of its own.
    known, name = g.get("locale_spelt", (None, ""))
    if known is not found:
        name = str(found)
        g.locale_spelt = (found, name)
    return str(name)
