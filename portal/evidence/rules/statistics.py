"""Yearly figures of requests: what may be published without telling of a single case."""

from collections.abc import Mapping


def hushed(cells: Mapping[str, int], *, least: int) -> dict[str, int | None]:
    """A group of figures without small numbers: None where one is left out.

    A single gap could be worked out from the sum: then the smallest of the others goes, too. Nothing tells of nobody.
    """
    shown: dict[str, int | None] = {key: None if 0 < number < least else number for key, number in cells.items()}
    gaps = [key for key, number in shown.items() if number is None]
    if len(gaps) == 1:
        others = [key for key, number in shown.items() if number]
        if others:
            shown[min(others, key=lambda key: (cells[key], key))] = None
    return shown


def told(number: int, *, least: int) -> int | None:
    """One figure by itself, such as the number of secret cases: left out where it is small enough to point at one."""
    return None if 0 < number < least else number


def told_of_wholes(cells: Mapping[str, int], wholes: Mapping[str, str], *, least: int) -> dict[str, int | None]:
    """Figures that are no parts of one sum. One of them that is part of another goes, too, where what is left is small."""
    shown = {key: told(number, least=least) for key, number in cells.items()}
    for part, whole in wholes.items():
        if 0 < cells[whole] - cells[part] < least:
            shown[part] = None
    return shown
