"""What fell short at a visit: how grave, until when, cured with proof, verified or returned, closed."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from portal.core.errors import IllegalTransition, Invalid, NotAllowed
from portal.inspection import operations, queries
from portal.inspection.rules import FrozenList, shortfalls
from portal.inspection.states import FindingStatus, Severity, Verdict
from portal.inspection.values import ItemAnswer
from portal.vault.models import StoredFile
from tests.inspection.test_acceptance import mall_list, scheduled, school_list
from tests.people import NOW, TODAY, World, make_world
from tests.support.visits import full_marks, lost, photograph


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def short_at(frozen: FrozenList, *keys: str, verdict: Verdict = Verdict.NOT_MET) -> dict[str, ItemAnswer]:
    short = {key: ItemAnswer(verdict=verdict, note="时钟偏差三分钟") for key in keys}
    return full_marks(frozen) | short


def concluded(session: Session, world: World, *keys: str, **more):
    filer, system, inspectors, acceptance = scheduled(session, world)
    answers = short_at(FrozenList.from_json(acceptance.checklist), *keys)
    operations.save_answers(session, actor=inspectors[0], acceptance_id=acceptance.id, answers=answers, now=NOW)
    photograph(session, inspectors[0], acceptance, now=NOW)
    operations.conclude(
        session,
        actor=inspectors[0],
        acceptance_id=acceptance.id,
        seen_version=acceptance.version,
        opinion="",
        rectification="限期整改",
        now=NOW,
        **more,
    )
    return filer, system, inspectors, acceptance


def proof(session: Session, world: World) -> StoredFile:
    return session.get_one(StoredFile, world.stored_file())


def test_how_grave_it_is_follows_from_list_and_answer() -> None:
    frozen = mall_list()
    first, second, third = frozen.checklist.items[:3]
    answers = full_marks(frozen) | {
        first.key: ItemAnswer(verdict=Verdict.PARTLY, note="略偏"),
        second.key: ItemAnswer(verdict=Verdict.NOT_MET, note="缺"),
        third.key: ItemAnswer(verdict=Verdict.NOT_APPLICABLE),
    }
    assert [(each.item.key, each.severity) for each in shortfalls(frozen, answers)] == [
        (first.key, Severity.MINOR),
        (second.key, Severity.MAJOR),
    ]
    told = frozen.checklist.model_copy(
        update={"items": (first.model_copy(update={"severity": "critical"}), *frozen.checklist.items[1:])}
    )
    assert next(shortfalls(replace(frozen, checklist=told), answers)).severity is Severity.CRITICAL


def test_on_a_scored_list_points_lost_are_a_shortfall() -> None:
    frozen = school_list()
    first, second = frozen.checklist.items[:2]
    answers = full_marks(frozen) | {
        first.key: lost(1),
        second.key: lost(second.points, verdict=Verdict.NOT_MET),
    }
    assert [each.severity for each in shortfalls(frozen, answers)] == [Severity.MINOR, Severity.MAJOR]


def test_each_shortfall_is_due_by_its_severity_and_says_how_that_was_counted(session: Session, world: World) -> None:
    chosen = {"clock": Severity.CRITICAL, "access": Severity.MINOR}
    *_, acceptance = concluded(session, world, "clock", "access", "backup_power", severities=chosen)
    found = {one.item: one for one in queries.findings_of(session, acceptance.id)}
    assert {key: one.severity for key, one in found.items()} == {
        "clock": "critical", "access": "minor", "backup_power": "major",
    }  # fmt: skip
    assert found["clock"].due_on < found["backup_power"].due_on < found["access"].due_on
    steps = [step["code"] for step in found["clock"].due_why["steps"]]
    assert "working_days" in steps
    assert found["clock"].due_why["citations"] == [["portal-practice", "61"]]
    day_after = found["clock"].due_on + timedelta(days=1)
    assert [one.item for one in queries.overdue_findings(session, on=day_after)] == ["clock"]
    assert queries.overdue_findings(session, on=found["clock"].due_on) == []


def test_a_cure_needs_words_and_proof_and_is_verified_by_the_organ(session: Session, world: World) -> None:
    filer, _, inspectors, acceptance = concluded(session, world, "clock")
    (finding,) = queries.findings_of(session, acceptance.id)
    said = {"session": session, "finding_id": finding.id, "now": NOW}

    def cure(actor=filer, *, words: str = "已接入北斗授时", files: int = 1):
        proofs = [proof(session, world) for _ in range(files)]
        session.flush()
        return operations.cure_finding(**said, actor=actor, seen_version=finding.version, words=words, proofs=proofs)

    def decide(actor, *, accepted: bool, reason: str = ""):
        session.flush()
        return operations.decide_cure(
            **said, actor=actor, seen_version=finding.version, accepted=accepted, reason=reason
        )

    with pytest.raises(Invalid, match="proof_needed"):
        cure(files=0)
    with pytest.raises(Invalid, match="required"):
        cure(words=" ")
    with pytest.raises(NotAllowed):
        cure(inspectors[0])
    with pytest.raises(IllegalTransition):
        decide(inspectors[0], accepted=True)
    cure()
    with pytest.raises(NotAllowed):
        decide(filer, accepted=True)
    with pytest.raises(Invalid, match="reason_needed"):
        decide(inspectors[0], accepted=False)
    decide(inspectors[0], accepted=False, reason="照片看不清时钟")
    assert finding.status == FindingStatus.RETURNED
    assert queries.overdue_findings(session, on=TODAY + timedelta(days=99)) == [finding]
    cure(words="重新拍照", files=2)
    decide(inspectors[1], accepted=True)
    # A pass with remarks brings nobody back: verified on paper is the end of it.
    assert finding.status == FindingStatus.CLOSED
    assert finding.closed_on == TODAY
    session.expire_all()
    rounds = queries.get_finding(session, filer, finding.id).cures
    assert [(one.accepted, len(one.proofs)) for one in rounds] == [(False, 1), (True, 2)]
