"""What inspection decides without asking anybody: who may apply for what, and what a filled list comes to."""

from portal.inspection.rules.applying import PAPERS_OF, Standing, has_standard, kinds_open_to, refusal_of
from portal.inspection.rules.findings import CURE_WITHIN, Shortfall, shortfalls
from portal.inspection.rules.judging import FrozenList, answer_problems, answers_in, answers_out, checklist_for, judge

__all__ = [
    "CURE_WITHIN",
    "PAPERS_OF",
    "FrozenList",
    "Shortfall",
    "Standing",
    "answer_problems",
    "answers_in",
    "answers_out",
    "checklist_for",
    "has_standard",
    "judge",
    "kinds_open_to",
    "refusal_of",
    "shortfalls",
]
