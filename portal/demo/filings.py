"""The city's filings in bulk: when each was made, returned or accepted, its number, and what was frozen with it.

The frozen content is what `registry.operations` writes when a unit submits; a test holds the two equal.
"""

import hashlib
import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from portal.core.clock import city_day
from portal.demo.codes import stable_id
from portal.demo.freezing import CANONICAL
from portal.demo.systems import FilingStep, SystemPlan
from portal.demo.timeline import at
from portal.registry.models import Filing, System, Unit
from portal.registry.operations.filings import set_deadline
from portal.registry.rules import rules_for
from portal.registry.states import FilingStatus
from portal.registry.values import DECLARATION_VERSION, FilingKind
from portal.regulation.calendar import WorkCalendar
from portal.regulation.loader import rulebook

Row = dict[str, object]
# What portal practice gives for a confirmation; settled by the rules themselves once the city is loaded.
_YEAR = timedelta(days=365)
_FORGETFUL = 0.06
_RETURNED_FOR = (
    ("系统建设位置填写不完整，请补充到门牌号。", {"system": "安装位置请填写到门牌号"}),
    ("摄像机方位、视角未填，请逐台补充。", {"cameras": "缺少方位和视角"}),
    ("经办人身份证明不清晰，请重新上传。", {"documents": "身份证明无法辨认"}),
    ("图像保存期限低于规定，请核实存储配置后重新提交。", {"system": "请核实录像保存期限"}),
)


@dataclass(frozen=True, kw_only=True)
class FilingPlan:
    """One filing, its moments settled."""

    system: SystemPlan
    kind: FilingKind
    step: FilingStep
    opened: datetime
    submitted: datetime | None
    decided: datetime | None


def plan_filings(seed: int, systems: Sequence[SystemPlan], today: date) -> list[FilingPlan]:
    """The filings of all systems, in the order they were decided.

    Systems that ran before the national regulation were filed in its campaign, between the day it took effect and the
    day it named.
    """
    since, until = campaign(today)
    plans = []
    for system in systems:
        rng = random.Random(f"filing:{seed}:{system.number}")
        if system.filing is not FilingStep.NONE:
            plans.append(_first_filing(rng, system, today, since, until))
        if system.changing:
            plans.append(_change(rng, system, today))
    return sorted(plans, key=lambda plan: (plan.decided or at(today, 23), plan.system.number))


def campaign(today: date) -> tuple[date, date]:
    """The first and the last day for filing what was in use already, as the regulation says."""
    since = rulebook().instrument("decree-799")[0].effective_from
    unit = Unit(unit_type="school", district="410502", house_profiles=[], counter_terror_target=False)
    system = System(district=unit.district, regime="a7_2", kind="unit_internal", in_use_on=since - timedelta(days=400))
    due = rules_for(unit, system, on=max(today, since)).filing_deadline(calendar=WorkCalendar())
    if due is None or due.due is None:
        raise LookupError("the regulation names no day for existing systems")
    return since, due.due


def _first_filing(rng: random.Random, system: SystemPlan, today: date, since: date, until: date) -> FilingPlan:
    old = system.in_use_on < since
    if old:
        start = since + timedelta(days=rng.randrange(3, (until - since).days - 12))
    else:
        start = system.in_use_on + timedelta(days=rng.randrange(1, 6))
    opened = _office_hour(rng, min(start, today - timedelta(days=1)))
    submitted = decided = None
    if system.filing in (FilingStep.SUBMITTED, FilingStep.RETURNED, FilingStep.ACCEPTED):
        submitted = opened + timedelta(days=rng.randrange(1, 9), hours=2)
        if submitted > at(today - timedelta(days=1), 18):
            submitted = opened + timedelta(minutes=rng.randrange(20, 90))
    if submitted and system.filing in (FilingStep.RETURNED, FilingStep.ACCEPTED):
        decided = submitted + timedelta(days=rng.randrange(1, 6), hours=1)
        if decided > at(today - timedelta(days=1), 18):
            decided = submitted + timedelta(minutes=rng.randrange(30, 240))
    return FilingPlan(
        system=system,
        kind=FilingKind.EXISTING if old else FilingKind.NEW,
        step=system.filing,
        opened=opened,
        submitted=submitted,
        decided=decided,
    )


