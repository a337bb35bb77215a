"""Words for the spots a camera can stand at."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from portal.registry.values import PlaceType

PLACE_TYPE: Mapping[PlaceType, LazyString] = {
    PlaceType.OUTDOORS: _("Outdoors"),
    PlaceType.ENTRANCE: _("Gate or entrance"),
    PlaceType.PASSAGE: _("Corridor, stairs or lift"),
    PlaceType.HALL: _("Hall or lobby"),
    PlaceType.COUNTER: _("Counter or cash desk"),
    PlaceType.WORKPLACE: _("Workplace or office"),
    PlaceType.CLASSROOM: _("Classroom or laboratory"),
    PlaceType.PLANT: _("Plant room"),
    PlaceType.STORE: _("Store or strongroom"),
    PlaceType.PARKING: _("Garage or car park"),
    PlaceType.VEHICLE: _("In a vehicle"),
    PlaceType.OTHER: _("Another spot"),
    PlaceType.GUEST_ROOM: _("Guest room of a hotel"),
    PlaceType.PRIVATE_ROOM: _("Private room of a restaurant or venue"),
    PlaceType.DORMITORY_ROOM: _("Dormitory room"),
    PlaceType.REST_ROOM: _("Room for staff to sleep or rest"),
    PlaceType.BATHROOM: _("Public bath"),
    PlaceType.TOILET: _("Toilet"),
    PlaceType.CHANGING_ROOM: _("Changing room"),
    PlaceType.NURSING_ROOM: _("Nursing room"),
    PlaceType.FITTING_ROOM: _("Fitting room"),
    PlaceType.MEDICAL_PRIVATE: _("Room of treatment that bares the body"),
}
