"""A school's standard creation: assesses itself, applies at the education bureau, is assessed, graded and published."""

import io
from datetime import timedelta
from decimal import Decimal

import pikepdf
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Organ
from portal.accounts.values import Identity, OrganKind, Role
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, NotFound
from portal.desk.queries import todos
from portal.inspection import operations, queries
from portal.inspection.models import Acceptance, PublishedResult, SelfAssessment
from portal.inspection.papers import application_pdf
from portal.inspection.rules import FrozenList, answers_in, judge
from portal.inspection.states import AcceptanceKind, AcceptanceStatus
from portal.inspection.values import SchoolFacts
from portal.measures.queries.bars import bar_of
from portal.registry.models import System, Unit
from portal.registry.states import UseStatus
from tests.inspection.test_acceptance import CALENDAR, apply, book, conclude, setting
from tests.people import NOW, TODAY, World, make_world
from tests.support.visits import full_marks, lost

FACTS = SchoolFacts(
    principal="李明", deputy="周强", school_type="public", students=900, staff=80, teachers=70, statement="自评达标。"
)


@pytest.fixture
def world(session: Session) -> World:
    return make_world(session)


def school(session: Session, world: World) -> tuple[Identity, System]:
    filer, system = setting(session, world)
    system.use_status = UseStatus.IN_USE
    session.flush()
    return filer, system


def assess(
    session: Session, filer: Identity, system: System, *, short: dict[str, Decimal] | None = None
) -> SelfAssessment:
    """A signed self-assessment in which these items lost points."""
    draft = operations.begin_assessment(session, actor=filer, system_id=system.id, now=NOW)
    answers = full_marks(FrozenList.from_json(draft.checklist)) | {
        key: lost(points) for key, points in (short or {}).items()
    }
    operations.save_assessment(
        session, actor=filer, assessment_id=draft.id, seen_version=draft.version, answers=answers, facts=FACTS, now=NOW
    )
    session.flush()
    return operations.sign_assessment(
        session, actor=filer, assessment_id=draft.id, seen_version=draft.version, signed_by="李明", now=NOW
    )


@pytest.mark.requirement("ACC-07")
def test_nobody_applies_without_a_signed_self_assessment_that_passes(session: Session, world: World) -> None:
    filer, system = school(session, world)
    world.person(Role.SECTOR_SUPERVISOR)

    def refused() -> str:
        with pytest.raises(Invalid) as refusal:
            apply(session, filer, system, AcceptanceKind.STANDARD)
        return refusal.value.problems[0].code

    assert refused() == "assessment_first"
    draft = operations.begin_assessment(session, actor=filer, system_id=system.id, now=NOW)
    with pytest.raises(Invalid) as unfinished:
        operations.sign_assessment(
            session, actor=filer, assessment_id=draft.id, seen_version=draft.version, signed_by=" ", now=NOW
        )
    fields = [problem.field for problem in unfinished.value.problems]
    assert len(fields) == 15 + 4
    assert fields[15:] == ["principal", "deputy", "statement", "signed_by"]
    assert refused() == "assessment_first"
    # 69.5 is below the pass mark of 70, however it would be rounded.
    poor = assess(session, filer, system, short={"watch": Decimal(15), "room": Decimal(10), "coverage": Decimal("5.5")})
    assert poor.score == Decimal("69.5")
    assert refused() == "self_score_low"
    enough = assess(session, filer, system, short={"watch": Decimal(15), "room": Decimal(10), "coverage": Decimal(5)})
    applied = apply(session, filer, system, AcceptanceKind.STANDARD)
    assert (applied.self_score, applied.self_assessment_id) == (Decimal(70), enough.id)


def test_what_is_signed_stays_as_it_was(session: Session, world: World) -> None:
    filer, system = school(session, world)
    signed = assess(session, filer, system)
    session.flush()
    with pytest.raises(IllegalTransition, match="assessment_signed"):
        operations.save_assessment(
            session, actor=filer, assessment_id=signed.id, seen_version=signed.version, answers={}, facts=FACTS, now=NOW
        )
    assert operations.begin_assessment(session, actor=filer, system_id=system.id, now=NOW).id != signed.id
    other = world.person(Role.UNIT_FILER, unit_id=world.unit().id)
    with pytest.raises(NotFound):
        operations.begin_assessment(session, actor=other, system_id=system.id, now=NOW)


def applied_to(session: Session, world: World) -> tuple[Identity, System, list[Identity], Acceptance]:
    filer, system = school(session, world)
    bureau = world.education()
    assessors = [world.person(Role.SECTOR_SUPERVISOR, organ=bureau) for _ in range(2)]
    assess(session, filer, system, short={"tidy": Decimal(2)})
    return filer, system, assessors, apply(session, filer, system, AcceptanceKind.STANDARD)


