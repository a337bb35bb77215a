"""Sends each filing to the organ that the rules of the day make competent (REG-04). Nobody chooses an organ by hand."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Division, Organ
from portal.accounts.queries import competent_police
from portal.accounts.values import Identity, OrganKind
from portal.core.clock import city_day
from portal.core.errors import Invalid, Problem
from portal.core.geometry import BadGeometry, check_lonlat, point, to_element
from portal.registry.models import Filing, System
from portal.registry.rules import Level, route_of
from portal.regulation.effective import EffectiveRules


def send_where_it_belongs(
    session: Session, filing: Filing, system: System, rules: EffectiveRules, *, now: datetime
) -> None:
    """Set the filing's district and organ from where its system stands and keep the rule that said so."""
    route = route_of(rules, district=system.district)
    filing.district = system.district
    filing.organ_id = organ_for(session, route.level, system.district).id
    filing.routed_why = route.told(district=system.district, on=city_day(now))


def organ_for(session: Session, level: Level, district: str) -> Organ:
    """The police organ of a level over a district. Raises NotFound when none is set up."""
    if level is Level.CITY:
        city = session.scalars(select(Organ).where(Organ.kind == OrganKind.POLICE_CITY).limit(1)).one_or_none()
        if city is not None:
            return city
    return competent_police(session, district)


def district_at(session: Session, lon: float, lat: float) -> str:
    """The district a point lies in, by the divisions' outlines. Raises Invalid for a point outside the city (REG-02)."""
    try:
        check_lonlat(lon, lat)
    except BadGeometry as bad:
        raise Invalid([Problem("position", bad.code)]) from bad
    element = to_element(point(lon, lat))
    found = session.scalar(
        select(Division.code).where(Division.level == "district", Division.outline.ST_Contains(element)).limit(1)
    )
    if found is None:
        raise Invalid([Problem("position", "outside_city")])
    return found


def is_competent(session: Session, actor: Identity, filing: Filing) -> bool:
    """Whether the person sits in the organ a filing is addressed to, or in one above it; a lower one may not decide."""
    organ = session.get(Organ, filing.organ_id)
    while organ is not None:
        if organ.id in actor.organ_ids:
            return True
        organ = session.get(Organ, organ.parent_id) if organ.parent_id else None
    return False
