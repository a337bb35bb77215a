"""Forms of zones, signs, masks, standards, reviews, protected sites and tip-offs."""

from flask_babel import lazy_gettext as _

from portal.core.geometry import lonlat
from portal.registry.labels.zones import REVIEW_ACTION, SITE_KIND, TIP_CATEGORY, TIP_OUTCOME
from portal.registry.models import ProtectedSite, SystemZone
from portal.registry.states import ReviewAction
from portal.registry.values.zones import (
    SignParticulars,
    SiteKind,
    SiteParticulars,
    TipCategory,
    TipOutcome,
    TipParticulars,
    ZoneParticulars,
)
from portal.web.widgets import (
    Choice,
    Choices,
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

PICTURES = ("jpg", "jpeg", "png", "webp")


class OwnZoneForm(PortalForm):
    """A zone of the unit's own."""

    name = Text(_("Name of the zone"), max_length=60, hint=_("For example: swimming hall, entrance side"))
    required = Tick(_("Must be covered"))

    def particulars(self) -> ZoneParticulars:
        """The zone as typed."""
        return ZoneParticulars(name=self.name.data, required=bool(self.required.data))


class ZoneForm(PortalForm):
    """What a unit says of one zone."""

    name = Text(_("Name of the zone"), max_length=60, required=False)
    required = Tick(_("Must be covered"))
    absent = Tick(_("The premises have no such place"))
    absent_reason = Text(_("Why there is none"), max_length=200, required=False)
    blind_spots = Text(
        _("Blind spots"), max_length=200, required=False, hint=_("Left empty: the zone is covered without a blind spot")
    )
    photo = FileUpload(_("Photo of the coverage"), extensions=PICTURES, required=False)
    version = Version()

    def show(self, zone: SystemZone) -> None:
        """Fill the form from a zone."""
        for name in ("name", "required", "absent", "absent_reason", "blind_spots"):
            self[name].data = getattr(zone, name)
        self.version.data = str(zone.version)

    def particulars(self) -> ZoneParticulars:
        """The zone as typed."""
        return ZoneParticulars(
            name=self.name.data or "",
            required=bool(self.required.data),
            absent=bool(self.absent.data),
            absent_reason=self.absent_reason.data or "",
            blind_spots=self.blind_spots.data or "",
        )


class AssignForm(PortalForm):
    """The reason that goes with a change of principal zones; the ticks themselves are plain fields."""

    reason = Text(_("Reason of the change"), max_length=200, required=False)


class SignForm(PortalForm):
    """A sign that hangs."""

    zone_key = Choice(_("Zone"), blank=_("Elsewhere"), required=False)
    place = Text(
        _("Where it hangs"), max_length=120, hint=_("For example: right of the south gate, 1.8 m above ground")
    )
    put_up_on = DateText(_("Put up on"))
    position = MapPoint(_("Position"), required=False)
    photo = FileUpload(_("Photo of the sign"), extensions=PICTURES)

    def particulars(self) -> SignParticulars:
        """The sign as typed."""
        lon, lat = self.position.data or (None, None)
        return SignParticulars(
            zone_key=self.zone_key.data or "", place=self.place.data, put_up_on=self.put_up_on.data, lon=lon, lat=lat
        )


class MaskForm(PortalForm):
    """A privacy mask in a camera's view."""

    masked = Text(_("What is masked"), max_length=200, hint=_("For example: windows of block 3, second to sixth floor"))
    photo = FileUpload(_("Picture of the masked view"), extensions=PICTURES)


class StandardsForm(PortalForm):
    """The standards a system is built to."""

    standards = Choices(_("Standards followed"), required=False, column=True)


class ReviewForm(PortalForm):
    """A verdict on a point."""

    action = Radios(_("Verdict"), choices=[(str(action), text) for action, text in REVIEW_ACTION.items()], column=True)
    reason = LongText(_("Why this verdict"), max_length=600, rows=3, hint=_("The unit reads this"))
    photo = FileUpload(_("Picture of the view"), extensions=PICTURES, required=False)
    version = Version()

    def chosen(self) -> ReviewAction:
        """The verdict as chosen."""
        return ReviewAction(str(self.action.data))


class NameCameraForm(PortalForm):
    """The camera that a report turned out to be about."""

    camera = Text(_("Camera"), max_length=120, hint=_("Its 20-digit code, or its exact name"), codelike=False)


class SiteForm(PortalForm):
    """A protected site."""

    kind = Choice(_("Kind of site"), choices=[(str(kind), text) for kind, text in SITE_KIND.items()])
    name = Text(_("Name of the site"), max_length=120)
    position = MapPoint(_("Position"))
    radius_m = WholeNumber(_("Review within"), low=1, high=5000, suffix=_("m"))
    contact = Text(_("Whom to ask for consent"), max_length=120, required=False)
    note = LongText(_("Remark"), max_length=400, rows=2, required=False)
    active = Tick(_("In force"))
    version = Version(required=False)

    def show(self, site: ProtectedSite) -> None:
        """Fill the form from a site."""
        for name in ("kind", "name", "radius_m", "contact", "note", "active"):
            self[name].data = getattr(site, name)
        self.position.data = lonlat(site.position)
        self.version.data = str(site.version)

    def particulars(self) -> SiteParticulars:
        """The site as typed."""
        lon, lat = self.position.data
        return SiteParticulars(
            kind=SiteKind(str(self.kind.data)),
            name=self.name.data,
            lon=lon,
            lat=lat,
            radius_m=self.radius_m.data,
            contact=self.contact.data or "",
            note=self.note.data or "",
        )


class TipForm(PortalForm):
    """A report of the public."""

    category = Radios(
        _("What is reported"), choices=[(str(kind), text) for kind, text in TIP_CATEGORY.items()], column=True
    )
    district = Choice(_("District"), blank=_("Please choose"))
    place = Text(_("Place reported"), max_length=200, hint=_("Street and number, name of the place, floor"))
    told = LongText(_("What was seen"), max_length=2000, rows=5)
    photo = FileUpload(_("Photo"), extensions=PICTURES, required=False)
    contact = Text(
        _("Telephone"),
        max_length=20,
        required=False,
        hint=_("Only if we may call you. It is stored sealed; you may also report without a name."),
    )

    def particulars(self) -> TipParticulars:
        """The report as typed."""
        return TipParticulars(
            category=TipCategory(str(self.category.data)),
            district=str(self.district.data),
            place=self.place.data,
            told=self.told.data,
            contact=self.contact.data or "",
        )


class CloseTipForm(PortalForm):
    """How a report ended."""

    outcome = Choice(_("How it ended"), choices=[(str(kind), text) for kind, text in TIP_OUTCOME.items()])
    answer = LongText(
        _("Reply"), max_length=1000, rows=4, hint=_("Whoever holds the reference reads this: no names, no positions")
    )
    version = Version()

    def chosen(self) -> TipOutcome:
        """The outcome as chosen."""
        return TipOutcome(str(self.outcome.data))


class ForwardTipForm(PortalForm):
    """Where a report belongs."""

    district = Choice(_("District"))
    version = Version()
