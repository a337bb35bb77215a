"""What becomes of a filing after it was accepted: confirmed, lapsed, suspended, cancelled, removed, its number noted."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.accounts.values import Identity, system_identity
from portal.audit.values import FieldChange
from portal.core.clock import city_day
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, Problem
from portal.core.lifecycle import unchanged
from portal.registry import values
from portal.registry.models import Filing, FilingClock, FilingConfirmation, System
from portal.registry.operations.clocks import end_clocks, settle_clocks
from portal.registry.operations.recording import about, note
from portal.registry.operations.routing import is_competent
from portal.registry.operations.takedown import take_down_cameras
from portal.registry.queries import filing_scope, lock_filing, lock_system, standing_filing
from portal.registry.rules import national_problem, removal_refused, rules_for, tidy_national
from portal.registry.states import FILING_TRANSITIONS, FilingAction, FilingStatus, UseAction, next_filing_status
from portal.registry.values import DECLARATION_VERSION, ClockKind, Shortfall
from portal.regulation.calendar import WorkCalendar
from portal.regulation.schema.keys import RuleKey

# What a change of use means for the filing that stands.
FOLLOWS = {
    UseAction.SUSPEND: (FilingAction.SUSPEND, values.FILING_SUSPENDED),
    UseAction.RESUME: (FilingAction.RESUME, values.FILING_RESUMED),
    UseAction.DISMANTLE: (FilingAction.CANCEL, values.FILING_CANCELLED),
}
NEEDS_REASON = frozenset({UseAction.SUSPEND, UseAction.DISMANTLE})


class FilingRefused(Invalid):
    """Something the law does not let happen to this filing; `why` names the article."""

    def __init__(self, why: Shortfall) -> None:
        super().__init__([Problem(why.where, why.code, why.data)])
        self.why = why


def must_say_why_it_ends(session: Session, *, system: System, action: UseAction, reason: str) -> None:
    """Raise Invalid where an act would interrupt or end a filing without a word why."""
    if action in NEEDS_REASON and not reason.strip() and standing_filing(session, system.id) is not None:
        raise Invalid([Problem("reason", "change_reason_needed")])


def follow_use(
    session: Session, *, actor: Identity, system: System, action: UseAction, reason: str, now: datetime
) -> None:
    """Let the filing follow its system's use: suspended with it, in force again with it, cancelled once dismantled."""
    filing = standing_filing(session, system.id)
    if action in FOLLOWS and filing is not None:
        step, tag = FOLLOWS[action]
        if (FilingStatus(filing.status), step) in FILING_TRANSITIONS:
            stand(session, actor, filing, step, tag, name=system.name, reason=reason, now=now)
    settle_clocks(session, [system], calendar=WorkCalendar(), now=now)
    if action is UseAction.DISMANTLE:
        _withdraw_open(session, actor, system, reason=reason, now=now)
        take_down_cameras(session, actor=actor.actor, system=system, reason=reason, now=now)
        end_clocks(session, system.id, tuple(ClockKind), on=city_day(now))


def _withdraw_open(session: Session, actor: Identity, system: System, *, reason: str, now: datetime) -> None:
    """Nobody decides on the filing of what no longer stands: one under way is taken back with it."""
    open_ones = select(Filing).where(
        Filing.system_id == system.id,
        Filing.status.in_((FilingStatus.DRAFT, FilingStatus.SUBMITTED, FilingStatus.RETURNED)),
    )
    for filing in session.scalars(open_ones.with_for_update()):
        action, tag = FilingAction.WITHDRAW, values.FILING_WITHDRAWN
        stand(session, actor, filing, action, tag, name=system.name, reason=reason, now=now)
        filing.decision_reason = reason.strip()


def stand(
    session: Session,
    actor: Identity,
    filing: Filing,
    action: FilingAction,
    tag: str,
    *,
    name: str,
    reason: str,
    now: datetime,
) -> None:
    """Move a filing that stands, with who, when and why, on the filing and in the log."""
    before = filing.status
    filing.status = next_filing_status(FilingStatus(before), action)
    filing.standing_at, filing.standing_reason, filing.standing_by_name = now, reason.strip()[:400], actor.name[:40]
    changes = [FieldChange(name="status", old=str(before), new=str(filing.status))] if before != filing.status else ()
    note(session, actor, tag, about(filing, name), filing, changes=changes, reason=reason, now=now)


