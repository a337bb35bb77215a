"""The ticket for a change of parameters or a permission."""

from typing import ClassVar

from portal.papers.values.parts import FormKey, Line, Moment, Paper, Prose, Word


class TicketPaper(Paper):
    """技术参数变更、作业许可单: what is asked for, who decided, who carried it out and signed, who verified."""

    form: ClassVar[FormKey] = FormKey.WORK_TICKET
    number: Word
    unit: Line
    status: Word
    kind: Word
    device: Line
    what: Line
    old_value: Line = ""
    new_value: Line = ""
    reason: Prose
    starts_at: Moment
    ends_at: Moment
    asked_by: Word
    asked_at: Moment
    decided_by: Word = ""
    decided_at: Moment | None = None
    decision: Prose = ""
    settled_by: Word = ""
    settled_at: Moment | None = None
    settlement: Prose = ""
    signer: Line = ""
    entitled: Line = ""
    done_by: Word = ""
    done_at: Moment | None = None
    done_note: Prose = ""
    verified_by: Word = ""
    verified_at: Moment | None = None
    verification: Prose = ""
