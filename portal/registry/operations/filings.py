"""The life of a filing: opened, submitted, returned, accepted, withdrawn."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from portal.accounts.models import Organ
from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity
from portal.core.clock import city_day
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, NotFound, Problem
from portal.core.lifecycle import unchanged
from portal.core.outbox import TaskName, enqueue
from portal.registry import values
from portal.registry.models import Camera, Filing, FilingNumber, FilingRevision, System
from portal.registry.operations.changes import settle_changes
from portal.registry.operations.clocks import end_clocks, settle_clocks, take_running_clock
from portal.registry.operations.frozen import frozen_content
from portal.registry.operations.premises import premises_shortfalls
from portal.registry.operations.recording import about, note
from portal.registry.operations.reviews import look_over_system, must_be_settled, point_facts
from portal.registry.operations.routing import is_competent, send_where_it_belongs
from portal.registry.operations.using import follow_declared_use
from portal.registry.queries import filing_scope, lock_filing, lock_system, standing_filing, system_scope
from portal.registry.queries.archive import held_of
from portal.registry.rules import (
    filing_deadline,
    kind_of,
    national_problem,
    rules_for,
    shortfalls,
    tidy_national,
    working_of,
)
from portal.registry.rules.archive import DESCRIBED, archive_gaps, contact_shortfalls
from portal.registry.states import STANDING, CameraStatus, FilingAction, FilingStatus, next_filing_status
from portal.registry.values import DECLARATION_VERSION, ClockKind, FilingKind, Handler, Shortfall
from portal.registry.values.zones import ReviewSource
from portal.regulation.calendar import WorkCalendar


class FilingIncomplete(Invalid):
    """A filing that cannot be submitted yet; `shortfalls` says what is missing and which text asks for it."""

    def __init__(self, missing: list[Shortfall]) -> None:
        super().__init__([Problem(item.where, item.code, item.data) for item in missing])
        self.shortfalls = missing


def open_filing(
    session: Session,
    *,
    actor: Identity,
    system_id: UUID,
    kind: FilingKind | None = None,
    handled_by: Handler = Handler.AGENT,
    calendar: WorkCalendar,
    now: datetime,
) -> Filing:
    """Begin a filing of a system. Its kind follows from the rules and from what is filed already; its competent organ and
    its due day, with the working of both, are settled here and again at submission."""
    system = lock_system(session, system_id)
    require(actor, Permission.FILING_DRAFT, system_scope(system), read=Permission.SYSTEM_READ)
    if _open_filing_of(session, system.id) is not None:
        raise IllegalTransition("filing_open")
    rules = rules_for(system.unit, system, on=city_day(now))
    standing = standing_filing(session, system.id)
    filing = Filing(
        system_id=system.id,
        unit_id=system.unit_id,
        kind=kind or kind_of(rules, standing=standing is not None),
        handled_by=handled_by,
        previous_id=standing.id if standing else None,
        status=FilingStatus.DRAFT,
        created_at=now,
    )
    send_where_it_belongs(session, filing, system, rules, now=now)
    set_deadline(filing, system, calendar=calendar, now=now)
    take_running_clock(session, filing)
    session.add(filing)
    session.flush()
    note(session, actor, values.FILING_OPENED, about(filing, system.name), filing, now=now)
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


def missing_of(session: Session, system: System, *, handled_by: str = Handler.AGENT, now: datetime) -> list[Shortfall]:
    """What the system's filing lacks today."""
    return lacks_of(session, system, handled_by=handled_by, now=now)[0]


def gaps_of(session: Session, system: System, *, now: datetime) -> list[Shortfall]:
    """What the system's archive lacks today, beside what its filing asks for."""
    return lacks_of(session, system, now=now)[1]


