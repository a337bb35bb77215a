"""What comes in and goes out as JSON. The camera's fields are those of rules.fields; nothing lists them a second time."""

import dataclasses
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model
from pydantic_core import PydanticCustomError

from portal.core.codes import phone_problem, tidy_phone
from portal.core.errors import Invalid, Problem
from portal.registry.models import System
from portal.registry.rules import TYPED, CameraField
from portal.registry.rules.fields import CAMERA_FIELDS, Home, Shape
from portal.registry.states import FilingStatus, LiveState, UseStatus
from portal.registry.values import (
    CameraParticulars,
    CameraType,
    FilingKind,
    PartyRole,
    SystemKind,
    SystemParticulars,
    UnitType,
)
from portal.regulation.schema.vocabulary import Regime
from portal.web.widgets import clean, plain

Item = TypeVar("Item")
Particulars = TypeVar("Particulars", CameraParticulars, SystemParticulars)


class Body(BaseModel):
    """Whatever a program sends: known fields only, read as JSON says them, texts cleaned as a form's are."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, str_max_length=4000)


class Shown(BaseModel):
    """Whatever a program is given."""

    model_config = ConfigDict(extra="forbid")


class Asked(BaseModel):
    """A list's query: a filter nobody knows is refused, never ignored."""

    model_config = ConfigDict(extra="forbid", str_max_length=200)

    limit: int = Field(50, ge=1, le=200)
    after: str | None = Field(None, max_length=400)


class Listed(Shown, Generic[Item]):
    """One page of a list; `next` goes into the next question as `after`, null at the end."""

    items: list[Item]
    next: str | None


Text = Annotated[str, AfterValidator(clean)]


def text(longest: int) -> Any:
    """A text of one field, cleaned as the form's would be."""
    return Annotated[Text, Field(max_length=longest)]


# Made from tables of fields, whose types are known when the program runs and not before.
_make: Any = create_model


# ---- who asks ----


class WhoAmI(Shown):
    """Whom the token stands for, and what it may be used for."""

    name: str
    organ: str
    roles: list[str]
    scopes: list[str]


# ---- units ----


class Place(Shown):
    """WGS-84 (CGCS2000), degrees."""

    lon: float
    lat: float


class UnitShown(Shown):
    """A unit."""

    id: UUID
    name: str
    uscc: str | None
    unit_type: UnitType
    category: str | None
    district: str
    address: str
    position: Place | None
    contact_name: str
    contact_phone_masked: str | None
    created_at: datetime
    updated_at: datetime
    version: int


class UnitsListed(Listed[UnitShown]):
    """A page of units."""


class UnitsAsked(Asked):
    """Filters of units."""

    district: str | None = Field(None, pattern=r"^\d{6}$")
    unit_type: UnitType | None = None
    uscc: str | None = Field(None, max_length=18)


# ---- systems ----

# The regime's answers, the site and secrecy are not asked by the form either; they stay as they are.
_SYSTEM_KEPT = frozenset({"site_id", "secret", "regime_answers"})
# A pair of numbers in WGS-84 that the row keeps as one point.
_SYSTEM_PLACE = frozenset({"lon", "lat"})
_SYSTEM_FIELDS = {each.name: each for each in dataclasses.fields(SystemParticulars) if each.name not in _SYSTEM_KEPT}


class SystemShown(Shown):
    """A video system with its four parties."""

    id: UUID
    unit_id: UUID
    organ_id: UUID
    district: str
    name: str
    kind: SystemKind
    regime: Regime
    address: str
    purpose: str
    department: str
    use_status: UseStatus
    in_use_on: date | None
    retention_days: int | None
    storage_kind: str | None
    records_audio: bool
    has_analytics: bool
    networked: bool
    software: str
    parties: dict[PartyRole, str]
    created_at: datetime
    updated_at: datetime
    version: int


class SystemsListed(Listed[SystemShown]):
    """A page of systems."""


