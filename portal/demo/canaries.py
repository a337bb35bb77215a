"""Canaries: texts that stand for something secret and occur in one place only."""

import hashlib

_MADE: dict[str, tuple[str, str, str]] = {}


def canary(field: str, owner: str, which: str = "") -> str:
    """The canary of a field of somebody's row; the same in every run, and different from every other."""
    digest = hashlib.sha256(f"{field}|{owner}|{which}".encode()).hexdigest()
    text = f"CANARY-{digest[:14].upper()}"
    _MADE[text] = (field, owner, which)
    return text


def made() -> dict[str, tuple[str, str, str]]:
    """Every canary given out so far, with the field, the owner and the instance it stands for."""
    return dict(_MADE)
