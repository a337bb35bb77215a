"""Papers that follow a finding: letter, summons, circular, order to correct, finding of refusal, proposal of a fine."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field

from portal.papers.values.parts import Count, FormKey, Line, Moment, Paper, Part, Prose, Word


class OfficialKind(StrEnum):
    """Which paper it is; the form knows its title and its fixed words."""

    LETTER = "letter"
    INTERVIEW = "interview"
    CIRCULAR = "circular"
    CORRECTION = "correction"
    REFUSAL = "refusal"
    FINE = "fine"


class OfficialPaper(Paper):
    """函告、约谈通知书、通报、责令改正通知书、拒不改正认定书、行政处罚建议书."""

    form: ClassVar[FormKey] = FormKey.OFFICIAL_PAPER
    kind: OfficialKind
    number: Word = ""
    addressee: Line
    basis: Annotated[tuple[Line, ...], Field(max_length=20)] = ()
    violation: Line = ""
    facts: Prose
    demands: Prose = ""
    due_on: date | None = None
    place: Line = ""
    meets_at: Moment | None = None
    recipients: Annotated[tuple[Line, ...], Field(max_length=200)] = ()
    order_number: Word = ""
    found_by: Word = ""
    confirmed_by: Word = ""
    against: Word = ""
    low: Count | None = None
    high: Count | None = None
    amount: Count | None = None
    served_on: date | None = None
    served_to: Word = ""
    organ: Line
    issued_on: date | None = None


class Attendant(Part):
    """Somebody who attended an interview."""

    name: Word
    capacity: Line = ""


class InterviewMinutes(Paper):
    """约谈记录: where and when, who attended, what was said."""

    form: ClassVar[FormKey] = FormKey.INTERVIEW_MINUTES
    number: Word
    addressee: Line
    organ: Line
    place: Line
    held_at: Moment
    attendance: Annotated[tuple[Attendant, ...], Field(max_length=40)]
    facts: Prose
    minutes: Prose
    demands: Prose
    due_on: date | None = None
