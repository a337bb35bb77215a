"""What a filing lacks of zones, signs, masks, standards and settled points, gathered for `missing_of`."""

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from portal.registry.models import System
from portal.registry.queries.zones import CoveredZone, hanging_signs, standards_of, zones_of
from portal.registry.rules.points import PointFacts, point_shortfalls
from portal.registry.rules.zones import (
    mask_shortfalls,
    sign_places,
    sign_shortfalls,
    standard_shortfalls,
    standards_named,
    unsigned,
    zone_shortfalls,
)
from portal.registry.values import Shortfall
from portal.regulation.effective import EffectiveRules
from portal.regulation.schema.base import Text

_ANYWHERE = Text(zh="主要出入口", en="the main entrance")


def premises_shortfalls(
    session: Session, system: System, rules: EffectiveRules, points: PointFacts
) -> Sequence[Shortfall]:
    """Forbidden points first, then what is missing, then what does not hold the filing up."""
    zones = zones_of(session, system.id)
    names = zone_names(rules, zones)
    facts = [zone.facts for zone in zones]
    missing = unsigned(sign_places(rules, facts), hanging_signs(session, system.id)) or []
    standards = standards_named(standards_of(session, system.id))
    return [
        *point_shortfalls(rules, points),
        *mask_shortfalls(rules, unmasked=points.unmasked),
        *zone_shortfalls(rules, [(one, names[one.key]) for one in facts]),
        *sign_shortfalls(rules, [names.get(key, _ANYWHERE) for key in missing]),
        *standard_shortfalls(rules, standards, built_on=system.in_use_on),
    ]


def zone_names(rules: EffectiveRules, zones: Sequence[CoveredZone]) -> Mapping[str, Text]:
    """The wording of every zone by its key: the text's own, or the unit's."""
    told = {one.zone.key: one.zone.text for one in reversed(rules.zones())}
    own = {zone.row.key: Text(zh=zone.row.name, en=zone.row.name) for zone in zones if zone.row.name}
    stray = {zone.row.key: Text(zh=zone.row.key, en=zone.row.key) for zone in zones}
    return stray | told | own
