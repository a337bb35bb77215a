"""The data of every paper, checked before a line is set, so that a caller learns of a gap by its field's name."""

from portal.papers.values.audit import AuditCertificate
from portal.papers.values.connections import ConnectionPaper, ConnectionPoint
from portal.papers.values.equipment import BookedDeed, EquipmentUsePaper, Obstructed
from portal.papers.values.evidence import (
    ColumnAlign,
    CourtPackage,
    Exhibit,
    HandedFile,
    HandoverReceipt,
    Ledger,
    LedgerColumn,
    PackageSection,
    RetrievalList,
    RetrievalReceipt,
    ViewingApproval,
    ViewingDecision,
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
    shortened,
)
from portal.papers.values.school import SchoolApplication, SchoolScores, ScoredGroup, ScoredItem
from portal.papers.values.upkeep import TicketPaper

PAPERS: dict[FormKey, type[Paper]] = {
    kind.form: kind
    for kind in (
        AcceptanceCertificate,
        AcceptanceConclusion,
        AuditCertificate,
        BasicInformation,
        CourtPackage,
        ConnectionPaper,
        EquipmentUsePaper,
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
        TicketPaper,
        ViewingApproval,
        ViewingDecision,
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
    "BookedDeed",
    "CheckedItem",
    "ColumnAlign",
    "ConnectionPaper",
    "ConnectionPoint",
    "CourtPackage",
    "EquipmentUsePaper",
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
    "Obstructed",
    "Officer",
    "OfficialKind",
    "OfficialPaper",
    "OrderToInstall",
    "PackageSection",
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
    "TicketPaper",
    "Verify",
    "ViewingApproval",
    "ViewingDecision",
    "ViewingRecord",
    "ViewingSlip",
    "shortened",
]
