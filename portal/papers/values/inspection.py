"""Papers of inspection and acceptance."""

from datetime import date
from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import Field

from portal.papers.values.parts import (
    BLANK_LINE,
    Count,
    FormKey,
    Grade,
    Line,
    Moment,
    Paper,
    Part,
    Prose,
    Sha256,
    SignLine,
    Word,
)

Points = Annotated[Decimal, Field(ge=0, le=1000, decimal_places=1)]


class Officer(Part):
    """A police officer as named in a record."""

    name: Word
    certificate: Word = ""


class SealedLine(Part):
    """One judgement of a record made on a device: who, when and where, and the digests that stand for it."""

    name: Line
    found: Line
    by: Word
    at: Moment
    position: Word = ""
    remark: Word = ""
    digest: Sha256
    photos: Annotated[tuple[Sha256, ...], Field(max_length=20)] = ()


class InspectionRecord(Paper):
    """检查笔录. A record made on devices carries its seals: the judgements, and where each chain of entries ends."""

    form: ClassVar[FormKey] = FormKey.INSPECTION_RECORD
    organ: Line
    begins: Moment
    ends: Moment
    place: Line
    inspectors: Annotated[tuple[Officer, ...], Field(min_length=1, max_length=8)]
    unit_name: Line
    unit_address: Line = ""
    principal: Word = ""
    party_name: Word = ""
    party_sex: Word = ""
    party_document: Word = ""
    party_post: Word = ""
    witness: Word = ""
    witness_document: Word = ""
    cause: Line
    mode: Word = ""
    method: Line = ""
    basis: Line
    has_hazard: bool
    process: Prose
    result: Prose
    attachments: Annotated[tuple[Line, ...], Field(max_length=30)] = ()
    party_signature: SignLine = BLANK_LINE
    witness_signature: SignLine = BLANK_LINE
    inspector_signatures: Annotated[tuple[SignLine, ...], Field(max_length=8)] = ()
    recorder: SignLine = BLANK_LINE
    seals: Annotated[tuple[SealedLine, ...], Field(max_length=200)] = ()
    chains: Annotated[tuple[Line, ...], Field(max_length=40)] = ()


class CheckedItem(Part):
    """One line of an acceptance: what was asked, what was found."""

    name: Line
    standard: Line
    found: Prose
    passed: bool
    points: Points | None = None
    score: Points | None = None


class AcceptanceConclusion(Paper):
    """验收结论书: the items, the total, the grade, what is to be put right."""

    form: ClassVar[FormKey] = FormKey.ACCEPTANCE_CONCLUSION
    number: Word
    unit_name: Line
    system_name: Line
    filing_number: Word = ""
    address: Line
    camera_count: Count
    visited_on: date
    items: Annotated[tuple[CheckedItem, ...], Field(max_length=200)]
    total: Points | None = None
    full_marks: Points | None = None
    grade: Grade
    level: Word = ""
    conclusion: Prose
    computed: Prose = ""
    defects: Annotated[tuple[Line, ...], Field(max_length=60)] = ()
    rectify_by: date | None = None
    basis: Line
    inspectors: Annotated[tuple[SignLine, ...], Field(min_length=1, max_length=8)]
    unit_signature: SignLine = BLANK_LINE
    organ: Line
    concluded_on: date


class AcceptanceCertificate(Paper):
    """验收合格证: for the wall. Of a `standard` creation (003) it is the grade's, and puts nothing into use."""

    form: ClassVar[FormKey] = FormKey.ACCEPTANCE_CERTIFICATE
    standard: bool = False
    number: Word
    unit_name: Line
    system_name: Line
    filing_number: Word = ""
    grade: Grade
    level: Word = ""
    total: Points | None = None
    items: Annotated[tuple[CheckedItem, ...], Field(max_length=6)] = ()
    item_count: Count
    camera_count: Count
    retention_days: Count
    organ: Line
    issued_on: date
