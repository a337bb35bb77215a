"""Two dictionaries beside the profiles: places where no device may stand, with the words they go by, and standards."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from portal.regulation.schema.base import Citation, Frozen, Key, Text
from portal.regulation.schema.vocabulary import Tag

Word = Annotated[str, Field(min_length=2, max_length=40)]


class PrivatePlace(Frozen):
    """A kind of place that is forbidden ground, by the words people write for it.

    `interior` is the item of the law it belongs to. `doorway` says what a point before it, in a corridor or at an
    entrance, is: to be looked at by a person, or nothing out of the ordinary (the corridor of a hotel must be watched).
    `doubtful` words may mean something harmless, too: a waiting room is no place to sleep.
    """

    key: Key
    interior: Key
    text: Text
    words: Annotated[tuple[Word, ...], Field(min_length=1)]
    doubtful: tuple[Word, ...] = ()
    doorway: Literal["review", "allowed"]
    cites: Annotated[tuple[Citation, ...], Field(min_length=1)]


class Marks(Frozen):
    """Words around a private place's word that change what is meant.

    `outside` follow it and tell that the point stands before the place; `inside` follow and tell that it stands in it all
    the same; `building` follow and make a house or a part of the grounds of it; `trade` follow and make a business,
    an office or goods of it; `towards` come before it and tell where the view goes.
    """

    outside: tuple[str, ...]
    inside: tuple[str, ...]
    building: tuple[str, ...]
    trade: tuple[str, ...]
    towards: tuple[str, ...]


class Standard(Frozen):
    """One edition of a technical standard. `status` is said of today; unchecked where nobody looked it up."""

    key: Key
    number: Annotated[str, Field(pattern=r"^[A-Z]{2,3}(/T)? \d+(\.\d+)?-\d{4}$")]
    title: Text
    status: Literal["current", "withdrawn", "unchecked"]
    in_force: date | None = None
    withdrawn: date | None = None
    replaced_by: Key | None = None
    tag: Tag

    @model_validator(mode="after")
    def _one_story(self) -> Self:
        if (self.status == "withdrawn") != (self.withdrawn is not None):
            raise ValueError(f"{self.number}: a withdrawn edition names its day, and only it does")
        if self.in_force and self.withdrawn and self.withdrawn <= self.in_force:
            raise ValueError(f"{self.number}: withdrawn before it was in force")
        return self

    @property
    def edition(self) -> str:
        """The year behind the dash."""
        return self.number.rpartition("-")[2]

    def withdrawn_by(self, on: date) -> bool:
        """Whether it no longer held on a day."""
        return self.withdrawn is not None and self.withdrawn <= on


class Reference(Frozen):
    """Both dictionaries."""

    place: tuple[PrivatePlace, ...] = ()
    marks: Marks = Marks(outside=(), inside=(), building=(), trade=(), towards=())
    standard: tuple[Standard, ...] = ()

    def place_of(self, key: str) -> PrivatePlace:
        """Answer one private place."""
        return next(place for place in self.place if place.key == key)

    def standard_of(self, key: str) -> Standard | None:
        """Answer one standard, nothing when the dictionary does not know it."""
        return next((standard for standard in self.standard if standard.key == key), None)
