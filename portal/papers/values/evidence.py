"""Papers of a footage request: slips and records of the unit, papers of the police, receipt, ledger."""

from datetime import date
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from portal.papers.values.parts import (
    BLANK_LINE,
    Act,
    Count,
    FormKey,
    Line,
    Moment,
    Paper,
    Part,
    Prose,
    Sha256,
    SignLine,
    Word,
)


class _Secret(Paper):
    """A paper whose reason must not stand on it when the case is secret: the caller cannot leave it in."""

    secret: bool = False

    @model_validator(mode="after")
    def _secret_says_nothing(self) -> "_Secret":
        if self.secret and any(self.__dict__.get(name) for name in ("reason", "summary")):
            raise ValueError("the paper of a secret case carries no reason and no summary")
        return self


class ViewingSlip(_Secret):
    """F1 视频监控资料调阅审批单: two equal halves, the seam seal between them."""

    form: ClassVar[FormKey] = FormKey.VIEWING_SLIP
    number: Word = ""
    organisation: Line
    addressee: Word
    reason: Line = ""
    act: Act | None = None
    begins: Moment | None = None
    ends: Moment | None = None
    place: Line = ""
    applicant: SignLine = BLANK_LINE
    handler: SignLine = BLANK_LINE
    applied_on: date | None = None
    approvals: Annotated[tuple[SignLine, ...], Field(min_length=1, max_length=8)]
    archives: tuple[Word, Word] = ("", "")
    """Where each half is kept."""


class ViewingRecord(_Secret):
    """F2 视频监控资料调阅记录表."""

    form: ClassVar[FormKey] = FormKey.VIEWING_RECORD
    organisation: Line
    issuer: Line
    number: Word = ""
    on: date | None = None
    unit: Line = ""
    handler: Word = ""
    handler_document: Word = ""
    place: Line = ""
    begins: Moment | None = None
    ends: Moment | None = None
    summary: Line = ""
    act: Act | None = None
    operator: SignLine = BLANK_LINE
    handler_signature: SignLine = BLANK_LINE


class ViewingApproval(_Secret):
    """F3 视频图像信息查阅审批表, with one box for each level; a level not asked prints so."""

    form: ClassVar[FormKey] = FormKey.VIEWING_APPROVAL
    organisation: Line
    number: Word = ""
    reason: Prose = ""
    points: Prose = ""
    unit: Line = ""
    applicant: Word = ""
    applicant_head: SignLine = BLANK_LINE
    applied_on: date | None = None
    reviewing_body: Word
    reviews: Annotated[tuple[SignLine, ...], Field(min_length=1, max_length=3)]
    approvals: Annotated[tuple[SignLine, ...], Field(min_length=1, max_length=5)]


class RetrievalReceipt(Paper):
    """调取证据通知书（回执）: the unit's answer on the notice."""

    form: ClassVar[FormKey] = FormKey.RETRIEVAL_RECEIPT
    organ: Line
    notice_number: Word
    addressee: Line
    basis: Line
    case_name: Line
    evidence: Prose
    due: Moment | None = None
    served_at: Moment | None = None
    provided: Prose = ""
    refusal: Line = ""
    unit_handler: SignLine = BLANK_LINE
    officers: Annotated[tuple[SignLine, ...], Field(min_length=1, max_length=4)]
    integrity: Line = ""


class ViewingDecision(Paper):
    """个人查阅申请答复书: the unit consents, with the appointment, or refuses, with the reason and the remedy."""

    form: ClassVar[FormKey] = FormKey.VIEWING_DECISION
    number: Word
    unit: Line
    applicant: Line
    applied_on: date
    place: Line
    begins: Moment
    ends: Moment
    consents: bool
    reason: Prose = ""
    appointed_for: Moment | None = None
    appointed_place: Line = ""
    supervisor: Word = ""
    decided_on: date


class Exhibit(Part):
    """One line of a retrieval list."""

    name: Line
    quantity: Word
    features: Line
    """Category and format; the check value has its own field."""
    sha256: Sha256 | None = None
    remarks: Line = ""


