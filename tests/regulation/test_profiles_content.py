"""What the shipped profiles say, against the texts they come from."""

from decimal import Decimal

import pytest

from portal.regulation.loader import rulebook
from portal.regulation.schema.checklist import ChecklistKind
from portal.regulation.schema.keys import RuleKey
from tests.regulation.contexts import rules

BOOK = rulebook()


def test_eleven_mandated_categories_with_their_crosswalk() -> None:
    anyang = BOOK.profile("anyang-2007")
    assert [category.articles for category in anyang.categories] == [(f"8 i{n}",) for n in range(1, 12)]
    named = {(cite.instrument, cite.article) for cite in BOOK.crosswalk("telecom_post_finance")}
    assert named == {("internal-security-2004", "13 i4"), ("anyang-2007", "8 i4"), ("henan-2016", "7 i4")}


def test_entertainment_and_hotels_name_their_parts() -> None:
    found = next(c for c in rules().categories() if c.key == "entertainment_hotels")
    assert [part.en for part in found.parts] == ["lobby", "entrances and exits", "main passages"]


def test_eight_zones_of_the_administrative_centre() -> None:
    zones = [z for z in BOOK.profile("shaoxing-centre-2021").zones if z.required]
    assert [(zone.number, zone.articles[0]) for zone in zones] == [(n, f"6 i{n}") for n in range(1, 9)]


def test_twelve_zones_of_a_school() -> None:
    found = [cited for cited in rules(unit_type="school").zones() if cited.zone.required]
    assert [cited.zone.number for cited in found] == list(range(1, 13))
    assert {cite.article for cited in found for cite in cited.citations} == {"a2"}


@pytest.mark.requirement("SCO-03")
def test_fifteen_items_one_hundred_points() -> None:
    (checklist,) = rules(unit_type="school").checklists(ChecklistKind.SCORED)
    points = {item.number: item.points for item in checklist.items}
    assert points == {n: Decimal({1: 10, 2: 10, 8: 15, 13: 10}.get(n, 5)) for n in range(1, 16)}
    assert checklist.total == sum(points.values()) == 100
    assert [group.points for group in checklist.groups] == [30, 15, 35, 20]


@pytest.mark.requirement("ACC-05")
@pytest.mark.requirement("SCO-02")
@pytest.mark.parametrize(
    ("score", "grade"),
    [
        ("100", "grade_1"), ("90", "grade_1"), ("89.99", "grade_2"), ("89.5", "grade_2"), ("80", "grade_2"),
        ("79.5", "grade_3"), ("70", "grade_3"), ("69.5", "fail"), ("69", "fail"), ("0", "fail"),
    ],
)  # fmt: skip
def test_grades_leave_no_score_without_one(score: str, grade: str) -> None:
    bands = rules(unit_type="school").bands(RuleKey.GRADE_BANDS)
    assert bands is not None
    assert bands.grade(Decimal(score)).key == grade
    assert bands.lowest_pass == 70


@pytest.mark.requirement("SCO-01")
def test_deductions_add_up_and_stop_at_nothing() -> None:
    item = BOOK.checklist("guannan-school-room").item("watch")
    assert item.score(()) == 15
    assert item.score((Decimal(4), Decimal("2.5"))) == Decimal("8.5")
    assert item.score((Decimal(10), Decimal(10))) == 0


@pytest.mark.parametrize(
    ("rates", "conclusion"),
    [
        (("0.8", "1", "0.9"), "pass"),
        (("0.79", "1", "1"), "basic"),
        (("0.6", "0.9", "0.9"), "basic"),
        (("0.59", "1", "1"), "fail"),
    ],
)
def test_the_lowest_of_three_rates_decides(rates: tuple[str, ...], conclusion: str) -> None:
    judge = rules().rates(RuleKey.ACCEPTANCE_RATES)
    assert judge is not None
    assert judge.conclusion(tuple(Decimal(rate) for rate in rates)) == conclusion
    assert judge.rate(passed=3, basic=1, judged=5) == Decimal("0.72")
    with pytest.raises(ValueError, match="at least one"):
        judge.rate(passed=0, basic=0, judged=0)


@pytest.mark.requirement("GEN-01")
def test_purpose_and_bases_are_kept() -> None:
    assert "企业事业单位内部治安保卫条例" in [basis.zh for basis in BOOK.profile("anyang-2007").bases]


@pytest.mark.requirement("GEN-03")
def test_who_interprets_is_kept() -> None:
    for key in ("petroleum-university-2013", "anyang-2007"):
        assert BOOK.profile(key).interpreter is not None


@pytest.mark.requirement("GEN-05")
def test_a_trial_text_says_that_it_is_one() -> None:
    trial = BOOK.profile("shaoxing-centre-2021")
    assert trial.trial
    assert trial.remark is not None


def test_what_is_from_memory_is_never_shown_as_verified() -> None:
    thresholds = rules().explain(RuleKey.ACCEPTANCE_RATES)
    assert thresholds is not None
    assert not thresholds.sources[0].tag.verified


def test_every_rule_is_said_in_both_languages_and_cited() -> None:
    for profile in BOOK.profiles:
        for rule in profile.rules:
            assert rule.articles, rule.key
            assert not rule.zh.isascii(), (profile.key, rule.key)
            assert rule.en.isascii() or "²" in rule.en, (profile.key, rule.key, rule.en)