def _change(rng: random.Random, system: SystemPlan, today: date) -> FilingPlan:
    """A later filing of changed particulars, not decided yet."""
    opened = _office_hour(rng, today - timedelta(days=rng.randrange(2, 12)))
    handed_in = rng.random() < 0.6
    return FilingPlan(
        system=system,
        kind=FilingKind.CHANGE,
        step=FilingStep.SUBMITTED if handed_in else FilingStep.DRAFT,
        opened=opened,
        submitted=opened + timedelta(hours=5) if handed_in else None,
        decided=None,
    )


def _office_hour(rng: random.Random, day: date) -> datetime:
    return at(day, rng.randrange(9, 17), rng.randrange(60))


class FilingRows:
    """Turns plans into rows; the running numbers of each organ and year are given out in order of decision."""

    def __init__(self, *, seed: int, organs: Mapping[str, tuple[UUID, str]], now: datetime) -> None:
        self.seed = seed
        self.organs = organs  # id and 12-digit code by district
        self.now = now
        self.numbers: Counter[tuple[UUID, int]] = Counter()
        self.calendar = WorkCalendar()

    def filing(self, plan: FilingPlan, *, system_id: UUID, unit: Unit, unit_id: UUID) -> Row:
        """The filing's own row."""
        organ, code = self.organs[plan.system.district]
        due, why = self._due(plan, unit)
        reason, comments = self._returned_for(plan)
        return {
            "id": self.filing_id(plan),
            "system_id": system_id,
            "unit_id": unit_id,
            "district": plan.system.district,
            "organ_id": organ,
            "kind": plan.kind,
            "status": self._status(plan),
            "number": self._number(plan, organ, code),
            "revision": 1 if plan.submitted else 0,
            "due_on": due,
            "due_why": why,
            "submitted_at": plan.submitted,
            "decided_at": plan.decided,
            "decision_reason": reason,
            "field_comments": comments,
            "declared_by": unit.contact_name if plan.submitted else "",
            "declaration": DECLARATION_VERSION if plan.submitted else "",
            "late_days": max(0, (city_day(plan.submitted) - due).days) if plan.submitted and due else 0,
            "created_at": plan.opened,
            "version": 1,
        }

    def revision(self, plan: FilingPlan, content: str, *, unit_id: UUID) -> Row:
        """What was frozen when the filing was handed in."""
        return {
            "id": stable_id(self.seed, f"revision:{plan.kind}", plan.system.number, plan.opened),
            "filing_id": self.filing_id(plan),
            "unit_id": unit_id,
            "district": plan.system.district,
            "revision": 1,
            "content": content,
            "digest": hashlib.sha256(content.encode()).hexdigest(),
            "submitted_at": plan.submitted,
        }

    def number_rows(self) -> Iterator[Row]:
        """Where each organ's numbers stand after this."""
        for (organ, year), last in self.numbers.items():
            yield {"organ_id": organ, "year": year, "last": last}

    def filing_id(self, plan: FilingPlan) -> UUID:
        """The filing's identifier."""
        return stable_id(self.seed, f"filing:{plan.kind}", plan.system.number, plan.opened)

    def confirmation(self, plan: FilingPlan, *, unit: Unit, unit_id: UUID) -> Row | None:
        """The newest yearly confirmation of an accepted filing, where there was one."""
        confirmed = self._confirmed(plan)
        if confirmed is None:
            return None
        return {
            "id": stable_id(self.seed, "confirmation", plan.system.number, confirmed),
            "filing_id": self.filing_id(plan),
            "unit_id": unit_id,
            "district": plan.system.district,
            "declared_by": unit.contact_name,
            "declaration": DECLARATION_VERSION,
            "confirmed_at": confirmed,
            "next_due_on": city_day(confirmed) + _YEAR,
        }

    def _confirmed(self, plan: FilingPlan) -> datetime | None:
        """Most units confirmed within the year, at any time of it; some forgot."""
        if plan.step is not FilingStep.ACCEPTED or plan.decided is None or self.now - plan.decided < _YEAR:
            return None
        rng = random.Random(f"confirmation:{self.seed}:{plan.system.number}")
        if rng.random() < _FORGETFUL:
            return None
        return _office_hour(rng, city_day(self.now) - timedelta(days=rng.randrange(2, _YEAR.days)))

    def _status(self, plan: FilingPlan) -> str:
        """Where the filing stands today: an accepted one follows its system's use and its yearly confirmation."""
        if plan.step is not FilingStep.ACCEPTED or plan.decided is None:
            return str(plan.step)
        followed = {"suspended": FilingStatus.SUSPENDED, "dismantled": FilingStatus.CANCELLED}
        if plan.system.use_status in followed:
            return str(followed[plan.system.use_status])
        old = self.now - plan.decided > _YEAR
        return str(FilingStatus.STALE if old and self._confirmed(plan) is None else FilingStatus.ACCEPTED)

    def _number(self, plan: FilingPlan, organ: UUID, code: str) -> str | None:
        if plan.step is not FilingStep.ACCEPTED or plan.decided is None:
            return None
        year = city_day(plan.decided).year
        self.numbers[organ, year] += 1
        return f"{code[:6]}-{year}-{self.numbers[organ, year]:06d}"

    def _due(self, plan: FilingPlan, unit: Unit) -> tuple[date | None, str | None]:
        """The day it was due and how that was counted, by the operation that counts for real filings."""
        system = System(
            unit=unit,
            district=plan.system.district,
            regime=plan.system.regime,
            kind=plan.system.kind,
            in_use_on=plan.system.used_since,
            updated_at=plan.opened,
        )
        filing = Filing(kind=plan.kind)
        set_deadline(filing, system, calendar=self.calendar, now=plan.submitted or plan.opened)
        return filing.due_on, json.dumps(filing.due_why, ensure_ascii=False) if filing.due_why else None

    def _returned_for(self, plan: FilingPlan) -> tuple[str, str]:
        if plan.step is not FilingStep.RETURNED:
            return "", "{}"
        reason, comments = _RETURNED_FOR[plan.system.number % len(_RETURNED_FOR)]
        return reason, json.dumps(comments, ensure_ascii=False)


