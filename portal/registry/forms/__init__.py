"""Forms of the registry; each turns what was typed into a value object."""

from uuid import UUID

from flask_babel import lazy_gettext as _

from portal.core.geometry import lonlat
from portal.registry.forms.archive import offers
from portal.registry.forms.cameras import AccessForm, CameraForm, CodeForm, PastForm
from portal.registry.forms.filing import (
    COUNTED,
    NATIONAL_HINT,
    ComponentForm,
    ConfirmForm,
    DecideFindingForm,
    ExtendForm,
    FindingForm,
    MoveForm,
    NationalForm,
    QuickForm,
    ReasonForm,
    comment_fields,
)
from portal.registry.labels import (
    COMMENTED,
    DATUM,
    HANDLER,
    PARTY,
    REGIME,
    STORAGE,
    SYSTEM_KIND,
    UNIT_TYPE,
)
from portal.registry.labels.archive import FUNDING, SECRECY
from portal.registry.models import System, Unit
from portal.registry.values import (
    Handler,
    PartyRole,
    StorageKind,
    SystemKind,
    SystemParticulars,
    UnitParticulars,
    UnitType,
)
from portal.registry.values.archive import FundingSource
from portal.regulation.schema.vocabulary import Regime
from portal.web.widgets import (
    Choice,
    CreditCode,
    DateText,
    FileUpload,
    LongText,
    MapPoint,
    Phone,
    PortalForm,
    Radios,
    Text,
    Tick,
    Version,
    WholeNumber,
)


class UnitForm(PortalForm):
    """A unit."""

    name = Text(_("Unit name"), max_length=120)
    uscc = CreditCode(_("Unified social credit code"), required=False)
    unit_type = Choice(_("Kind of unit"), choices=offers(UNIT_TYPE))
    district = Choice(_("District"))
    address = Text(_("Address"), max_length=200)
    position = MapPoint(_("Position"), required=False)
    principal_name = Text(_("Principal person"), max_length=40, required=False)
    security_head_name = Text(_("Head of security"), max_length=40, required=False)
    contact_name = Text(_("Contact person"), max_length=40)
    contact_phone = Phone(_("Contact telephone"), required=False)
    duty_phone = Phone(_("Round-the-clock telephone"), required=False)
    counter_terror_target = Tick(_("Key target of counter-terrorism"))
    reason = Text(_("Reason of the change"), max_length=200, required=False)
    version = Version(required=False)

    def show(self, unit: Unit) -> None:
        """Fill the form from a unit; telephone numbers stay sealed."""
        for name in ("name", "uscc", "unit_type", "district", "address", "principal_name", "security_head_name"):
            self[name].data = getattr(unit, name)
        self.position.data = lonlat(unit.position) if unit.position is not None else None
        self.contact_name.data = unit.contact_name
        self.counter_terror_target.data = unit.counter_terror_target
        self.version.data = str(unit.version)

    def particulars(self, kept: Unit | None = None) -> UnitParticulars:
        """The unit as typed; what this form does not ask stays as the unit has it."""
        lon, lat = self.position.data or (None, None)
        return UnitParticulars(
            name=self.name.data,
            uscc=self.uscc.data or None,
            unit_type=UnitType(str(self.unit_type.data)),
            district=str(self.district.data),
            address=self.address.data,
            lon=lon,
            lat=lat,
            principal_name=self.principal_name.data or "",
            security_head_name=self.security_head_name.data or "",
            contact_name=self.contact_name.data,
            contact_phone=self.contact_phone.data or "",
            duty_phone=self.duty_phone.data or "",
            counter_terror_target=bool(self.counter_terror_target.data),
            category=kept.category if kept else None,
            house_profiles=tuple(kept.house_profiles) if kept else (),
        )


BUILDING = ("construction_began_on", "construction_finished_on")


