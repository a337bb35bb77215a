"""Identifier rules: unified social credit code, resident ID, GB/T 28181 device code, telephone.

Pure functions. A `…_problem` function answers None for a good code, or what is wrong with it as a code and data that
the shell turns into a sentence. Input is expected upper-case and without blanks (`tidy` does that).
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECKS = "10X98765432"

INDUSTRY_CODES = frozenset({f"{n:02}" for n in (*range(15), *range(40, 46))})
TYPE_CODES = frozenset(
    str(n)
    for n in (
        *range(111, 126), 130, *range(131, 144), 200, 201, *range(203, 212), 215, 216, 300, 400, 500, 501, 502, 503, 505,
    )
)  # fmt: skip
CAMERA_TYPES = frozenset({"131", "132"})


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with an identifier: a code for the sentence, and the data the sentence names."""

    code: str
    data: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """A 20-digit GB/T 28181 device code, taken apart (rule A)."""

    text: str
    division: str
    grassroots: str
    industry: str
    type: str
    network: str
    serial: str

    @property
    def is_camera(self) -> bool:
        """Types 131 and 132 are picture channels."""
        return self.type in CAMERA_TYPES


def tidy(text: str) -> str:
    """Full-width forms made plain, blanks and separators dropped, letters raised."""
    return re.sub(r"[\s\-·]", "", unicodedata.normalize("NFKC", text)).upper()


def uscc_check_digit(first_17: str) -> str:
    """The 18th character of a unified social credit code (GB 32100-2015)."""
    total = sum(w * _USCC_ALPHABET.index(c) for w, c in zip(_USCC_WEIGHTS, first_17, strict=True))
    return _USCC_ALPHABET[(31 - total % 31) % 31]


def uscc_problem(code: str) -> Fault | None:
    """Is this a unified social credit code? Length, alphabet and check character."""
    if len(code) != 18:
        return Fault("uscc_length", {"length": len(code)})
    for place, character in enumerate(code, start=1):
        if character not in _USCC_ALPHABET:
            return Fault("uscc_character", {"place": place, "character": character})
    expected = uscc_check_digit(code[:17])
    return None if code[17] == expected else Fault("uscc_check", {"expected": expected, "given": code[17]})


def organisation_check_digit(first_8: str) -> str:
    """The ninth character of an organisation code (GB 11714), which is characters 9 to 17 of a credit code."""
    total = sum(w * int(c, 36) for w, c in zip(_ORGANISATION_WEIGHTS, first_8, strict=True))
    return "0123456789X0"[11 - total % 11]


def resident_id_problem(code: str, *, today: date) -> Fault | None:
    """Is this a resident identity number (GB 11643-1999)? Shape, birthday and check character."""
    if not re.fullmatch(r"[0-9]{17}[0-9X]", code):
        return Fault("resident_id_shape")
    try:
        born = date(int(code[6:10]), int(code[10:12]), int(code[12:14]))
    except ValueError:
        return Fault("resident_id_birthday", {"text": code[6:14]})
    if not date(1880, 1, 1) <= born <= today:
        return Fault("resident_id_birthday", {"text": code[6:14]})
    total = sum(w * int(c) for w, c in zip(_RESIDENT_WEIGHTS, code[:17], strict=True))
    # The expected character is not told: a form that completes identity numbers helps whoever guesses them.
    return None if code[17] == _RESIDENT_CHECKS[total % 11] else Fault("resident_id_check")


def device_code_problem(code: str, *, city_code: str = "") -> Fault | None:
    """Is this a 20-digit device code of GB/T 28181? No check digit exists, so structure and dictionaries decide.

    `city_code` (six digits) also asks that the division lies in that city.
    """
    if re.fullmatch(r"[0-9.]+E\+?[0-9]+", code):
        return Fault("device_code_spreadsheet")  # a sheet stored it as a number: the digits are lost, never guess
    if not re.fullmatch(r"[0-9]{20}", code):
        return _not_twenty_digits(code)
    if code[8:10] not in INDUSTRY_CODES:
        return Fault("device_code_industry", {"part": code[8:10]})
    if code[10:13] not in TYPE_CODES:
        return Fault("device_code_type", {"part": code[10:13]})
    if city_code and code[:4] != city_code[:4]:
        return Fault("device_code_city", {"part": code[:6], "city": city_code})
    return None


def _not_twenty_digits(code: str) -> Fault:
    stray = re.search(r"[^0-9]", code)
    if len(code) != 20 or stray is None:
        return Fault("device_code_length", {"length": len(code)})
    return Fault("device_code_character", {"place": stray.start() + 1, "character": stray.group()})


def parse_device_code(code: str) -> DeviceCode:
    """Take a good device code apart. Raises ValueError for a bad one."""
    fault = device_code_problem(code)
    if fault is not None:
        raise ValueError(fault.code)
    return DeviceCode(
        text=code,
        division=code[:6],
        grassroots=code[6:8],
        industry=code[8:10],
        type=code[10:13],
        network=code[13],
        serial=code[14:],
    )


def tidy_phone(text: str) -> str:
    """A telephone number in one form: no blanks, no country code, an extension after a hyphen."""
    plain = unicodedata.normalize("NFKC", text).strip()
    plain = re.sub(r"(转|ext\.?|x)\s*(?=[0-9])", "-", plain, flags=re.IGNORECASE)
    plain = re.sub(r"[\s()]", "", plain.replace("—", "-").replace("–", "-"))
    plain = re.sub(r"^(\+|00)86-?", "", plain)
    bare = plain.replace("-", "")
    return bare if re.fullmatch(r"1[3-9][0-9]{9}", bare) else plain


def mobile_problem(number: str) -> Fault | None:
    """Is this a mobile number of the mainland?"""
    return None if re.fullmatch(r"1[3-9][0-9]{9}", number) else Fault("mobile_shape")


def phone_problem(number: str) -> Fault | None:
    """A mobile number, a line with its area code, or a 400/800 number; an extension may follow a line."""
    line = r"0[0-9]{2,3}-?[1-9][0-9]{6,7}(-[0-9]{1,6})?"
    service = r"[48]00-?[0-9]{3}-?[0-9]{4}"
    good = re.fullmatch(rf"1[3-9][0-9]{{9}}|{line}|{service}", number)
    return None if good else Fault("phone_shape")


def masked_phone(number: str) -> str:
    """A telephone number as lists show it: 139****2207."""
    return f"{number[:3]}****{number[-4:]}" if len(number) >= 9 else "****"