def frozen(*, filing: Row, unit: Unit, system: Row, parties: Mapping[str, str], cameras: str) -> str:
    """The content of a filing as it is frozen at submission, from the rows themselves; `cameras` is a JSON list.

    It is put in as text: of a million cameras, encoding each again would take longer than drawing them.
    """
    content = {
        "filing": {
            "id": str(filing["id"]),
            "kind": str(filing["kind"]),
            "revision": 1,
            "handled_by": "agent",
            "declaration": DECLARATION_VERSION,
        },
        "declared_by": filing["declared_by"],
        "unit": {
            "id": str(unit.id),
            "name": unit.name,
            "uscc": unit.uscc,
            "unit_type": unit.unit_type,
            "district": unit.district,
            "address": unit.address,
            "principal_name": unit.principal_name,
            "contact_name": unit.contact_name,
        },
        "system": {
            **{
                key: system[key]
                for key in ("name", "kind", "regime", "purpose", "address", "district", "retention_days")
            },
            "in_use_on": _iso(system["in_use_on"]),
            "storage_kind": system["storage_kind"],
            **{key: system[key] for key in ("software", "has_analytics")},
            "records_audio": system.get("records_audio", False),
            "declared_devices": {},
            "position": None,
            **dict.fromkeys(("construction_began_on", "construction_finished_on")),
        },
        "components": [],
        "parties": dict(parties),
        "documents": [],
    }
    # First in the order of the alphabet.
    return f'{{"cameras":{cameras},{CANONICAL.encode(content).removeprefix("{")}'


def _iso(day: object) -> str | None:
    return day.isoformat() if isinstance(day, date) else None
