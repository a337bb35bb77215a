"""Forms of one camera. The fields are those of rules.fields, in its order; nothing lists them a second time."""

from collections.abc import Mapping
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Any

from flask_babel import lazy_gettext as _

from portal.registry.labels import CAMERA_FIELD, CAMERA_OPTION
from portal.registry.labels.camera import FIELD_HINT, UNIT_OF_MEASURE
from portal.registry.labels.codes import DEVICE_TYPE, INDUSTRY, NETWORK
from portal.registry.models import Camera
from portal.registry.rules import TYPED, CameraField, CodeParts
from portal.registry.rules.codes import NETWORKS
from portal.registry.rules.fields import Home, Shape
from portal.registry.values import AccessParticulars, CameraParticulars, CodeEdition
from portal.web.widgets import (
    Choice,
    Choices,
    DateText,
    DecimalNumber,
    DeviceCode,
    LongText,
    Password,
    Phone,
    PortalForm,
    Text,
    Tick,
    Version,
    WholeNumber,
)

# A camera cannot be entered without these; the rest of what a file must hold is asked for, never forced.
_NEEDED = frozenset({"name", "lon", "lat", "datum", "camera_type", "point_type"})
# What stands for a choice that was not made.
_ASK = _("Please choose")
DEFAULTS = {"code_edition": "2022", "status": "in_use", "position_method": "unknown"}


def _choices(kind: type[Enum]) -> list[tuple[str, object]]:
    return [(str(value.value), text) for value, text in CAMERA_OPTION[kind].items()]


def field_widget(each: CameraField, *, needed: bool) -> Any:
    """The control a field of a camera's file is entered with."""
    hint, suffix = FIELD_HINT.get(each.key, ""), UNIT_OF_MEASURE.get(each.unit, "")
    common: dict[str, Any] = {"required": needed, "hint": hint}
    whole = {"low": int(each.low), "high": int(each.high), "suffix": suffix}
    decimal = {"low": str(each.low), "high": str(each.high), "places": each.places, "suffix": suffix}
    choice = {"choices": _choices(each.kind) if each.kind else (), "blank": _ASK if needed else _("Not stated")}
    makers: Mapping[Shape, tuple[Any, dict[str, Any]]] = {
        Shape.TEXT: (Text, {"max_length": each.longest, **common}),
        Shape.LONG: (LongText, {"max_length": each.longest, "rows": 2, **common}),
        Shape.CODE: (DeviceCode, common),
        Shape.WHOLE: (WholeNumber, {**whole, **common}),
        Shape.DECIMAL: (DecimalNumber, {**decimal, **common}),
        Shape.DEGREES: (DecimalNumber, {**decimal, **common}),
        Shape.DAY: (DateText, {"required": needed}),
        Shape.ONE: (Choice, {**choice, **common}),
        Shape.ZONE: (Choice, {"blank": _("Not stated"), **common}),
        Shape.MANY: (Choices, {"choices": choice["choices"], **common}),
        Shape.FLAG: (Tick, {"hint": hint}),
        Shape.PHONE: (Phone, common),
    }
    widget, options = makers[each.shape]
    return widget(CAMERA_FIELD[each.key], **options)


class CameraForm(PortalForm):
    """One camera: every typed field of the file, and the reason of a change."""

    reason = Text(_("Reason of the change"), max_length=200, required=False)
    version = Version(required=False)

    def show(self, camera: Camera) -> None:
        """Fill the form from a camera; the coordinates as they were declared, telephone numbers stay sealed."""
        for each in TYPED:
            if each.home is Home.CAMERA:
                column = f"declared_{each.key}" if each.shape is Shape.DEGREES else each.key
                value = getattr(camera, column)
                self[each.key].data = str(value) if each.shape is Shape.ONE and value is not None else value
        self.version.data = str(camera.version)

    def particulars(self) -> CameraParticulars:
        """The camera as typed."""
        return CameraParticulars(**{each.key: self.value_of(each) for each in TYPED})

    def value_of(self, each: CameraField) -> Any:
        """A field as typed, as its shape has it."""
        data = self[each.key].data
        if each.shape is Shape.MANY and each.kind is not None:
            return tuple(each.kind(int(one)) for one in data or ())
        if each.shape is Shape.ONE and each.kind is not None:
            data = data or DEFAULTS.get(each.key)
            return None if data is None else each.kind(data if issubclass(each.kind, StrEnum) else int(data))
        if each.shape is Shape.FLAG:
            return bool(data)
        if each.shape is Shape.DEGREES:
            return data if data is not None else Decimal(0)
        if each.shape in (Shape.TEXT, Shape.LONG, Shape.PHONE):
            return data or ""
        return None if data == "" else data


