"""The record of investigators' use of a unit's equipment on site."""

from typing import Annotated, ClassVar

from pydantic import Field

from portal.papers.values.parts import FormKey, Line, Moment, Paper, Part, Prose, Word


class BookedDeed(Part):
    """One thing done at the equipment."""

    at: Moment
    what: Word
    camera: Line = ""
    note: Line = ""
    medium: Line = ""
    sha256: Word = ""


class Obstructed(Part):
    """A refusal or an obstruction."""

    at: Moment
    who: Word
    place: Line
    facts: Prose
    evidence: Prose = ""


class EquipmentUsePaper(Paper):
    """现场使用单位视频设备登记表: necessity, approval, officers with their undertaking, deeds, hand-over and hand-back."""

    form: ClassVar[FormKey] = FormKey.EQUIPMENT_USE
    number: Word
    status: Word
    unit: Line
    organ: Line
    secret: bool = False
    case_number: Word = ""
    reason: Prose = ""
    cameras: Line = ""
    planned_from: Moment
    planned_to: Moment
    officers: Annotated[tuple[Line, ...], Field(max_length=4)]
    applicant: Word
    approver: Word = ""
    approved_at: Moment | None = None
    equipment: Line = ""
    handed_by: Word = ""
    received_by: Word = ""
    started_at: Moment | None = None
    returned_by: Word = ""
    returned_at: Moment | None = None
    summary: Line = ""
    taken_by: Word = ""
    ended_at: Moment | None = None
    condition: Word = ""
    damage: Prose = ""
    deeds: Annotated[tuple[BookedDeed, ...], Field(max_length=200)] = ()
    obstructions: Annotated[tuple[Obstructed, ...], Field(max_length=20)] = ()
