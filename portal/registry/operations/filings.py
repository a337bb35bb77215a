"""The life of a filing: opened, submitted, returned, accepted, withdrawn."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.accounts.models import Organ
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import SubjectRef
from portal.core.clock import city_day
from portal.core.errors import IllegalTransition, Invalid, NotFound, Problem, Stale
from portal.core.geometry import lonlat
from portal.core.outbox import TaskName, enqueue
from portal.registry import values
from portal.registry.models import Camera, Document, Filing, FilingNumber, FilingRevision, System
from portal.registry.queries import filing_scope, lock_filing, lock_system, system_scope
from portal.registry.queries.archive import held_of
from portal.registry.rules import FILED, filing_deadline, rules_for, shortfalls, working_of
from portal.registry.rules.archive import archive_gaps, contact_shortfalls
from portal.registry.rules.parties import holders
from portal.registry.states import FilingAction, FilingStatus, next_filing_status
from portal.registry.values import FilingKind, Shortfall
from portal.regulation.calendar import WorkCalendar


class FilingIncomplete(Invalid):
    """A filing that cannot be submitted yet; `shortfalls` says what is missing and which text asks for it."""

    def __init__(self, missing: list[Shortfall]) -> None:
        super().__init__([Problem(item.where, item.code, item.data) for item in missing])
        self.shortfalls = missing


def open_filing(
    session: Session, *, actor: Identity, system_id: UUID, kind: FilingKind, calendar: WorkCalendar, now: datetime
) -> Filing:
    """Begin a filing of a system. Its competent organ and its due day, with the working, are settled here."""
    system = lock_system(session, system_id)
    require(actor, Permission.FILING_DRAFT, system_scope(system), read=Permission.SYSTEM_READ)
    if _open_filing_of(session, system.id) is not None:
        raise IllegalTransition("filing_open")
    filing = Filing(
        system_id=system.id,
        unit_id=system.unit_id,
        district=system.district,
        organ_id=system.organ_id,
        kind=kind,
        status=FilingStatus.DRAFT,
        created_at=now,
    )
    set_deadline(filing, system, calendar=calendar, now=now)
    session.add(filing)
    session.flush()
    _record(session, actor, values.FILING_OPENED, filing, system, now=now)
    return filing


def set_deadline(filing: Filing, system: System, *, calendar: WorkCalendar, now: datetime) -> None:
    """Work out when the filing is due under the rules of today, and keep how."""
    counted = filing_deadline(
        rules_for(system.unit, system, on=city_day(now)),
        kind=FilingKind(filing.kind),
        changed_on=city_day(system.updated_at),
        calendar=calendar,
    )
    filing.due_on = counted.due if counted else None
    filing.due_why = working_of(counted)


def missing_of(session: Session, system: System, *, now: datetime) -> list[Shortfall]:
    """What the system's filing lacks today."""
    return lacks_of(session, system, now=now)[0]


def gaps_of(session: Session, system: System, *, now: datetime) -> list[Shortfall]:
    """What the system's archive lacks today, beside what its filing asks for."""
    return lacks_of(session, system, now=now)[1]


def lacks_of(session: Session, system: System, *, now: datetime) -> tuple[list[Shortfall], list[Shortfall]]:
    """What the filing lacks, and what the archive lacks besides, out of one look at what is held."""
    cameras, incomplete = session.execute(
        select(func.count(), func.count().filter((Camera.azimuth.is_(None)) | (Camera.zone.is_(None)))).where(
            Camera.system_id == system.id
        )
    ).one()
    today = city_day(now)
    rules, held = rules_for(system.unit, system, on=today), held_of(session, system, on=today)
    found = shortfalls(rules, system=system, cameras=cameras, uncovered=incomplete, documents=held.slots, on=today)
    return [*found, *contact_shortfalls(rules, held)], archive_gaps(rules, system=system, held=held)


