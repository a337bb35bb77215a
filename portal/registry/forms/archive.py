"""Forms of a system's archive: parties, contacts, sites, compliance, connections, plan, keeping of papers."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _

from portal.core.geometry import lonlat
from portal.registry.labels import CAMERA_TYPE
from portal.registry.labels.archive import (
    CERTIFICATE,
    DISPATCH,
    MLPS,
    PLAN_STATUS,
    PLATFORM,
    SECRECY,
    SITE_KIND,
    STANDARD,
)
from portal.registry.models import (
    Document,
    Site,
    SystemContact,
)
from portal.registry.values.archive import (
    CertificateKind,
    CertificateParticulars,
    ComplianceParticulars,
    ConnectionParticulars,
    ContactParticulars,
    DispatchMeans,
    MlpsLevel,
    PartyParticulars,
    PlanParticulars,
    PlanStatus,
    SiteKind,
    SiteParticulars,
    Standard,
    TargetPlatform,
)
from portal.vault.values import Secrecy
from portal.web.widgets import (
    Choice,
    Choices,
    CreditCode,
    DateText,
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


def offers(labels: Mapping[Any, Any]) -> list[tuple[str, object]]:
    """Labels as the choices of a field."""
    return [
        (str(int(key)) if isinstance(key, int) else str(key), text[1] if isinstance(text, tuple) else text)
        for key, text in labels.items()
    ]


class RowForm(PortalForm):
    """A form whose fields are a row's columns."""

    version = Version(required=False)

    def show(self, row: Any) -> None:
        """Fill the form from a row."""
        for field in self:
            if field.name != "version" and hasattr(row, field.name):
                value = getattr(row, field.name)
                field.data = str(value) if isinstance(field, Choice | Radios) and value is not None else value
        self.version.data = str(getattr(row, "version", ""))


class PartyForm(RowForm):
    """Who holds a role, from a day until a day."""

    name = Text(_("Name"), max_length=120)
    uscc = CreditCode(_("Unified social credit code"), required=False)
    responsible = Text(_("Person responsible"), max_length=40, required=False)
    valid_from = DateText(_("First day"), required=False)
    valid_to = DateText(_("Final day"), required=False, hint=_("Left empty: until somebody follows"))
    note = Text(_("Remark"), max_length=200, required=False)
    reason = Text(_("Reason of the change"), max_length=200, required=False)

    def particulars(self) -> PartyParticulars:
        """As typed."""
        return PartyParticulars(
            name=self.name.data,
            uscc=self.uscc.data or None,
            responsible=self.responsible.data or "",
            valid_from=self.valid_from.data,
            valid_to=self.valid_to.data,
            note=self.note.data or "",
        )


class ContactForm(PortalForm):
    """Whom to ring first, and who stands in."""

    name1 = Text(_("First contact"), max_length=40)
    post1 = Text(_("Post"), max_length=40, required=False)
    phone1 = Phone(_("Telephone"), required=False)
    round_the_clock1 = Tick(_("Answered round the clock"))
    name2 = Text(_("Stand-in"), max_length=40, required=False)
    post2 = Text(_("Post of the stand-in"), max_length=40, required=False)
    phone2 = Phone(_("Telephone of the stand-in"), required=False)
    round_the_clock2 = Tick(_("The stand-in answers round the clock"))

    def show(self, contacts: list[SystemContact]) -> None:
        """Fill the form; the numbers stay sealed."""
        for row in contacts:
            for name in ("name", "post", "round_the_clock"):
                self[f"{name}{row.place}"].data = getattr(row, name)

    def contacts(self) -> list[ContactParticulars | None]:
        """As typed; a place without a name is nobody."""
        return [
            ContactParticulars(
                name=self[f"name{place}"].data,
                post=self[f"post{place}"].data or "",
                phone=self[f"phone{place}"].data or "",
                round_the_clock=bool(self[f"round_the_clock{place}"].data),
            )
            if self[f"name{place}"].data
            else None
            for place in (1, 2)
        ]


class SiteForm(RowForm):
    """A site of a unit."""

    name = Text(_("Name of the site"), max_length=120, hint=_("For example: east campus"))
    kind = Choice(_("Kind of site"), choices=offers(SITE_KIND))
    district = Choice(_("District"))
    address = Text(_("Address"), max_length=200)
    position = MapPoint(_("Position"), required=False)

    def show(self, row: Site) -> None:
        """Fill the form from a site."""
        super().show(row)
        self.position.data = lonlat(row.position) if row.position is not None else None

    def particulars(self) -> SiteParticulars:
        """As typed."""
        lon, lat = self.position.data or (None, None)
        return SiteParticulars(
            name=self.name.data,
            kind=SiteKind(str(self.kind.data)),
            district=str(self.district.data),
            address=self.address.data,
            lon=lon,
            lat=lat,
        )