@pytest.mark.requirement("ACC-05", "SCO-02", "SCO-03")
def test_the_education_bureau_grades_and_publishes_and_the_police_only_read(session: Session, world: World) -> None:
    filer, system, assessors, asked = applied_to(session, world)
    addressed = session.get_one(Organ, asked.organ_id)
    assert addressed.kind == OrganKind.EDUCATION
    police = world.person(Role.INSPECTOR)
    check = {"acceptance_id": asked.id, "complete": True, "note": "", "missing": (), "calendar": CALENDAR, "now": NOW}
    queries.get_acceptance(session, police, asked.id)
    with pytest.raises(NotAllowed):
        operations.check_documents(session, actor=police, **check)
    operations.check_documents(session, actor=assessors[0], **check)
    book(session, assessors[0], asked, assessors)
    answers = full_marks(FrozenList.from_json(asked.checklist)) | {"watch": lost("10.5")}
    operations.save_answers(session, actor=assessors[1], acceptance_id=asked.id, answers=answers, now=NOW)
    conclude(session, assessors[0], asked)
    assert (asked.status, asked.score, asked.grade) == (AcceptanceStatus.PASSED, Decimal("89.5"), "grade_2")
    own = session.get_one(SelfAssessment, asked.self_assessment_id)
    assert judge(FrozenList.from_json(own.checklist), answers_in(own.answers)).score == Decimal(98) == asked.self_score
    # Each of the 15 items with its score, reason and assessor; the gap to what the school gave itself.
    visit = queries.done_visit(session, asked.id)
    assert visit is not None
    kept = queries.answers_of(session, visit.id)
    assert len(kept) == 15
    assert {row.answered_by for row in kept.values()} == {assessors[1].person_id}
    assert kept["watch"].deductions == [{"points": "10.5", "reason": "不足"}]
    # A grade does not put a system into use: that is the police's acceptance.
    assert system.use_status == UseStatus.IN_USE
    with pytest.raises(NotAllowed):
        operations.publish_result(session, actor=world.person(Role.BUREAU_LEADER), acceptance_id=asked.id, now=NOW)
    operations.publish_result(session, actor=assessors[0], acceptance_id=asked.id, now=NOW + timedelta(days=1))
    published = session.scalars(select(PublishedResult)).one()
    assert (published.organ_name, published.grade) == (addressed.name, "grade_2")
    with pytest.raises(NotAllowed):
        operations.check_documents(session, actor=filer, **check)


@pytest.mark.requirement("ACC-07")
def test_the_application_form_is_printed_in_three_copies(session: Session, world: World) -> None:
    _, _, _, asked = applied_to(session, world)
    session.flush()
    asked = queries.lock_acceptance(session, asked.id)
    made = application_pdf(session, asked, printed_by="李明", now=NOW, lang="zh_Hans_CN")
    assert len(pikepdf.open(io.BytesIO(made)).pages) == 3


@pytest.mark.requirement("ACC-08")
def test_a_careless_school_is_rated_failing_by_two_and_not_commended(session: Session, world: World) -> None:
    """003 §4.4: rated failing whatever the arithmetic gave, with a reason and by two; who fails is not commended."""
    _, system, assessors, asked = applied_to(session, world)
    unit = session.get_one(Unit, system.unit_id)
    operations.check_documents(
        session, actor=assessors[0], acceptance_id=asked.id, complete=True, note="", missing=(), calendar=CALENDAR, now=NOW
    )  # fmt: skip
    book(session, assessors[0], asked, assessors)
    marks = full_marks(FrozenList.from_json(asked.checklist))
    operations.save_answers(session, actor=assessors[0], acceptance_id=asked.id, answers=marks, now=NOW)
    conclude(session, assessors[0], asked)
    said = {"session": session, "acceptance_id": asked.id, "now": NOW}

    def waits(who: Identity) -> set[str]:
        session.flush()
        return {item.kind for item in todos(session, who, today=TODAY) if item.id == asked.id}

    police = world.person(Role.BUREAU_LEADER)
    assert (asked.grade, bar_of(session, unit, TODAY)) == ("grade_1", [])
    assert [waits(who) for who in (*assessors, police)] == [{"result_publish"}, {"result_publish"}, set()]
    with pytest.raises(Invalid, match="reason_needed"):
        operations.ask_override(**said, actor=assessors[0], result="fail", reason=" ")
    operations.ask_override(**said, actor=assessors[0], result="fail", reason="整改敷衍，进度迟缓")
    # Who asked waits for the other, and neither publishes.
    assert [waits(who) for who in (*assessors, police)] == [{"override_waits"}, {"override_decide"}, set()]
    with pytest.raises(NotAllowed):
        operations.decide_override(**said, actor=assessors[0], approved=True, note="")
    operations.decide_override(**said, actor=assessors[1], approved=True, note="")
    assert (asked.status, asked.grade, asked.score) == (AcceptanceStatus.FAILED, "fail", Decimal(100))
    session.flush()
    assert [bar.reason for bar in bar_of(session, unit, TODAY)] == ["failed_acceptance"]
