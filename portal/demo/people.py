"""Invented people: names, posts and telephone numbers that ring nowhere."""

import random
from dataclasses import dataclass
from typing import Any

from portal.core.codes import masked_phone
from portal.demo.vocabulary import read

# One name in so many holds a character that breaks narrow fonts, old code pages or length checks.
_RARE_EVERY = 160


@dataclass(frozen=True, kw_only=True, slots=True)
class Contact:
    """A person named in a record."""

    name: str
    phone: str

    @property
    def phone_masked(self) -> str:
        """What pages show."""
        return masked_phone(self.phone)


def contact(rng: random.Random) -> Contact:
    """Somebody with a telephone."""
    return Contact(name=person_name(rng), phone=mobile(rng))


def person_name(rng: random.Random) -> str:
    """A Chinese name; common surnames come first in the list and oftener."""
    words = read("people")
    if rng.randrange(_RARE_EVERY) == 0:
        return str(rng.choice(words["rare"]))
    surnames: list[str] = words["surnames"]
    surname = surnames[min(int(rng.expovariate(1 / 28)), len(surnames) - 1)]
    if rng.random() < 0.22:
        return surname + str(rng.choice(words["given_one"]))
    return surname + str(rng.choice(words["given_first"])) + str(rng.choice(words["given_second"]))


def mobile(rng: random.Random) -> str:
    """Eleven digits under a prefix allotted to no operator."""
    words: dict[str, Any] = read("people")
    return f"{words['mobile_prefix']}{rng.randrange(10**8):08d}"
