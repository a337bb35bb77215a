"""Units: entered, changed, and their telephone numbers shown to those who may ask."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import require
from portal.accounts.values import Identity, Scope
from portal.audit.operations import record, record_and_seal, speak_for
from portal.audit.values import FieldChange, SubjectRef
from portal.core.codes import masked_phone, uscc_problem
from portal.core.crypto import row_context
from portal.core.db import told_apart
from portal.core.errors import Invalid, NotFound, Problem
from portal.core.geometry import point, to_element
from portal.core.lifecycle import unchanged
from portal.core.services import services
from portal.registry import values
from portal.registry.models import Unit
from portal.registry.operations.cameras import must_say_why
from portal.registry.operations.changes import run_change_clocks_of
from portal.registry.operations.quality import ask_recheck
from portal.registry.queries import is_filed, lock_unit, unit_scope
from portal.registry.rules.changes import unit_changes
from portal.registry.values import UnitParticulars

PHONES = {"contact_phone": "contact_phone_sealed", "duty_phone": "duty_phone_sealed"}
PLAIN = (
    "name",
    "unit_type",
    "district",
    "address",
    "uscc",
    "category",
    "counter_terror_target",
    "principal_name",
    "security_head_name",
    "contact_name",
)
TAKEN = {"uq_unit_uscc": Problem("uscc", "uscc_taken")}


def initials(name: str) -> str:
    """Pinyin initials for searching: 重庆 gives cq."""
    # Its dictionaries weigh 50 MB, and most processes of a portal never spell a name.
    from pypinyin import Style, lazy_pinyin

    return "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower()[:120]


def create_unit(session: Session, *, actor: Identity, particulars: UnitParticulars, now: datetime) -> Unit:
    """Enter a unit. Raises Invalid naming each bad field."""
    require(actor, Permission.UNIT_CREATE, Scope(districts=frozenset({particulars.district})))
    _check(session, particulars, besides=None)
    unit = Unit(created_at=now, updated_at=now, name=particulars.name)
    with told_apart(session, TAKEN):
        _fill(unit, particulars)
        session.add(unit)
    _seal_phones(session, unit, particulars)
    session.flush()
    subject = SubjectRef("unit", unit.id, unit.name)
    record(
        session,
        actor=actor.actor,
        tag=values.UNIT_CREATED,
        subject=subject,
        unit_id=unit.id,
        district=unit.district,
        now=now,
    )
    return unit


def edit_unit(
    session: Session,
    *,
    actor: Identity,
    unit_id: UUID,
    seen_version: int,
    particulars: UnitParticulars,
    reason: str = "",
    now: datetime,
) -> Unit:
    """Change a unit; once it has filed, the reason must be told. Raises Stale when it changed after it was read, Invalid
    naming each bad field."""
    unit = lock_unit(session, unit_id)
    require(actor, Permission.UNIT_EDIT, unit_scope(unit), read=Permission.UNIT_READ)
    unchanged(unit, seen_version)
    _check(session, particulars, besides=unit.id)
    must_say_why(reason, filed=is_filed(session, unit_id=unit.id))
    speak_for(session, actor.actor, reason)
    before = {name: getattr(unit, name) for name in PLAIN}
    with session.no_autoflush, told_apart(session, TAKEN):
        _fill(unit, particulars)
        _seal_phones(session, unit, particulars)
        unit.updated_at = now
    pairs = {name: (old, getattr(unit, name)) for name, old in before.items() if old != getattr(unit, name)}
    changes = [FieldChange(name=name, old=old, new=new) for name, (old, new) in pairs.items()]
    session.flush()
    run_change_clocks_of(session, unit, unit_changes(pairs), now=now)
    # A unit's kind and telephone are what its cameras' files are measured against.
    ask_recheck(session, occasion=f"unit:{unit.id}:{unit.version}", unit_id=unit.id)
    subject = SubjectRef("unit", unit.id, unit.name)
    record(
        session,
        actor=actor.actor,
        tag=values.UNIT_CHANGED,
        subject=subject,
        unit_id=unit.id,
        district=unit.district,
        changes=changes,
        reason=reason or None,
        now=now,
    )
    return unit


def reveal_phone(session: Session, *, actor: Identity, unit_id: UUID, which: str, now: datetime) -> str:
    """The full number of `contact_phone` or `duty_phone`; the look stands sealed and signed outside
    before the number is opened. Raises NotFound when there is none."""
    unit = session.get(Unit, unit_id)
    if unit is None or which not in PHONES:
        raise NotFound()
    require(actor, Permission.CONTACT_REVEAL, unit_scope(unit), read=Permission.UNIT_READ)
    sealed: str | None = getattr(unit, PHONES[which])
    if sealed is None:
        raise NotFound()
    record_and_seal(
        session,
        actor=actor.actor,
        tag=values.CONTACT_REVEALED,
        subject=SubjectRef("unit", unit.id, unit.name),
        unit_id=unit.id,
        district=unit.district,
        now=now,
    )
    return services(session).envelope.open(sealed, context=row_context("unit", PHONES[which], unit.id)).decode()


def _check(session: Session, particulars: UnitParticulars, *, besides: UUID | None) -> None:
    problems = []
    if particulars.uscc:
        fault = uscc_problem(particulars.uscc)
        if fault:
            problems.append(Problem("uscc", str(fault)))
        taken = select(Unit.id).where(Unit.uscc == particulars.uscc)
        if besides is not None:
            taken = taken.where(Unit.id != besides)
        if session.scalar(taken) is not None:
            problems.append(Problem("uscc", "uscc_taken"))
    if problems:
        raise Invalid(problems)


def _fill(unit: Unit, particulars: UnitParticulars) -> None:
    for name in PLAIN:
        setattr(unit, name, getattr(particulars, name))
    unit.initials = initials(particulars.name)
    unit.house_profiles = list(particulars.house_profiles)
    if particulars.lon is not None and particulars.lat is not None:
        unit.position = to_element(point(particulars.lon, particulars.lat))


def _seal_phones(session: Session, unit: Unit, particulars: UnitParticulars) -> None:
    for name, column in PHONES.items():
        phone: str = getattr(particulars, name)
        if not phone:
            continue
        context = row_context("unit", column, unit.id)
        setattr(unit, column, services(session).envelope.seal(phone.encode(), context=context))
        setattr(unit, f"{name}_masked", masked_phone(phone))
