"""Whether the record of a visit is one: nobody differs any more, and those who must have signed what stands in it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from portal.core.clock import city_day
from portal.core.errors import Problem
from portal.inspection.models import Acceptance, SealedEntry, Visit
from portal.inspection.queries import contested_items, entries_of, merged_of, signatures_of
from portal.inspection.rules.sealing import SignatureEntry
from portal.inspection.states import Capacity
from portal.registry.rules import rules_for
from portal.regulation.effective import EffectiveRules
from portal.regulation.schema.keys import RuleKey


def record_problems(session: Session, acceptance: Acceptance, visit: Visit, *, now: datetime) -> list[Problem]:
    """What keeps a visit's record from being closed: items contested, signatures missing.

    What was sealed on devices is signed on them. A visit typed at a desk is signed on its printed record.
    """
    problems = [Problem(item, "item_contested") for item in contested_items(session, visit.id)]
    rows = entries_of(session, visit.id)
    if any(row.device_id for row in rows):
        rules = rules_for(acceptance.unit, acceptance.system, on=city_day(now))
        problems += _signatures_missing(rules, visit, rows)
    return problems


def _signatures_missing(rules: EffectiveRules, visit: Visit, rows: Sequence[SealedEntry]) -> list[Problem]:
    given, merged = signatures_of(rows), merged_of(rows)
    problems = []
    by_unit = [entry for _row, entry in given if entry.capacity is Capacity.UNIT]
    least = rules.integer(RuleKey.VISIT_SIGNATURES_UNIT) or 0
    # Of two telephones each shows the unit's person what it holds; together they must show all that stands.
    if least and (len(by_unit) < least or not {each.standing.digest for each in merged.values()} <= _named(by_unit)):
        problems.append(Problem("signatures", "unit_signature_missing"))
    if rules.flag(RuleKey.VISIT_SIGNATURES_INSPECTORS):
        for place in visit.inspectors:
            own = [
                entry
                for row, entry in given
                if row.person_id == place.person_id and entry.capacity is Capacity.INSPECTOR
            ]
            said = {
                side.digest for each in merged.values() for side in each.sides if side.person == str(place.person_id)
            }
            if not place.cancelled and (not own or not said <= _named(own)):
                problems.append(Problem("signatures", "inspector_signature_missing", {"who": place.name}))
    return problems


def _named(signatures: Iterable[SignatureEntry]) -> set[str]:
    return {digest for each in signatures for digest in each.entries}
