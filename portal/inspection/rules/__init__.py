"""What inspection decides without asking anybody: who may apply for what, and what a filled list comes to."""

from portal.inspection.rules.applying import PAPERS_OF, Standing, has_standard, kinds_open_to, papers_for, refusal_of
from portal.inspection.rules.findings import CURE_WITHIN, Shortfall, shortfalls
from portal.inspection.rules.judging import (
    FrozenList,
    answers_in,
    answers_out,
    answers_problems,
    checklist_for,
    deductions_in,
    deductions_out,
    judge,
    proof_problems,
    routine_list,
    shown_items,
)
from portal.inspection.rules.overriding import CONCLUSION_OF, other_results, possible_results

__all__ = [
    "CONCLUSION_OF",
    "CURE_WITHIN",
    "PAPERS_OF",
    "FrozenList",
    "Shortfall",
    "Standing",
    "answers_in",
    "answers_out",
    "answers_problems",
    "checklist_for",
    "deductions_in",
    "deductions_out",
    "has_standard",
    "judge",
    "kinds_open_to",
    "other_results",
    "papers_for",
    "possible_results",
    "proof_problems",
    "refusal_of",
    "routine_list",
    "shortfalls",
    "shown_items",
]
