"""The profiles and the code speak of the same things, and every chain can be walked to its end."""

from itertools import product

import pytest

from portal.accounts.permissions import Permission
from portal.accounts.policy import GRANTS, Reach
from portal.accounts.values import UNIT_ROLES, Post, Role
from portal.registry import values as registry
from portal.regulation.loader import NOT_PROFILES, PROFILES, rulebook
from portal.regulation.schema import ApprovalChain, ApprovalStep
from portal.regulation.schema.keys import RuleKey
from portal.regulation.schema.vocabulary import Regime

BOOK = rulebook()
CHAINS = [chain for profile in BOOK.profiles for chain in profile.chains]
POSTS = {post.key: post for post in BOOK.vocabulary.post}


def test_every_file_is_a_loaded_profile() -> None:
    files = {path.stem for path in PROFILES.glob("*.toml") if path.name not in NOT_PROFILES}
    assert files == BOOK.by_key.keys()


def test_every_rule_key_is_answered_by_some_text() -> None:
    answered = {rule.key for profile in BOOK.profiles for rule in profile.rules}
    assert answered == {key.value for key in RuleKey}


def test_posts_are_those_a_membership_can_carry() -> None:
    assert set(POSTS) == {post.value for post in Post}


def test_unit_types_and_system_kinds_are_the_registrys() -> None:
    assert {kind.key for kind in BOOK.vocabulary.unit_type} == {kind.value for kind in registry.UnitType}
    kinds = next(fact for fact in BOOK.vocabulary.fact if fact.key == "system_kind")
    assert kinds.keys == {kind.value for kind in registry.SystemKind}


def candidates(step: ApprovalStep, seat: int) -> list[tuple[str, str]]:
    """People who could give one signature of a step: a post with one seat is always the same person."""
    reaches = GRANTS[Permission(step.permission)]
    inside = {role for role, reach in reaches.items() if reach is Reach.UNIT and role in UNIT_ROLES}
    roles = inside if step.holder == "unit" else set(reaches) - {Role.UNIT_FILER}
    if not roles:
        return []
    if step.post is not None and POSTS[step.post].seats == "one":
        return [("post", step.post)]
    return [(f"{step.holder} {role}", str(person)) for role in sorted(roles) for person in range(seat + 2)]


def distinct_people(chain: ApprovalChain, facts: dict[str, str]) -> bool:
    """Whether different people can give all signatures (a matching of signatures to people)."""
    signatures = [candidates(step, seat) for step in chain.steps_for(facts) for seat in range(step.approvals)]
    taken: dict[tuple[str, str], int] = {}

    def place(signature: int, tried: set[tuple[str, str]]) -> bool:
        for person in signatures[signature]:
            if person in tried:
                continue
            tried.add(person)
            if person not in taken or place(taken[person], tried):
                taken[person] = signature
                return True
        return False

    return all(place(signature, set()) for signature in range(len(signatures)))


@pytest.mark.parametrize("chain", CHAINS, ids=lambda chain: chain.key)
def test_distinct_people_can_complete_every_chain(chain: ApprovalChain) -> None:
    values = {fact.key: [term.key for term in fact.values] for fact in BOOK.vocabulary.fact}
    values["regime"] = [regime.value for regime in Regime]
    asked = sorted(set(chain.applies_when).union(*(step.applies_when for step in chain.steps)))
    for case in product(*(chain.applies_when.get(fact, values[fact]) for fact in asked)):
        facts = dict(zip(asked, case, strict=True))
        assert chain.steps_for(facts), facts
        assert distinct_people(chain, facts), facts


def test_nobody_is_named_in_a_profile() -> None:
    """The scheme's own leading group is a list of people; none of it belongs in a rule."""
    everything = "".join(path.read_text(encoding="utf-8") for path in PROFILES.glob("*.toml"))
    for word in ("组长", "副组长", "成员：", "同志", "http://", "https://"):
        assert word not in everything


@pytest.mark.parametrize("profile", BOOK.profiles, ids=lambda profile: profile.key)
def test_every_article_is_cited_in_the_form_readers_see(profile: object) -> None:
    from portal.regulation.labels import place

    places = {place for rule in profile.rules for place in rule.articles}  # type: ignore[attr-defined]
    assert places or not profile.rules  # type: ignore[attr-defined]
    for code in places:
        assert "%" not in place(code)