def submit_filing(
    session: Session,
    *,
    actor: Identity,
    filing_id: UUID,
    seen_version: int,
    declared_by: str,
    calendar: WorkCalendar,
    now: datetime,
) -> Filing:
    """Hand a filing to the competent organ: the whole content is frozen with its digest.

    Raises FilingIncomplete with every shortfall that blocks, Stale when it changed after it was read.
    """
    filing = lock_filing(session, filing_id)
    require(actor, Permission.FILING_SUBMIT, filing_scope(filing), read=Permission.FILING_READ)
    if filing.version != seen_version:
        raise Stale("changed_meanwhile")
    system = lock_system(session, filing.system_id)
    status = next_filing_status(FilingStatus(filing.status), FilingAction.SUBMIT)
    blocking = [item for item in missing_of(session, system, now=now) if item.blocking]
    if blocking:
        raise FilingIncomplete(blocking)
    if not declared_by.strip():
        raise Invalid([Problem("declared_by", "required")])
    filing.status, filing.submitted_at, filing.declared_by = status, now, declared_by.strip()
    filing.district, filing.organ_id = system.district, system.organ_id
    filing.revision += 1
    filing.field_comments = {}
    set_deadline(filing, system, calendar=calendar, now=now)
    session.flush()
    content = frozen_content(session, filing, system)
    session.add(
        FilingRevision(
            filing_id=filing.id,
            unit_id=filing.unit_id,
            district=filing.district,
            revision=filing.revision,
            content=content,
            digest=hashlib.sha256(content.encode()).hexdigest(),
            submitted_by=actor.person_id,
            submitted_at=now,
        )
    )
    _record(session, actor, values.FILING_SUBMITTED, filing, system, now=now)
    return filing


def return_filing(
    session: Session,
    *,
    actor: Identity,
    filing_id: UUID,
    seen_version: int,
    reason: str,
    field_comments: Mapping[str, str],
    now: datetime,
) -> Filing:
    """Send a filing back for correction, with the reason and a comment at each field concerned."""
    filing, status = _decided(session, actor, filing_id, seen_version, FilingAction.RETURN)
    if not reason.strip():
        raise Invalid([Problem("reason", "required")])
    filing.status = status
    filing.decision_reason, filing.decided_at, filing.decided_by_name = reason.strip(), now, actor.name[:40]
    filing.field_comments = {name: text.strip() for name, text in field_comments.items() if text.strip()}
    _record(session, actor, values.FILING_RETURNED, filing, filing.system, reason=reason, now=now)
    _tell_unit(session, filing)
    return filing


def accept_filing(
    session: Session, *, actor: Identity, filing_id: UUID, seen_version: int, national_number: str, now: datetime
) -> Filing:
    """Accept a filing: it takes its number; an earlier accepted one of the system is superseded."""
    filing, status = _decided(session, actor, filing_id, seen_version, FilingAction.ACCEPT)
    for earlier in session.scalars(
        select(Filing)
        .where(Filing.system_id == filing.system_id, Filing.status == FilingStatus.ACCEPTED, Filing.id != filing.id)
        .with_for_update()
    ):
        earlier.status = next_filing_status(FilingStatus.ACCEPTED, FilingAction.SUPERSEDE)
    filing.status, filing.number = status, next_number(session, filing.organ_id, now=now)
    filing.national_number = national_number.strip() or None
    filing.receipt_code = secrets.token_hex(6).upper()
    filing.decided_at, filing.decision_reason, filing.decided_by_name = now, "", actor.name[:40]
    session.flush()
    _record(session, actor, values.FILING_ACCEPTED, filing, filing.system, now=now)
    _tell_unit(session, filing)
    return filing


def withdraw_filing(session: Session, *, actor: Identity, filing_id: UUID, reason: str, now: datetime) -> Filing:
    """Take a filing back before it is decided."""
    filing = lock_filing(session, filing_id)
    require(actor, Permission.FILING_DRAFT, filing_scope(filing), read=Permission.FILING_READ)
    filing.status = next_filing_status(FilingStatus(filing.status), FilingAction.WITHDRAW)
    filing.decision_reason = reason.strip()
    _record(session, actor, values.FILING_WITHDRAWN, filing, filing.system, reason=reason or None, now=now)
    return filing


