"""Reading one cell: what is plainly meant is read without a word, what is not raises Unreadable with a proposal.

Plainly meant: full-width digits, blanks, units, an apostrophe before a code, degrees in any writing, days in the usual
ones. Everything that needs a guess is a fault; the guess is its cure, and a person takes it or not.
"""

import difflib
import re
import unicodedata
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import lru_cache
from typing import Final

from portal.core.codes import device_code_problem, phone_problem, tidy_phone
from portal.registry.rules.access import is_address, is_mac, tidy_ipv6, tidy_mac
from portal.registry.rules.sheets.faults import Unreadable

SHOWN: Final = 40  # of a cell, in the sentence about it
_SCIENTIFIC = re.compile(r"\d+(\.\d+)?E\+?\d+")
_CODE_NOISE = re.compile(r"[\s'’‘`´\-·_.]")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u2028\u2029\ufeff]+")
_UNITS = re.compile(r"(天|日|度|°|米|公尺|公分|m|days?)$", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")
_LETTERS_FOR_DIGITS = re.compile(r"(?=.*\d)[\dOoIl]+(\.[\dOoIl]+)?")
_MEANT = str.maketrans("OoIl", "0011")
_OTHER_MEASURE = re.compile(r"月|年|周|小时|月份|month|week|year|hour", re.IGNORECASE)


def plain(text: str) -> str:
    """Full-width digits and letters as plain ones, outer space gone. For codes and numbers, not for names."""
    if text.isascii():
        return text.strip()
    return _CONTROLS.sub(" ", unicodedata.normalize("NFKC", text)).strip()


def read_text(text: str) -> str:
    """A text without what no eye sees; a line break within it is a blank."""
    if text.startswith("="):
        raise Unreadable("sheet_formula", text=text[:SHOWN])
    return _CONTROLS.sub(" ", text).strip() if _CONTROLS.search(text) else text


def read_code(text: str) -> str:
    """A device code; one that a spreadsheet has turned into a number is gone, and must not be guessed."""
    # ="4105…" is how a comma-separated file keeps a spreadsheet from making a number of it.
    code = plain(text).upper().strip("='’‘`´\"“” ")
    bare = _CODE_NOISE.sub("", re.sub(r"^(\d{20})\.0+$", r"\1", code))
    if _SCIENTIFIC.fullmatch(code.replace(" ", "")):
        raise Unreadable("sheet_code_damaged", cure="leave_empty", instead="", text=code[:SHOWN])
    fault = device_code_problem(bare)
    if fault is not None:
        data = {key: str(value) for key, value in fault.data.items()}
        raise Unreadable(fault.code, cure="leave_empty", instead="", **data)
    if bare.endswith("000000"):
        # Fifteen digits are all a spreadsheet keeps of a number, and no serial is zero.
        raise Unreadable("sheet_code_rounded", cure="leave_empty", instead="", text=bare)
    return bare


def read_phone(text: str) -> str | None:
    """A telephone number; a masked one, as the portal exports it, says nothing."""
    if "*" in text:
        return None
    number = tidy_phone(_CONTROLS.sub("", text))
    fault = phone_problem(number)
    if fault is not None:
        # Neither the number nor a guess at it is kept: faults are not sealed.
        raise Unreadable(fault.code)
    return number


def read_address(text: str) -> str:
    """An IP address. What stands there instead is not told: faults are not sealed."""
    bare = plain(text)
    if not is_address(bare):
        raise Unreadable("address_not_an_address")
    return bare


def read_ipv6(text: str) -> str:
    """An IPv6 address."""
    bare = plain(text)
    if not is_address(bare, 6):
        raise Unreadable("address_not_ipv6")
    return tidy_ipv6(bare)


def read_mac(text: str) -> str:
    """A MAC address, its pairs parted by colons, hyphens or nothing."""
    bare = plain(text).replace(" ", "")
    if re.fullmatch("[0-9A-Fa-f]{12}", bare):
        bare = ":".join(re.findall("..", bare))
    if not is_mac(bare):
        raise Unreadable("mac_shape")
    return tidy_mac(bare)


def read_decimal(text: str) -> Decimal:
    """A number, with or without its unit."""
    bare = _UNITS.sub("", plain(text)).strip()
    try:
        value = Decimal(bare.replace(" ", ""))
    except InvalidOperation:
        raise _no_number(text) from None
    if not value.is_finite():
        raise _no_number(text)
    return value


def read_whole(text: str) -> int:
    """A whole number, with or without its unit."""
    value = read_decimal(text)
    if value != value.to_integral_value() or abs(value) > 10**9:
        raise Unreadable("sheet_not_whole", text=text[:SHOWN])
    return int(value)


def _no_number(text: str) -> Unreadable:
    """Not a number; where one stands among words, that one is proposed, unless the words say what it counts."""
    said = plain(text)
    if _LETTERS_FOR_DIGITS.fullmatch(said):
        # An O typed for a nought: the digits before it are not the number.
        meant = said.translate(_MEANT)
        return Unreadable("sheet_not_a_number", cure="only_number", instead=meant, text=text[:SHOWN])
    numbers = [match[0] for match in _NUMBER.finditer(said)]
    if len(numbers) == 1 and not _OTHER_MEASURE.search(said):
        return Unreadable("sheet_not_a_number", cure="only_number", instead=numbers[0], text=text[:SHOWN])
    return Unreadable("sheet_not_a_number", text=text[:SHOWN])


# --- degrees ----------------------------------------------------------------------------------------------------------

_AXIS = re.compile(r"^(东经|西经|北纬|南纬|经度|纬度|LON|LAT|LNG|E|N)[:：=]?|(E|N|东经|北纬)$", re.IGNORECASE)
_SEXAGESIMAL = re.compile(
    r"(\d{1,3})\s*(?:°|º|度|:|\s|D)\s*(\d{1,2}(?:\.\d+)?)\s*(?:(?:′|'|’|分|:|\s|M)\s*(?:(\d{1,2}(?:\.\d+)?)\s*(?:″|′′|\"|”|''|秒|S)?)?)?",
    re.IGNORECASE,
)
_PLACES: Final = 12  # more are noise of a binary number


def read_degrees(text: str) -> Decimal:
    """Degrees, decimal or in minutes and seconds; digits after the point stay as they were given."""
    bare = _AXIS.sub("", plain(text)).strip().removesuffix("°").removesuffix("度").strip()
    bare = re.sub(r"(?<=\d)[,。，、](?=\d{3,}$)", ".", bare)
    try:
        value = Decimal(bare)
    except InvalidOperation:
        value = _sexagesimal(bare, text)
    if not value.is_finite():
        raise Unreadable("sheet_not_a_number", text=text[:SHOWN])
    if value == 0:
        raise Unreadable("sheet_zero")
    exponent = value.as_tuple().exponent
    return round(value, 8) if isinstance(exponent, int) and exponent < -_PLACES else value


def _sexagesimal(bare: str, text: str) -> Decimal:
    match = _SEXAGESIMAL.fullmatch(bare)
    if match is None:
        raise (
            _no_number(text)
            if not re.search(r"\d\D+\d\D+\d", bare)
            else Unreadable("sheet_not_a_number", text=text[:SHOWN])
        )
    degrees, minutes, seconds = (Decimal(part or 0) for part in match.groups())
    if minutes >= 60 or seconds >= 60:
        raise Unreadable("sheet_not_a_number", text=text[:SHOWN])
    return round(degrees + minutes / 60 + seconds / 3600, 8)


def point_restored(value: Decimal, *, digits: int) -> str | None:
    """A number of degrees whose decimal point was lost, with it put back behind so many digits."""
    text = str(value)
    return f"{text[:digits]}.{text[digits:]}" if text.isdigit() and 6 <= len(text) <= 12 else None


# --- days -------------------------------------------------------------------------------------------------------------

_CHINESE_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")
_YMD = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})(?:\s*[-/.月]\s*(\d{1,2})\s*日?)?\s*月?(?:[ T]\s*\d{1,2}:.*)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(\d{6})?")
_SHORT_YEAR = re.compile(r"(\d{2})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:[ T].*)?")
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")  # what follows the point is the time of the day
_SERIALS = range(20_000, 80_000)  # days since 1899-12-30: from 1954 to 2119
_EPOCH = date(1899, 12, 30)


