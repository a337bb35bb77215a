"""What the tables of the registry share."""

from collections.abc import Iterable


def one_of(column: str, values: Iterable[object]) -> str:
    """The condition that a column holds one of a vocabulary's texts."""
    return f"{column} in ({', '.join(repr(str(value)) for value in values)})"


def number_of(column: str, values: Iterable[int]) -> str:
    """The condition that a column holds one of a vocabulary's numbers, or nothing."""
    return f"{column} is null or {column} in ({', '.join(str(int(value)) for value in values)})"


def numbers_of(column: str, values: Iterable[int]) -> str:
    """The condition that an array holds nothing but a vocabulary's numbers."""
    return f"{column} <@ array[{', '.join(str(int(value)) for value in values)}]::smallint[]"
