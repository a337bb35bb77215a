"""Lists that ask further, take several deductions, weigh their items and want their proof."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy.orm import Session

from portal.core.errors import Invalid
from portal.inspection import operations
from portal.inspection.rules import FrozenList, answers_in, answers_out, answers_problems, judge, proof_problems
from portal.inspection.states import Verdict
from portal.inspection.values import MOST_DEDUCTIONS, Deduction, ItemAnswer
from portal.regulation.schema.checklist import Checklist
from portal.regulation.schema.values import Rates
from tests.inspection.test_acceptance import conclude, mall_list, scheduled, school_list
from tests.people import NOW, World, make_world
from tests.support.visits import full_marks, photograph

MET, PARTLY, NOT_MET = Verdict.MET, Verdict.PARTLY, Verdict.NOT_MET


def item(key: str, number: int, group: str = "g", **more: object) -> dict[str, object]:
    return {"key": key, "group": group, "number": number, "zh": "项", "en": "item", "articles": ["1"], **more}


def a_list(*items: dict[str, object], kind: str = "rated", **more: object) -> FrozenList:
    groups = [{"key": key, "text": {"zh": "组", "en": "group"}} for key in sorted({str(one["group"]) for one in items})]
    title = {"zh": "表", "en": "list"}
    fields = {"key": "k", "kind": kind, "title": title, "articles": ["1"], "groups": groups, "items": items, **more}
    rates = Rates(pass_at=Decimal("0.8"), basic_at=Decimal("0.6"), basic_counts_as=Decimal("0.6"))
    return FrozenList("p", Checklist.model_validate(fields), None, rates)


def said(**verdicts: Verdict) -> dict[str, ItemAnswer]:
    return {key: ItemAnswer(verdict=verdict) for key, verdict in verdicts.items()}


@pytest.mark.requirement("SCO-01")
def test_deductions_add_up_until_the_points_are_used_up() -> None:
    """003 annex, note 2: each with its reason, the sum may be more than the item has, the score is never less than 0."""
    frozen = school_list()
    room = frozen.checklist.item("room")
    assert room.points == 10
    twice = ItemAnswer(
        verdict=PARTLY, deductions=(Deduction(Decimal(6), "面积不足"), Deduction(Decimal("2.5"), "缺灭火器"))
    )
    assert not answers_problems(frozen.checklist, {}, {"room": twice})
    assert judge(frozen, {"room": twice}).items == {"room": Decimal("1.5")}
    thrice = ItemAnswer(verdict=NOT_MET, deductions=(*twice.deductions, Deduction(Decimal(6), "无办公设施")))
    assert not answers_problems(frozen.checklist, {}, {"room": thrice})
    assert judge(frozen, {"room": thrice}).items == {"room": 0}
    wrong = ItemAnswer(
        verdict=PARTLY, deductions=(Deduction(Decimal(1), " "), Deduction(Decimal(0), "x"), Deduction(Decimal(11), "x"))
    )
    found = [(each.field, each.code) for each in answers_problems(frozen.checklist, {}, {"room": wrong})]
    assert found == [
        ("room-reason-1", "reason_needed"),
        ("room-deduction-2", "deduction_bounds"),
        ("room-deduction-3", "deduction_bounds"),
    ]
    many = ItemAnswer(verdict=PARTLY, deductions=(Deduction(Decimal(1), "x"),) * (MOST_DEDUCTIONS + 1))
    assert [each.code for each in answers_problems(frozen.checklist, {}, {"room": many})] == ["too_many_deductions"]
    none = ItemAnswer(verdict=NOT_MET, note="没有专用房间")
    assert [each.field for each in answers_problems(frozen.checklist, {}, {"room": none})] == ["room-deduction-1"]
    assert answers_in(answers_out({"room": twice})) == {"room": twice}


def test_a_rated_list_weighs_its_items() -> None:
    light = a_list(item("a", 1), item("b", 2), item("c", 3), item("d", 4))
    heavy = a_list(item("a", 1, weight=7), item("b", 2), item("c", 3), item("d", 4))
    answers = said(a=NOT_MET, b=MET, c=MET, d=MET)
    assert judge(light, answers).groups[0].rate == Decimal("0.75")
    assert judge(heavy, answers).groups[0].rate == Decimal("0.3")
    assert judge(heavy, said(a=PARTLY, b=MET, c=MET, d=Verdict.NOT_APPLICABLE)).groups[0].rate == Decimal("6.2") / 9
    assert (judge(light, answers).conclusion, judge(heavy, answers).conclusion) == ("basic", "fail")


CHAIN = (
    item("sign", 1),
    item("places", 2, shown_when={"item": "sign", "verdicts": ["partly", "not_met"]}),
    item("told", 3, shown_when={"item": "places", "verdicts": ["not_met"]}),
)


def test_an_item_is_a_question_only_when_the_answer_before_it_raises_it() -> None:
    frozen = a_list(*CHAIN)
    assert judge(frozen, {}).unanswered == ("sign",)
    assert judge(frozen, said(sign=MET)).unanswered == ()
    assert judge(frozen, said(sign=NOT_MET)).unanswered == ("places",)
    assert judge(frozen, said(sign=NOT_MET, places=NOT_MET)).unanswered == ("told",)
    # What hangs on an item that is no question any more is none either, and its answers do not count.
    back = said(sign=MET, places=NOT_MET, told=NOT_MET)
    assert (judge(frozen, back).unanswered, judge(frozen, back).conclusion) == ((), "pass")
    silent = {"sign": ItemAnswer(verdict=MET), "places": ItemAnswer(verdict=NOT_MET)}
    assert not answers_problems(frozen.checklist, {}, silent), "a hidden shortfall needs no words"
    assert [each.code for each in answers_problems(frozen.checklist, said(sign=NOT_MET), said(places=NOT_MET))]


def test_a_list_that_looks_ahead_or_lets_points_come_and_go_is_refused() -> None:
    with pytest.raises(ValidationError, match="not before it"):
        a_list(item("a", 1, shown_when={"item": "b", "verdicts": ["met"]}), item("b", 2))
    points = {"points": 5}
    with pytest.raises(ValidationError, match="cannot depend"):
        Checklist.model_validate(
            {
                **a_list(item("a", 1)).checklist.model_dump(),
                "kind": "scored",
                "total": 10,
                "groups": [{"key": "g", "text": {"zh": "组", "en": "g"}, "points": 10}],
                "items": [
                    item("a", 1, **points),
                    item("b", 2, shown_when={"item": "a", "verdicts": ["met"]}, **points),
                ],
            }
        )


@given(st.dictionaries(st.sampled_from(["sign", "places", "told"]), st.sampled_from(list(Verdict))))
def test_what_is_open_is_always_a_question_and_answering_it_all_leaves_nothing_open(given: dict[str, Verdict]) -> None:
    frozen, answers = a_list(*CHAIN), said(**given)
    for _ in CHAIN:
        answers |= said(**dict.fromkeys(judge(frozen, answers).unanswered, NOT_MET))
    assert judge(frozen, answers).unanswered == ()


def test_a_routine_list_fails_on_what_is_not_minor() -> None:
    frozen = a_list(item("a", 1, severity="minor"), item("b", 2, severity="major"), kind="routine")
    assert judge(frozen, said(a=MET, b=MET)).conclusion == "pass"
    assert judge(frozen, said(a=NOT_MET, b=MET)).conclusion == "basic"
    assert judge(frozen, said(a=MET, b=PARTLY)).conclusion == "basic"
    assert judge(frozen, said(a=MET, b=NOT_MET)).conclusion == "fail"


def test_the_proof_that_a_list_wants_is_asked_for_at_its_field() -> None:
    frozen = a_list(item("seen", 1, proof="photo"), item("paper", 2, proof="document"), item("words", 3, proof="note"))
    answers = said(seen=MET, paper=MET, words=MET)
    wanted = [(each.field, each.code) for each in proof_problems(frozen, answers, frozenset())]
    assert wanted == [("seen-photo", "photo_needed"), ("paper-note", "document_needed")]
    assert not proof_problems(frozen, answers, frozenset({"seen", "paper"}))
    named = answers | {"paper": ItemAnswer(verdict=MET, note="检验报告 2026-03")}
    assert [each.field for each in proof_problems(frozen, named, frozenset())] == ["seen-photo"]
    apart = said(seen=Verdict.NOT_APPLICABLE, paper=Verdict.NOT_APPLICABLE, words=MET)
    assert not proof_problems(frozen, apart, frozenset())


@pytest.mark.requirement("SCO-03")
def test_an_edition_tells_one_list_from_another_and_outlives_a_new_release() -> None:
    frozen = mall_list()
    kept = FrozenList.from_json(frozen.as_json())
    assert kept.edition == frozen.edition != school_list().edition
    older = frozen.as_json()
    for one in older["checklist"]["items"]:
        del one["weight"]  # a row written before lists had weights
    assert FrozenList.from_json(older).edition == frozen.edition
    older["checklist"]["items"][0]["zh"] += "。"
    assert FrozenList.from_json(older).edition != frozen.edition


def test_nothing_is_concluded_before_its_proof_is_there(session: Session) -> None:
    world: World = make_world(session)
    _, _, inspectors, acceptance = scheduled(session, world)
    frozen = FrozenList.from_json(acceptance.checklist)
    marks = full_marks(frozen) | {"design_papers": ItemAnswer(verdict=MET)}
    operations.save_answers(session, actor=inspectors[0], acceptance_id=acceptance.id, answers=marks, now=NOW)
    with pytest.raises(Invalid) as refusal:
        operations.conclude(
            session, actor=inspectors[0], acceptance_id=acceptance.id, seen_version=acceptance.version,
            opinion="符合要求", rectification="", now=NOW,
        )  # fmt: skip
    photos = [each.field for each in refusal.value.problems if each.code == "photo_needed"]
    assert photos == [f"{one.key}-photo" for one in frozen.checklist.items if one.proof == "photo"] != []
    assert [each.field for each in refusal.value.problems if each.code == "document_needed"] == ["design_papers-note"]
    photograph(session, inspectors[0], acceptance, now=NOW)
    named = {"design_papers": ItemAnswer(verdict=MET, note="设计任务书与评审意见")}
    operations.save_answers(session, actor=inspectors[0], acceptance_id=acceptance.id, answers=named, now=NOW)
    conclude(session, inspectors[0], acceptance)