for _each in TYPED:
    setattr(CameraForm, _each.key, field_widget(_each, needed=_each.key in _NEEDED))


class AccessForm(PortalForm):
    """How a camera is reached."""

    host = Text(_("Device address"), max_length=253, codelike=True)
    ipv6 = Text(CAMERA_FIELD["ipv6"], max_length=45, codelike=True, required=False)
    mac = Text(CAMERA_FIELD["mac"], max_length=17, codelike=True, required=False)
    rtsp_port = WholeNumber(_("RTSP port"), low=1, high=65535, required=False)
    onvif_port = WholeNumber(_("ONVIF port"), low=1, high=65535, required=False)
    user = Text(_("Device account"), max_length=60, required=False)
    password = Password(
        _("Device password"),
        new=True,
        required=False,
        hint=_("Stored sealed, never shown again. Left empty: stays as it is while the address does"),
    )
    storage_address = Text(
        CAMERA_FIELD["storage_address"],
        max_length=45,
        codelike=True,
        required=False,
        hint=_("Stored sealed, never shown again. Left empty: stays as it is"),
    )

    def particulars(self) -> AccessParticulars:
        """The access as typed."""
        return AccessParticulars(
            host=self.host.data,
            ipv6=self.ipv6.data or "",
            mac=self.mac.data or "",
            rtsp_port=self.rtsp_port.data,
            onvif_port=self.onvif_port.data,
            user=self.user.data or "",
            password=self.password.data or "",
            storage_address=self.storage_address.data or "",
        )


def _digits(edition: CodeEdition) -> list[tuple[str, str]]:
    told = NETWORKS[edition].items()
    return [(digit, f"{digit} {NETWORK[meaning]}") for digit, meaning in told if meaning != "reserved"]


class CodeForm(PortalForm):
    """The parts a device code is built of."""

    division = Text(_("Division"), max_length=6, codelike=True, hint=_("The district the camera stands in"))
    grassroots = Text(
        _("Police station or community"), max_length=2, codelike=True, hint=_("Two digits; 00 where none is set")
    )
    industry = Choice(_("Industry"), choices=[(code, text) for code, text in INDUSTRY.items()])
    type = Choice(_("Device type"), choices=[(code, text) for code, text in DEVICE_TYPE.items()])
    edition = Choice(_("Edition of the code"), choices=_choices(CodeEdition))
    network = Choice(_("Network digit"), hint=_("What the digit means depends on the edition"))
    reason = Text(_("Reason of the change"), max_length=200, required=False)
    version = Version()

    def offer_networks(self) -> None:
        """Offer the digits of the edition chosen."""
        chosen = self.edition.data
        edition = CodeEdition(chosen) if chosen in set(CodeEdition) else CodeEdition.Y2022
        self.network.choices = _digits(edition)

    def parts(self) -> CodeParts:
        """The parts as chosen."""
        return CodeParts(
            division=self.division.data,
            grassroots=self.grassroots.data,
            industry=self.industry.data,
            type=self.type.data,
            network=self.network.data,
            edition=CodeEdition(self.edition.data),
        )


class PastForm(PortalForm):
    """The day a record is looked at as it was."""

    as_of = DateText(_("As of the end of"))
