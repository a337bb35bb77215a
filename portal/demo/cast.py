"""The fixed people, organs and model units of the demonstration, as the word list names them."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from portal.accounts.values import OrganKind, Post, Role
from portal.demo.vocabulary import read


@dataclass(frozen=True, kw_only=True)
class OrganCast:
    """A state organ."""

    key: str
    kind: OrganKind
    code: str
    name: str
    name_en: str
    divisions: tuple[str, ...] = ()
    citywide: bool = False
    parent: str | None = None


@dataclass(frozen=True, kw_only=True)
class UnitCast:
    """A unit whose staff can sign in."""

    key: str
    kind: str
    name: str
    district: str
    cameras: int
    house: str
    spots: str = ""  # where its cameras hang, if not where those of its kind do


@dataclass(frozen=True, kw_only=True)
class PersonCast:
    """Somebody who can sign in."""

    login: str
    name: str
    role: Role
    title: tuple[str, str]
    post: Post | None = None
    unit: str | None = None
    organ: str | None = None
    police: str | None = None


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Everybody and everything one word list names."""

    organs: tuple[OrganCast, ...]  # parents before those below them
    units: tuple[UnitCast, ...]
    people: tuple[PersonCast, ...]  # in the order the list is printed
    password: str  # of every account

    def person(self, login: str) -> PersonCast:
        """Somebody by login."""
        return next(person for person in self.people if person.login == login)

    def holder(self, unit: str, role: Role, *, place: int = 0) -> PersonCast:
        """Who holds a role in a unit: the first, or the one at `place`."""
        return [person for person in self.people if person.unit == unit and person.role is role][place]

    def officer(self, role: Role, district: str, *, place: int = 0) -> PersonCast:
        """Who holds a role at the police branch of a district, or else at an organ that covers the whole city."""
        branches = {organ.key for organ in self.organs if district in organ.divisions}
        everywhere = {organ.key for organ in self.organs if organ.citywide}
        near = [person for person in self.people if person.role is role and person.organ in branches]
        far = [person for person in self.people if person.role is role and person.organ in everywhere]
        return (near or far)[place]


@cache
def cast_of(name: str) -> Cast:
    """The cast of a word list: `cast` for the demonstration, `check_cast` for the fixture world."""
    words = read(name)
    return Cast(
        organs=tuple(_organ(row) for row in words["organ"]),
        units=tuple(UnitCast(**row) for row in words["unit"]),
        people=tuple(_person(row) for row in words["person"]),
        password=words["password"],
    )


def _organ(row: dict[str, Any]) -> OrganCast:
    return OrganCast(**{**row, "kind": OrganKind(row["kind"]), "divisions": tuple(row.get("divisions", ()))})


def _person(row: dict[str, Any]) -> PersonCast:
    post = Post(row["post"]) if "post" in row else None
    return PersonCast(**{**row, "role": Role(row["role"]), "post": post, "title": tuple(row["title"])})


DEMO = "cast"
CHECK = "check_cast"
