"""Words for how broad an ask is, and for shapes that are none."""

from flask_babel import lazy_gettext as _

from portal.web.problems import add_texts

add_texts(
    {
        "evidence.grave_not_open": _("Only organs that prosecute crimes may call a case grave"),
        "evidence.necessity_needed": _(
            "This ask, with those it counts with, goes beyond the limits of its class: say why it is necessary, and a second approver will decide"
        ),
        "evidence.shape.not_an_area": _("This area cannot be read. Draw it again"),
        "evidence.shape.empty_area": _("This area holds no ground"),
        "evidence.shape.outline_crosses_itself": _("The outline crosses itself. Draw it again"),
        "evidence.shape.too_many_corners": _("The shape has too many corners. Draw it with fewer"),
        "evidence.shape.not_a_number": _(
            "Give each position as two numbers, longitude and latitude, one position a line"
        ),
        "evidence.shape.outside_china": _("A position lies outside the area this portal covers"),
        "evidence.shape.lonlat_swapped": _("Longitude comes first: latitude and longitude seem to be swapped"),
        "evidence.shape.radius_out_of_range": _("The radius lies between 10 m and 5 km"),
        "evidence.shape.buffer_out_of_range": _("A route is followed at 10 to 500 m to either side"),
        "evidence.shape.route_needs_points": _("A route needs two positions at least"),
        "evidence.shape.route_too_long": _("The route is too long; one ask follows 100 km at most"),
        "evidence.list_too_large": _("The file is too large; put the codes alone in a text file"),
    }
)
