"""From codes to sentences: what an error or a faulty field says to the reader.

Operations raise codes and data. Each feature registers the sentences of its codes in `labels.py`:

    add_texts({"retention_too_short": _("Recordings must be kept at least %(days)s days (%(source)s)")})
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from portal.core.codes import Fault
from portal.core.errors import PortalError, Problem
from portal.web import formats

_TEXTS: dict[str, LazyString] = {
    "required": _("This must be filled in"),
    "invalid": _("This entry cannot be accepted"),
    "too_long": _("No more than %(max)s characters are allowed"),
    "bad_cursor": _("The page address is no longer valid; open the list again"),
    "foreign_origin": _("The request came from another site and was refused"),
    "stale": _("Somebody else changed this after you opened it. Open it again, then repeat your change"),
    "illegal_transition": _("This step is not possible in the present state"),
    "uscc_length": _("A unified social credit code has 18 characters; %(length)s were given"),
    "uscc_character": _('Character %(place)s, "%(character)s", cannot occur in a unified social credit code'),
    "uscc_check": _('The unified social credit code does not check: character 18 should be "%(expected)s"'),
    "resident_id_shape": _("A resident identity number has 18 digits; only the last may be X"),
    "resident_id_birthday": _('"%(text)s" in the resident identity number is not a possible birthday'),
    "resident_id_check": _("The resident identity number does not check; compare it with the card"),
    "device_code_spreadsheet": _(
        "A spreadsheet turned this code into a number and lost its digits; store the column as text and enter it again"
    ),
    "device_code_length": _("A device code has 20 digits (GB/T 28181); %(length)s characters were given"),
    "device_code_character": _('Character %(place)s of the code, "%(character)s", is not a digit'),
    "device_code_industry": _('"%(part)s" (digits 9 and 10) is not an industry code'),
    "device_code_type": _('"%(part)s" (digits 11 to 13) is not a device type'),
    "device_code_city": _("The code begins with division %(part)s, which is not in this city"),
    "mobile_shape": _("Enter an 11-digit mobile number"),
    "phone_shape": _("Enter a mobile number, or a line with its area code, such as 0372-5912345"),
}


# Pieces of data that are keys of something: how each is said to the reader.
_WORDS: dict[str, Callable[[str], str]] = {}


def add_words(name: str, say_it: Callable[[str], str]) -> None:
    """Register how data of this name is said, in every sentence that uses it."""
    _WORDS[name] = say_it


def add_texts(texts: Mapping[str, LazyString]) -> None:
    """Register a feature's sentences. One code has one meaning in the whole portal."""
    for code, text in texts.items():
        known = _TEXTS.setdefault(code, text)
        if known is not text and known._args != text._args:
            raise ValueError(f"two sentences for the problem code {code!r}")


def known_codes() -> frozenset[str]:
    """The codes that have a sentence."""
    return frozenset(_TEXTS)


def sentence(code: str, data: Mapping[str, object]) -> str:
    """The sentence of a code. Plain text: templates escape it, whatever the data hold."""
    text = str(_TEXTS.get(code, _TEXTS["invalid"]))
    try:
        return text % {
            name: _WORDS[name](str(value)) if name in _WORDS else _shown(value) for name, value in data.items()
        }
    except (KeyError, ValueError, TypeError):
        return text


def _shown(value: object) -> str:
    """Moments and days in the reader's own clock and writing; everything else as it is."""
    if isinstance(value, datetime):
        return formats.datetime_(value)
    return formats.date_(value) if isinstance(value, date) else str(value)


def say(problem: Problem | Fault | PortalError) -> str:
    """The sentence of a problem, a fault in an identifier, or an error as a whole."""
    return sentence(problem.code, problem.data)
