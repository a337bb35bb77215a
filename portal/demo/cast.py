"""The fixed people, organs and model units of the demonstration, as the word list names them."""

from dataclasses import dataclass
from functools import cache

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


@cache
def organs() -> tuple[OrganCast, ...]:
    """Every organ, parents before those below them."""
    return tuple(
        OrganCast(**{**row, "kind": OrganKind(row["kind"]), "divisions": tuple(row.get("divisions", ()))})
        for row in read("cast")["organ"]
    )


@cache
def units() -> tuple[UnitCast, ...]:
    """The units with staff."""
    return tuple(UnitCast(**row) for row in read("cast")["unit"])


@cache
def people() -> tuple[PersonCast, ...]:
    """Everybody who can sign in, in the order the list is printed."""
    return tuple(
        PersonCast(
            **{
                **row,
                "role": Role(row["role"]),
                "post": Post(row["post"]) if "post" in row else None,
                "title": tuple(row["title"]),
            }
        )
        for row in read("cast")["person"]
    )


def password() -> str:
    """The password of every demonstration account."""
    return str(read("cast")["password"])
