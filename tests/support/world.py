"""A small world for feature tests: two divisions, organs, units with systems and cameras, people with posts.

Everything is built through the session given, so that it vanishes with the test; people are named as a story names them.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.models import Account, Division, Membership, Organ, OrganDivision, Person
from portal.accounts.queries import identity_of
from portal.accounts.values import SUPERVISED, Identity, OrganKind, Post, Role, system_identity
from portal.audit.operations import record
from portal.audit.values import SubjectRef, audit_tag
from portal.core.divisions import load_divisions
from portal.registry.models import Camera, System, Unit

NOW = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)  # 09:00 in the city, a Friday
PASSWORD = "Yidingyaojizhu-2026"
# A real hash of PASSWORD, made once: hashing anew for every person would cost more than the tests themselves.
_hash: list[str] = []

BUILT = audit_tag("tests:world:build", "Test world built")


def password_hash() -> str:
    """The Argon2 hash that every test person's account carries."""
    if not _hash:
        from portal.accounts.operations.signin import HASHER

        _hash.append(HASHER.hash(PASSWORD))
    return _hash[0]


@dataclass
class World:
    """Builders over one session. Each returns the row; `who` gives the identity of a person by login."""

    session: Session
    accounts: dict[str, Account] = field(default_factory=dict)
    counter: int = 0

    def __post_init__(self) -> None:
        record(
            self.session,
            actor=system_identity("tests").actor,
            tag=BUILT,
            subject=SubjectRef("world"),
            now=NOW,
        )

    def division(self, code: str) -> str:
        """Make sure a division exists."""
        if self.session.get(Division, code) is None:
            known = next(one for one in load_divisions() if one.code == code)
            self.session.add(
                Division(
                    code=code,
                    name=known.name,
                    name_en=known.name,
                    level="district",
                    outline="SRID=4326;MULTIPOLYGON(((114 36,115 36,115 37,114 37,114 36)))",
                )
            )
            self.session.flush()
        return code

    def organ(
        self, name: str, kind: OrganKind = OrganKind.POLICE_BRANCH, *districts: str, citywide: bool = False
    ) -> Organ:
        """A state organ with its divisions."""
        self.counter += 1
        organ = Organ(kind=kind, name=name, code=f"T{self.counter:05d}", citywide=citywide)
        organ.sectors = sorted(SUPERVISED.get(kind, ()))
        organ.divisions = [OrganDivision(division_code=self.division(code)) for code in districts]
        self.session.add(organ)
        self.session.flush()
        return organ

    def unit(self, name: str, *, district: str = "410502", unit_type: str = "college", **columns: Any) -> Unit:
        """A unit; `house_profiles` puts it under its own rules."""
        columns.setdefault("duty_phone_masked", "0372****0100")
        unit = Unit(
            name=name,
            unit_type=unit_type,
            district=self.division(district),
            address=f"{name}院内",
            created_at=NOW,
            updated_at=NOW,
            **columns,
        )
        self.session.add(unit)
        self.session.flush()
        return unit

    def system(
        self, unit: Unit, organ: Organ, *, regime: str = "a7_2", retention_days: int | None = 30, **columns: Any
    ) -> System:
        """A system in use."""
        system = System(
            unit_id=unit.id,
            organ_id=organ.id,
            district=unit.district,
            name=f"{unit.name}视频监控系统",
            kind="unit_internal",
            regime=regime,
            address=unit.address,
            use_status="in_use",
            in_use_on=date(2024, 1, 1),
            retention_days=retention_days,
            created_at=NOW,
            updated_at=NOW,
            **columns,
        )
        self.session.add(system)
        self.session.flush()
        return system

    def camera(self, system: System, name: str, **columns: Any) -> Camera:
        """A camera of a system."""
        camera = Camera(
            system_id=system.id,
            unit_id=system.unit_id,
            district=system.district,
            name=name,
            address=f"{name}处",
            position="SRID=4326;POINT(114.35 36.1)",
            created_at=NOW,
            updated_at=NOW,
            **columns,
        )
        self.session.add(camera)
        self.session.flush()
        return camera

    def person(
        self,
        login: str,
        role: Role,
        *,
        name: str = "",
        unit: Unit | None = None,
        organ: Organ | None = None,
        post: Post | str | None = None,
        police_number: str | None = None,
    ) -> Identity:
        """A person with an account (password PASSWORD) and one membership."""
        person = Person(name=name or login, police_number=police_number, created_at=NOW)
        self.session.add(person)
        self.session.flush()
        account = Account(
            person_id=person.id,
            login=login,
            password_hash=password_hash(),
            password_set_at=NOW,
            must_change=False,
            created_at=NOW,
        )
        account.person = person
        self.session.add(account)
        self.accounts[login] = account
        self.join(person.id, role, unit=unit, organ=organ, post=post)
        return self.who(login)

    def join(
        self,
        person_id: UUID,
        role: Role,
        *,
        unit: Unit | None = None,
        organ: Organ | None = None,
        post: Post | str | None = None,
    ) -> None:
        """One more membership of a person."""
        self.session.add(
            Membership(
                person_id=person_id,
                role=role,
                post=post,
                unit_id=unit.id if unit else None,
                organ_id=organ.id if organ else None,
                valid_from=date(2024, 1, 1),
            )
        )
        self.session.flush()

    def who(self, login: str) -> Identity:
        """The identity the gate would make of a person now."""
        return identity_of(self.session, self.accounts[login], now=NOW)
