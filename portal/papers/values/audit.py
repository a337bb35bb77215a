"""The audit log on paper: the daily code that a second party keeps."""

from typing import Annotated, ClassVar

from pydantic import Field

from portal.papers.values.parts import BLANK_LINE, Count, FormKey, Line, Moment, Paper, SignLine, Word


class AuditCertificate(Paper):
    """审计日志封存证明: size and root of the log at a moment, and the words to compare by voice."""

    form: ClassVar[FormKey] = FormKey.AUDIT_CERTIFICATE
    origin: Line
    organ: Line
    size: Annotated[int, Field(ge=0)]
    root: Annotated[str, Field(pattern=r"^[0-9A-Za-z+/=]{16,128}$")]
    sealed_at: Moment
    previous_size: Annotated[int, Field(ge=0)] | None = None
    previous_root: Annotated[str, Field(pattern=r"^[0-9A-Za-z+/=]{16,128}$")] | None = None
    key_name: Word
    key_fingerprint: Annotated[str, Field(max_length=128, pattern=r"^[0-9A-Za-z:+/=-]+$")]
    signature: Annotated[str, Field(max_length=400, pattern=r"^[0-9A-Za-z+/=]+$")]
    words: Annotated[tuple[Word, ...], Field(max_length=24)] = ()
    events_by_kind: Annotated[tuple[tuple[Word, Count], ...], Field(max_length=20)] = ()
    verified: bool
    keeper: SignLine = BLANK_LINE
