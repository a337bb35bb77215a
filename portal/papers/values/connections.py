"""The order that connects a unit's system to a public platform."""

from datetime import date
from typing import Annotated, ClassVar

from pydantic import Field

from portal.papers.values.parts import Count, FormKey, Line, Paper, Part, Prose, Word


class ConnectionPoint(Part):
    """One camera that the order covers."""

    label: Line
    code: Word = ""


class ConnectionPaper(Paper):
    """视频图像信息直接接入审批表: who asks for what, for how long, what the unit said, who approved."""

    form: ClassVar[FormKey] = FormKey.CONNECTION_ORDER
    number: Word
    organ: Line
    addressee: Line
    system_name: Line = ""
    status: Word
    purpose: Word
    platform: Line
    need: Prose
    path: Line
    basis: Annotated[tuple[Line, ...], Field(max_length=20)] = ()
    starts_on: date
    ends_on: date
    officer: Word
    rests_on: Word
    claim: Prose = ""
    consented_by: Word = ""
    consented_on: date | None = None
    consent_terms: Prose = ""
    proposed_by: Word
    proposed_on: date
    approved_by: Word = ""
    approved_on: date | None = None
    seconded_by: Word = ""
    seconded_on: date | None = None
    camera_count: Count
    cameras: Annotated[tuple[ConnectionPoint, ...], Field(max_length=300)] = ()
