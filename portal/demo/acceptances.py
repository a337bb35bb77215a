"""Acceptances in bulk: those that put the city's systems into use, and those that wait.

The checklist, the arithmetic and the conclusion are the inspection's own; only the rows are written by COPY.
"""

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import UUID

from portal.accounts.models import Organ, Person
from portal.demo.codes import stable_id
from portal.demo.systems import SystemPlan
from portal.demo.timeline import at
from portal.inspection.operations.clocks import COUNTED_BY
from portal.inspection.rules import FrozenList, checklist_for, deductions_out, judge
from portal.inspection.states import AcceptanceKind, AcceptanceStatus, ClockKind, Verdict, VisitStatus
from portal.inspection.values import Deduction, ItemAnswer, Outcome
from portal.registry.models import System, Unit
from portal.registry.rules import rules_for, working_of
from portal.regulation.calendar import WorkCalendar

Row = dict[str, object]
Pair = tuple[Person, Person]
# A share of the running systems was accepted by a visit on record; older ones predate the checklists.
_ON_RECORD = 0.6
_HOURS = (9, 11, 14, 16)
_VISIT = timedelta(hours=2)
# One acceptance in nine takes this many days longer than it may.
_SLOW, _LAG = 9, 21
_NOTES = (
    "录像存在短时缺失，已要求核查存储。",
    "个别点位画面被树木遮挡。",
    "值班记录填写不完整。",
    "标识牌位置不醒目。",
)
_STATUS = {"pass": AcceptanceStatus.PASSED, "basic": AcceptanceStatus.BASICALLY_PASSED, "fail": AcceptanceStatus.FAILED}