def read_day(text: str) -> date:
    """A day, as people and spreadsheets write it; a month alone is its first day."""
    said = _western(plain(text))
    if match := _YMD.fullmatch(said):
        if "." in said and not match[3] and match[2] == "1":
            # A number loses its last nought: 2019.1 is January as well as October.
            raise Unreadable("sheet_day_ambiguous", cure="first_day", instead=f"{match[1]}-01-01", text=text[:SHOWN])
        return _day(match[1], match[2], match[3] or "1", text)
    if match := _COMPACT.fullmatch(said):
        return _day(match[1], match[2], match[3], text)
    if (match := _SERIAL.fullmatch(said)) and int(match[1]) in _SERIALS:
        return _EPOCH + timedelta(days=int(match[1]))
    raise _no_day(said, text)


def _western(said: str) -> str:
    """Chinese numerals of a date as digits: 二〇二六年三月十五日 is 2026年3月15日."""
    if not re.search("[〇零一二三四五六七八九十]", said):
        return said
    said = re.sub(r"([一二三])?十([一二三四五六七八九])?", lambda m: f"{m[1] or '一'}{m[2] or '〇'}", said)
    return said.translate(_CHINESE_DIGITS)


def _day(year: str, month: str, day: str, text: str) -> date:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError:
        raise Unreadable("sheet_not_a_date", text=text[:SHOWN]) from None
    if not 1950 <= found.year <= 2199:
        raise Unreadable("sheet_not_a_date", text=text[:SHOWN])
    return found


