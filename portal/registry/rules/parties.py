"""Four-party responsibility: who holds which role on a day, and since when nobody did. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from portal.registry.rules.validity import gaps, holds, validity
from portal.registry.values import PartyRole
from portal.registry.values.archive import Validity

if TYPE_CHECKING:
    from portal.registry.models import SystemParty


@dataclass(frozen=True, kw_only=True)
class RoleStanding:
    """One role of a system: who holds it, who did and will, and the days on which nobody did."""

    role: PartyRole
    holder: "SystemParty | None"
    others: Sequence["SystemParty"]
    gaps: Sequence[tuple[date, date]]
    state: Validity
    asked: bool


def holders(parties: Iterable["SystemParty"], *, on: date) -> Mapping[str, "SystemParty"]:
    """Who holds each role on a day."""
    return {party.role: party for party in parties if party.name.strip() and holds(party, on)}


def standings(
    parties: Sequence["SystemParty"], *, asked: Iterable[str], since: date | None, on: date
) -> list[RoleStanding]:
    """How each role stands on a day, in the order of the law; `asked` are the roles the rules name."""
    present, wanted = holders(parties, on=on), set(asked)
    found = []
    for role in PartyRole:
        own = sorted((each for each in parties if each.role == role), key=_start, reverse=True)
        holder = present.get(role)
        # A role nobody ever held is missing as a whole; a gap is told only between those who did.
        empty = gaps(own, since=since or _earliest(own), on=on) if own else []
        found.append(
            RoleStanding(
                role=role,
                holder=holder,
                others=[each for each in own if each is not holder],
                gaps=empty,
                state=_state(own, holder, on),
                asked=role in wanted,
            )
        )
    return found


def _state(own: Sequence["SystemParty"], holder: "SystemParty | None", on: date) -> Validity:
    if holder is None:
        return Validity.MISSING
    succeeded = any(each.valid_from and holder.valid_to and each.valid_from > holder.valid_to for each in own)
    return Validity.VALID if succeeded else validity(holder.valid_to, on)


def _start(party: "SystemParty") -> date:
    return party.valid_from or date.min


def _earliest(own: Sequence["SystemParty"]) -> date | None:
    known = [each.valid_from for each in own]
    return None if None in known else min(day for day in known if day)