class SystemsAsked(Asked):
    """Filters of systems."""

    district: str | None = Field(None, pattern=r"^\d{6}$")
    unit_id: UUID | None = None
    use_status: UseStatus | None = None


def _system_type(each: "dataclasses.Field[Any]") -> Any:
    if each.name == "parties":
        return dict[PartyRole, Annotated[Text, Field(max_length=120)]]
    if each.name == "retention_days":
        return Annotated[int, Field(ge=0, le=3650)] | None
    if each.name == "declared_devices":
        return dict[CameraType, Annotated[int, Field(ge=0, le=100_000)]]
    if each.name in _SYSTEM_PLACE:
        return Annotated[float, Field(ge=-180, le=180)] | None
    column = System.__table__.c[each.name]
    if each.type in (str, "str"):
        return text(getattr(column.type, "length", None) or 400)
    return each.type


def _needed(each: "dataclasses.Field[Any]") -> bool:
    return each.default is dataclasses.MISSING and each.default_factory is dataclasses.MISSING


_CHANGE: dict[str, Any] = {
    "version": (int, Field(ge=1, description="the version that was read; another one since then answers 409")),
    "reason": (text(200), Field("", description="asked for once the system is filed")),
}

SystemEntered: type[Body] = _make(
    "SystemEntered",
    __base__=Body,
    **{
        name: (_system_type(each), ...) if _needed(each) else (_system_type(each) | None, None)
        for name, each in _SYSTEM_FIELDS.items()
    },
)
SystemChanged: type[Body] = _make(
    "SystemChanged",
    __base__=Body,
    **_CHANGE,
    **{name: (_system_type(each) | None, None) for name, each in _SYSTEM_FIELDS.items()},
)

# ---- cameras ----

# What a camera cannot be entered without; the datum above all is never guessed.
_CAMERA_NEEDED = frozenset({"name", "lon", "lat", "datum"})


def _telephone(number: str) -> str:
    tidy = tidy_phone(number)
    if tidy and phone_problem(tidy):
        raise PydanticCustomError("phone_shape", "not a telephone number")
    return tidy


_SIMPLE: Mapping[Shape, Any] = {
    Shape.PHONE: Annotated[str, AfterValidator(_telephone), Field(max_length=40)],
    Shape.CODE: Annotated[str, AfterValidator(plain), Field(max_length=40)],
    Shape.FLAG: bool,
    Shape.DAY: date,
}


def _camera_type(each: CameraField) -> Any:
    """The JSON type of a field of the file."""
    if each.kind is not None:
        return list[each.kind] if each.shape is Shape.MANY else each.kind  # type: ignore[name-defined]
    if each.shape in _SIMPLE:
        return _SIMPLE[each.shape]
    if each.shape is Shape.WHOLE:
        return Annotated[int, Field(ge=int(each.low), le=int(each.high))]
    if each.shape in (Shape.DECIMAL, Shape.DEGREES):
        low, high = Decimal(str(each.low)), Decimal(str(each.high))
        return Annotated[Decimal, Field(ge=low, le=high, max_digits=20, strict=False)]
    return text(each.longest or 40)


def _marked(each: CameraField, default: Any) -> Any:
    return Field(default, json_schema_extra={"x-field": each.key})


CameraEntered: type[Body] = _make(
    "CameraEntered",
    __base__=Body,
    **{
        each.key: (_camera_type(each), _marked(each, ...))
        if each.key in _CAMERA_NEEDED
        else (_camera_type(each) | None, _marked(each, None))
        for each in TYPED
    },
)
CameraChanged: type[Body] = _make(
    "CameraChanged",
    __base__=Body,
    **_CHANGE,
    **{each.key: (_camera_type(each) | None, _marked(each, None)) for each in TYPED},
)
# How a device is reached is no part of this interface; telephone numbers go out masked.
CAMERA_SHOWN = tuple(each for each in CAMERA_FIELDS if each.home in (Home.CAMERA, Home.DERIVED, Home.SEALED))


