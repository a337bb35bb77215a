"""Systems: entered, changed, and moved through their use."""

from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.queries import competent_police
from portal.accounts.values import Identity
from portal.audit.operations import record, speak_for
from portal.audit.values import FieldChange, FieldValue, SubjectRef
from portal.core.clock import city_day
from portal.core.errors import IllegalTransition, Invalid, Problem
from portal.core.geometry import lonlat, point, to_element
from portal.core.lifecycle import unchanged
from portal.registry import values
from portal.registry.models import Site, System
from portal.registry.operations.cameras import must_say_why
from portal.registry.operations.changes import run_change_clock
from portal.registry.operations.clocks import settle_clocks
from portal.registry.operations.parties import name_parties
from portal.registry.operations.quality import ask_recheck
from portal.registry.operations.recording import about, note
from portal.registry.operations.routing import district_at
from portal.registry.operations.standing import follow_use, must_say_why_it_ends
from portal.registry.operations.using import use_as_declared
from portal.registry.queries import is_filed, lock_system, lock_unit, system_scope, unit_scope
from portal.registry.rules import must_be_accepted_before_use, rules_for
from portal.registry.rules.changes import system_changes
from portal.registry.states import UseAction, UseStatus, next_use_status
from portal.registry.values import SystemParticulars
from portal.regulation.calendar import WorkCalendar

FIELDS = (
    "name",
    "kind",
    "regime",
    "district",
    "address",
    "site_id",
    "purpose",
    "department",
    "in_use_on",
    "construction_began_on",
    "construction_finished_on",
    "retention_days",
    "storage_kind",
    "records_audio",
    "has_analytics",
    "networked",
    "software",
    "funding",
    "secret",
)


def create_system(
    session: Session, *, actor: Identity, unit_id: UUID, particulars: SystemParticulars, now: datetime
) -> System:
    """Enter a system of a unit; the competent police organ follows from where it stands (REG-04)."""
    unit = lock_unit(session, unit_id)
    require(actor, Permission.SYSTEM_EDIT, unit_scope(unit), read=Permission.UNIT_READ)
    particulars = placed(session, particulars)
    _check_building(particulars)
    system = System(unit_id=unit.id, created_at=now, updated_at=now, name=particulars.name)
    _fill(system, particulars)
    system.use_status = use_as_declared(system, unit, on=city_day(now))
    _check_site(session, system)
    system.organ_id = competent_police(session, particulars.district).id
    name_parties(system, particulars.parties, on=city_day(now))
    session.add(system)
    session.flush()
    settle_clocks(session, [lock_system(session, system.id)], calendar=WorkCalendar(), now=now)
    # Its zones are laid from the template of its rules soon; the unit may do so at once on their page.
    ask_recheck(session, occasion=f"system:{system.id}:new", system_id=system.id)
    record(
        session,
        actor=actor.actor,
        tag=values.SYSTEM_CREATED,
        subject=SubjectRef("system", system.id, system.name),
        unit_id=unit.id,
        district=system.district,
        now=now,
    )
    return system


