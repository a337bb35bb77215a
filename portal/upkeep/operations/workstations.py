"""Keeping the register of client workstations: registered, looked at, changed, retired."""

from datetime import date, datetime, timedelta
from ipaddress import ip_address
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.values import Identity
from portal.core.clock import city_day
from portal.core.db import told_apart
from portal.core.errors import IllegalTransition, Invalid, Problem
from portal.registry.models import Unit
from portal.registry.rules import rules_for
from portal.regulation.schema.keys import RuleKey
from portal.upkeep import values
from portal.upkeep.models import Workstation, WorkstationCheck
from portal.upkeep.operations.writing import must_say, named, not_ahead, row_to_write, said, unit_to_write
from portal.upkeep.values import WorkstationDraft

STATED = ("asset_number", "room", "client", "client_version", "address")
CLASH = {"uq_workstation_asset_number": Problem("asset_number", "upkeep.asset_taken")}


def register(
    session: Session, *, actor: Identity, unit_id: UUID, draft: WorkstationDraft, now: datetime
) -> Workstation:
    """Register a computer with the monitoring client; it is looked at for the first time within the days of the rule."""
    unit = unit_to_write(session, actor, unit_id, Permission.BOOK_KEEP)
    _check(draft)
    today = city_day(now)
    row = Workstation(
        unit_id=unit.id,
        district=unit.district,
        responsible_id=draft.responsible_id,
        responsible_name=named(session, unit.id, draft.responsible_id, "responsible_id", today=today),
        registered_at=now,
        due_on=_due(unit, today),
        **{name: getattr(draft, name).strip() for name in STATED},
    )
    with told_apart(session, CLASH):
        session.add(row)
        session.flush()
    said(session, actor, row, values.WORKSTATION_ENTERED, row.asset_number, now=now, room=row.room)
    return row


def change(
    session: Session,
    *,
    actor: Identity,
    workstation_id: UUID,
    seen_version: int,
    draft: WorkstationDraft,
    now: datetime,
) -> Workstation:
    """Another room, client, address or person."""
    row = row_to_write(session, actor, Workstation, workstation_id, seen=seen_version, permission=Permission.BOOK_KEEP)
    _in_use(row)
    _check(draft)
    changed = {name: getattr(draft, name).strip() for name in STATED if getattr(row, name) != getattr(draft, name)}
    with told_apart(session, CLASH):
        for name, value in changed.items():
            setattr(row, name, value)
        row.responsible_name = named(session, row.unit_id, draft.responsible_id, "responsible_id", today=city_day(now))
        row.responsible_id = draft.responsible_id
        session.flush()
    said(session, actor, row, values.WORKSTATION_CHANGED, row.asset_number, now=now, **changed)
    return row


def check(
    session: Session,
    *,
    actor: Identity,
    workstation_id: UUID,
    seen_version: int,
    on: date,
    locked_down: bool,
    client_version: str,
    note: str,
    now: datetime,
) -> WorkstationCheck:
    """Somebody has looked: locked down or not, with what was found; the next look is due by rule."""
    row = row_to_write(
        session, actor, Workstation, workstation_id, seen=seen_version, permission=Permission.CUSTODY_SIGN
    )
    _in_use(row)
    not_ahead(now, on=on)
    must_say(client_version=client_version, **({} if locked_down else {"note": note}))
    if row.checked_on is not None and on < row.checked_on:
        raise Invalid([Problem("on", "upkeep.day_before_check")])
    looked = WorkstationCheck(
        unit_id=row.unit_id,
        district=row.district,
        workstation_id=row.id,
        checked_on=on,
        locked_down=locked_down,
        client_version=client_version.strip(),
        note=note.strip(),
        checked_by_name=actor.name,
        recorded_at=now,
    )
    session.add(looked)
    row.checked_on, row.locked_down, row.client_version = on, locked_down, client_version.strip()
    row.due_on = _due(row.unit, on)
    said(
        session, actor, row, values.WORKSTATION_CHECKED, row.asset_number, now=now, reason=note, locked_down=locked_down
    )
    return looked


def retire(
    session: Session, *, actor: Identity, workstation_id: UUID, seen_version: int, reason: str, now: datetime
) -> Workstation:
    """The client is off the computer, or the computer is gone."""
    row = row_to_write(session, actor, Workstation, workstation_id, seen=seen_version, permission=Permission.BOOK_KEEP)
    _in_use(row)
    must_say(reason=reason)
    row.retired_on, row.retired_note = city_day(now), reason.strip()
    said(session, actor, row, values.WORKSTATION_RETIRED, row.asset_number, now=now, reason=reason)
    return row


def _in_use(row: Workstation) -> None:
    if row.retired_on is not None:
        raise IllegalTransition("upkeep.workstation_retired")


def _check(draft: WorkstationDraft) -> None:
    must_say(**{name: getattr(draft, name) for name in STATED})
    try:
        ip_address(draft.address.strip())
    except ValueError:
        raise Invalid([Problem("address", "upkeep.not_an_address")]) from None


def _due(unit: Unit, looked: date) -> date | None:
    days = rules_for(unit, None, on=looked).integer(RuleKey.PEOPLE_WORKSTATION_CHECK_DAYS)
    return looked + timedelta(days=days) if days else None
