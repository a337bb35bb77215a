"""Approval steps and chains as values."""

from typing import Any

import pytest
from pydantic import ValidationError

from portal.regulation.schema import ApprovalChain, ApprovalStep

CITED = {"instrument": "house", "article": "10 i1"}


def step(key: str = "director", **changes: Any) -> dict[str, Any]:
    """One valid step as written in a profile."""
    return {
        "key": key,
        "title_zh": "处长签字",
        "title_en": "Director signs",
        "permission": "evidence:request:decide",
        "holder": "unit",
        "post": "security_director",
        "verdicts": ["approve", "return", "refuse"],
        "article": CITED,
    } | changes


def chain(*steps: dict[str, Any]) -> ApprovalChain:
    """A chain of the given steps."""
    return ApprovalChain.model_validate(
        {"key": "c", "title_zh": "链", "title_en": "Chain", "steps": steps, "citation": CITED}
    )


def test_steps_follow_the_facts() -> None:
    """A step with conditions joins only when every named fact matches one listed value."""
    made = chain(
        step("section", applies_when={"act": ["live", "view"]}),
        step("office", applies_when={"act": ["copy"], "zone": ["c", "key"]}),
    )
    assert [s.key for s in made.steps_for({"act": "view"})] == ["section"]
    assert [s.key for s in made.steps_for({"act": "copy", "zone": ("a", "c")})] == ["office"]
    assert made.steps_for({"act": "copy"}) == ()


def test_a_chain_survives_being_frozen_into_a_run() -> None:
    """What is stored as JSON reads back as the same chain."""
    made = chain(step("a", applies_when={"act": ["view"]}), step("b"))
    assert ApprovalChain.model_validate_json(made.model_dump_json()) == made


def test_conditions_cannot_be_changed_after_loading() -> None:
    """Frozen means frozen all the way down."""
    made = ApprovalStep.model_validate(step(applies_when={"act": ["view"]}))
    with pytest.raises(TypeError):
        made.applies_when["act"] = ("copy",)  # type: ignore[index]


@pytest.mark.parametrize(
    "broken",
    [
        {"verdicts": ["refuse"]},
        {"verdicts": ["acknowledge", "refuse"]},
        {"applies_when": {"act": []}},
        {"surprise": 1},
        {"holder": "anyone"},
        {"approvals": 0},
        {"article": {"instrument": "house", "article": "somewhere"}},
    ],
)
def test_a_bad_step_is_refused(broken: dict[str, Any]) -> None:
    """Each of these would leave a request stuck or undecidable."""
    with pytest.raises(ValidationError):
        ApprovalStep.model_validate(step(**broken))


def test_a_chain_names_each_step_once() -> None:
    """Two steps of one key could not be told apart in the decisions."""
    with pytest.raises(ValidationError, match="twice"):
        chain(step("a"), step("a"))
