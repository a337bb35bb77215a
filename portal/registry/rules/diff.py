"""What differs between two submissions of a system, as a reader would tell it. Pure: frozen contents in, lines out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Content = Mapping[str, Any]
_PLAIN = ("unit", "system", "parties")
# What is not of interest in itself: the keys by which rows are told apart, and counters.
_UNTOLD = frozenset({"id", "version", "file", "secret"})


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One line: in which part, of what, which field, before and after. `subject` is empty for the system itself."""

    part: str
    subject: str
    field: str
    old: Any
    new: Any


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """All lines, and how many rows came, went and changed in the parts that are lists."""

    lines: tuple[Difference, ...]
    came: Mapping[str, Sequence[str]]
    gone: Mapping[str, Sequence[str]]

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not self.lines and not any(self.came.values()) and not any(self.gone.values())


def compare(old: Content, new: Content) -> Comparison:
    """Everything that differs between an earlier and a later content."""
    lines = [line for part in _PLAIN for line in _fields(part, "", old.get(part) or {}, new.get(part) or {})]
    came: dict[str, list[str]] = {}
    gone: dict[str, list[str]] = {}
    for part, key in (("components", _by_id), ("cameras", _by_id), ("documents", _by_slot)):
        before = {key(row): row for row in old.get(part) or ()}
        after = {key(row): row for row in new.get(part) or ()}
        came[part] = [_named(row) for one, row in after.items() if one not in before]
        gone[part] = [_named(row) for one, row in before.items() if one not in after]
        for one, row in after.items():
            if one in before:
                lines += _fields(part, _named(row), before[one], row)
    return Comparison(lines=tuple(lines), came=came, gone=gone)


def _fields(part: str, subject: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    for name in dict.fromkeys((*old, *new)):
        if name not in _UNTOLD and (old.get(name) or None) != (new.get(name) or None):
            yield Difference(part=part, subject=subject, field=name, old=old.get(name), new=new.get(name))


def _by_id(row: Mapping[str, Any]) -> str:
    return str(row["id"])


def _by_slot(row: Mapping[str, Any]) -> str:
    return f"{row['slot']}:{row['version']}"


def _named(row: Mapping[str, Any]) -> str:
    return str(row.get("name") or row.get("title") or "")
