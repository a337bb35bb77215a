"""Numbers that stand up to checking: credit codes, device codes, organ codes, stable identifiers."""

import hashlib
import uuid
from collections import defaultdict
from datetime import datetime

from portal.core.codes import organisation_check_digit, uscc_check_digit

_ORGANISATION_DIGITS = 5

# Organisation codes are handed out in series that have not come near this letter pair, so an invented unit does not
# carry a real one's number.
_INVENTED_SERIES = "YDX"


def credit_code(register: str, division: str, number: int) -> str:
    """A unified social credit code (GB 32100): registering body and category, division, organisation code, check."""
    body = f"{_INVENTED_SERIES}{_base(number, '0123456789ABCDEFGH', _ORGANISATION_DIGITS)}"
    text = f"{register}{division}{body}{organisation_check_digit(body)}"
    return text + uscc_check_digit(text)


def organ_code(division: str, department: int = 0, station: int = 0) -> str:
    """A 12-digit police organ code: division, department, station."""
    return f"{division}{department:02d}{station:02d}00"


class DeviceCodes:
    """Hands out 20-digit GB/T 28181 codes, one serial per prefix, so that none is given twice."""

    def __init__(self) -> None:
        self._last: defaultdict[str, int] = defaultdict(int)

    def next(self, *, division8: str, industry: str, kind: str, network: str) -> str:
        """Centre code, industry, device type, network identifier, serial."""
        prefix = f"{division8}{industry}{kind}{network}"
        self._last[prefix] += 1
        if self._last[prefix] > 999_999:
            raise ValueError(f"serials used up under {prefix}")
        return f"{prefix}{self._last[prefix]:06d}"


def stable_id(seed: int, kind: str, number: int, at: datetime) -> uuid.UUID:
    """A version 7 identifier that is the same in every run: its time from ``at``, its rest from the seed."""
    digest = hashlib.sha256(f"{seed}:{kind}:{number}".encode()).digest()
    milliseconds = int(at.timestamp() * 1000) & ((1 << 48) - 1)
    value = milliseconds << 80 | int.from_bytes(digest[:10], "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)


def _base(number: int, alphabet: str, width: int) -> str:
    digits = []
    for _ in range(width):
        number, rest = divmod(number, len(alphabet))
        digits.append(alphabet[rest])
    if number:
        raise ValueError("number too large for its width")
    return "".join(reversed(digits))