@dataclass
class AcceptanceRows:
    """Collects the rows of the six tables an acceptance touches."""

    seed: int
    today: date
    organs: Mapping[str, Organ]
    inspectors: Mapping[str, Pair]  # two by district
    calendar: WorkCalendar = field(default_factory=WorkCalendar)
    acceptances: list[Row] = field(default_factory=list)
    visits: list[Row] = field(default_factory=list)
    places: list[Row] = field(default_factory=list)
    answers: list[Row] = field(default_factory=list)
    published: list[Row] = field(default_factory=list)
    clocks: list[Row] = field(default_factory=list)
    # When the stories have their inspectors out already.
    engaged: Mapping[UUID, Sequence[tuple[datetime, datetime]]] = field(default_factory=dict)
    diaries: dict[UUID, "_Diary"] = field(default_factory=dict)

    def add(self, system: SystemPlan, *, system_id: UUID, unit: Unit) -> None:
        """Give a system the acceptance its state calls for, if any."""
        rng = random.Random(f"acceptance:{self.seed}:{system.number}")
        if system.kind == "public":
            return
        if system.use_status == "awaiting_acceptance":
            self._waiting(rng, system, system_id, unit)
        elif system.use_status == "in_use" and rng.random() < _ON_RECORD:
            self._concluded(rng, system, system_id, unit)

    def tables(self) -> Sequence[tuple[str, Sequence[Row]]]:
        """Table names with their rows, parents first."""
        return (
            ("acceptance", self.acceptances),
            ("acceptance_clock", self.clocks),
            ("visit", self.visits),
            ("visit_inspector", self.places),
            ("visit_answer", self.answers),
            ("published_result", self.published),
        )

    def _waiting(self, rng: random.Random, system: SystemPlan, system_id: UUID, unit: Unit) -> None:
        asked = at(self.today - timedelta(days=rng.randrange(2, 30)), rng.randrange(9, 17), rng.randrange(60))
        checked = rng.random() < 0.45
        row = self._acceptance(system, system_id, unit, asked)
        row["status"] = AcceptanceStatus.CHECKED if checked else AcceptanceStatus.REQUESTED
        self.acceptances.append(row)
        looked = self._at_work(asked.date() + timedelta(days=3), latest=self.today) if checked else None
        self._limits(system, unit, row, looked, None)

    def _concluded(self, rng: random.Random, system: SystemPlan, system_id: UUID, unit: Unit) -> None:
        pair = self.inspectors[system.district]
        wanted = system.in_use_on - timedelta(days=rng.randrange(1, 5))
        starts = self._free(pair, wanted, latest=self.today - timedelta(days=2))
        try:
            frozen = checklist_for(rules_for(unit, self._system(system, None), on=starts.date()), AcceptanceKind.NEW)
        except LookupError:
            return
        answers = dict(_answers(rng, frozen))
        outcome = judge(frozen, answers)
        slow = system.number % _SLOW == 0
        asked = starts - timedelta(days=rng.randrange(6, 16) + (_LAG if slow else 0))
        row = self._acceptance(system, system_id, unit, asked)
        concluded = starts + timedelta(hours=5)
        row |= {
            "status": _STATUS[outcome.conclusion],
            "checklist": json.dumps(frozen.as_json(), ensure_ascii=False),
            "result": json.dumps(_result(outcome), ensure_ascii=False),
            "score": outcome.score,
            "grade": outcome.grade,
            "opinion": "经现场检查和资料审查，意见如下表。",
            "rectification": "" if outcome.conclusion == "pass" else "按检查表所列问题整改，并申请复验。",
            "concluded_by": pair[0].id,
            "concluded_at": concluded,
            "published_at": concluded + timedelta(days=3) if outcome.conclusion == "pass" else None,
        }
        self.acceptances.append(row)
        # Of those that took too long, every other one lay with the papers.
        lay = 1 + system.number % 5 + (_LAG if slow and system.number % (2 * _SLOW) else 0)
        looked = self._at_work(asked.date() + timedelta(days=lay), latest=starts.date())
        self._limits(system, unit, row, looked, concluded.date())
        self._visit(row, pair, key=stable_id(self.seed, "visit", system.number, starts), starts=starts, answers=answers)
        if row["published_at"]:
            self.published.append(self._publication(system, unit, frozen, outcome, row))

    def _visit(
        self, acceptance: Row, pair: Pair, *, key: UUID, starts: datetime, answers: Mapping[str, ItemAnswer]
    ) -> None:
        ends = starts + _VISIT
        where: Row = {"unit_id": acceptance["unit_id"], "district": acceptance["district"]}
        self.visits.append(
            {
                "id": key,
                "acceptance_id": acceptance["id"],
                **where,
                "starts_at": starts,
                "ends_at": ends,
                "status": VisitStatus.DONE,
            }
        )
        for person in pair:
            period = f"[{starts.isoformat()},{ends.isoformat()})"
            self.places.append(
                {"visit_id": key, "person_id": person.id, **where, "name": person.name, "period": period}
            )
        for item, answer in answers.items():
            self.answers.append(
                {
                    "visit_id": key,
                    "item": item,
                    **where,
                    "verdict": answer.verdict,
                    "deductions": json.dumps(deductions_out(answer.deductions), ensure_ascii=False),
                    "note": answer.note,
                    "answered_by": pair[1].id,
                    "answered_at": ends,
                }
            )

    def _publication(self, system: SystemPlan, unit: Unit, frozen: FrozenList, outcome: Outcome, row: Row) -> Row:
        organ = self.organs[system.district]
        day = (row["published_at"] or row["concluded_at"]).date()  # type: ignore[attr-defined]
        band = next((b for b in frozen.bands.bands if b.key == outcome.grade), None) if frozen.bands else None
        return {
            "id": stable_id(self.seed, "published", system.number, at(day)),
            "acceptance_id": row["id"],
            "number": f"{organ.code[:6]}-YS-{day:%Y}-{str(row['id'])[-8:].upper()}",
            "unit_name": unit.name,
            "project_name": system.name,
            "district": system.district,
            "organ_name": organ.name,
            "result": row["status"],
            "grade": outcome.grade,
            "grade_zh": band.title.zh if band else "",
            "grade_en": band.title.en if band else "",
            "published_on": day,
        }

    def _at_work(self, day: date, *, latest: date) -> date:
        """The next day on which an office works."""
        return min(self.calendar.next_working_day(day), latest)

    def _limits(self, system: SystemPlan, unit: Unit, row: Row, looked: date | None, concluded: date | None) -> None:
        """Both limits of the organ as they ran: to look at the papers, and from then to decide."""
        asked: date = row["requested_at"].date()  # type: ignore[attr-defined]
        rules = rules_for(unit, self._system(system, None), on=asked)
        ran = [(ClockKind.REVIEW, asked, looked)] + ([(ClockKind.DECISION, looked, concluded)] if looked else [])
        for kind, begun, ended in ran:
            counted = rules.deadline(COUNTED_BY[kind], start=begun, calendar=self.calendar)
            why, due = working_of(counted), counted.due if counted else None
            self.clocks.append(
                {
                    "id": stable_id(self.seed, f"acceptance-{kind}", system.number, at(begun)),
                    "acceptance_id": row["id"],
                    "unit_id": row["unit_id"],
                    "district": row["district"],
                    "kind": kind,
                    "started_on": begun,
                    "due_on": due,
                    "why": json.dumps(why, ensure_ascii=False) if why else None,
                    "ended_on": ended,
                    "late_days": max(0, (ended - due).days) if ended and due else 0,
                }
            )

    def _acceptance(self, system: SystemPlan, system_id: UUID, unit: Unit, asked: datetime) -> Row:
        return {
            "id": stable_id(self.seed, "acceptance", system.number, asked),
            "system_id": system_id,
            "unit_id": unit.id,
            "district": system.district,
            "organ_id": self.organs[system.district].id,
            "status": AcceptanceStatus.REQUESTED,
            "requested_at": asked,
            "statement": "系统已按设计完成建设并经试运行，运行正常，申请检查验收。",
            **dict.fromkeys(("checklist", "result", "score", "grade")),
            "opinion": "",
            "rectification": "",
            **dict.fromkeys(("concluded_by", "concluded_at", "published_at")),
            "version": 1,
        }

    def _system(self, system: SystemPlan, used: date | None) -> System:
        return System(district=system.district, regime=system.regime, kind=system.kind, in_use_on=used)

    def _free(self, pair: Pair, day: date, *, latest: date) -> datetime:
        """The first free slot of both on a day or before it."""
        key = pair[0].id
        if key not in self.diaries:
            self.diaries[key] = _Diary([span for person in pair for span in self.engaged.get(person.id, ())])
        return self.diaries[key].book(min(day, latest))


