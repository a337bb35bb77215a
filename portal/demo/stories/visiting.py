"""The acts of one acceptance, so that a story reads as its own list of steps."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from portal.accounts.values import Identity, Role
from portal.demo.pictures import CORRIDOR
from portal.demo.stage import Stage
from portal.inspection import operations
from portal.inspection.models import Acceptance, Finding
from portal.inspection.queries import (
    answers_of,
    findings_of,
    lock_acceptance,
    open_reinspection_of,
    planned_visit,
)
from portal.inspection.rules import FrozenList
from portal.inspection.states import AcceptanceKind, Verdict
from portal.inspection.values import Deduction, ItemAnswer, SchoolFacts

_SHORT = "现场核查未达到要求，已拍照留存。"
_SEEN = "已查阅原件，与现场相符。"


@dataclass
class Visiting:
    """One system's acceptances, one after the other."""

    stage: Stage
    system: str
    unit: str
    tries: list[UUID] = field(default_factory=list)
    kind: AcceptanceKind = AcceptanceKind.NEW

    def assess(self, now: datetime) -> None:
        """The school fills in the standard for itself and its principal signs."""
        actor, session = self._unit(now), self.stage.session
        draft = operations.begin_assessment(session, actor=actor, system_id=self.stage.systems[self.system], now=now)
        items = FrozenList.from_json(draft.checklist).checklist.items
        answers = {item.key: ItemAnswer(verdict=Verdict.MET) for item in items}
        answers["tidy"] = ItemAnswer(
            verdict=Verdict.PARTLY, deductions=(Deduction(Decimal(2), "监控室内存放少量个人物品，已清理"),)
        )
        facts = SchoolFacts(
            principal=draft.principal or "李校长",
            deputy="周建国",
            school_type="public",
            students=1860,
            staff=142,
            teachers=128,
            statement="我校监控中心（室）独立设置，制度健全，专人值守，经自评符合达标标准，现申请达标验收。",
        )
        operations.save_assessment(
            session,
            actor=actor,
            assessment_id=draft.id,
            seen_version=draft.version,
            answers=answers,
            facts=facts,
            now=now,
        )
        session.flush()
        operations.sign_assessment(
            session, actor=actor, assessment_id=draft.id, seen_version=draft.version, signed_by=facts.principal, now=now
        )

    def apply(self, now: datetime) -> None:
        """The unit applies."""
        made = operations.request_acceptance(
            self.stage.session,
            actor=self._unit(now),
            system_id=self.stage.systems[self.system],
            kind=self.kind,
            statement="系统已按设计完成建设并经试运行，运行正常，申请检查验收。",
            calendar=self.stage.calendar,
            now=now,
        )
        self.tries.append(made.id)

    def check(self, now: datetime, *, complete: bool = True, note: str = "") -> None:
        """The inspector looks at the papers."""
        operations.check_documents(
            self.stage.session,
            actor=self._inspector(0, now),
            acceptance_id=self.tries[-1],
            complete=complete,
            note=note or ("" if complete else "缺少系统试运行报告和检验报告，请补充。"),
            missing=() if complete else ("trial_run_report", "test_report"),
            calendar=self.stage.calendar,
            now=now,
        )

    def withdraw(self, now: datetime) -> None:
        """The unit takes it back."""
        operations.withdraw(self.stage.session, actor=self._unit(now), acceptance_id=self.tries[-1], now=now)

    def schedule(self, now: datetime, starts: datetime) -> None:
        """Two inspectors, two hours."""
        pair = [self._inspector(place, now).person_id for place in (0, 1)]
        operations.schedule_visit(
            self.stage.session,
            actor=self._inspector(0, now),
            acceptance_id=self.tries[-1],
            starts_at=starts,
            ends_at=starts + timedelta(hours=2),
            inspectors=[person for person in pair if person is not None],
            override="经与单位协商一致，按约定时间和人员验收。",
            now=now,
        )

    def cancel(self, now: datetime) -> None:
        """The visit is called off."""
        operations.cancel_visit(
            self.stage.session,
            actor=self._inspector(0, now),
            acceptance_id=self.tries[-1],
            reason="单位临时停电检修，另行约定时间。",
            now=now,
        )

    def judge(self, now: datetime, *, short: float = 0.0, done: float = 1.0) -> None:
        """Fill the checklist: the first `done` of every group, of which the share `short` falls short."""
        frozen = FrozenList.from_json(self.acceptance.checklist or {})
        answers: dict[str, ItemAnswer] = {}
        for group in frozen.checklist.groups:
            items = [item for item in frozen.checklist.items if item.group == group.key]
            for place, item in enumerate(items[: round(len(items) * done)]):
                if place >= int(len(items) * short):
                    answers[item.key] = ItemAnswer(verdict=Verdict.MET, note=_SEEN if item.proof == "document" else "")
                    continue
                lost = item.points and (Deduction((item.points / 2).quantize(Decimal(1)), _SHORT),)
                answers[item.key] = ItemAnswer(
                    verdict=Verdict.NOT_MET, deductions=lost or (), note="" if lost else _SHORT
                )
        operations.save_answers(
            self.stage.session,
            actor=self._inspector(1, now),
            acceptance_id=self.tries[-1],
            answers=answers,
            now=now,
        )
        for item in frozen.checklist.items:
            if item.key in answers and item.proof == "photo":
                self._photograph(item.key, now)

    def _photograph(self, item: str, now: datetime) -> None:
        """A picture of one item, through the vault's own door."""
        actor = self._inspector(1, now)
        acceptance, visit = operations.visit_to_photograph(
            self.stage.session, actor=actor, acceptance_id=self.tries[-1], item=item
        )
        stored = self.stage.photo(actor, CORRIDOR, acceptance.unit_id, acceptance.district, now)
        operations.attach_photo(
            self.stage.session, actor=actor, acceptance=acceptance, visit=visit, item=item, stored=stored, now=now
        )

    def conclude(self, now: datetime, *, rectification: str = "") -> None:
        """Close the visit with what the arithmetic gives."""
        acceptance = self.acceptance
        operations.conclude(
            self.stage.session,
            actor=self._inspector(0, now),
            acceptance_id=acceptance.id,
            seen_version=acceptance.version,
            opinion="经现场检查和资料审查，意见如下表。",
            rectification=rectification,
            now=now,
        )

    def again(self, now: datetime) -> None:
        """Go on with the re-inspection that the conclusion opened, the day it is set for being agreed."""
        self.stage.session.flush()
        opened = open_reinspection_of(self.stage.session, self.tries[-1])
        if opened is None:
            raise LookupError(f"no re-inspection of {self.system} on {now:%Y-%m-%d}")
        self.tries.append(opened.id)

    def judge_again(self, now: datetime) -> None:
        """What fell short before is met now; the rest stands."""
        session, acceptance = self.stage.session, self.acceptance
        visit = planned_visit(session, acceptance.id)
        frozen = FrozenList.from_json(acceptance.checklist or {})
        stands = answers_of(session, visit.id) if visit else {}
        looked_at = [item for item in frozen.checklist.items if item.key not in stands]
        answers = {
            item.key: ItemAnswer(verdict=Verdict.MET, note=_SEEN if item.proof == "document" else "")
            for item in looked_at
        }
        operations.save_answers(
            session, actor=self._inspector(1, now), acceptance_id=acceptance.id, answers=answers, now=now
        )
        for item in looked_at:
            if item.proof == "photo":
                self._photograph(item.key, now)

    def cure(self, now: datetime, places: Iterable[int], *, words: str = "已按要求整改，现场照片附后。") -> None:
        """The unit reports some findings of the newest try cured, each with a photo."""
        actor = self._unit(now)
        for finding in self._findings(places):
            photo = self.stage.photo(actor, CORRIDOR, finding.unit_id, finding.district, now)
            operations.cure_finding(
                self.stage.session,
                actor=actor,
                finding_id=finding.id,
                seen_version=finding.version,
                words=words,
                proofs=[photo],
                now=now,
            )
            self.stage.session.flush()

    def judge_cure(self, now: datetime, places: Iterable[int], *, reason: str = "") -> None:
        """An inspector verifies the cures, or returns them for a reason."""
        for finding in self._findings(places):
            operations.decide_cure(
                self.stage.session,
                actor=self._inspector(0, now),
                finding_id=finding.id,
                seen_version=finding.version,
                accepted=not reason,
                reason=reason,
                now=now,
            )
            self.stage.session.flush()

    def ask_override(self, now: datetime, result: str, reason: str) -> None:
        """An inspector of the visit asks for another conclusion."""
        operations.ask_override(
            self.stage.session,
            actor=self._inspector(1, now),
            acceptance_id=self.tries[-1],
            result=result,
            reason=reason,
            now=now,
        )

    def decide_override(self, now: datetime, *, approved: bool, note: str) -> None:
        """The leader of the branch decides on it."""
        leader = self.stage.cast.officer(Role.BUREAU_LEADER, self._district).login
        operations.decide_override(
            self.stage.session,
            actor=self.stage.who(leader, now),
            acceptance_id=self.tries[-1],
            approved=approved,
            note=note,
            now=now,
        )

    def _findings(self, places: Iterable[int]) -> list[Finding]:
        """Findings of the newest try by their place."""
        self.stage.session.flush()
        found = findings_of(self.stage.session, self.tries[-1])
        return [found[place] for place in places if place < len(found)]

    def publish(self, now: datetime) -> None:
        """The police's leader publishes the result, or the education bureau that of a standard creation."""
        role = Role.SECTOR_SUPERVISOR if self.kind is AcceptanceKind.STANDARD else Role.BUREAU_LEADER
        publisher = self.stage.cast.officer(role, self._district).login
        operations.publish_result(
            self.stage.session, actor=self.stage.who(publisher, now), acceptance_id=self.tries[-1], now=now
        )

    @property
    def acceptance(self) -> Acceptance:
        """The newest try, every change written."""
        self.stage.session.flush()
        return lock_acceptance(self.stage.session, self.tries[-1])

    @property
    def _district(self) -> str:
        return self.stage.plans[self.unit].place.district

    def _unit(self, now: datetime) -> Identity:
        return self.stage.who(self.stage.cast.holder(self.unit, Role.UNIT_SECURITY_HEAD).login, now)

    def _inspector(self, place: int, now: datetime) -> Identity:
        role = Role.SECTOR_SUPERVISOR if self.kind is AcceptanceKind.STANDARD else Role.INSPECTOR
        login = self.stage.cast.officer(role, self._district, place=place).login
        return self.stage.who(login, now)
