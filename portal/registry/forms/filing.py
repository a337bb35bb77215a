"""Forms of filing: the short way, and every step of a filing's later life."""

from collections.abc import Mapping
from datetime import date

from flask_babel import lazy_gettext as _

from portal.core.geometry import lonlat
from portal.registry.labels import CAMERA_TYPE, COMPONENT_PART, FINDING_BASIS, HANDLER
from portal.registry.labels.filing import COMMENTED
from portal.registry.models import Unit
from portal.registry.values import (
    CameraType,
    ComponentPart,
    ComponentParticulars,
    FindingBasis,
    Handler,
    PartyRole,
    SystemKind,
    SystemParticulars,
)
from portal.regulation.schema.vocabulary import Regime
from portal.web.widgets import (
    Choice,
    DateText,
    FileUpload,
    LongText,
    MapPoint,
    PortalForm,
    Radios,
    Text,
    Tick,
    Version,
    WholeNumber,
)

# The kinds an owner tells apart by looking; the police's further ones are asked in the camera's own file.
COUNTED = (CameraType.FIXED_BULLET, CameraType.HEMISPHERE, CameraType.PTZ_DOME)
SCANS = ("pdf", "jpg", "jpeg", "png", "webp")


class QuickForm(PortalForm):
    """The short way to file. Which of its fields are shown and needed, the regime decides (`rules.asked_of`)."""

    name = Text(_("System name"), max_length=120)
    address = Text(_("Place of installation"), max_length=200)
    position = MapPoint(_("Position"))
    fixed_bullet = WholeNumber(CAMERA_TYPE[CameraType.FIXED_BULLET], low=0, high=9999, required=False)
    hemisphere = WholeNumber(CAMERA_TYPE[CameraType.HEMISPHERE], low=0, high=9999, required=False)
    ptz_dome = WholeNumber(CAMERA_TYPE[CameraType.PTZ_DOME], low=0, high=9999, required=False)
    other_type = WholeNumber(_("Other cameras"), low=0, high=9999, required=False)
    retention_days = WholeNumber(_("Footage kept"), low=1, high=3650, suffix=_("days"))
    kept_shorter = Tick(_("That is how it is; hand it in like this"))
    in_use_on = DateText(_("In use since"))
    builder = Text(_("Installed by"), max_length=120, required=False, hint=_("Left empty: by the unit itself"))
    construction_began_on = DateText(_("Construction begun"), required=False)
    construction_finished_on = DateText(_("Construction finished"), required=False)
    handled_by = Radios(_("Who files"), choices=[(str(one), text) for one, text in HANDLER.items()], column=True)
    letter = FileUpload(_("Letter of authorisation"), extensions=SCANS, required=False)
    identity = FileUpload(_("Your identity document"), extensions=SCANS, required=False)
    truth = Tick(_("I declare this"), required=True)

    def keep(self, asked: frozenset[str]) -> None:
        """Drop what the regime does not need: it is neither shown nor read."""
        regular = {"name", "address", "position", "handled_by", "letter", "identity", "truth"}
        if "retention_days" in asked:
            regular.add("kept_shorter")
        for name in list(self._fields):
            if name not in asked | regular and name not in (*map(str, COUNTED), "other_type"):
                del self[name]

    def warn_below(self, least: int | None) -> None:
        """Let the browser tell days below what the rules ask while they are typed; the server tells them anyway."""
        if least is not None and "retention_days" in self:
            self.retention_days.render_kw = {**self.retention_days.render_kw, "type": "number", "min": str(least)}

    def devices(self) -> Mapping[str, int]:
        """Numbers by type, as declared."""
        counts = {str(kind): self[str(kind)].data or 0 for kind in COUNTED}
        return counts | {str(CameraType.UNKNOWN): self.other_type.data or 0}

    def particulars(self, unit: Unit, *, regime: Regime, answers: Mapping[str, str]) -> SystemParticulars:
        """The system as declared; the unit itself stands in every role that it did not give to somebody else."""
        lon, lat = self.position.data
        parties = dict.fromkeys(PartyRole, unit.name)
        if "builder" in self and self.builder.data:
            parties[PartyRole.BUILDER] = self.builder.data
        return SystemParticulars(
            name=self.name.data,
            kind=SystemKind.PUBLIC if regime is Regime.PUBLIC_GOVERNMENT else SystemKind.UNIT_INTERNAL,
            regime=regime,
            regime_answers=dict(answers),
            district=unit.district,
            address=self.address.data,
            lon=lon,
            lat=lat,
            in_use_on=self._day("in_use_on"),
            construction_began_on=self._day("construction_began_on"),
            construction_finished_on=self._day("construction_finished_on"),
            retention_days=self.retention_days.data if "retention_days" in self else None,
            declared_devices=self.devices(),
            parties=parties,
        )

    def _day(self, name: str) -> date | None:
        day: date | None = self[name].data if name in self else None
        return day

    @property
    def handler(self) -> Handler:
        """Who files."""
        return Handler(str(self.handled_by.data))

    @staticmethod
    def start(unit: Unit, lon: float | None, lat: float | None) -> Mapping[str, object]:
        """What the portal knows already and nobody types again."""
        place = (lon, lat) if lon is not None and lat is not None else None
        if place is None and unit.position is not None:
            place = lonlat(unit.position)
        return {"address": unit.address, "position": place, "handled_by": Handler.PRINCIPAL}


