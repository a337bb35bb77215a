"""Papers of the school standard: application (F4) and score sheet (F5)."""

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from portal.papers.values.inspection import Points
from portal.papers.values.parts import BLANK_LINE, Count, FormKey, Line, Paper, Part, Prose, SignLine, Word


class SchoolApplication(Paper):
    """F4 达标创建申报表."""

    form: ClassVar[FormKey] = FormKey.SCHOOL_APPLICATION
    copies: Annotated[int, Field(ge=1, le=9)] = 1
    campaign: Line
    school: Line
    applied_on: date | None = None
    principal: Word = ""
    principal_phone: Word = ""
    deputy: Word = ""
    deputy_phone: Word = ""
    school_type: Word = ""
    students: Count | None = None
    staff: Count | None = None
    teachers: Count | None = None
    self_assessment: Prose = ""
    self_signature: SignLine = BLANK_LINE
    bureau: Line
    review: Prose = ""
    review_signature: SignLine = BLANK_LINE


class ScoredItem(Part):
    """One criterion with its points; deductions never go below zero."""

    number: Count
    criterion: Prose
    points: Points
    score: Points | None = None
    deductions: Line = ""

    @model_validator(mode="after")
    def _score_within_points(self) -> "ScoredItem":
        if self.score is not None and self.score > self.points:
            raise ValueError(f"item {self.number} scores more than its points")
        return self


class ScoredGroup(Part):
    """A group of criteria."""

    name: Word
    items: Annotated[tuple[ScoredItem, ...], Field(min_length=1, max_length=40)]


class SchoolScores(Paper):
    """F5 考评验收标准, with what the printed form lacks: reasons, total, grade, assessors."""

    form: ClassVar[FormKey] = FormKey.SCHOOL_SCORES
    campaign: Line
    unit: Line
    assessed_on: date | None = None
    groups: Annotated[tuple[ScoredGroup, ...], Field(min_length=1, max_length=12)]
    total: Decimal | None = None
    full_marks: Points
    grade: Word = ""
    bands: Annotated[tuple[Line, ...], Field(max_length=8)] = ()
    follow_up: Prose = ""
    assessors: Annotated[tuple[SignLine, ...], Field(max_length=8)] = ()
    unit_signature: SignLine = BLANK_LINE
