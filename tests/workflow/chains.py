"""Small chains for tests, built as the regulation schema builds them."""

from typing import Any
from uuid import UUID

from portal.regulation.schema import ApprovalChain, ApprovalStep


def person(number: int) -> UUID:
    """A person by number."""
    return UUID(int=number)


def step(key: str, **changes: Any) -> ApprovalStep:
    """A step held at the unit, one approval, all three verdicts."""
    return ApprovalStep.model_validate(
        {
            "key": key,
            "title_zh": "审批",
            "title_en": "Approval",
            "permission": "evidence:request:approve",
            "holder": "unit",
            "approvals": 1,
            "verdicts": ["approve", "return", "refuse"],
            "article": {"instrument": "test", "article": "1"},
            **changes,
        }
    )


def chain_of(*steps: ApprovalStep, **changes: Any) -> ApprovalChain:
    """A chain of these steps with distinct people, the requester excluded."""
    return ApprovalChain.model_validate(
        {
            "key": "test",
            "title_zh": "测试链",
            "title_en": "Test chain",
            "distinct_people": True,
            "requester_excluded": True,
            "citation": {"instrument": "test", "article": "1"},
            "steps": [s.model_dump(mode="json") for s in steps],
            **changes,
        }
    )
