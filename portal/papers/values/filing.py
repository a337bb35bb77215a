"""Papers of a filing: receipt, certificate, basic-information sheet (Decree 799 article 14)."""

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from portal.papers.values.parts import BLANK_LINE, Count, FormKey, Line, Paper, Part, SignLine, Word


class Tally(Part):
    """How many of one kind."""

    name: Word
    count: Count


class FilingReceipt(Paper):
    """备案回执: what an accepted filing is answered with."""

    form: ClassVar[FormKey] = FormKey.FILING_RECEIPT
    receipt_number: Word
    filing_number: Word
    national_number: Word = ""
    unit_name: Line
    uscc: Word = ""
    district: Word
    system_name: Line
    address: Line
    camera_count: Count
    device_types: Annotated[tuple[Tally, ...], Field(max_length=20)]
    retention_days: Count
    in_use_on: date | None = None
    submitted_on: date
    accepted_on: date
    organ: Line
    officer: Word


class FilingCertificate(Paper):
    """备案证明: for the wall, with the code that verifies it."""

    form: ClassVar[FormKey] = FormKey.FILING_CERTIFICATE
    filing_number: Word
    unit_name: Line
    uscc: Word = ""
    system_name: Line
    address: Line
    camera_count: Count
    retention_days: Count
    accepted_on: date
    organ: Line
    voluntary: bool = False
    """Registered though no text asks for it: the paper says so."""


class PartyLine(Part):
    """Who stands for one of the roles: who invests, builds, uses, manages."""

    role: Word
    name: Line
    since: date | None = None


class BasicInformation(Paper):
    """备案基本信息表: the unit, the place, number and kinds of devices, storage period; and who answers for it."""

    form: ClassVar[FormKey] = FormKey.BASIC_INFORMATION
    filing_number: Word = ""
    kind: Word
    """First filing, change or cancellation, in words."""
    unit_name: Line
    uscc: Word = ""
    unit_type: Word
    unit_address: Line
    principal: Word
    security_head: Word = ""
    contact: Word
    contact_phone: Word
    handler: Word
    handler_document: Word = ""
    """Masked: the paper shows which document was seen, not its whole number."""
    system_name: Line
    system_kind: Word
    regime: Word
    purpose: Line = ""
    address: Line
    district: Word
    in_use_on: date | None = None
    retention_days: Count
    storage_kind: Word = ""
    networked: bool = False
    records_audio: bool = False
    device_types: Annotated[tuple[Tally, ...], Field(max_length=20)]
    camera_count: Count
    areas: Annotated[tuple[Tally, ...], Field(max_length=30)] = ()
    parties: Annotated[tuple[PartyLine, ...], Field(max_length=12)] = ()
    attachments: Annotated[tuple[Line, ...], Field(max_length=30)] = ()
    declaration: SignLine = BLANK_LINE
    received: SignLine = BLANK_LINE
    organ: Line
