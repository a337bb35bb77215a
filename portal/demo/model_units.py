"""The units whose staff can sign in: entered by a registrar like any other, then given people."""

import random
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.values import Role
from portal.demo.cast import Cast, UnitCast
from portal.demo.codes import credit_code
from portal.demo.people import contact
from portal.demo.residents import Residents
from portal.demo.streets import StreetMap
from portal.demo.timeline import at
from portal.demo.units import Condition, UnitKind, UnitPlan, unit_kinds
from portal.registry.operations import create_unit
from portal.registry.values import UnitParticulars, UnitType

# Above every number a bulk unit can have, and below what the invented series of credit codes holds.
_FIRST_NUMBER = 1_000_000
_ENTERED_DAYS_AGO = 420
_HEAD = Role.UNIT_SECURITY_HEAD  # a small shop has none


def plan_model_units(cast: Cast, seed: int, streets: StreetMap, today: date) -> dict[str, UnitPlan]:
    """The cast's units with a place, people's names and the systems' particulars, by key."""
    return {unit.key: _plan(seed, streets, today, i, unit) for i, unit in enumerate(cast.units)}


def enter_model_units(
    session: Session, plans: Mapping[str, UnitPlan], *, residents: Residents, today: date
) -> dict[str, UUID]:
    """Enter them through the registry's own operation; their identifiers by key."""
    entered = {}
    cast = residents.cast
    for unit in cast.units:
        plan = plans[unit.key]
        particulars = UnitParticulars(
            name=plan.name,
            unit_type=UnitType(plan.kind.type),
            district=plan.place.district,
            address=plan.place.address,
            uscc=plan.uscc,
            category=plan.kind.category,
            lon=plan.place.lon,
            lat=plan.place.lat,
            principal_name=plan.principal.name,
            security_head_name=next((p.name for p in cast.people if (p.unit, p.role) == (unit.key, _HEAD)), ""),
            contact_name=cast.holder(unit.key, Role.UNIT_FILER).name,
            contact_phone=plan.filer.phone,
            duty_phone=plan.duty_phone,
            house_profiles=(unit.house,) if unit.house else (),
        )
        now = at(today - timedelta(days=_ENTERED_DAYS_AGO), 9, 20)
        registrar = residents.who(cast.officer(Role.REGISTRAR, unit.district).login)
        entered[unit.key] = create_unit(session, actor=registrar, particulars=particulars, now=now).id
    return entered


def _plan(seed: int, streets: StreetMap, today: date, number: int, unit: UnitCast) -> UnitPlan:
    rng = random.Random(f"model:{seed}:{unit.key}")
    kind: UnitKind = next(kind for kind in unit_kinds() if kind.key == unit.kind)
    kind = replace(kind, spots=unit.spots or kind.spots)
    place = streets.place(rng, unit.district)
    return UnitPlan(
        number=_FIRST_NUMBER + number,
        kind=kind,
        name=unit.name,
        uscc=credit_code(kind.register, unit.district, _FIRST_NUMBER + number),
        place=place,
        radius_m=kind.radius[1],
        principal=contact(rng),
        security_head=contact(rng),
        filer=contact(rng),
        custodian=contact(rng),
        duty_phone=contact(rng).phone,
        condition=Condition.IN_USE,
        cameras=unit.cameras,
        in_use_on=today - timedelta(days=300),
        retention_days=90 if kind.key == "bank" else 30,
        storage="nvr",
        counter_terror=False,
        software="安视云平台 V4.1",
    )
