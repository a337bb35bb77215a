"""What a system's filing owes and when: its kind, its organ, its running clocks, what may end it. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from portal.registry.states import IN_FORCE, FilingStatus, UseAction, UseStatus
from portal.registry.values import ClockKind, FilingKind, Shortfall
from portal.regulation.calendar import WorkCalendar
from portal.regulation.deadlines import Deadline, StepCode
from portal.regulation.effective import EffectiveRules
from portal.regulation.schema.base import Citation
from portal.regulation.schema.keys import RuleKey

# GB/T 2260: the fifth and sixth digits of an urban district (市辖区) lie below 21; counties and county-level cities follow.
_FIRST_COUNTY = 21
BEFORE_USE = frozenset(
    {UseStatus.PLANNED, UseStatus.UNDER_CONSTRUCTION, UseStatus.TRIAL, UseStatus.AWAITING_ACCEPTANCE}
)


class Level(StrEnum):
    """Which organ receives a filing: that of the district or county, or the city's."""

    COUNTY = "county"
    CITY = "city"


@dataclass(frozen=True, kw_only=True)
class Route:
    """Where a filing goes and the rule that sends it there."""

    level: Level
    authority: str
    citations: tuple[Citation, ...]

    def told(self, *, district: str, on: date) -> dict[str, Any]:
        """As JSON to keep with the filing, whatever the rules say later."""
        return {
            "level": str(self.level),
            "authority": self.authority,
            "district": district,
            "on": on.isoformat(),
            "citations": [[cited.instrument, cited.article] for cited in self.citations],
        }


def route_of(rules: EffectiveRules, *, district: str) -> Route:
    """The organ competent under the rules of the day (REG-04).

    The Anyang measure names the organ of the city or of a county, so that urban districts fall to the city; Decree 799
    names the county level. What no text asks to file is registered with the organ of the district.
    """
    authority = rules.term(RuleKey.FILING_AUTHORITY) if rules.flag(RuleKey.FILING_REQUIRED) else None
    urban = int(district[4:6]) < _FIRST_COUNTY
    level = Level.CITY if authority == "city_or_county" and urban else Level.COUNTY
    cited = rules.citations(RuleKey.FILING_AUTHORITY) if authority else ()
    return Route(level=level, authority=authority or "", citations=cited)


def kind_of(rules: EffectiveRules, *, standing: bool) -> FilingKind:
    """Why a filing of the system would be made now; nobody has to know the word for it."""
    if standing:
        return FilingKind.CHANGE
    if not rules.flag(RuleKey.FILING_REQUIRED):
        return FilingKind.VOLUNTARY
    return FilingKind.EXISTING if rules.period(RuleKey.FILING_EXISTING_DUE) else FilingKind.NEW


def asked_of(rules: EffectiveRules, kind: FilingKind) -> frozenset[str]:
    """Which items a short filing asks for: what the regime needs and nothing else."""
    asked = {"name", "address", "position", "devices"}
    if kind is FilingKind.VOLUNTARY:
        return frozenset(asked)
    fields = set(rules.terms(RuleKey.FILING_REQUIRED_FIELDS))
    asked |= {"in_use_on"}
    asked |= {"retention_days"} if "storage_period" in fields else set()
    asked |= {"builder"} if "builder" in rules.terms(RuleKey.SYSTEM_PARTIES_REQUIRED) else set()
    if "construction_account" in fields:
        asked |= {"construction_began_on", "construction_finished_on"}
    return frozenset(asked)


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What the clocks of a system depend on besides the rules."""

    use_status: UseStatus
    filed: FilingStatus | None = None
    filed_on: date | None = None
    confirmed_on: date | None = None
    under_review: bool = False


def clocks_of(rules: EffectiveRules, at: Standing, *, calendar: WorkCalendar) -> Mapping[ClockKind, Deadline]:
    """The clocks that run for a system today: the filing it still owes, or the next confirmation of the one it has."""
    if at.filed in IN_FORCE:
        since = max(filter(None, (at.filed_on, at.confirmed_on)), default=None)
        counted = rules.deadline(RuleKey.FILING_RECONFIRM_DUE, start=since, calendar=calendar) if since else None
        return {ClockKind.CONFIRMATION: counted} if counted else {}
    if at.filed is not None or at.under_review or at.use_status is UseStatus.DISMANTLED:
        return {}
    counted = rules.filing_deadline(calendar=calendar)
    if counted is None:
        return {}
    existing = rules.period(RuleKey.FILING_EXISTING_DUE) is not None
    return {ClockKind.EXISTING if existing else ClockKind.NEW: counted}


def is_extended(counted: Deadline | None) -> bool:
    """Whether somebody put the day off: such a clock is not counted anew."""
    return counted is not None and any(step.code is StepCode.EXTENDED for step in counted.steps)


def removal_refused(rules: EffectiveRules) -> Shortfall | None:
    """Why a registration cannot be removed on request, or None: only what was registered voluntarily can."""
    if rules.flag(RuleKey.FILING_REMOVAL_ALLOWED):
        return None
    cited = rules.citations(RuleKey.FILING_REMOVAL_ALLOWED) or rules.citations(RuleKey.FILING_REQUIRED)
    return Shortfall(code="removal_refused", where="filing", citations=cited)


def declared_use(status: UseStatus, *, in_use_on: date | None, acceptance_first: bool, on: date) -> UseAction | None:
    """What moves a system that is not in use yet to where its declared first day of use has it, once that day has come.

    Where the rules of that day wanted acceptance first, a declaration does not stand in for it: the system runs and
    awaits acceptance; one on trial is where these rules have it already.
    """
    if in_use_on is None or in_use_on > on or status not in BEFORE_USE:
        return None
    if not acceptance_first:
        return UseAction.START_USE
    return None if status in (UseStatus.TRIAL, UseStatus.AWAITING_ACCEPTANCE) else UseAction.ASK_ACCEPTANCE


def stalled_days(rules: EffectiveRules, *, use_status: UseStatus, began_on: date | None, on: date) -> int | None:
    """For how many days a system has been under construction, once that is longer than practice allows (REG-03)."""
    most = rules.integer(RuleKey.FILING_STALLED_DAYS)
    if use_status is not UseStatus.UNDER_CONSTRUCTION or began_on is None or most is None:
        return None
    days = (on - began_on).days
    return days if days > most else None