class SystemForm(PortalForm):
    """A system of a unit."""

    name = Text(_("System name"), max_length=120, hint=_("For example: video system of the outpatient building"))
    kind = Choice(_("Kind of system"), choices=offers(SYSTEM_KIND))
    regime = Choice(_("Where it stands"), choices=offers(REGIME), hint=_("Decides which duties apply"))
    district = Choice(_("District"))
    address = Text(_("Place of installation"), max_length=200)
    purpose = LongText(_("Purpose"), max_length=400, rows=2, required=False)
    department = Text(_("Department in charge"), max_length=80, required=False)
    in_use_on = DateText(_("In use since"), required=False)
    position = MapPoint(_("Position"), required=False)
    construction_began_on = DateText(_("Construction begun"), required=False)
    construction_finished_on = DateText(_("Construction finished"), required=False)
    retention_days = WholeNumber(_("Footage kept"), low=0, high=3650, required=False, suffix=_("days"))
    storage_kind = Choice(_("Storage"), choices=offers(STORAGE), blank=_("Not stated"), required=False)
    software = Text(_("Control software and version"), max_length=120, required=False)
    records_audio = Tick(_("Sound is recorded"))
    has_analytics = Tick(_("Faces, persons or vehicles are analysed"))
    networked = Tick(_("Connected to a police platform"))
    site_id = Choice(_("Site"), blank=_("Not at a particular site"), required=False)
    funding = Choice(_("Source of funds"), choices=offers(FUNDING), blank=_("Not stated"), required=False)
    investor = Text(PARTY[PartyRole.INVESTOR], max_length=120, required=False)
    builder = Text(PARTY[PartyRole.BUILDER], max_length=120, required=False)
    user = Text(PARTY[PartyRole.USER], max_length=120, required=False)
    manager = Text(PARTY[PartyRole.MANAGER], max_length=120, required=False)
    reason = Text(_("Reason of the change"), max_length=200, required=False)
    version = Version(required=False)

    def show(self, system: System) -> None:
        """Fill the form from a system."""
        plain = ("name", "kind", "regime", "district", "address", "purpose", "department", "in_use_on", *BUILDING)
        for name in (*plain, "retention_days", "software", "records_audio", "has_analytics", "networked"):
            self[name].data = getattr(system, name)
        self.storage_kind.data = system.storage_kind or ""
        self.funding.data, self.site_id.data = system.funding or "", str(system.site_id or "")
        self.position.data = lonlat(system.position) if system.position is not None else None
        self.version.data = str(system.version)

    def particulars(self, kept: System | None = None) -> SystemParticulars:
        """The system as typed; what this form does not ask, its secrecy above all, stays as the system has it."""
        return SystemParticulars(
            name=self.name.data,
            kind=SystemKind(str(self.kind.data)),
            regime=Regime(str(self.regime.data)),
            district=str(self.district.data),
            address=self.address.data,
            purpose=self.purpose.data or "",
            department=self.department.data or "",
            in_use_on=self.in_use_on.data,
            retention_days=self.retention_days.data,
            storage_kind=StorageKind(self.storage_kind.data) if self.storage_kind.data else None,
            software=self.software.data or "",
            records_audio=bool(self.records_audio.data),
            has_analytics=bool(self.has_analytics.data),
            networked=bool(self.networked.data),
            # Of a system on record each party has its time, on a page of its own.
            parties={} if kept else {role: (self[str(role)].data or "").strip() for role in PartyRole},
            site_id=UUID(self.site_id.data) if self.site_id.data else None,
            funding=FundingSource(self.funding.data) if self.funding.data else None,
            secret=kept.secret if kept else False,
            # Answers that led to another regime than the one chosen now would tell a story that is not true.
            regime_answers=kept.regime_answers if kept and kept.regime == self.regime.data else {},
            declared_devices=kept.declared_devices if kept else {},
            construction_began_on=self.construction_began_on.data,
            construction_finished_on=self.construction_finished_on.data,
            lon=self.position.data[0] if self.position.data else None,
            lat=self.position.data[1] if self.position.data else None,
        )