def lacks_of(
    session: Session, system: System, *, handled_by: str = Handler.AGENT, now: datetime
) -> tuple[list[Shortfall], list[Shortfall]]:
    """What the filing lacks, and what the archive lacks besides, out of one look at what is held."""
    empty = [func.coalesce(func.btrim(getattr(Camera, name)), "") == "" for name in DESCRIBED]
    cameras, incomplete, undescribed = session.execute(
        select(
            func.count(),
            func.count().filter((Camera.azimuth.is_(None)) | (Camera.zone.is_(None))),
            func.count().filter(or_(*empty)),
        ).where(Camera.system_id == system.id, Camera.status != CameraStatus.DISMANTLED)
    ).one()
    today = city_day(now)
    points = point_facts(session, system.id)
    facts = {"handled_by": str(handled_by), **({"near_secret_unit": "yes"} if points.consent_asked else {})}
    rules = rules_for(system.unit, system, on=today, facts=facts)
    held = held_of(session, system, on=today)
    found = shortfalls(rules, system=system, cameras=cameras, uncovered=incomplete, documents=held.slots, on=today)
    premises = premises_shortfalls(session, system, rules, points)
    return [*found, *contact_shortfalls(rules, held), *premises], archive_gaps(
        rules, system=system, held=held, undescribed=undescribed
    )


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
    unchanged(filing, seen_version)
    system = lock_system(session, filing.system_id)
    status = next_filing_status(FilingStatus(filing.status), FilingAction.SUBMIT)
    follow_declared_use(session, [system], actor=actor, now=now)
    look_over_system(session, system, actor=actor.actor, source=ReviewSource.FILING, now=now)
    blocking = [item for item in missing_of(session, system, handled_by=filing.handled_by, now=now) if item.blocking]
    if blocking:
        raise FilingIncomplete(blocking)
    if not declared_by.strip():
        raise Invalid([Problem("declared_by", "required")])
    filing.status, filing.submitted_at, filing.declared_by = status, now, declared_by.strip()
    filing.declaration = DECLARATION_VERSION
    send_where_it_belongs(session, filing, system, rules_for(system.unit, system, on=city_day(now)), now=now)
    filing.revision += 1
    filing.field_comments = {}
    set_deadline(filing, system, calendar=calendar, now=now)
    take_running_clock(session, filing)
    if filing.revision == 1 and filing.due_on is not None:
        # Late is late on the day it was first handed in: what a correction takes does not count against the unit.
        filing.late_days = max(0, (city_day(now) - filing.due_on).days)
    session.flush()
    _freeze(session, actor, filing, system, now=now)
    settle_clocks(session, [system], calendar=calendar, now=now)
    note(session, actor, values.FILING_SUBMITTED, about(filing, system.name), filing, now=now)
    return filing


def _freeze(session: Session, actor: Identity, filing: Filing, system: System, *, now: datetime) -> None:
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
    session.flush()
    settle_clocks(session, [lock_system(session, filing.system_id)], calendar=WorkCalendar(), now=now)
    note(session, actor, values.FILING_RETURNED, about(filing, filing.system.name), filing, reason=reason, now=now)
    _tell_unit(session, filing)
    return filing


def accept_filing(
    session: Session, *, actor: Identity, filing_id: UUID, seen_version: int, national_number: str, now: datetime
) -> Filing:
    """Accept a filing: it takes its number; an earlier accepted one of the system is superseded.

    Raises IllegalTransition while a point of the system waits for its review, Invalid at a national number that is none.
    """
    filing, status = _decided(session, actor, filing_id, seen_version, FilingAction.ACCEPT)
    national = tidy_national(national_number)
    if national and (problem := national_problem(national)):
        raise Invalid([problem])
    must_be_settled(session, filing.system, actor=actor.actor, now=now)
    number = ""
    for earlier in session.scalars(
        select(Filing)
        .where(Filing.system_id == filing.system_id, Filing.status.in_(STANDING), Filing.id != filing.id)
        .order_by(Filing.id)
        .with_for_update()
    ):
        earlier.status = next_filing_status(FilingStatus(earlier.status), FilingAction.SUPERSEDE)
        if earlier.organ_id == filing.organ_id and earlier.number:
            number, filing.edition = earlier.number, earlier.edition + 1
    # A changed filing keeps the number of its record, with a mark for each change.
    new = next_number(session, filing.organ_id, now=now) if not number else f"{record_number(number)}-{filing.edition}"
    filing.status, filing.number = status, new
    filing.national_number = national or None
    filing.receipt_code = secrets.token_hex(6).upper()
    filing.decided_at, filing.decision_reason, filing.decided_by_name = now, "", actor.name[:40]
    session.flush()
    settle_clocks(session, [lock_system(session, filing.system_id)], calendar=WorkCalendar(), now=now)
    handed_in = filing.submitted_at or now
    end_clocks(session, filing.system_id, (ClockKind.CORRECTION,), on=city_day(handed_in))
    settle_changes(session, filing.system, submitted_at=handed_in, now=now)
    note(session, actor, values.FILING_ACCEPTED, about(filing, filing.system.name), filing, now=now)
    _tell_unit(session, filing)
    return filing


def record_number(number: str) -> str:
    """The number of the record without the mark of a change."""
    return "-".join(number.split("-")[:3])


def withdraw_filing(session: Session, *, actor: Identity, filing_id: UUID, reason: str, now: datetime) -> Filing:
    """Take a filing back before it is decided."""
    filing = lock_filing(session, filing_id)
    require(actor, Permission.FILING_DRAFT, filing_scope(filing), read=Permission.FILING_READ)
    filing.status = next_filing_status(FilingStatus(filing.status), FilingAction.WITHDRAW)
    filing.decision_reason = reason.strip()
    session.flush()
    settle_clocks(session, [lock_system(session, filing.system_id)], calendar=WorkCalendar(), now=now)
    if standing_filing(session, filing.system_id) is None and filing.kind != FilingKind.MOVE:
        # Nothing is filed any more whose change could be reported.
        end_clocks(session, filing.system_id, (ClockKind.CHANGE,), on=city_day(now))
    note(session, actor, values.FILING_WITHDRAWN, about(filing, filing.system.name), filing, reason=reason, now=now)
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
    if not is_competent(session, actor, filing):
        raise NotAllowed("not_competent_organ")
    unchanged(filing, seen_version)
    return filing, next_filing_status(FilingStatus(filing.status), action)
