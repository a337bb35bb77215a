"""The papers of those who come are looked at by somebody of the unit, and that is written down (001 art. 13(2))."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.accounts.values import Identity
from portal.core.errors import NotAllowed
from portal.evidence.models import FootageRequest, IdentitySeen
from portal.evidence.operations.supplying import note
from portal.evidence.values.asks import IDENTITY_SEEN


def see_papers(
    session: Session, *, actor: Identity, request: FootageRequest, places: Iterable[int], now: datetime
) -> None:
    """Write down whose papers this person looked at; who looked first stays on record."""
    if actor.person_id is None or actor.person_id == request.requester_id:
        raise NotAllowed("evidence.own_papers")
    rows = [
        {
            "request_id": request.id,
            "place": place,
            "seen_by": actor.person_id,
            "seen_name": actor.name,
            "seen_at": now,
        }
        for place in sorted(set(places))
    ]
    if not rows:
        return
    session.flush()
    added = session.scalars(
        insert(IdentitySeen).values(rows).on_conflict_do_nothing().returning(IdentitySeen.place)
    ).all()
    names = "、".join(officer.name for officer in request.officers if officer.place in added)
    if names:
        note(session, actor, request, IDENTITY_SEEN, now=now, people=names)