class _Diary:
    """The working days of two inspectors, four visits each, filled backwards from the day asked for.

    A big city fills years of them, so a full day remembers where the search went on.
    """

    def __init__(self, engaged: Sequence[tuple[datetime, datetime]]) -> None:
        self._engaged = engaged
        self._free: dict[date, list[datetime]] = {}
        self._before: dict[date, date] = {}

    def book(self, day: date) -> datetime:
        passed = []
        while not (free := self._slots(day)):
            passed.append(day)
            day = self._before.get(day, day - timedelta(days=1))
        for full in passed:
            self._before[full] = day
        return free.pop(0)

    def _slots(self, day: date) -> list[datetime]:
        if day not in self._free:
            hours = _HOURS if day.weekday() < 5 else ()
            self._free[day] = [moment for hour in hours if not self._out(moment := at(day, hour))]
        return self._free[day]

    def _out(self, moment: datetime) -> bool:
        return any(starts < moment + _VISIT and moment < ends for starts, ends in self._engaged)


def _answers(rng: random.Random, frozen: FrozenList) -> Iterator[tuple[str, ItemAnswer]]:
    """Mostly met; one system in eight falls short at several items."""
    careless = rng.random() < 0.12
    for item in frozen.checklist.items:
        if rng.random() < (0.24 if careless else 0.05):
            found = rng.choice(_NOTES)
            lost = item.points and (Deduction(min(item.points, Decimal(rng.randrange(1, 4))), found),)
            verdict = Verdict.PARTLY if item.points is not None or rng.random() < 0.6 else Verdict.NOT_MET
            yield item.key, ItemAnswer(verdict=verdict, deductions=lost or (), note="" if lost else found)
        else:
            yield item.key, ItemAnswer(verdict=Verdict.MET)


def _result(outcome: Outcome) -> dict[str, object]:
    def told(number: Decimal | None) -> str | None:
        return None if number is None else str(number)

    return {
        "conclusion": outcome.conclusion,
        "groups": [
            {"key": g.key, "points": told(g.points), "possible": told(g.possible), "rate": told(g.rate)}
            for g in outcome.groups
        ],
    }
