"""How probing itself is doing: a state is worth what the last round is worth."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core.services import services
from portal.reachability.models import ProbeRound
from portal.reachability.states import Lane, RoundStatus


@dataclass(frozen=True, slots=True)
class Pulse:
    """The last regular round that was believed, and whether the newest one was not."""

    last_at: datetime | None
    checked: int
    late: bool
    discarded: bool


def pulse(session: Session, *, now: datetime) -> Pulse:
    """The state of the regular rounds; late when two of them should have ended since the last that did."""
    ended = (
        select(ProbeRound)
        .where(ProbeRound.lane == Lane.LIVE, ProbeRound.status.in_((RoundStatus.SETTLED, RoundStatus.DISCARDED)))
        .order_by(ProbeRound.started_at.desc())
        .limit(5)
    )
    rounds = session.scalars(ended).all()
    believed = next((one for one in rounds if one.status == RoundStatus.SETTLED), None)
    if believed is None or believed.settled_at is None:
        return Pulse(None, 0, late=False, discarded=bool(rounds))
    late = now - believed.settled_at > 2 * services(session).probe_interval
    return Pulse(believed.settled_at, believed.checked, late=late, discarded=rounds[0].status == RoundStatus.DISCARDED)