def next_number(session: Session, organ_id: UUID, *, now: datetime) -> str:
    """The organ's next filing number of the year, `<organ code 6>-<year>-<six digits>`, without gaps."""
    year = city_day(now).year
    statement = insert(FilingNumber).values(organ_id=organ_id, year=year, last=1)
    last = session.execute(
        statement.on_conflict_do_update(
            index_elements=["organ_id", "year"], set_={"last": FilingNumber.last + 1}
        ).returning(FilingNumber.last)
    ).scalar_one()
    code = session.scalar(select(Organ.code).where(Organ.id == organ_id))
    if code is None:
        raise NotFound()
    return f"{code[:6]}-{year}-{last:06d}"


def frozen_content(session: Session, filing: Filing, system: System) -> str:
    """What is submitted, whole, as canonical JSON: unit, system, parties, every camera, every paper's digest."""
    cameras = session.scalars(select(Camera).where(Camera.system_id == system.id).order_by(Camera.id)).all()
    documents = session.scalars(
        select(Document).where(Document.system_id == system.id).order_by(Document.slot, Document.version_no)
    ).all()
    unit, present = system.unit, holders(system.parties, on=city_day(filing.submitted_at or system.updated_at))
    content: dict[str, Any] = {
        "filing": {"id": str(filing.id), "kind": filing.kind, "revision": filing.revision},
        "declared_by": filing.declared_by,
        "unit": {
            "id": str(unit.id),
            "name": unit.name,
            "uscc": unit.uscc,
            "unit_type": unit.unit_type,
            "district": unit.district,
            "address": unit.address,
            "principal_name": unit.principal_name,
            "contact_name": unit.contact_name,
        },
        "system": _row(
            system,
            (
                "name",
                "kind",
                "regime",
                "purpose",
                "address",
                "district",
                "retention_days",
                "software",
                "records_audio",
                "has_analytics",
            ),
        )
        | {"in_use_on": system.in_use_on and system.in_use_on.isoformat(), "storage_kind": system.storage_kind},
        "parties": {role: party.name for role, party in present.items()},
        "cameras": [
            _row(camera, (*FILED, "version"))
            | {"id": str(camera.id), "position": [f"{degrees:.7f}" for degrees in lonlat(camera.position)]}
            for camera in cameras
        ],
        "documents": [
            {"slot": row.slot, "version": row.version_no, "title": row.title, "file": str(row.stored_file_id)}
            for row in documents
        ],
    }
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _row(row: object, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _open_filing_of(session: Session, system_id: UUID) -> UUID | None:
    states = (FilingStatus.DRAFT, FilingStatus.SUBMITTED, FilingStatus.RETURNED)
    return session.scalar(select(Filing.id).where(Filing.system_id == system_id, Filing.status.in_(states)))


def _tell_unit(session: Session, filing: Filing) -> None:
    dedupe = f"{filing.status}:{filing.id}:{filing.revision}"
    enqueue(session, TaskName.REGISTRY_NOTIFY, dedupe=dedupe, filing_id=filing.id)


def _decided(
    session: Session, actor: Identity, filing_id: UUID, seen_version: int, action: FilingAction
) -> tuple[Filing, FilingStatus]:
    filing = lock_filing(session, filing_id)
    require(actor, Permission.FILING_DECIDE, filing_scope(filing), read=Permission.FILING_READ)
    if filing.version != seen_version:
        raise Stale("changed_meanwhile")
    return filing, next_filing_status(FilingStatus(filing.status), action)


def _record(
    session: Session,
    actor: Identity,
    tag: str,
    filing: Filing,
    system: System,
    *,
    reason: str | None = None,
    now: datetime,
) -> None:
    record(
        session,
        actor=actor.actor,
        tag=tag,
        subject=SubjectRef("filing", filing.id, system.name),
        unit_id=filing.unit_id,
        district=filing.district,
        reason=reason,
        now=now,
    )