def confirm_filing(
    session: Session, *, actor: Identity, filing_id: UUID, seen_version: int, calendar: WorkCalendar, now: datetime
) -> FilingConfirmation:
    """The owner's yearly word that everything filed is still true; the next one falls due a year on.

    Raises IllegalTransition while a change of what was filed is unreported: then it is not true.
    """
    filing = lock_filing(session, filing_id)
    require(actor, Permission.FILING_SUBMIT, filing_scope(filing), read=Permission.FILING_READ)
    unchanged(filing, seen_version)
    system = lock_system(session, filing.system_id)
    unreported = select(FilingClock.id).where(
        FilingClock.system_id == system.id, FilingClock.kind == ClockKind.CHANGE, FilingClock.ended_on.is_(None)
    )
    if session.scalar(unreported) is not None:
        raise IllegalTransition("changes_unreported")
    rules = rules_for(system.unit, system, on=city_day(now))
    due = rules.deadline(RuleKey.FILING_RECONFIRM_DUE, start=city_day(now), calendar=calendar)
    stand(session, actor, filing, FilingAction.CONFIRM, values.FILING_CONFIRMED, name=system.name, reason="", now=now)
    # This year's clock ends today; settling begins the next one.
    end_clocks(session, system.id, (ClockKind.CONFIRMATION,), on=city_day(now))
    confirmation = FilingConfirmation(
        filing_id=filing.id,
        unit_id=filing.unit_id,
        district=filing.district,
        declared_by=actor.name[:40],
        declaration=DECLARATION_VERSION,
        confirmed_at=now,
        next_due_on=due.due if due else None,
    )
    session.add(confirmation)
    settle_clocks(session, [system], calendar=calendar, now=now)
    return confirmation


def lapse_filings(session: Session, *, today: date, now: datetime, limit: int = 500) -> Sequence[Filing]:
    """Mark accepted filings whose yearly confirmation is overdue; the portal itself does it, on record."""
    overdue = session.scalars(
        select(Filing)
        .join(FilingClock, FilingClock.system_id == Filing.system_id)
        .where(
            Filing.status == FilingStatus.ACCEPTED,
            FilingClock.kind == ClockKind.CONFIRMATION,
            FilingClock.ended_on.is_(None),
            FilingClock.due_on < today,
        )
        .options(joinedload(Filing.system))
        .order_by(Filing.id)
        .limit(limit)
        .with_for_update(of=Filing, skip_locked=True)
    ).all()
    for filing in overdue:
        portal = system_identity("registry")
        stand(
            session,
            portal,
            filing,
            FilingAction.LAPSE,
            values.FILING_LAPSED,
            name=filing.system.name,
            reason="",
            now=now,
        )
    return overdue


def remove_filing(session: Session, *, actor: Identity, filing_id: UUID, reason: str, now: datetime) -> Filing:
    """Take a registration out of the register on its owner's request. Raises FilingRefused, with the article, where the
    law wants it kept. What the owner declared of the system itself is emptied and its cameras leave the register of those
    that stand; what was submitted stays sealed."""
    filing = lock_filing(session, filing_id)
    require(actor, Permission.FILING_SUBMIT, filing_scope(filing), read=Permission.FILING_READ)
    system = lock_system(session, filing.system_id)
    refused = removal_refused(rules_for(system.unit, system, on=city_day(now)))
    if refused is not None:
        raise FilingRefused(refused)
    if not reason.strip():
        raise Invalid([Problem("reason", "required")])
    stand(session, actor, filing, FilingAction.REMOVE, values.FILING_REMOVED, name=system.name, reason=reason, now=now)
    _withdraw_open(session, actor, system, reason=reason, now=now)
    system.position, system.declared_devices, system.updated_at = None, {}, now
    take_down_cameras(session, actor=actor.actor, system=system, reason=reason, now=now)
    end_clocks(session, system.id, tuple(ClockKind), on=city_day(now))
    return filing


def record_national(
    session: Session,
    *,
    actor: Identity,
    filing_id: UUID,
    seen_version: int,
    number: str,
    filed_on: date | None,
    reason: str = "",
    now: datetime,
) -> Filing:
    """Note the number that the national platform gave, or put it right, which needs its reason: by the unit, or by the
    organ that decides on the filing. Its receipt goes into the slot for it."""
    filing = lock_filing(session, filing_id)
    require(actor, Permission.FILING_NUMBER, filing_scope(filing), read=Permission.FILING_READ)
    if not allows(actor, Permission.FILING_SUBMIT, filing_scope(filing)) and not is_competent(session, actor, filing):
        raise NotAllowed("not_competent_organ")
    unchanged(filing, seen_version)
    if filing.number is None:
        raise IllegalTransition("filing", status=filing.status, action="national")
    given: dict[str, Any] = {"national_number": tidy_national(number), "national_filed_on": filed_on}
    before = {name: getattr(filing, name) for name in given}
    found = [national_problem(given["national_number"]) if number.strip() else Problem("national_number", "required")]
    if filed_on is not None and filed_on > city_day(now):
        found.append(Problem("national_filed_on", "filed_in_future"))
    if before["national_number"] and before != given and not reason.strip():
        found.append(Problem("reason", "change_reason_needed"))
    if problems := [problem for problem in found if problem]:
        raise Invalid(problems)
    changes = [FieldChange(name=name, old=old, new=given[name]) for name, old in before.items() if old != given[name]]
    filing.national_number, filing.national_filed_on = given["national_number"], filed_on
    subject = about(filing, filing.system.name)
    note(session, actor, values.NATIONAL_RECORDED, subject, filing, changes=changes, reason=reason, now=now)
    return filing
