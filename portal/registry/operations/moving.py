"""A system moves to another place: its filing moves with it, or ends here and is due anew where it went."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.queries import competent_police
from portal.accounts.values import Identity
from portal.audit.operations import speak_for
from portal.audit.values import FieldChange
from portal.core.clock import city_day
from portal.core.errors import IllegalTransition, Invalid, Problem
from portal.core.geometry import point, to_element
from portal.core.lifecycle import unchanged
from portal.registry import values
from portal.registry.models import Filing, System
from portal.registry.operations.changes import run_change_clock
from portal.registry.operations.clocks import settle_clocks
from portal.registry.operations.filings import open_filing
from portal.registry.operations.quality import ask_recheck
from portal.registry.operations.recording import about, note
from portal.registry.operations.routing import district_at, organ_for
from portal.registry.operations.standing import stand
from portal.registry.operations.takedown import take_down_cameras
from portal.registry.queries import lock_system, standing_filing, system_scope
from portal.registry.rules import route_of, rules_for
from portal.registry.rules.changes import FiledChange
from portal.registry.states import FilingAction
from portal.registry.values import FilingKind
from portal.regulation.calendar import WorkCalendar


def move_system(
    session: Session,
    *,
    actor: Identity,
    system_id: UUID,
    seen_version: int,
    address: str,
    lon: float,
    lat: float,
    reason: str,
    calendar: WorkCalendar,
    now: datetime,
) -> Filing:
    """Move a filed system. A filing of the new place is begun at once, with the organ that is competent there; where that
    is another organ, the old filing ends as moved. Raises Invalid for a place outside the city."""
    system = lock_system(session, system_id)
    require(actor, Permission.SYSTEM_EDIT, system_scope(system), read=Permission.SYSTEM_READ)
    unchanged(system, seen_version)
    problems = [
        Problem(name, "required") for name, text in (("address", address), ("reason", reason)) if not text.strip()
    ]
    if problems:
        raise Invalid(problems)
    standing = standing_filing(session, system.id)
    if standing is None:
        raise IllegalTransition("not_filed")
    _place(session, actor, system, address=address.strip(), at=(lon, lat), reason=reason.strip(), now=now)
    # Before the old filing ends as moved: what was filed is what changed.
    run_change_clock(session, system, [FiledChange(fact="system.position")], now=now)
    route = route_of(rules_for(system.unit, system, on=city_day(now)), district=system.district)
    if organ_for(session, route.level, system.district).id != standing.organ_id:
        tag, step = values.FILING_MOVED, FilingAction.MOVE
        stand(session, actor, standing, step, tag, name=system.name, reason=reason, now=now)
    # What hung at the old place hangs there no more; at the new one each is put up again, with its own position.
    take_down_cameras(session, actor=actor.actor, system=system, reason=reason.strip(), now=now)
    filing = open_filing(session, actor=actor, system_id=system.id, kind=FilingKind.MOVE, calendar=calendar, now=now)
    filing.previous_id = standing.id
    settle_clocks(session, [system], calendar=calendar, now=now)
    return filing


def _place(
    session: Session,
    actor: Identity,
    system: System,
    *,
    address: str,
    at: tuple[float, float],
    reason: str,
    now: datetime,
) -> None:
    """Put the system where it goes; its place decides its district and organ."""
    district = district_at(session, *at)
    before = {"address": system.address, "district": system.district}
    speak_for(session, actor.actor, reason)
    with session.no_autoflush:
        system.address, system.district = address, district
        system.position = to_element(point(*at))
        system.organ_id = competent_police(session, district).id
        system.updated_at = now
    session.flush()
    ask_recheck(session, occasion=f"system:{system.id}:{system.version}", system_id=system.id)
    note(
        session,
        actor,
        values.SYSTEM_CHANGED,
        about(system),
        system,
        changes=[FieldChange(name=name, old=old, new=getattr(system, name)) for name, old in before.items()],
        reason=reason,
        now=now,
    )
