"""What every paper carries, and the parts that several share."""

import unicodedata
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, ClassVar

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer, model_validator

from portal.core.clock import CITY_TZ


class FormKey(StrEnum):
    """The papers there are. The value is also the name of the template in `forms/`."""

    FILING_RECEIPT = "filing_receipt"
    FILING_CERTIFICATE = "filing_certificate"
    BASIC_INFORMATION = "basic_information"
    INSPECTION_RECORD = "inspection_record"
    ACCEPTANCE_CONCLUSION = "acceptance_conclusion"
    ACCEPTANCE_CERTIFICATE = "acceptance_certificate"
    VIEWING_SLIP = "viewing_slip"
    VIEWING_RECORD = "viewing_record"
    VIEWING_APPROVAL = "viewing_approval"
    SCHOOL_APPLICATION = "school_application"
    SCHOOL_SCORES = "school_scores"
    RETRIEVAL_RECEIPT = "retrieval_receipt"
    VIEWING_DECISION = "viewing_decision"
    RETRIEVAL_LIST = "retrieval_list"
    HANDOVER_RECEIPT = "handover_receipt"
    REQUEST_RECEIPT = "request_receipt"
    LEDGER = "ledger"
    COURT_PACKAGE = "court_package"
    AUDIT_CERTIFICATE = "audit_certificate"
    ORDER_TO_INSTALL = "order_to_install"
    OFFICIAL_PAPER = "official_paper"
    INTERVIEW_MINUTES = "interview_minutes"
    CONNECTION_ORDER = "connection_order"
    EQUIPMENT_USE = "equipment_use"
    WORK_TICKET = "work_ticket"


GETA = "〓"
"""The type-setter's mark for a character that no installed font holds."""


def is_private(char: str) -> bool:
    """Whether the code means something on one machine only: a font's own glyph for it would be another character."""
    return unicodedata.category(char) == "Co"


def _printable(text: str) -> str:
    # Controls have no glyph, and PDF/A refuses a page that asks for one. A rare character of a name must never vanish:
    # blocks newer than this Python pass through, private codes show as a mark.
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\t", " "))
    kept = (char for char in text if char == "\n" or unicodedata.category(char) not in {"Cc", "Cf", "Cs"})
    return "".join(GETA if is_private(char) else char for char in kept)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _city_time(moment: datetime) -> str:
    return moment.astimezone(CITY_TZ).strftime("%Y-%m-%dT%H:%M")


def _picture(path: str) -> str:
    stroke = 'fill="none" stroke="black" stroke-width="5" stroke-linecap="round" stroke-linejoin="round"'
    name = 'xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 240"'
    return path and f'<svg {name}><path {stroke} d="{path}"/></svg>'


def shortened(text: str, most: int = 300) -> str:
    """What a line of a paper holds; where it holds less than there is, it says so."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


Word = Annotated[str, AfterValidator(_printable), AfterValidator(_one_line), Field(max_length=80)]
Line = Annotated[str, AfterValidator(_printable), AfterValidator(_one_line), Field(max_length=300)]
Prose = Annotated[str, AfterValidator(_printable), Field(max_length=8000)]
Moment = Annotated[AwareDatetime, PlainSerializer(_city_time, return_type=str)]
# Strokes drawn on a screen of 600 by 240: moves and lines in whole pixels, and nothing else. The form is given a picture.
Drawing = Annotated[
    str,
    Field(max_length=30_000, pattern=r"^(M\d{1,3} \d{1,3}(L\d{1,3} \d{1,3})*)*$"),
    PlainSerializer(_picture, return_type=str),
]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0, le=10_000_000)]


class Part(BaseModel):
    """Base of everything on a paper: unknown fields are a caller's mistake, not to be passed over."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Stamp(Part):
    """The footer: which paper this is, who printed it and when; on demand a watermark."""

    serial: Word
    printed_by: Word
    printed_at: Moment
    issuer: Line = ""
    watermark: Word = ""


class Verify(Part):
    """Where the paper is checked. The address becomes the QR code, the code is for typing."""

    url: Annotated[str, Field(max_length=300, pattern=r"^https?://[\x21-\x7e]+$")]
    code: Annotated[str, Field(max_length=40, pattern=r"^[0-9A-Za-z-]+$")]


class Paper(Part):
    """Base of a form's data. Each subclass names its form."""

    form: ClassVar[FormKey]
    stamp: Stamp
    verify: Verify | None = None


class SignState(StrEnum):
    """How a signature line stands. `not_required` prints so, where the case needs fewer signatures than the form has."""

    BLANK = "blank"
    SIGNED = "signed"
    NOT_REQUIRED = "not_required"


class SignLine(Part):
    """One signature: the post it is for, and who gave it, when, with which words."""

    title: Word = ""
    state: SignState = SignState.BLANK
    name: Word = ""
    on: date | None = None
    moment: Moment | None = None
    opinion: Annotated[str, AfterValidator(_printable), Field(max_length=300)] = ""
    drawing: Drawing = ""

    @model_validator(mode="after")
    def _signed_has_a_name(self) -> "SignLine":
        if self.state is SignState.SIGNED and not (self.name and self.on):
            raise ValueError("a given signature needs its name and date")
        if self.state is not SignState.SIGNED and (self.name or self.on or self.moment or self.opinion):
            raise ValueError("a line without signature carries no name, date or opinion")
        return self


class Act(StrEnum):
    """What is asked of footage."""

    VIEW = "view"
    COPY = "copy"


class Grade(StrEnum):
    """How an acceptance ended; the form prints the words."""

    PASS = "pass"  # noqa: S105 - a result, not a password
    BASIC_PASS = "basic_pass"  # noqa: S105
    FAIL = "fail"


BLANK_LINE = SignLine()
