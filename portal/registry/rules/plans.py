"""What was planned against what stands: pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from portal.registry.states import CameraStatus
from portal.registry.values import CameraType
from portal.registry.values.archive import PlanStatus

if TYPE_CHECKING:
    from portal.registry.models import PlanItem


class Built(StrEnum):
    """How far a plan item has come."""

    BUILT = "built"
    MORE = "more"
    PARTLY = "partly"
    NOT_BEGUN = "not_begun"
    OVERDUE = "overdue"
    DROPPED = "dropped"


@dataclass(frozen=True, kw_only=True)
class ItemStanding:
    """A plan item beside what was built of it."""

    item: "PlanItem"
    built: int
    other_kind: int
    state: Built

    @property
    def missing(self) -> int:
        """How many are still to come."""
        return 0 if self.state is Built.DROPPED else max(0, self.item.count - self.built)


def compare(
    items: Iterable["PlanItem"], matched: Mapping[UUID, Sequence[tuple[str, str]]], *, on: date
) -> list[ItemStanding]:
    """Each item with its matched cameras, given as kind and status; a dismantled one no longer fulfils anything."""
    found = []
    for item in items:
        standing = [kind for kind, status in matched.get(item.id, ()) if status != CameraStatus.DISMANTLED]
        told = item.camera_type != CameraType.UNKNOWN
        other = sum(1 for kind in standing if told and kind not in (item.camera_type, CameraType.UNKNOWN))
        found.append(
            ItemStanding(item=item, built=len(standing), other_kind=other, state=_state(item, len(standing), on))
        )
    return found


def _state(item: "PlanItem", built: int, on: date) -> Built:
    if item.status == PlanStatus.DROPPED:
        return Built.DROPPED
    if built >= item.count:
        return Built.BUILT if built == item.count else Built.MORE
    if item.due_on is not None and item.due_on < on:
        return Built.OVERDUE
    return Built.PARTLY if built else Built.NOT_BEGUN


def likeness(place: str, name: str) -> float:
    """How much of a place's name a camera's name repeats, from none to all, by pairs of characters."""
    wanted, given = _plain(place), _plain(name)
    if len(wanted) < 2:
        return float(bool(wanted) and wanted in given)
    pairs = {wanted[i : i + 2] for i in range(len(wanted) - 1)}
    return sum(1 for pair in pairs if pair in given) / len(pairs)


def _plain(text: str) -> str:
    return "".join(text.casefold().split())