def _shown_field(each: CameraField) -> tuple[str, Any]:
    if each.home is Home.SEALED:
        return f"{each.key}_masked", (str | None, _marked(each, ...))
    if each.shape in (Shape.FLAG, Shape.MANY, Shape.DEGREES):
        kind = str if each.shape is Shape.DEGREES else _camera_type(each)
        return each.key, (kind, _marked(each, ...))
    plain = str if each.shape in (Shape.TEXT, Shape.LONG, Shape.CODE, Shape.ZONE) else _camera_type(each)
    return each.key, (plain | None, _marked(each, ...))


CameraShown: Any = _make(
    "CameraShown",
    __base__=Shown,
    id=(UUID, ...),
    unit_id=(UUID, ...),
    system_id=(UUID, ...),
    **dict(map(_shown_field, CAMERA_SHOWN)),
    position=(Place, ...),
    live=(LiveState, ...),
    fault_keys=(list[str] | None, ...),
    created_at=(datetime, ...),
    updated_at=(datetime, ...),
    version=(int, ...),
)


class CamerasListed(Listed[CameraShown]):
    """A page of cameras."""


class CamerasAsked(Asked):
    """Filters of cameras."""

    district: str | None = Field(None, pattern=r"^\d{6}$")
    unit_id: UUID | None = None
    system_id: UUID | None = None
    gb_code: str | None = Field(None, max_length=20)
    live: LiveState | None = None
    failing: bool | None = None


# ---- filings ----


class FilingShown(Shown):
    """A filing."""

    id: UUID
    system_id: UUID
    unit_id: UUID
    organ_id: UUID
    district: str
    system_name: str
    unit_name: str
    kind: FilingKind
    status: FilingStatus
    number: str | None
    national_number: str | None
    revision: int
    due_on: date | None
    submitted_at: datetime | None
    decided_at: datetime | None
    decision_reason: str
    field_comments: dict[str, str]
    receipt_code: str | None
    created_at: datetime
    version: int


class FilingsListed(Listed[FilingShown]):
    """A page of filings."""


class FilingsAsked(Asked):
    """Filters of filings."""

    district: str | None = Field(None, pattern=r"^\d{6}$")
    unit_id: UUID | None = None
    system_id: UUID | None = None
    status: FilingStatus | None = None
    number: str | None = Field(None, max_length=40)


class FilingOpened(Body):
    """Begin a filing."""

    kind: FilingKind


class FilingSubmitted(Body):
    """Hand a filing in, in the name of whoever declares it."""

    version: int = Field(ge=1)
    declared_by: text(40)  # type: ignore[valid-type]


# ---- from bodies to the values that operations take ----


def camera_particulars(given: BaseModel, kept: CameraParticulars | None = None) -> CameraParticulars:
    """A camera as given, over what is on record; null empties a field. Raises Invalid for one that must not be empty."""
    fields = {each.name: each for each in dataclasses.fields(CameraParticulars)}
    return _particulars(CameraParticulars, {each.key: fields[each.key] for each in TYPED}, given, kept)


def system_particulars(given: BaseModel, kept: SystemParticulars | None = None) -> SystemParticulars:
    """A system as given, over what is on record; null empties a field. Raises Invalid for one that must not be empty."""
    return _particulars(SystemParticulars, _SYSTEM_FIELDS, given, kept)


def _particulars(
    kind: type[Particulars], fields: "Mapping[str, dataclasses.Field[Any]]", given: BaseModel, kept: Particulars | None
) -> Particulars:
    values: dict[str, Any] = {}
    empty = []
    for name, each in fields.items():
        if name not in given.model_fields_set:
            continue
        value = getattr(given, name)
        if _needed(each) and value in (None, ""):
            empty.append(Problem(name, "required"))
        elif value is None:
            value = each.default if each.default_factory is dataclasses.MISSING else each.default_factory()
        values[name] = tuple(dict.fromkeys(value)) if isinstance(value, list) else value
    if empty:
        raise Invalid(empty)
    return dataclasses.replace(kept, **values) if kept is not None else kind(**values)