class OpenFilingForm(PortalForm):
    """Who hands a filing in; why it is made, the portal knows."""

    handled_by = Radios(
        _("Who files"), choices=offers(HANDLER), default=str(Handler.AGENT), required=False, column=True
    )

    @property
    def handler(self) -> Handler:
        """Who files; nobody said so is somebody sent."""
        return Handler(str(self.handled_by.data)) if self.handled_by.data else Handler.AGENT


class SubmitForm(PortalForm):
    """The declaration that goes with a submission."""

    declared_by = Text(_("Declared by"), max_length=40, hint=_("Answers for the truth of what is filed"))
    truth = Tick(_("Everything stated here is true and complete."), required=True)
    version = Version()


class ReturnForm(PortalForm):
    """Sending a filing back."""

    reason = LongText(_("What must be corrected"), max_length=1000)
    on_system = Text(_("About the system"), max_length=200, required=False)
    on_cameras = Text(_("About the cameras"), max_length=200, required=False)
    on_documents = Text(_("About the papers"), max_length=200, required=False)
    version = Version()

    def comments(self) -> dict[str, str]:
        """Comments by the part or the field they stand at."""
        fields = {f"system.{name}": self[f"at_{name}"].data or "" for name in COMMENTED}
        return fields | {
            "system": self.on_system.data or "",
            "cameras": self.on_cameras.data or "",
            "documents": self.on_documents.data or "",
        }


# Declared from one table, so that a field that can be commented on is never forgotten in the form.
for _name, _field in comment_fields().items():
    setattr(ReturnForm, _name, _field)


class AcceptForm(PortalForm):
    """Accepting a filing."""

    national_number = Text(
        _("National filing number"), max_length=60, codelike=True, required=False, hint=NATIONAL_HINT
    )
    version = Version()


class DocumentForm(PortalForm):
    """Uploading a paper into a slot."""

    slot = Choice(_("Type of paper"))
    title = Text(_("Title"), max_length=200, required=False)
    custodian = Text(_("Custodian"), max_length=40, required=False)
    place = Text(_("Place kept"), max_length=120, required=False, hint=_("Where the original lies"))
    secrecy = Radios(_("Who may open it"), choices=offers(SECRECY))
    expires_on = DateText(_("Valid until"), required=False, hint=_("Left empty: does not expire"))
    file = FileUpload(_("File"), extensions=("pdf", "jpg", "jpeg", "png", "webp"))


class ImportForm(PortalForm):
    """Cameras from a sheet."""

    file = FileUpload(_("Sheet"), extensions=("xlsx", "xls", "csv"), hint=_("XLSX, XLS or CSV (UTF-8 or GB18030)"))
    datum = Choice(
        _("Coordinate datum"), choices=offers(DATUM), hint=_("A sheet does not tell its datum: ask whoever measured")
    )
    preview_first = Tick(_("Show me what was read before it is loaded"), default=True)
    reason = Text(
        _("Reason of the change"),
        max_length=200,
        required=False,
        hint=_("Needed where the sheet changes cameras that are filed already"),
    )


class UndoForm(PortalForm):
    """Taking an import back."""

    reason = Text(_("Reason"), max_length=200)


__all__ = [
    "COUNTED",
    "AcceptForm",
    "AccessForm",
    "CameraForm",
    "CodeForm",
    "ComponentForm",
    "ConfirmForm",
    "DecideFindingForm",
    "DocumentForm",
    "ExtendForm",
    "FindingForm",
    "ImportForm",
    "MoveForm",
    "NationalForm",
    "OpenFilingForm",
    "PastForm",
    "QuickForm",
    "ReasonForm",
    "ReturnForm",
    "SubmitForm",
    "SystemForm",
    "UndoForm",
    "UnitForm",
]