def _no_day(said: str, text: str) -> Unreadable:
    shown = text[:SHOWN]
    guess = ""
    if match := _SHORT_YEAR.fullmatch(said):
        guess = f"20{match[1]}-{match[2]:0>2}-{match[3]:0>2}"
    elif match := _YEAR_LAST.fullmatch(said):
        first, second = int(match[1]), int(match[2])
        month, day = (second, first) if first > 12 else (first, second)
        guess = f"{match[3]}-{month:02}-{day:02}"
    elif match := re.fullmatch(r"(\d{4})\s*年?", said):
        return Unreadable("sheet_day_ambiguous", cure="first_day", instead=f"{match[1]}-01-01", text=shown)
    try:
        date.fromisoformat(guess)
    except ValueError:
        return Unreadable("sheet_not_a_date", text=shown)
    return Unreadable("sheet_day_ambiguous", cure="likely_day", instead=guess, text=shown)


# --- words ------------------------------------------------------------------------------------------------------------

BETWEEN = re.compile(r"[/、,，;；|]")
_YES = frozenset({"是", "有", "1", "y", "yes", "true", "√", "已", "对"})
_NO = frozenset({"否", "无", "0", "n", "no", "false", "×", "未", "没有"})


def word_key(text: str) -> str:
    """How words are compared: plain, lower-case, without blanks; a number from a spreadsheet without its point."""
    return re.sub(r"\s+", "", plain(text)).removesuffix(".0").lower()


def read_flag(text: str) -> bool:
    """Yes or no."""
    word = word_key(text)
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise Unreadable("sheet_unknown_word", text=text[:SHOWN])


def read_one(text: str, known: Mapping[str, Enum], written: Mapping[Enum, str]) -> Enum:
    """One value of a vocabulary, by a word or its number."""
    value = known.get(word_key(text))
    if value is None:
        near = nearest(word_key(text), tuple(known))
        guess = written[known[near]] if near else None
        raise Unreadable("sheet_unknown_word", cure="nearest_word" if near else "", instead=guess, text=text[:SHOWN])
    return value


def read_many(text: str, known: Mapping[str, Enum], written: Mapping[Enum, str]) -> tuple[Enum, ...]:
    """Several values. A word may hold the mark that elsewhere stands between two: 车站、码头 is one."""
    parts = [text] if word_key(text) in known else [part for part in re.split(r"[/;；|]", text) if part.strip()]
    whole = [part for one in parts for part in ([one] if word_key(one) in known else BETWEEN.split(one))]
    values: dict[Enum, None] = {}
    cured: list[str] = []
    bad: str | None = None
    for part in filter(str.strip, whole):
        try:
            value = read_one(part.strip(), known, written)
        except Unreadable as fault:
            bad = bad or part.strip()
            cured.append(fault.instead or "")
        else:
            values[value] = None
            cured.append(written[value])
    if bad is not None:
        instead = "/".join(dict.fromkeys(cured)) if all(cured) else None
        raise Unreadable(
            "sheet_unknown_word", cure="nearest_word" if instead else "", instead=instead, text=bad[:SHOWN]
        )
    return tuple(values)


@lru_cache(maxsize=4096)
def nearest(word: str, known: tuple[str, ...]) -> str | None:
    """The known word that an unknown one most likely means: part of it, or nearly the same."""
    words = [one for one in known if len(one) > 1 and not one.isdigit()]
    within = [one for one in words if one in word or (len(word) > 1 and word in one)]
    if within:
        return max(within, key=lambda one: (one in word, len(one) if one in word else -len(one)))
    inside = [one for one in words if len(one) < len(word) and _scattered(one, word)]
    if inside:
        return max(inside, key=len)
    close = difflib.get_close_matches(word, words, n=1, cutoff=0.6)
    return close[0] if close else None


def _scattered(short: str, long: str) -> bool:
    """Whether a word's characters stand in another in their order, as 枪机 in 枪式摄像机."""
    rest = iter(long)
    return all(character in rest for character in short)
