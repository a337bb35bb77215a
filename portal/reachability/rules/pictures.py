"""Sizes of pictures as people and devices write them, and which falls short of which. Pure."""

import re

_PIXELS = re.compile(r"\s*(\d{2,5})\s*[xX×*]\s*(\d{2,5})\s*")


def pixels_of(text: str) -> tuple[int, int] | None:
    """Width and height out of what a resolution is written like; None where it cannot be read."""
    found = _PIXELS.fullmatch(text)
    return (int(found[1]), int(found[2])) if found else None


def is_smaller(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether a picture falls short of another: one turned on its side has as many lines as before."""
    return max(one) < max(other) or min(one) < min(other)
