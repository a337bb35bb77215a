"""The portal refuses to start on profiles it cannot trust, and names everything that is wrong."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.regulation.loader import PROFILES, RegulationInvalid, load_rulebook, rulebook

Edit = Callable[[str, str, str], None]


@pytest.fixture
def profiles(tmp_path: Path) -> Path:
    """A copy of the shipped profiles to break."""
    copy = tmp_path / "profiles"
    shutil.copytree(PROFILES, copy)
    return copy


@pytest.fixture
def edit(profiles: Path) -> Edit:
    """Replace text in one file of the copy."""

    def change(name: str, old: str, new: str) -> None:
        path = profiles / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def problems(profiles: Path) -> str:
    with pytest.raises(RegulationInvalid) as refused:
        load_rulebook(profiles)
    return "\n".join(refused.value.problems)


def test_the_shipped_profiles_load() -> None:
    book = load_rulebook(PROFILES)
    assert {"decree-799-2025", "henan-2016", "anyang-2007"} <= book.by_key.keys()
    assert rulebook() is rulebook()


BROKEN = [
    ("anyang-2007.toml", "level ", "surprise = 1\nlevel ", "surprise"),
    ("anyang-2007.toml", 'level          = "city"', 'level          = "village"', "level"),
    ("anyang-2007.toml", 'territory      = ["410500"]', 'territory      = ["4105"]', "territory"),
    ("anyang-2007.toml", 'key = "system.drawings_kept"', 'key = "system.drawing_kept"', "unknown rule"),
    ("anyang-2007.toml", 'articles = ["13 i4"]', 'articles = ["somewhere"]', "not a place"),
    ("henan-2016.toml", "value = 30", 'value = "thirty"', "must be a whole number"),
    ("henan-2016.toml", "value = 30", "value = true", "must be a whole number"),
    ("henan-2016.toml", 'counts_from = "test_passed"', 'counts_from = "some_day"', "unknown event"),
    ("henan-2016.toml", "days = 15, counting", "days = 15, promptly = true, counting", "either a number"),
    ("anyang-2007.toml", 'construction = ["new"]', 'weather = ["new"]', "unknown fact weather"),
    ("anyang-2007.toml", 'construction = ["new"]', 'construction = ["old"]', "cannot be old"),
    ("anyang-2007.toml", 'value = ["public_order", "road_traffic", "fire"]', 'value = ["tax"]', "not in the family"),
    ("guannan-schools-2018.toml", "at_least = 80, below = 90", "at_least = 81, below = 90", "gap or overlap"),
    ("guannan-schools-2018.toml", "number = 1,  points = 10", "number = 1,  points = 11", "do not add up"),
    ("guannan-schools-2018.toml", 'rule = "room.min_area"', 'rule = "room.area"', "unknown rule room.area"),
    ("guannan-schools-2018.toml", 'key = "perimeter"', 'key = "moat"', "unknown zone moat"),
    ("shaoxing-centre-2021.toml", '["c"], ["key"]]', '["c"]]', "approval_zone_order"),
    ("shaoxing-centre-2021.toml", 'unzoned_as          = "c"', "", "unzoned_as"),
    ("mianyang-college-2022.toml", 'post = "department_head"', 'post = "janitor"', "unknown post janitor"),
    (
        "mianyang-college-2022.toml",
        'permission = "evidence:request:decide"',
        'permission = "evidence:request:guess"',
        "unknown permission",
    ),
    (
        "mianyang-college-2022.toml",
        'permission = "evidence:request:decide"',
        'permission = "audit:log:verify"',
        "no role holds",
    ),
    ("mianyang-college-2022.toml", 'post = "public_order_leader"', 'post = "case_department_head"', "not held in"),
    (
        "mianyang-college-2022.toml",
        'post = "school_leader_safety"',
        'post = "security_director"',
        "nobody can complete",
    ),
    (
        "petroleum-university-2013.toml",
        'act = ["copy", "film_screen", "original"] }, article',
        'act = ["copy"] }, article',
        "no step applies when act=film_screen",
    ),
    ("precedence.toml", 'prevails = "henan"', 'prevails = "hebei"', "unknown instrument hebei"),
    ("precedence.toml", 'rule     = "filing.authority"', 'rule     = "sign.required"', "says nothing about"),
    ("adoptions.toml", 'instrument = "guannan-schools"', 'instrument = "guannan"', "unknown instrument"),
    ("vocabulary.toml", '{ key = "sign.required",', '{ key = "signs.required",', "sign.required"),
    ("vocabulary.toml", 'default = "none"', 'default = "d"', "not one of its values"),
    ("decree-799-2025.toml", 'leads_to = "builder"', 'leads_to = "owner"', "owner does not exist"),
    ("decree-799-2025.toml", 'leads_to = "builder"', 'leads_to = "public_place"', "in a circle"),
    ("decree-799-2025.toml", 'regime = "a7_1", articles', "barred = true, articles", "no answers lead to regime a7_1"),
    ("cybersecurity-law-2017.toml", "effective_to   = 2025-12-31", "effective_to   = 2026-06-30", "overlap"),
    (
        "cybersecurity-law-2017.toml",
        "effective_to   = 2025-12-31",
        "effective_to   = 2016-12-31",
        "before effective_from",
    ),
    ("gb-50348-2018.toml", 'key            = "gb-50348-2018"', 'key            = "gb-50348"', "named after its key"),
]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda broken: broken[3])
def test_a_broken_profile_is_refused(profiles: Path, edit: Edit, broken: tuple[str, str, str, str]) -> None:
    name, old, new, told = broken
    edit(name, old, new)
    assert told in problems(profiles)


def test_a_rule_given_twice_is_refused(profiles: Path) -> None:
    path = profiles / "anyang-2007.toml"
    twice = '\n[[rules]]\nkey = "system.standards"\nvalue = false\narticles = ["9"]\nzh = "重复"\nen = "again"\n'
    path.write_text(path.read_text(encoding="utf-8") + twice, encoding="utf-8")
    assert "given twice under the same conditions" in problems(profiles)


def test_texts_that_each_prevail_over_the_other_are_refused(profiles: Path) -> None:
    path = profiles / "precedence.toml"
    back = (
        '\n[[precedence]]\nkey = "back"\nrule = "filing.authority"\nprevails = "anyang"\nover = ["decree-799"]\n'
        'reason = { zh = "反", en = "back" }\n'
    )
    path.write_text(path.read_text(encoding="utf-8") + back, encoding="utf-8")
    assert "each prevail over the other" in problems(profiles)


def test_every_problem_is_named_not_only_the_first(profiles: Path, edit: Edit) -> None:
    edit("anyang-2007.toml", 'level          = "city"', 'level          = "village"')
    edit("henan-2016.toml", "value = 30", 'value = "thirty"')
    told = problems(profiles)
    assert "anyang-2007.toml: level" in told
    assert "henan-2016.toml: rules" in told


def test_a_file_that_is_not_toml_is_named(profiles: Path) -> None:
    (profiles / "henan-2016.toml").write_text("= nothing", encoding="utf-8")
    assert "henan-2016.toml: cannot be read" in problems(profiles)


def test_a_missing_vocabulary_is_named(profiles: Path) -> None:
    (profiles / "vocabulary.toml").unlink()
    assert "vocabulary.toml: cannot be read" in problems(profiles)


def test_the_command_names_every_problem(profiles: Path, edit: Edit) -> None:
    from click.testing import CliRunner

    from portal.regulation.cli import rules

    good = CliRunner().invoke(rules, ["check", str(profiles)])
    assert (good.exit_code, "in order" in good.output) == (0, True)
    edit("anyang-2007.toml", 'level          = "city"', 'level          = "village"')
    bad = CliRunner().invoke(rules, ["check", str(profiles)])
    assert bad.exit_code == 1
    assert "anyang-2007.toml: level" in bad.stderr
