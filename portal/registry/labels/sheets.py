"""The words of a camera sheet in one language; works without a request, for exports that are jobs."""

from collections.abc import Mapping
from enum import Enum
from functools import cache

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from portal.registry.labels.camera import CAMERA_FIELD, CAMERA_OPTION
from portal.registry.operations.imports.ground import Spoken
from portal.registry.rules import CAMERA_FIELDS
from portal.registry.rules.rows import PORTAL_ID_HEADERS, SheetWords
from portal.registry.rules.sheets import header_key, word_key
from portal.web.i18n import CHINESE, LOCALES, catalogue

_YES, _NO = _("Yes"), _("No")


def sheet_words(locale: str, zones: Mapping[str, str] | None = None) -> SheetWords:
    """Headers and values as the pages of this language show them; `zones` are names by key."""
    texts = catalogue(locale)

    def said(text: LazyString | str) -> str:
        return texts.gettext(str(text._args[0])) if isinstance(text, LazyString) else str(text)

    options: dict[type[Enum], Mapping[Enum, str]] = {
        kind: {value: said(text) for value, text in words.items()} for kind, words in CAMERA_OPTION.items()
    }
    return SheetWords(
        portal_id=PORTAL_ID_HEADERS[0 if locale == CHINESE else 1],
        headers={key: said(text) for key, text in CAMERA_FIELD.items()},
        options=options,
        yes=said(_YES),
        no=said(_NO),
        zones=zones or {},
    )


@cache
def spoken() -> Spoken:
    """What the pages call fields and values, in every language: sheets that were exported here are read back by it."""
    headers: dict[str, str] = {}
    options: dict[type[Enum], dict[str, Enum]] = {}
    for locale in LOCALES:
        words = sheet_words(locale)
        headers |= {header_key(words.headers[each.key]): each.key for each in CAMERA_FIELDS}
        for kind, said in words.options.items():
            options.setdefault(kind, {}).update({word_key(text): value for value, text in said.items()})
    return Spoken(headers=headers, options=options)
