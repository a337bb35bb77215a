"""Areas without a mouse: a circle or a box by coordinates."""

from flask_babel import lazy_gettext as _

from portal.web.problems import add_texts
from portal.web.widgets import MapPoint, PortalForm, WholeNumber

BOUNDS = (113.0, 35.0, 115.5, 37.0)

add_texts(
    {
        "area_bad": _("This area cannot be read. Draw it again, or check the coordinates."),
    }
)


class CircleForm(PortalForm):
    """A centre and a radius."""

    centre = MapPoint(_("Centre"), bounds=BOUNDS)
    radius = WholeNumber(_("Radius"), low=10, high=5000, suffix=_("m"), default=200)


class BoxForm(PortalForm):
    """Two corners."""

    south_west = MapPoint(_("South-west corner"), bounds=BOUNDS)
    north_east = MapPoint(_("North-east corner"), bounds=BOUNDS)
