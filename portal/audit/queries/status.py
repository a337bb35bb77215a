"""How the log stands: what waits, what is signed, what the places outside hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.audit.queries.outside import Place
from portal.audit.rules.checkpoint import Checkpoint, VerifierKey

LATE = timedelta(seconds=90)
COUNT_CAP = 1000


@dataclass(frozen=True)
class PlaceStatus:
    """One place outside: its newest checkpoint, or why it cannot be read."""

    name: str
    checkpoint: Checkpoint | None
    leaves: int
    readable: bool


@dataclass(frozen=True, kw_only=True)
class LogStatus:
    """How the log stands at a moment."""

    size: int
    signed: int
    signed_at: datetime | None
    waiting: int
    waiting_capped: bool
    oldest_waiting: datetime | None
    places: Sequence[PlaceStatus]

    def is_late(self, now: datetime) -> bool:
        """Whether the sealer has fallen behind, or a place outside does not hold the newest checkpoint."""
        behind = self.oldest_waiting is not None and now - self.oldest_waiting > LATE
        missing = any(not place.readable or _size(place) < self.signed for place in self.places)
        return behind or missing


def _size(place: PlaceStatus) -> int:
    return place.checkpoint.size if place.checkpoint else 0


# The newest rows are the ones that can be unsealed; looking further back than this many would read the whole log.
_WAITING = text(
    "select count(*) as waiting, min(to_timestamp(('x' || substr(replace(id::text, '-', ''), 1, 12))::bit(48)::bigint "
    "/ 1000.0)) as oldest from (select s.id from audit_stage s where s.txid >= coalesce(("
    "  select max(t.txid) - 20000 from audit_entry e join audit_stage t on t.id = e.stage_id "
    "  where e.seq > (select max(seq) - 100 from audit_entry)), 0) "
    "and not exists (select from audit_entry e where e.stage_id = s.id) limit :cap) w"
)
_SIGNED = text("select size, at from audit_checkpoint order by size desc limit 1")


def status_of(session: Session, places: Sequence[Place], key: VerifierKey) -> LogStatus:
    """The present state, with a fixed number of queries."""
    size = session.scalar(text("select coalesce(max(seq), 0) from audit_entry")) or 0
    waiting = session.execute(_WAITING, {"cap": COUNT_CAP}).one()
    signed = session.execute(_SIGNED).one_or_none()
    return LogStatus(
        size=size,
        signed=signed.size if signed else 0,
        signed_at=signed.at if signed else None,
        waiting=waiting.waiting,
        waiting_capped=waiting.waiting >= COUNT_CAP,
        oldest_waiting=waiting.oldest,
        places=[_place_status(place, key) for place in places],
    )


def _place_status(place: Place, key: VerifierKey) -> PlaceStatus:
    try:
        return PlaceStatus(place.name, place.newest(key), place.leaf_count(), place.directory.is_dir())
    except OSError:
        return PlaceStatus(place.name, None, 0, False)
