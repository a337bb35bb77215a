"""The data of every paper, checked before a line is set, so that a caller learns of a gap by its field's name."""

from portal.papers.values.audit import AuditCertificate
from portal.papers.values.evidence import (
    ColumnAlign,
    Exhibit,
    HandedFile,
    HandoverReceipt,
    Ledger,
    LedgerColumn,
    RetrievalList,
    RetrievalReceipt,
    ViewingApproval,
    ViewingRecord,
    ViewingSlip,
)
from portal.papers.values.filing import BasicInformation, FilingCertificate, FilingReceipt, PartyLine, Tally
from portal.papers.values.inspection import (
    AcceptanceCertificate,
    AcceptanceConclusion,
    CheckedItem,
    InspectionRecord,
    Officer,
    SealedLine,
)
from portal.papers.values.mandates import OrderToInstall
from portal.papers.values.measures import Attendant, InterviewMinutes, OfficialKind, OfficialPaper
from portal.papers.values.parts import (
    Act,
    FormKey,
    Grade,
    Paper,
    SignLine,
    SignState,
    Stamp,
    Verify,
)
from portal.papers.values.school import SchoolApplication, SchoolScores, ScoredGroup, ScoredItem

PAPERS: dict[FormKey, type[Paper]] = {
    kind.form: kind
    for kind in (
        AcceptanceCertificate,
        AcceptanceConclusion,
        AuditCertificate,
        BasicInformation,
        FilingCertificate,
        FilingReceipt,
        HandoverReceipt,
        InspectionRecord,
        InterviewMinutes,
        Ledger,
        OfficialPaper,
        OrderToInstall,
        RetrievalList,
        RetrievalReceipt,
        SchoolApplication,
        SchoolScores,
        ViewingApproval,
        ViewingRecord,
        ViewingSlip,
    )
}

__all__ = [
    "PAPERS",
    "AcceptanceCertificate",
    "AcceptanceConclusion",
    "Act",
    "Attendant",
    "AuditCertificate",
    "BasicInformation",
    "CheckedItem",
    "ColumnAlign",
    "Exhibit",
    "FilingCertificate",
    "FilingReceipt",
    "FormKey",
    "Grade",
    "HandedFile",
    "HandoverReceipt",
    "InspectionRecord",
    "InterviewMinutes",
    "Ledger",
    "LedgerColumn",
    "Officer",
    "OfficialKind",
    "OfficialPaper",
    "OrderToInstall",
    "Paper",
    "PartyLine",
    "RetrievalList",
    "RetrievalReceipt",
    "SchoolApplication",
    "SchoolScores",
    "ScoredGroup",
    "ScoredItem",
    "SealedLine",
    "SignLine",
    "SignState",
    "Stamp",
    "Tally",
    "Verify",
    "ViewingApproval",
    "ViewingRecord",
    "ViewingSlip",
]
