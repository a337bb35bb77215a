"""Leave to destroy: what must not be deleted at will is deleted on a granted ticket only (RET-04).

The unit's books hold the tickets, and footage is destroyed elsewhere; neither knows the other. Whoever holds the
tickets offers a function here when it is imported; whoever destroys asks. As long as nobody offers one, nothing that
needs a ticket is destroyed.
"""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session


class TakesTicket(Protocol):
    """Whether a granted, unspent ticket of this number covers this one thing of the unit; if so it is spent with it.

    Runs in the transaction of the destruction, so that a ticket is spent if and only if the thing is gone.
    """

    def __call__(
        self, session: Session, *, unit_id: UUID, number: str, subject_kind: str, subject_id: UUID, now: datetime
    ) -> bool: ...


_offered: list[TakesTicket] = []


def offer_tickets(holder: TakesTicket) -> TakesTicket:
    """Let destructions ask this holder of tickets; usable as a decorator."""
    _offered[:] = [holder]
    return holder


def spend_ticket(
    session: Session, *, unit_id: UUID, number: str, subject_kind: str, subject_id: UUID, now: datetime
) -> bool:
    """Whether the thing may be destroyed on this ticket, which is then spent."""
    asked = number.strip()
    if not asked or not _offered:
        return False
    return _offered[0](
        session, unit_id=unit_id, number=asked, subject_kind=subject_kind, subject_id=subject_id, now=now
    )
