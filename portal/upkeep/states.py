"""The lives of what stands in the books: a password's custody, and a change or a permission asked for by ticket."""

from collections.abc import Mapping
from enum import StrEnum

from portal.core.lifecycle import follow


class CustodyStatus(StrEnum):
    """Where the keeping of a password stands."""

    HELD = "held"
    OFFERED = "offered"
    ENDED = "ended"


class CustodyAction(StrEnum):
    """What moves it. A hand-over is two acts by two people: one gives, the other takes."""

    ROTATE = "rotate"
    OFFER = "offer"
    TAKE = "take"
    RECALL = "recall"
    END = "end"


CUSTODY_TRANSITIONS: Mapping[tuple[CustodyStatus, CustodyAction], CustodyStatus] = {
    (CustodyStatus.HELD, CustodyAction.ROTATE): CustodyStatus.HELD,
    (CustodyStatus.HELD, CustodyAction.OFFER): CustodyStatus.OFFERED,
    (CustodyStatus.HELD, CustodyAction.END): CustodyStatus.ENDED,
    (CustodyStatus.OFFERED, CustodyAction.TAKE): CustodyStatus.HELD,
    (CustodyStatus.OFFERED, CustodyAction.RECALL): CustodyStatus.HELD,
}
# Still a password that somebody keeps.
KEPT = frozenset({CustodyStatus.HELD, CustodyStatus.OFFERED})


class TicketStatus(StrEnum):
    """Where a ticket stands."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    DISPUTED = "disputed"
    SETTLED = "settled"
    DONE = "done"
    VERIFIED = "verified"
    WITHDRAWN = "withdrawn"


class TicketAction(StrEnum):
    """What moves it."""

    APPROVE = "approve"
    REFUSE = "refuse"
    DISPUTE = "dispute"
    UPHOLD = "uphold"
    OVERRULE = "overrule"
    DO = "do"
    VERIFY = "verify"
    WITHDRAW = "withdraw"


_T, _D = TicketStatus, TicketAction
TICKET_TRANSITIONS: Mapping[tuple[TicketStatus, TicketAction], TicketStatus] = {
    (_T.ASKED, _D.APPROVE): _T.APPROVED,
    (_T.ASKED, _D.REFUSE): _T.REFUSED,
    (_T.ASKED, _D.WITHDRAW): _T.WITHDRAWN,
    # Whoever asked may take a refusal to the unit's highest authority, whose word is the last (001 art. 8).
    (_T.REFUSED, _D.DISPUTE): _T.DISPUTED,
    (_T.DISPUTED, _D.UPHOLD): _T.SETTLED,
    (_T.DISPUTED, _D.OVERRULE): _T.APPROVED,
    (_T.APPROVED, _D.DO): _T.DONE,
    (_T.APPROVED, _D.WITHDRAW): _T.WITHDRAWN,
    (_T.DONE, _D.VERIFY): _T.VERIFIED,
}

# Still to be decided, and the acts that allow it: neither is possible once its hours are past.
UNDECIDED = frozenset({_T.ASKED, _T.DISPUTED})
ALLOWING = frozenset({_D.APPROVE, _D.OVERRULE})


def next_custody_status(status: CustodyStatus, action: CustodyAction) -> CustodyStatus:
    """The status after an action. Raises IllegalTransition where the table has none."""
    return follow(CUSTODY_TRANSITIONS, status, action, of="upkeep.custody")


def next_ticket_status(status: TicketStatus, action: TicketAction) -> TicketStatus:
    """The status after an action. Raises IllegalTransition where the table has none."""
    return follow(TICKET_TRANSITIONS, status, action, of="upkeep.ticket")
