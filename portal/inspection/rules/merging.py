"""What stands when several people judged the same item, in whatever order their entries arrive. Pure (decision 27).

Each person's latest entry counts. Where two differ, the stricter stands and the item is contested until one entry
settles it by naming the others. Nothing here looks at when or in which order the server received anything.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from portal.inspection.states import Verdict
from portal.inspection.values import ItemAnswer

# From the mildest: what does not apply takes itself out of the rate, which never raises it.
_SEVERITY = (Verdict.MET, Verdict.NOT_APPLICABLE, Verdict.PARTLY, Verdict.NOT_MET)
# An entry that settles names what it settles, from both sides.
LEAST_NAMED = 2


@dataclass(frozen=True, kw_only=True)
class Said:
    """One entry of one person about one item. `chain` is the device it was made on; `settles` names other entries."""

    digest: str
    person: str
    chain: str
    seq: int
    captured_at: datetime
    answer: ItemAnswer
    settles: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Merged:
    """What stands for an item, what each person says of it, and whether they still differ."""

    standing: Said
    sides: tuple[Said, ...]
    contested: bool = False
    settled: bool = False


def latest_by_person(entries: Iterable[Said]) -> Mapping[str, Said]:
    """Each person's latest entry: the last of each device by its own count, then the latest captured of these.

    Within a device the count decides, for its clock may have been set back meanwhile; between devices only the clocks
    are left, and the digest where even they agree.
    """
    ends: dict[tuple[str, str], Said] = {}
    for entry in entries:
        known = ends.get((entry.person, entry.chain))
        if known is None or entry.seq > known.seq:
            ends[entry.person, entry.chain] = entry
    latest: dict[str, Said] = {}
    for entry in ends.values():
        known = latest.get(entry.person)
        if known is None or _age(entry) > _age(known):
            latest[entry.person] = entry
    return latest


def merge(entries: Iterable[Said]) -> Merged | None:
    """What stands for one item; None where nobody has judged it."""
    sides = tuple(sorted(latest_by_person(entries).values(), key=lambda side: side.person))
    if not sides:
        return None
    if len({_judgement(side.answer) for side in sides}) == 1:
        return Merged(standing=max(sides, key=_age), sides=sides)
    settling = [side for side in sides if _settles(side, sides)]
    if settling:
        return Merged(standing=max(settling, key=_age), sides=sides, settled=True)
    return Merged(standing=max(sides, key=strictness), sides=sides, contested=True)


def strictness(side: Said) -> tuple[Decimal, int, tuple[datetime, str]]:
    """What makes an entry stricter: points taken off, then the verdict; the latest of equals."""
    return side.answer.deducted, _SEVERITY.index(side.answer.verdict), _age(side)


def _judgement(answer: ItemAnswer) -> tuple[Verdict, Decimal]:
    # Two may describe the same shortfall in their own words and agree.
    return answer.verdict, answer.deducted


def _settles(side: Said, sides: Iterable[Said]) -> bool:
    others = {other.digest for other in sides if _judgement(other.answer) != _judgement(side.answer)}
    return len(side.settles) >= LEAST_NAMED and others <= side.settles


def _age(side: Said) -> tuple[datetime, str]:
    return side.captured_at, side.digest