def edit_system(
    session: Session,
    *,
    actor: Identity,
    system_id: UUID,
    seen_version: int,
    particulars: SystemParticulars,
    reason: str = "",
    now: datetime,
) -> System:
    """Change a system; once it is filed, the reason must be told. Raises Stale when it changed after it was read."""
    system = lock_system(session, system_id)
    require(actor, Permission.SYSTEM_EDIT, system_scope(system), read=Permission.SYSTEM_READ)
    unchanged(system, seen_version)
    must_say_why(reason, filed=is_filed(session, system_id=system.id))
    particulars = placed(session, particulars)
    _check_building(particulars)
    before = _read(system)
    speak_for(session, actor.actor, reason)
    # Written at once, with its moment: a flush in between would be kept as a version of its own.
    with session.no_autoflush:
        _fill(system, particulars)
        system.use_status = use_as_declared(system, system.unit, on=city_day(now))
        _check_site(session, system)
        system.organ_id = competent_police(session, particulars.district).id
        system.updated_at = now
        if name_parties(system, particulars.parties, on=city_day(now)):
            # Whoever gives a role up does so before the next one takes it: of one flush it would be the other way.
            _end_first(session, system)
    after = _read(system)
    names = [name for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
    pairs = {name: (before.get(name), after.get(name)) for name in names}
    changes = [FieldChange(name=name, old=old, new=new) for name, (old, new) in pairs.items()]
    session.flush()
    run_change_clock(session, system, system_changes(pairs), now=now)
    settle_clocks(session, [system], calendar=WorkCalendar(), now=now)
    # Regime, sound and kind are what the files of its cameras are measured against.
    ask_recheck(session, occasion=f"system:{system.id}:{system.version}", system_id=system.id)
    note(session, actor, values.SYSTEM_CHANGED, about(system), system, changes=changes, reason=reason or None, now=now)
    return system


# These are for inspection to say, not for the unit.
_ACCEPTANCE = frozenset({UseAction.PASS_ACCEPTANCE, UseAction.ASK_ACCEPTANCE, UseAction.TAKE_BACK_ACCEPTANCE})


def change_use(
    session: Session, *, actor: Identity, system_id: UUID, action: UseAction, on: date, reason: str = "", now: datetime
) -> System:
    """Move a system through its use on the unit's word; the filing that stands follows. START_USE is refused where
    acceptance must come first, and what ends or interrupts a filing needs its reason."""
    system = lock_system(session, system_id)
    require(actor, Permission.SYSTEM_EDIT, system_scope(system), read=Permission.SYSTEM_READ)
    if action in _ACCEPTANCE:
        raise IllegalTransition("system", status=system.use_status, action=str(action))
    if action is UseAction.START_USE and must_be_accepted_before_use(rules_for(system.unit, system, on=on)):
        raise IllegalTransition("acceptance_first", status=system.use_status, action=str(action))
    must_say_why_it_ends(session, system=system, action=action, reason=reason)
    return _move(session, actor=actor, system=system, action=action, on=on, reason=reason, now=now)


def record_acceptance_step(
    session: Session, *, actor: Identity, system_id: UUID, passed: bool, on: date, now: datetime
) -> System:
    """What inspection tells the registry: acceptance was asked for, or passed. The caller has checked its permission."""
    system = lock_system(session, system_id)
    action = UseAction.PASS_ACCEPTANCE if passed else UseAction.ASK_ACCEPTANCE
    return _move(session, actor=actor, system=system, action=action, on=on, now=now)


def take_acceptance_back(
    session: Session, *, actor: Identity, system_id: UUID, reason: str, on: date, now: datetime
) -> System:
    """What inspection tells the registry: the pass that put the system into use was overridden. The caller has checked
    its permission. Whoever has taken the system out of use since is left alone."""
    system = lock_system(session, system_id)
    if system.use_status != UseStatus.IN_USE:
        return system
    action = UseAction.TAKE_BACK_ACCEPTANCE
    return _move(session, actor=actor, system=system, action=action, on=on, reason=reason, now=now)


def _move(
    session: Session, *, actor: Identity, system: System, action: UseAction, on: date, reason: str = "", now: datetime
) -> System:
    before = UseStatus(system.use_status)
    after = next_use_status(before, action)
    system.use_status = after
    if after is UseStatus.IN_USE and system.in_use_on is None:
        system.in_use_on = on
    if action is UseAction.START_BUILDING and system.construction_began_on is None:
        system.construction_began_on = on
    system.updated_at = now
    note(
        session,
        actor,
        values.SYSTEM_USE_CHANGED,
        about(system),
        system,
        changes=[FieldChange(name="use_status", old=str(before), new=str(after))],
        reason=reason.strip() or None,
        now=now,
    )
    follow_use(session, actor=actor, system=system, action=action, reason=reason, now=now)
    return system


def placed(session: Session, particulars: SystemParticulars) -> SystemParticulars:
    """The particulars with the district in which their point lies: where a system stands decides who is competent, not
    what somebody chose from a list. Raises Invalid for a point outside the city."""
    if particulars.lon is None or particulars.lat is None:
        return particulars
    return replace(particulars, district=district_at(session, particulars.lon, particulars.lat))


def _fill(system: System, particulars: SystemParticulars) -> None:
    for name in FIELDS:
        setattr(system, name, getattr(particulars, name))
    system.regime_answers = dict(particulars.regime_answers)
    system.declared_devices = {kind: count for kind, count in particulars.declared_devices.items() if count}
    if particulars.lon is not None and particulars.lat is not None:
        system.position = to_element(point(particulars.lon, particulars.lat))


def _check_site(session: Session, system: System) -> None:
    """A system stands at a site of its own unit. Raises Invalid."""
    if system.site_id is None:
        return
    site = session.get(Site, system.site_id)
    if site is None or site.unit_id != system.unit_id:
        raise Invalid([Problem("site_id", "site_of_another_unit")])


def _check_building(particulars: SystemParticulars) -> None:
    """Building ends no sooner than it begins. Raises Invalid."""
    began, finished = particulars.construction_began_on, particulars.construction_finished_on
    if began is not None and finished is not None and finished < began:
        raise Invalid([Problem("construction_finished_on", "period_backwards")])


def _end_first(session: Session, system: System) -> None:
    beginning = [party for party in system.parties if party.id is None]
    system.parties = [party for party in system.parties if party.id is not None]
    session.flush()
    system.parties = [*system.parties, *beginning]


def _read(system: System) -> dict[str, FieldValue]:
    """A system as the log tells it, with its devices, its place and who answers for it."""
    devices = tuple(f"{kind} {count}" for kind, count in sorted((system.declared_devices or {}).items()))
    place = "" if system.position is None else "{:.7f}, {:.7f}".format(*lonlat(system.position))
    parties = {f"party_{role}": name for role, name in system.party_names.items()}
    plain = {name: getattr(system, name) for name in (*FIELDS, "use_status")}
    return plain | {"declared_devices": devices, "position": place} | parties