class RetrievalList(Paper):
    """调取证据清单."""

    form: ClassVar[FormKey] = FormKey.RETRIEVAL_LIST
    organ: Line
    number: Word = ""
    case_name: Line = ""
    exhibits: Annotated[tuple[Exhibit, ...], Field(max_length=200)]
    holder: SignLine = BLANK_LINE
    custodian: SignLine = BLANK_LINE
    officers: Annotated[tuple[SignLine, ...], Field(min_length=1, max_length=4)]
    on: date | None = None


class HandedFile(Part):
    """One file that changed hands."""

    name: Line
    camera: Line
    begins: Moment
    ends: Moment
    container: Word
    size: Annotated[int, Field(ge=0)]
    sha256: Sha256


class HandoverReceipt(Paper):
    """视频资料移交接收单: what was given, on which medium, with the digest of each file."""

    form: ClassVar[FormKey] = FormKey.HANDOVER_RECEIPT
    number: Word
    request_number: Word
    notice_number: Word = ""
    unit_name: Line
    receiving_organ: Line
    act: Act
    medium: Word
    medium_serial: Word = ""
    original_kept_at: Line
    method: Line
    clock_offset: Word = ""
    files: Annotated[tuple[HandedFile, ...], Field(min_length=1, max_length=500)]
    manifest_sha256: Sha256
    operator: SignLine = BLANK_LINE
    second_person: SignLine = BLANK_LINE
    giver: SignLine = BLANK_LINE
    receivers: Annotated[tuple[SignLine, ...], Field(min_length=1, max_length=4)]
    witness: SignLine = BLANK_LINE
    handed_at: Moment | None = None


class RequestReceipt(Paper):
    """视频图像调用回执: what requester, unit and oversight each hold alike; `receipt` is the digest of its file."""

    form: ClassVar[FormKey] = FormKey.REQUEST_RECEIPT
    number: Word
    stage: Word
    issued_at: Moment
    unit: Line
    requester: Line
    act: Word
    cameras: Count
    copy_number: Word = ""
    manifest: Sha256 | None = None
    receipt: Sha256


class PackageSection(Part):
    """One section of a court package: facts by name, or a table."""

    title: Word
    facts: Annotated[tuple[tuple[Word, Line], ...], Field(max_length=40)] = ()
    heads: Annotated[tuple[Word, ...], Field(max_length=8)] = ()
    rows: Annotated[tuple[tuple[Line, ...], ...], Field(max_length=1000)] = ()


class CourtPackage(Paper):
    """视频图像证据材料包: request, authority, approvals, outcomes, files, custody and copies on one paper."""

    form: ClassVar[FormKey] = FormKey.COURT_PACKAGE
    number: Word
    serial: Word
    recipient: Word
    digest: Sha256
    sections: Annotated[tuple[PackageSection, ...], Field(min_length=1, max_length=12)]


class ColumnAlign(StrEnum):
    """How a ledger column stands."""

    LEFT = "left"
    CENTER = "center"
    RIGHT = "right"


class LedgerColumn(Part):
    """A column: its head and its share of the width."""

    head: Word
    share: Annotated[float, Field(gt=0, le=20)] = 1.0
    align: ColumnAlign = ColumnAlign.LEFT
    mono: bool = False


class Ledger(Paper):
    """登记台账: any register, landscape, head repeated on each page. Bigger ones are printed in parts (1,000 rows)."""

    form: ClassVar[FormKey] = FormKey.LEDGER
    title: Line
    organisation: Line
    period: Line = ""
    scope: Line = ""
    columns: Annotated[tuple[LedgerColumn, ...], Field(min_length=1, max_length=16)]
    rows: Annotated[tuple[tuple[Line, ...], ...], Field(max_length=1000)]
    part: Count = 1
    parts: Count = 1
    keeper: Word = ""

    @model_validator(mode="after")
    def _rows_fit_columns(self) -> "Ledger":
        for number, row in enumerate(self.rows, start=1):
            if len(row) != len(self.columns):
                raise ValueError(f"row {number} has {len(row)} cells for {len(self.columns)} columns")
        return self
