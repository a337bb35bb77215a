"""Enters organs and people through the accounts' own operations, and answers who may act for whom."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from shapely.geometry import MultiPolygon
from shapely.ops import unary_union
from sqlalchemy.orm import Session

from portal.accounts.models import Account, Organ, Person
from portal.accounts.operations import create_account, create_organ, create_person, grant_membership
from portal.accounts.queries import identity_of
from portal.accounts.values import Identity, MembershipFact, OrganKind, Role, system_identity
from portal.core.clock import city_day
from portal.core.geometry import to_element
from portal.demo.cast import Cast, OrganCast, PersonCast
from portal.demo.codes import organ_code
from portal.demo.people import mobile
from portal.demo.streets import Quarter, StreetMap

LOADER = system_identity("demo")
# Longer than the oldest story is old.
_IN_OFFICE = timedelta(days=600)


@dataclass
class Residents:
    """The organs and people of the city, by the keys of the word list."""

    session: Session
    cast: Cast
    streets: StreetMap
    now: datetime
    organs: dict[str, Organ] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)

    def enter_organs(self, *, stations: bool = True) -> int:
        """Every organ of the cast, with the outline of its jurisdiction, and a police station in every quarter."""
        for organ in self.cast.organs:
            self.organs[organ.key] = self._enter(organ)
        if not stations:
            return len(self.organs)
        for code, quarters in self.streets.quarters.items():
            for quarter in quarters:
                self._enter_station(code, quarter)
        return len(self.organs) + sum(len(quarters) for quarters in self.streets.quarters.values())

    def enter_people(self, people: Iterable[PersonCast], units: Mapping[str, UUID]) -> None:
        """People with a login, each in the unit or organ of the word list."""
        for person in people:
            self.accounts[person.login] = self._enter_person(person, units)

    def competent(self) -> Mapping[str, Organ]:
        """The police branch of every district."""
        return {
            division: self.organs[organ.key]
            for organ in self.cast.organs
            if organ.kind is OrganKind.POLICE_BRANCH
            for division in organ.divisions
        }

    def inspectors(self) -> Mapping[str, tuple[Person, Person]]:
        """The two who inspect in each district."""
        return {code: (self._inspector(code, 0), self._inspector(code, 1)) for code in self.streets.divisions}

    def _inspector(self, district: str, place: int) -> Person:
        return self.accounts[self.cast.officer(Role.INSPECTOR, district, place=place).login].person

    def who(self, login: str) -> Identity:
        """The identity a person acts under."""
        return identity_of(self.session, self.accounts[login], address="127.0.0.1", now=self.now)

    def _enter(self, organ: OrganCast) -> Organ:
        parent = self.organs[organ.parent].id if organ.parent else None
        entered = create_organ(
            self.session,
            actor=LOADER,
            kind=organ.kind,
            code=organ.code,
            name=organ.name,
            name_en=organ.name_en,
            divisions=organ.divisions,
            citywide=organ.citywide,
            parent_id=parent,
            now=self.now,
        )
        codes = organ.divisions or (tuple(self.streets.divisions) if organ.citywide else ())
        if codes:
            outline = unary_union([self.streets.divisions[code].geometry for code in codes])
            entered.jurisdiction = to_element(outline if isinstance(outline, MultiPolygon) else MultiPolygon([outline]))
        return entered

    def _enter_station(self, district: str, quarter: Quarter) -> None:
        """A police station: its area lies on the map, but it decides nothing, so no division belongs to it."""
        place = quarter.name.removesuffix("街道")
        station = create_organ(
            self.session,
            actor=LOADER,
            kind=OrganKind.POLICE_STATION,
            code=organ_code(district, station=quarter.number),
            name=f"{self.competent()[district].name}{place}派出所",
            parent_id=self.competent()[district].id,
            now=self.now,
        )
        station.jurisdiction = to_element(quarter.area)

    def _enter_person(self, person: PersonCast, units: Mapping[str, UUID]) -> Account:
        entered = create_person(
            self.session,
            actor=LOADER,
            name=person.name,
            police_number=person.police,
            phone=mobile(random.Random(f"phone:{person.login}")),
            now=self.now,
        )
        account = create_account(
            self.session,
            actor=LOADER,
            person=entered,
            login=person.login,
            password=self.cast.password,
            must_change=False,
            now=self.now,
        )
        account.person = entered
        fact = MembershipFact(
            role=person.role,
            post=person.post,
            unit_id=units[person.unit] if person.unit else None,
            organ_id=self.organs[person.organ].id if person.organ else None,
        )
        since = city_day(self.now) - _IN_OFFICE
        grant_membership(self.session, actor=LOADER, person_id=entered.id, fact=fact, valid_from=since, now=self.now)
        return account
