"""Units and systems the regulation tests ask about."""

from datetime import date
from typing import Any

from portal.regulation.effective import EffectiveRules
from portal.regulation.engine import effective_rules
from portal.regulation.schema.vocabulary import Regime
from portal.regulation.values import RuleContext

TODAY = date(2026, 11, 20)
WENFENG = "410502"
HANDAN = "130402"


def rules(**changes: Any) -> EffectiveRules:
    """What holds for a unit's system in a public place of Wenfeng today, unless told otherwise."""
    facts = {"on": TODAY, "division_code": WENFENG, "regime": Regime.PUBLIC_UNIT} | changes
    return effective_rules(RuleContext(**facts))
