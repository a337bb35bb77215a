"""What readers see: lists by filter, one record beside its sealed bytes, the trail of a thing."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from portal.audit.models import AuditCheckpoint, AuditEntry, AuditStage
from portal.audit.rules.canonical import NotCanonical, utc_text
from portal.audit.rules.entry import StagedEvent, body_bytes
from portal.audit.values import LogFilter
from portal.core.clock import CITY_TZ
from portal.core.errors import NotFound
from portal.core.paging import PAGE_SIZE, Page, capped_count, encode_cursor, place_in


@dataclass(frozen=True)
class LogRow:
    """A record with its place in the sealed log; `seq` is None while it waits for the sealer."""

    record: AuditStage
    seq: int | None


@dataclass(frozen=True, kw_only=True)
class LogDetail:
    """One record, its sealed form, and whether the two say the same."""

    record: AuditStage
    seq: int | None
    body: bytes | None
    leaf: bytes | None
    chain: bytes | None
    checkpoint: AuditCheckpoint | None
    agrees: bool


def page_of(session: Session, wanted: LogFilter, *, after: str | None = None, size: int = PAGE_SIZE) -> Page[LogRow]:
    """One page, newest act first. Raises Invalid for a cursor from elsewhere."""
    matching = select(AuditStage).where(*_conditions(wanted))
    total, capped = capped_count(session, matching)
    if after:
        matching = matching.where(tuple_(AuditStage.at, AuditStage.id) < place_in(after, datetime.fromisoformat, UUID))
    statement = _with_seq(matching).order_by(AuditStage.at.desc(), AuditStage.id.desc()).limit(size + 1)
    rows = [LogRow(record, seq) for record, seq in session.execute(statement)]
    cursor = None
    if len(rows) > size:
        last = rows[size - 1].record
        cursor = encode_cursor([utc_text(last.at), str(last.id)])
    return Page(items=rows[:size], next_cursor=cursor, total=total, total_capped=capped)


def trail_for(session: Session, *, kind: str, subject_id: UUID | str, limit: int = 50) -> Sequence[AuditStage]:
    """What happened to a thing, newest first, as far as the session's scope reaches: the timeline of a detail page."""
    return session.scalars(
        select(AuditStage)
        .where(AuditStage.subject_id == str(subject_id), AuditStage.subject_kind == kind)
        .order_by(AuditStage.at.desc(), AuditStage.id.desc())
        .limit(limit)
    ).all()


def detail_of(session: Session, record_id: UUID) -> LogDetail:
    """One record. Raises NotFound."""
    record = session.get(AuditStage, record_id)
    if record is None:
        raise NotFound
    entry = session.scalars(select(AuditEntry).where(AuditEntry.stage_id == record_id)).one_or_none()
    if entry is None:
        return LogDetail(record=record, seq=None, body=None, leaf=None, chain=None, checkpoint=None, agrees=True)
    checkpoint = session.scalars(
        select(AuditCheckpoint).where(AuditCheckpoint.size >= entry.seq).order_by(AuditCheckpoint.size).limit(1)
    ).one_or_none()
    return LogDetail(
        record=record,
        seq=entry.seq,
        body=entry.body,
        leaf=entry.leaf,
        chain=entry.chain,
        checkpoint=checkpoint,
        agrees=_agrees(session, record, entry),
    )


def signed_size(session: Session) -> int:
    """How far the newest checkpoint reaches."""
    return session.scalar(select(func.max(AuditCheckpoint.size))) or 0


def _agrees(session: Session, record: AuditStage, entry: AuditEntry) -> bool:
    """Whether the readable row still is what was sealed; a page must not show a forged row without saying so."""
    staged = StagedEvent(**{name: getattr(record, name) for name in StagedEvent._fields})
    previous = session.scalar(select(AuditEntry.chain).where(AuditEntry.seq == entry.seq - 1)) or bytes(32)
    try:
        sealed_at = str(json.loads(entry.body or b"")["sealed_at"])
        body = body_bytes(staged, seq=entry.seq, previous=previous, sealed_at=sealed_at)
    except (NotCanonical, ValueError, KeyError, TypeError):
        return False
    return body == entry.body


def _with_seq(statement: Select[AuditStage]) -> Select[Any]:
    return statement.outerjoin(AuditEntry, AuditEntry.stage_id == AuditStage.id).add_columns(AuditEntry.seq)


def _conditions(wanted: LogFilter) -> list[Any]:
    equal = {
        AuditStage.actor_person: wanted.person_id,
        AuditStage.actor_name: wanted.person_name,
        AuditStage.tag: wanted.tag,
        AuditStage.subject_kind: wanted.subject_kind,
        AuditStage.unit_id: wanted.unit_id,
        AuditStage.district: wanted.district,
    }
    found: list[Any] = [column == value for column, value in equal.items() if value]
    if wanted.outcome is not None:
        # Said twice so that the small index over what is not `ok` serves it.
        found.append(and_(AuditStage.outcome == str(wanted.outcome), *_not_ok(wanted)))
    if wanted.subject:
        found.append(
            or_(
                AuditStage.subject_id == wanted.subject,
                AuditStage.subject_label.contains(wanted.subject, autoescape=True),
            )
        )
    if wanted.first_day is not None:
        found.append(AuditStage.at >= _start(wanted.first_day))
    if wanted.last_day is not None:
        found.append(AuditStage.at < _start(wanted.last_day + timedelta(days=1)))
    return found


def _not_ok(wanted: LogFilter) -> list[Any]:
    return [AuditStage.outcome != "ok"] if wanted.outcome != "ok" else []


def _start(day: date) -> datetime:
    return datetime.combine(day, time.min, CITY_TZ).astimezone(UTC)
