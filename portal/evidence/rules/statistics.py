"""Yearly figures of requests: what may be published without telling of a single case."""

from collections.abc import Mapping


def hushed(cells: Mapping[str, int], *, least: int) -> dict[str, int | None]:
    """A group of figures without small numbers: None where one is left out.

    The sum is known, and that none of the gaps is nothing: from one gap, or from two with a sum of two, each follows.
    So the smallest of the others goes, too, until `least` are left to be spread over the gaps. Which gap was small is not
    told.
    """
    gaps = {key for key, number in cells.items() if 0 < number < least}
    others = sorted((number, key) for key, number in cells.items() if number >= max(least, 1))
    while gaps and others and (len(gaps) == 1 or sum(cells[key] for key in gaps) - len(gaps) < least):
        gaps.add(others.pop(0)[1])
    return {key: None if key in gaps else number for key, number in cells.items()}


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