class ReasonForm(PortalForm):
    """Why something happens to a filing."""

    reason = LongText(_("Reason"), max_length=400, rows=3)


class MoveForm(PortalForm):
    """Where a system goes and why."""

    address = Text(_("New place of installation"), max_length=200)
    position = MapPoint(_("Position of the new place"))
    reason = Text(_("Reason of the move"), max_length=200)
    version = Version()


class ConfirmForm(PortalForm):
    """The yearly word that everything is still true."""

    version = Version()


NATIONAL_HINT = _("As printed on the platform's receipt: letters, digits and hyphens, 6 to 40 characters")


class NationalForm(PortalForm):
    """What the national platform gave."""

    national_number = Text(_("National filing number"), max_length=60, codelike=True, hint=NATIONAL_HINT)
    national_filed_on = DateText(_("Filed there on"), required=False)
    reason = Text(_("Reason of the correction"), max_length=200, required=False)
    version = Version()


class ExtendForm(PortalForm):
    """Putting off a last day."""

    days = WholeNumber(_("Extension"), low=1, high=365, suffix=_("days"))
    reason = LongText(_("Reason"), max_length=200, rows=3)


class FindingForm(PortalForm):
    """What contradicts what was filed."""

    basis = Choice(_("How it came out"), choices=[(str(one), text) for one, text in FINDING_BASIS.items()])
    item = Text(_("Which item"), max_length=40)
    declared = Text(_("What was declared"), max_length=200)
    found = Text(_("What was found out"), max_length=200)

    @property
    def how(self) -> FindingBasis:
        """How it came out."""
        return FindingBasis(str(self.basis.data))


class DecideFindingForm(PortalForm):
    """Whether a finding holds."""

    decision = LongText(_("Decision and its grounds"), max_length=400, rows=3)
    correct_within = WholeNumber(_("To be corrected within"), low=1, high=180, suffix=_("days"), required=False)
    version = Version()


class ComponentForm(PortalForm):
    """One piece of equipment or one program."""

    part = Choice(_("Kind of part"), choices=[(str(one), text) for one, text in COMPONENT_PART.items()])
    name = Text(_("Name"), max_length=80)
    maker = Text(_("Maker"), max_length=60, required=False)
    model = Text(_("Model"), max_length=60, required=False)
    version = Text(_("Version"), max_length=40, required=False, hint=_("Needed for software"))
    count = WholeNumber(_("How many"), low=1, high=100_000)

    def particulars(self) -> ComponentParticulars:
        """As typed."""
        return ComponentParticulars(
            part=ComponentPart(str(self.part.data)),
            name=self.name.data,
            maker=self.maker.data or "",
            model=self.model.data or "",
            version=self.version.data or "",
            count=self.count.data,
        )


def comment_fields() -> Mapping[str, Text]:
    """One optional comment for each item a reviewer can point at."""
    return {f"at_{name}": Text(text, max_length=200, required=False) for name, text in COMMENTED.items()}