class ComplianceForm(RowForm):
    """Graded protection and standards."""

    mlps_level = Choice(_("Level of graded protection"), choices=offers(MLPS), blank=_("Not stated"), required=False)
    mlps_number = Text(_("Filing number of graded protection"), max_length=40, codelike=True, required=False)
    mlps_filed_on = DateText(_("Filed on"), required=False)
    mlps_evaluator = Text(_("Evaluating body"), max_length=120, required=False)
    mlps_evaluated_on = DateText(_("Evaluated on"), required=False)
    mlps_evaluation_to = DateText(_("Next evaluation by"), required=False)
    standards = Choices(_("Standards followed"), choices=offers(STANDARD), column=True, required=False)
    other_standards = Text(_("Other standards"), max_length=200, required=False)

    def particulars(self) -> ComplianceParticulars:
        """As typed."""
        level = self.mlps_level.data
        return ComplianceParticulars(
            mlps_level=MlpsLevel(int(level)) if level else None,
            mlps_number=self.mlps_number.data or "",
            mlps_filed_on=self.mlps_filed_on.data,
            mlps_evaluator=self.mlps_evaluator.data or "",
            mlps_evaluated_on=self.mlps_evaluated_on.data,
            mlps_evaluation_to=self.mlps_evaluation_to.data,
            standards=tuple(Standard(each) for each in self.standards.data or ()),
            other_standards=self.other_standards.data or "",
        )


class CertificateForm(RowForm):
    """A product certificate."""

    kind = Choice(_("Kind of certificate"), choices=offers(CERTIFICATE))
    product = Text(_("Product"), max_length=80)
    model = Text(_("Model"), max_length=60, required=False)
    maker = Text(_("Maker"), max_length=80, required=False)
    number = Text(_("Certificate number"), max_length=60, codelike=True, required=False)
    valid_from = DateText(_("Valid from"), required=False)
    valid_to = DateText(_("Valid until"), required=False, hint=_("Left empty: does not expire"))

    def particulars(self) -> CertificateParticulars:
        """As typed."""
        return CertificateParticulars(
            kind=CertificateKind(str(self.kind.data)),
            product=self.product.data,
            model=self.model.data or "",
            maker=self.maker.data or "",
            number=self.number.data or "",
            valid_from=self.valid_from.data,
            valid_to=self.valid_to.data,
        )


class ConnectionForm(RowForm):
    """What a system is to be connected to."""

    platform = Choice(_("Target platform"), choices=offers(PLATFORM))
    platform_name = Text(_("Name of the platform"), max_length=80)
    purpose = Choice(_("Purpose of the connection"), blank=_("Not stated"), required=False)
    path = Text(_("Network path and protocol"), max_length=120, required=False, hint=_("For example: video private network, GB/T 28181"))  # fmt: skip
    dispatch = Choice(_("Link to the dispatch centre"), choices=offers(DISPATCH), blank=_("None"), required=False)
    dispatch_centre = Text(_("Dispatch centre"), max_length=80, required=False)
    dispatch_tested_on = DateText(_("Link last tested on"), required=False)

    def particulars(self) -> ConnectionParticulars:
        """As typed."""
        return ConnectionParticulars(
            platform=TargetPlatform(str(self.platform.data)),
            platform_name=self.platform_name.data,
            purpose=self.purpose.data or "",
            path=self.path.data or "",
            dispatch=DispatchMeans(self.dispatch.data) if self.dispatch.data else None,
            dispatch_centre=self.dispatch_centre.data or "",
            dispatch_tested_on=self.dispatch_tested_on.data,
        )


class ConnectionStepForm(PortalForm):
    """Moving a connection on."""

    version = Version()
    reason = Text(_("Reason"), max_length=200, required=False)


class PlanForm(RowForm):
    """A plan item."""

    place = Text(
        _("Place to be covered"), max_length=120, hint=_("For example: main entrance of the teaching building")
    )
    count = WholeNumber(_("Number of cameras"), low=1, high=10_000)
    camera_type = Choice(_("Camera type"), choices=offers(CAMERA_TYPE))
    phase = Text(_("Phase"), max_length=60, required=False)
    due_on = DateText(_("To be built by"), required=False)
    status = Choice(_("State of the plan"), choices=offers(PLAN_STATUS))
    site_id = Choice(_("Site"), blank=_("Not at a particular site"), required=False)
    note = LongText(_("Remark"), max_length=200, rows=2, required=False)

    def particulars(self) -> PlanParticulars:
        """As typed."""
        return PlanParticulars(
            place=self.place.data,
            count=self.count.data,
            camera_type=str(self.camera_type.data),
            phase=self.phase.data or "",
            due_on=self.due_on.data,
            status=PlanStatus(str(self.status.data)),
            site_id=UUID(self.site_id.data) if self.site_id.data else None,
            note=self.note.data or "",
        )


class MatchForm(PortalForm):
    """The cameras that fulfil a plan item."""

    cameras = Choices(_("Cameras"), column=True, required=False)

    def chosen(self) -> frozenset[UUID]:
        """The cameras ticked."""
        return frozenset(UUID(key) for key in self.cameras.data or ())


class KeepingForm(PortalForm):
    """Who keeps a paper, where, how closely, until when."""

    version = Version()
    title = Text(_("Title"), max_length=200)
    custodian = Text(_("Custodian"), max_length=40, required=False)
    place = Text(_("Place kept"), max_length=120, required=False, hint=_("Where the original lies"))
    secrecy = Radios(_("Who may open it"), choices=offers(SECRECY))
    expires_on = DateText(_("Valid until"), required=False, hint=_("Left empty: does not expire"))

    def show(self, document: Document) -> None:
        """Fill the form from a paper."""
        for name in ("title", "custodian", "place", "secrecy", "expires_on"):
            self[name].data = getattr(document, name)
        self.version.data = str(document.version)

    def keeping(self) -> dict[str, Any]:
        """As typed."""
        return {
            "title": self.title.data,
            "custodian": self.custodian.data or "",
            "place": self.place.data or "",
            "secrecy": Secrecy(str(self.secrecy.data)),
            "expires_on": self.expires_on.data,
        }
