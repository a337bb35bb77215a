"""The bulk of the city: units, systems and cameras by the thousand, through COPY.

Whatever a person decided goes through the features' own operations (see `stories`); these rows stand for years of
filings that nobody will replay. They carry everything the operations would have written, codes and seals included.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from uuid import UUID

from shapely.geometry import Point
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import Organ
from portal.core.codes import masked_phone
from portal.core.copying import copy_into
from portal.core.crypto import row_context
from portal.core.geometry import hex_ewkb
from portal.core.services import services
from portal.demo.acceptances import AcceptanceRows, Pair
from portal.demo.camera_rows import Row, access_row, add_network_cards, camera_row
from portal.demo.cameras import CameraMaker, CameraPlan
from portal.demo.codes import stable_id
from portal.demo.equipment import Connection
from portal.demo.files import FileClerk, Shelf, shelf_of
from portal.demo.filings import FilingPlan, FilingRows, frozen
from portal.demo.freezing import Freezer
from portal.demo.streets import StreetMap
from portal.demo.systems import HANDED_IN, PoliceUnit, SystemPlan
from portal.demo.timeline import at
from portal.demo.units import UnitPlan
from portal.inspection.models import VisitInspector
from portal.registry.models import Unit
from portal.registry.operations.units import initials

_IN_CITY_ORDER = "position"


@dataclass
class Bulk:
    """What one load writes, and the identifiers it gave out."""

    session: Session
    seed: int
    streets: StreetMap
    organs: Mapping[str, Organ]  # competent police organ by district
    today: date
    now: datetime
    maker: CameraMaker
    unit_ids: dict[int, UUID] = field(default_factory=dict)
    system_ids: dict[int, UUID] = field(default_factory=dict)
    unit_names: dict[int, str] = field(default_factory=dict)
    entered: dict[int, datetime] = field(default_factory=dict)
    accesses: list[Row] = field(default_factory=list)
    freezer: Freezer = field(default_factory=Freezer)
    clerk: FileClerk = field(init=False)

    def __post_init__(self) -> None:
        self.clerk = FileClerk(self.seed)

    def load_units(self, units: Sequence[UnitPlan], police: Sequence[PoliceUnit]) -> int:
        """Every unit with its sealed telephone numbers, and one site each."""
        self.entered |= {unit.number: self._entered(unit) for unit in units}
        self.entered |= {bureau.number: at(self.today - timedelta(days=3_650)) for bureau in police}
        self.unit_names = {unit.number: unit.name for unit in units} | {each.number: each.name for each in police}
        self.unit_ids |= {number: stable_id(self.seed, "unit", number, day) for number, day in self.entered.items()}
        rows = [*map(self._unit_row, units), *map(self._police_row, police)]
        loaded = copy_into(self.session, "unit", rows, order_by=_IN_CITY_ORDER)
        copy_into(self.session, "site", map(self._site_row, units))
        return loaded

    def load_systems(self, systems: Sequence[SystemPlan]) -> int:
        """Every system with the four parties a filing names."""
        for system in systems:
            entered = self._entered_system(system)
            self.system_ids[system.number] = stable_id(self.seed, "system", system.number, entered)
        loaded = copy_into(self.session, "system", map(self._system_row, systems))
        copy_into(self.session, "system_party", self._party_rows(systems))
        return loaded

    def load_cameras(
        self, units: Sequence[UnitPlan], systems: Sequence[SystemPlan], wired: Mapping[int, Sequence[Connection]]
    ) -> int:
        """Every camera, drawn while it is written; those `wired` to a simulated device get their access too."""
        loaded = copy_into(self.session, "camera", self._camera_rows(units, systems, wired), order_by=_IN_CITY_ORDER)
        copy_into(self.session, "camera_access", self.accesses)
        add_network_cards(self.session)
        return loaded

    def load_filings(self, units: Sequence[UnitPlan], police: Sequence[PoliceUnit], plans: Sequence[FilingPlan]) -> int:
        """Every filing with its due day, its number and the content frozen with it."""
        codes = {district: (organ.id, organ.code) for district, organ in self.organs.items()}
        maker = FilingRows(seed=self.seed, organs=codes, now=self.now)
        owners = self._owners(units, police)
        rows: dict[int, list[tuple[FilingPlan, Row]]] = {}
        for plan in plans:
            owner = owners[plan.system.unit]
            row = maker.filing(plan, system_id=self.system_ids[plan.system.number], unit=owner, unit_id=owner.id)
            rows.setdefault(plan.system.number, []).append((plan, row))
        loaded = copy_into(self.session, "filing", (row for made in rows.values() for _, row in made))
        owned = ((plan, owners[plan.system.unit]) for plan in plans)
        said = (maker.confirmation(plan, unit=owner, unit_id=owner.id) for plan, owner in owned)
        copy_into(self.session, "filing_confirmation", (row for row in said if row))
        copy_into(self.session, "filing_revision", self._revision_rows(maker, owners, rows))
        copy_into(self.session, "filing_number", maker.number_rows())
        return loaded

    def load_acceptances(
        self, units: Sequence[UnitPlan], systems: Sequence[SystemPlan], inspectors: Mapping[str, Pair]
    ) -> int:
        """The acceptances that put systems into use, and those that wait, each judged by its own checklist."""
        engaged: dict[UUID, list[tuple[datetime, datetime]]] = {}
        for person, period in self.session.execute(select(VisitInspector.person_id, VisitInspector.period)):
            if period.lower and period.upper:
                engaged.setdefault(person, []).append((period.lower, period.upper))
        maker = AcceptanceRows(
            seed=self.seed, today=self.today, organs=self.organs, inspectors=inspectors, engaged=engaged
        )
        owners = self._owners(units, ())
        for system in systems:
            if system.kind != "public":
                maker.add(system, system_id=self.system_ids[system.number], unit=owners[system.unit])
        for table, rows in maker.tables():
            copy_into(self.session, table, rows)
        return len(maker.acceptances)

    # -- rows --------------------------------------------------------------------------------------------------------

    def _unit_row(self, unit: UnitPlan) -> Row:
        key = self.unit_ids[unit.number]
        place = unit.place
        return {
            "id": key,
            "uscc": unit.uscc,
            "name": unit.name,
            "initials": initials(unit.name),
            "unit_type": unit.kind.type,
            "category": unit.kind.category,
            "counter_terror_target": unit.counter_terror,
            "district": place.district,
            "address": place.address,
            "position": hex_ewkb(Point(place.lon, place.lat)),
            "principal_name": unit.principal.name,
            "security_head_name": unit.security_head.name,
            "contact_name": unit.filer.name,
            **self._phones(unit, key),
            **self._written(self.entered[unit.number]),
        }

    def _phones(self, unit: UnitPlan, key: UUID) -> Row:
        if not reachable(unit):
            return dict.fromkeys(_PHONES)
        return {
            "contact_phone_sealed": self._sealed("contact_phone_sealed", key, unit.filer.phone),
            "contact_phone_masked": unit.filer.phone_masked,
            "duty_phone_sealed": self._sealed("duty_phone_sealed", key, unit.duty_phone),
            "duty_phone_masked": masked_phone(unit.duty_phone),
        }

    def _police_row(self, bureau: PoliceUnit) -> Row:
        key, duty_phone = self.unit_ids[bureau.number], f"1540372{bureau.number % 10_000:04d}"
        return {
            "id": key,
            "uscc": bureau.uscc,
            "name": bureau.name,
            "initials": initials(bureau.name),
            "unit_type": "police",
            "category": None,
            "counter_terror_target": False,
            "district": bureau.district,
            "address": bureau.address,
            "position": hex_ewkb(Point(bureau.lon, bureau.lat)),
            "principal_name": "",
            "security_head_name": "",
            "contact_name": "科技信息化大队",
            "contact_phone_sealed": None,
            "contact_phone_masked": None,
            "duty_phone_sealed": self._sealed("duty_phone_sealed", key, duty_phone),
            "duty_phone_masked": masked_phone(duty_phone),
            **self._written(self.entered[bureau.number]),
        }

    def _site_row(self, unit: UnitPlan) -> Row:
        place = unit.place
        return {
            "id": self._site_id(unit.number),
            "unit_id": self.unit_ids[unit.number],
            "name": "本部",
            "district": place.district,
            "address": place.address,
            "position": hex_ewkb(Point(place.lon, place.lat)),
        }

    def _system_row(self, system: SystemPlan) -> Row:
        return {
            "id": self.system_ids[system.number],
            "unit_id": self.unit_ids[system.unit],
            "site_id": None if system.kind == "public" else self._site_id(system.unit),
            "district": system.district,
            "organ_id": self.organs[system.district].id,
            "name": system.name,
            "kind": system.kind,
            "regime": system.regime,
            "purpose": system.purpose,
            "department": system.department,
            "address": system.address,
            "use_status": system.use_status,
            "in_use_on": system.used_since,
            "retention_days": system.retention_days,
            "storage_kind": system.storage,
            "has_analytics": system.analytics,
            "records_audio": system.kind != "public",
            "party_names": json.dumps(self._parties(system), ensure_ascii=False),
            "networked": system.networked,
            "software": system.software,
            **self._written(self._entered_system(system)),
        }

    def _party_rows(self, systems: Sequence[SystemPlan]) -> Iterator[Row]:
        for system in systems:
            for role, name in self._parties(system).items():
                yield {
                    "system_id": self.system_ids[system.number],
                    "role": role,
                    "unit_id": self.unit_ids[system.unit],
                    "district": system.district,
                    "name": name,
                }

    def _parties(self, system: SystemPlan) -> Mapping[str, str]:
        owner = system.name.removesuffix("视频监控系统")
        if system.kind == "public":
            owner = f"{self.streets.district_name(system.district)}人民政府"
        return {
            "investor": owner,
            "builder": _BUILDERS[system.number % len(_BUILDERS)],
            "user": owner,
            "manager": owner,
        }

    def _camera_rows(
        self, units: Sequence[UnitPlan], systems: Sequence[SystemPlan], wired: Mapping[int, Sequence[Connection]]
    ) -> Iterator[Row]:
        by_number = {unit.number: unit for unit in units}
        totals: Counter[str] = Counter()
        for system in systems:
            totals[system.district] += system.cameras if system.kind == "public" else 0
        streets = {code: self.maker.of_streets(code, count, self.today) for code, count in totals.items()}
        number = 0
        for system in systems:
            public = system.kind == "public"
            source = streets[system.district] if public else self.maker.of_unit(by_number[system.unit])
            drawn = islice(source, system.cameras)
            plans = list(drawn)
            rows = [self._camera_row(number + i, system, camera) for i, camera in enumerate(plans)]
            number += len(rows)
            links = wired.get(system.number, ())
            self.clerk.fill(rows, plans, self._shelf(system, by_number.get(system.unit)), links)
            for row, connection in zip(rows, links, strict=False):
                self.accesses.append(access_row(row, connection, services(self.session).envelope))
            if system.filing in HANDED_IN or system.changing:
                self.freezer.keep(system.number, rows)
            yield from rows

    def _shelf(self, system: SystemPlan, unit: UnitPlan | None) -> Shelf:
        public = unit is None
        return shelf_of(
            key=str(system.number),
            today=self.today,
            kind=system.kind,
            regime=system.regime,
            records_audio=not public,
            unit_type="police" if unit is None else unit.kind.type,
            unit_has_phone=unit is None or reachable(unit),
            organ_code=self.organs[system.district].code,
            unit_name=self.unit_names[system.unit],
            department=system.department,
            maintainer=_BUILDERS[system.number % len(_BUILDERS)],
            phase=system.name.partition("（")[2].removesuffix("）") if public else "",
            networked=system.networked,
        )

    def _revision_rows(
        self, maker: FilingRows, owners: Mapping[int, Unit], rows: Mapping[int, Sequence[tuple[FilingPlan, Row]]]
    ) -> Iterator[Row]:
        for number, cameras in self.freezer.kept():
            for plan, row in rows[number]:
                if plan.submitted:
                    owner = owners[plan.system.unit]
                    content = frozen(
                        filing=row,
                        unit=owner,
                        system=self._system_row(plan.system),
                        parties=self._parties(plan.system),
                        cameras=cameras,
                    )
                    yield maker.revision(plan, content, unit_id=owner.id)

    def _owners(self, units: Sequence[UnitPlan], police: Sequence[PoliceUnit]) -> Mapping[int, Unit]:
        """The units as the rules ask about them, by number."""
        owners = {unit.number: self._as_unit(self._unit_row(unit)) for unit in units}
        return owners | {bureau.number: self._as_unit(self._police_row(bureau)) for bureau in police}

    def _as_unit(self, row: Row) -> Unit:
        """The row as the object the rules ask about; it never joins a session."""
        return Unit(**{name: value for name, value in row.items() if name != "position"}, house_profiles=[])

    def _camera_row(self, number: int, system: SystemPlan, camera: CameraPlan) -> Row:
        entered = at(min(camera.installed_on, self.today), 11)
        return camera_row(
            camera,
            key=stable_id(self.seed, "camera", number, entered),
            system_id=self.system_ids[system.number],
            unit_id=self.unit_ids[system.unit],
            district=system.district,
            entered=entered,
        )

    def _sealed(self, column: str, key: UUID, phone: str) -> str:
        return services(self.session).envelope.seal(phone.encode(), context=row_context("unit", column, key))

    def _entered(self, unit: UnitPlan) -> datetime:
        return at(min(unit.in_use_on, self.today - timedelta(days=1)) - timedelta(days=90), 9)

    def _entered_system(self, system: SystemPlan) -> datetime:
        return at(min(system.in_use_on, self.today - timedelta(days=1)), 10)

    def _written(self, entered: datetime) -> Row:
        return {"created_at": entered, "updated_at": entered, "version": 1}

    def _site_id(self, number: int) -> UUID:
        return stable_id(self.seed, "site", number, self.entered[number])


def reachable(unit: UnitPlan) -> bool:
    """Whether a unit has left a telephone number: one in two hundred has not."""
    return unit.number % 200 != 7


_PHONES = ("contact_phone_sealed", "contact_phone_masked", "duty_phone_sealed", "duty_phone_masked")
_BUILDERS = (
    "河南安视智能科技有限公司",
    "安阳中原弱电工程有限公司",
    "洹河安防技术有限公司",
    "豫北系统集成有限公司",
)
