"""Password strength, lock-out and session life: pure decisions over values.

The thresholds are this portal's security policy after GB/T 22239-2019 8.1.4.1 (identity authentication).
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.core.errors import Problem

MAX_FAILURES = 5
LOCK_FOR = timedelta(minutes=15)
ADDRESS_MAX_FAILURES = 20
ADDRESS_WINDOW = timedelta(minutes=15)
PASSWORD_MIN = 8
PASSWORD_LONG = 12
PASSWORD_MAX = 128
PASSWORD_HISTORY = 5

# Personal tokens: how many one account may hold, and the span over which their uses are counted.
MAX_TOKENS = 20
TOKEN_WINDOW = timedelta(minutes=1)
# A sign-in is noted as being in use this often and no oftener, so that reading a page writes nothing.
SEEN_EVERY = timedelta(minutes=1)

# One account on two devices: both used within this span, each after the other had signed in.
AT_ONCE = timedelta(minutes=10)

_SYSTEMS = (
    ("HarmonyOS", "harmony"), ("Android", "android"), ("iPhone", "ios"), ("iPad", "ios"), ("Windows", "windows"),
    ("Mac OS X", "mac"), ("Linux", "linux"),
)  # fmt: skip


def device_of(address: str, agent: str) -> tuple[str, str]:
    """What counts as one device: where it speaks from, and the family of its operating system.

    Two browsers of one computer, or one that was updated, are the same device; another address or a telephone beside the
    computer is another one.
    """
    return address, next((name for word, name in _SYSTEMS if word in agent), "")


@dataclass(frozen=True, kw_only=True)
class Use:
    """A sign-in as this rule sees it."""

    device: tuple[str, str]
    began: datetime
    seen: datetime


def used_at_once(one: Use, other: Use, *, now: datetime) -> bool:
    """Whether two sign-ins of one account were in use at the same time on two devices.

    Somebody who goes from one desk to the next leaves the first sign-in behind unused: that is not two at once.
    """
    together = min(one.seen, other.seen) >= max(one.began, other.began)
    return one.device != other.device and together and now - min(one.seen, other.seen) <= AT_ONCE


_CLASSES = (re.compile(r"[a-z]"), re.compile(r"[A-Z]"), re.compile(r"\d"), re.compile(r"[^A-Za-z0-9]"))
_COMMON = frozenset(
    [
        "password",
        "passw0rd",
        "qwerty",
        "qwertyuiop",
        "12345678",
        "123456789",
        "1234567890",
        "11111111",
        "88888888",
        "00000000",
        "66666666",
        "abc12345",
        "abcd1234",
        "a1234567",
        "aa123456",
        "admin123",
        "admin888",
        "administrator",
        "iloveyou",
        "woaini",
        "woaini1314",
        "letmein",
        "welcome1",
        "p@ssw0rd",
        "p@ssword",
        "1q2w3e4r",
        "1qaz2wsx",
        "qazwsxedc",
        "anyang123",
        "gongan110",
        "police110",
        "beian123",
        "shexiangtou",
        "jiankong",
        "jiankong123",
        "zaq12wsx",
        "asdfghjkl",
        "5201314520",
        "147258369",
        "987654321",
        "112233445566",
        "hikvision",
        "dahua123",
        "hik12345",
        "admin12345",
    ]
)


def password_problems(password: str, *, login: str, name: str) -> list[Problem]:
    """Every fault of a new password: at least 12 characters, or 8 from three of the four classes; nothing guessable."""
    problems = []
    classes = sum(bool(pattern.search(password)) for pattern in _CLASSES)
    if len(password) > PASSWORD_MAX:
        problems.append(Problem("password", "password_long", {"limit": PASSWORD_MAX}))
    if len(password) < PASSWORD_MIN or (len(password) < PASSWORD_LONG and classes < 3):
        problems.append(Problem("password", "password_weak", {"short": PASSWORD_MIN, "long": PASSWORD_LONG}))
    folded = password.lower()
    if folded in _COMMON or len(set(password)) < 4:
        problems.append(Problem("password", "password_common"))
    if (login and login.lower() in folded) or (len(name) > 1 and name in password):
        problems.append(Problem("password", "password_personal"))
    return problems


@dataclass(frozen=True, slots=True)
class Lock:
    """The counters after a failed attempt."""

    failures: int
    locked_until: datetime | None


def after_failure(failures: int, *, now: datetime, limit: int = MAX_FAILURES) -> Lock:
    """One more failure: locked for LOCK_FOR at the limit, the count starting again after it."""
    failures += 1
    if failures >= limit:
        return Lock(0, now + LOCK_FOR)
    return Lock(failures, None)


def is_locked(locked_until: datetime | None, now: datetime) -> bool:
    """Whether a lock still holds."""
    return locked_until is not None and locked_until > now


def token_problems(*, name: str, scopes: Collection[str], lifetime: timedelta, longest: timedelta) -> list[Problem]:
    """Every fault of a token asked for, but for what its owner may not do."""
    problems = []
    if not name.strip():
        problems.append(Problem("name", "required"))
    if len(name) > 60:
        problems.append(Problem("name", "too_long", {"max": 60}))
    if not scopes:
        problems.append(Problem("scopes", "required"))
    if not timedelta(days=1) <= lifetime <= longest:
        problems.append(Problem("days", "out_of_range", {"low": 1, "high": longest.days}))
    return problems
