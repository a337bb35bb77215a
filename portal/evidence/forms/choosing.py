"""Choosing the cameras of a request without a mouse: a place, a route, a list."""

from flask_babel import lazy_gettext as _

from portal.evidence.rules.shapes import BUFFERS, RADII
from portal.web.widgets import FileUpload, Hidden, LongText, MapPoint, PortalForm, Text, WholeNumber


class FinderForm(PortalForm):
    """All ways of finding cameras on one page; the button pressed says which is meant."""

    shape = Hidden()
    place = MapPoint(_("Place"), required=False)
    radius = WholeNumber(_("Radius"), low=RADII[0], high=RADII[1], suffix=_("m"), required=False)
    line = LongText(
        _("Positions along the way"),
        max_length=20_000,
        rows=4,
        required=False,
        hint=_("Longitude, latitude (WGS-84), one position a line, in their order"),
    )
    either_side = WholeNumber(_("To either side"), low=BUFFERS[0], high=BUFFERS[1], suffix=_("m"), required=False)
    codes = LongText(
        _("Device codes or names"),
        max_length=20_000,
        rows=4,
        required=False,
        hint=_("One a line, or parted by commas"),
    )
    code_file = FileUpload(_("Or a file with them"), extensions=("txt", "csv"), required=False)
    list_address = Text(
        _("Or the address of a list of cameras"),
        max_length=4000,
        required=False,
        hint=_("As it stands in the address bar once the list is narrowed"),
    )

    def __init__(self, *args: object, **more: object) -> None:
        super().__init__(*args, **more)
        for field in self:
            field.flags.no_optional_mark = True
