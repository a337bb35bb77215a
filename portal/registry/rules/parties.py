"""Four-party responsibility: who holds which role on a day, and since when nobody did. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from portal.core.codes import uscc_problem
from portal.core.errors import Problem
from portal.registry.rules.validity import gaps, holds, overlaps, validity
from portal.registry.values import PartyRole
from portal.registry.values.archive import PartyParticulars, Validity

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


def party_problems(
    given: PartyParticulars,
    parties: Iterable["SystemParty"],
    *,
    role: PartyRole,
    party_id: UUID | None = None,
    reason: str,
    filed: bool,
) -> list[Problem]:
    """Everything wrong with a party as given, at once: its code, its days, somebody else's days in the same role, and the
    reason that a filed system asks for. Who holds the role without an end gives it up to a new party that starts later."""
    found = [Problem("reason", "change_reason_needed")] if filed and not reason.strip() else []
    if given.uscc and (fault := uscc_problem(given.uscc)):
        found.append(Problem("uscc", fault.code, dict(fault.data)))
    if given.valid_from and given.valid_to and given.valid_to < given.valid_from:
        return [*found, Problem("valid_to", "period_backwards")]
    others = [each for each in parties if each.role == role and each.id != party_id]
    if any(overlaps(given, each) and (party_id or not gives_way(each, given)) for each in others):
        found.append(Problem("valid_from", "party_overlaps"))
    return found


def gives_way(earlier: "SystemParty", given: PartyParticulars) -> bool:
    """Whether a party gives its role up to a new one: it began before, and no end of it was named."""
    starts_later = given.valid_from is not None and (earlier.valid_from or date.min) < given.valid_from
    return earlier.valid_to is None and starts_later


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
