"""Loads every profile at start and refuses to start on any error."""

import tomllib
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from portal.regulation.checks import book_problems
from portal.regulation.rulebook import Rulebook
from portal.regulation.schema.profile import Adoption, Precedence, Profile
from portal.regulation.schema.reference import Reference
from portal.regulation.schema.vocabulary import Vocabulary

PROFILES = Path(__file__).parent / "profiles"
VOCABULARY = "vocabulary.toml"
PRECEDENCE = "precedence.toml"
ADOPTIONS = "adoptions.toml"
Model = TypeVar("Model", bound=BaseModel)
INTERIORS = "interiors.toml"
STANDARDS = "standards.toml"
NOT_PROFILES = frozenset({VOCABULARY, PRECEDENCE, ADOPTIONS, INTERIORS, STANDARDS})


class RegulationInvalid(Exception):
    """The profiles cannot be used; every problem found is named, not only the first."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("the regulation profiles are invalid:\n  " + "\n  ".join(problems))


@cache
def rulebook() -> Rulebook:
    """Answer the profiles shipped with the portal, loaded once."""
    return load_rulebook(PROFILES)


def load_rulebook(directory: Path) -> Rulebook:
    """Read a directory of profiles; raises RegulationInvalid with everything that is wrong."""
    problems: list[str] = []
    vocabulary = _vocabulary(directory, problems)
    if vocabulary is None:
        raise RegulationInvalid(problems)
    profiles = [
        profile
        for path in sorted(directory.glob("*.toml"))
        if path.name not in NOT_PROFILES
        if (profile := _profile(path, vocabulary, problems)) is not None
    ]
    book = Rulebook(
        vocabulary=vocabulary,
        profiles=tuple(profiles),
        precedence=_list_of(Precedence, directory / PRECEDENCE, "precedence", problems),
        adoptions=_list_of(Adoption, directory / ADOPTIONS, "adoption", problems),
        reference=_reference(directory, problems),
    )
    if not problems:
        problems.extend(book_problems(book))
    if problems:
        raise RegulationInvalid(problems)
    return book


def _read(path: Path, problems: list[str]) -> dict[str, Any] | None:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        problems.append(f"{path.name}: cannot be read: {error}")
        return None


def _vocabulary(directory: Path, problems: list[str]) -> Vocabulary | None:
    data = _read(directory / VOCABULARY, problems)
    if data is None:
        return None
    try:
        return Vocabulary.model_validate(data)
    except ValidationError as error:
        problems.extend(_spelled_out(VOCABULARY, error))
        return None


def _profile(path: Path, vocabulary: Vocabulary, problems: list[str]) -> Profile | None:
    data = _read(path, problems)
    if data is None:
        return None
    try:
        profile = Profile.model_validate(data, context={"vocabulary": vocabulary})
    except ValidationError as error:
        problems.extend(_spelled_out(path.name, error))
        return None
    if path.stem != profile.key:
        problems.append(f"{path.name}: the file must be named after its key {profile.key}")
    return profile


def _list_of(model: type[Model], path: Path, name: str, problems: list[str]) -> tuple[Model, ...]:
    data = _read(path, problems)
    if data is None:
        return ()
    strange = sorted(data.keys() - {name})
    if strange:
        problems.append(f"{path.name}: unknown: {', '.join(strange)}")
    try:
        return tuple(model.model_validate(entry) for entry in data.get(name, []))
    except ValidationError as error:
        problems.extend(_spelled_out(path.name, error))
        return ()


def _reference(directory: Path, problems: list[str]) -> Reference:
    """The dictionaries of private places and of standards; each mistake is named with its file."""
    found: dict[str, Any] = {}
    for name, keys in ((INTERIORS, {"place", "marks"}), (STANDARDS, {"standard"})):
        data = _read(directory / name, problems) or {}
        if strange := sorted(data.keys() - keys):
            problems.append(f"{name}: unknown: {', '.join(strange)}")
        part = {key: value for key, value in data.items() if key in keys}
        try:
            Reference.model_validate(part)
        except ValidationError as error:
            problems.extend(_spelled_out(name, error))
        else:
            found |= part
    return Reference.model_validate(found)


def _spelled_out(name: str, error: ValidationError) -> list[str]:
    """One line a problem, naming the place the way it is written in the file."""
    return [f"{name}: {_place(problem['loc'])}: {problem['msg']}" for problem in error.errors()]


def _place(location: Sequence[int | str]) -> str:
    return ".".join(str(part) for part in location) or "the file"
