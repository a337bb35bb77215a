"""Words for connection orders."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel import lazy_pgettext
from flask_babel.speaklater import LazyString

from portal.connections import values
from portal.connections.states import OrderStatus
from portal.connections.values import ConnectionPurpose, Irregularity, RestsOn
from portal.web.problems import add_texts

Shown = tuple[str, LazyString]

PURPOSE: Mapping[ConnectionPurpose, LazyString] = {
    ConnectionPurpose.PUBLIC_ORDER: _("Public order"),
    ConnectionPurpose.ROAD_TRAFFIC: _("Road traffic safety"),
    ConnectionPurpose.FIRE: _("Fire supervision"),
}

ORDER_STATUS: Mapping[OrderStatus, Shown] = {
    OrderStatus.PROPOSED: ("info", _("Proposed, the unit is asked")),
    OrderStatus.CONSENTED: ("info", _("Unit consents, to be approved")),
    OrderStatus.REFUSED: ("warn", _("Without the unit's consent")),
    OrderStatus.CLAIMED: ("warn", _("Rests on a law, to be approved")),
    OrderStatus.SECONDING: ("warn", _("Approved, to be seconded")),
    OrderStatus.APPROVED: ("info", _("Approved, to be connected")),
    OrderStatus.ACTIVE: ("ok", lazy_pgettext("connection", "Connected")),
    OrderStatus.SUSPENDED: ("bad", lazy_pgettext("connection", "Stopped")),
    OrderStatus.ENDED: ("off", lazy_pgettext("connection", "Ended")),
    OrderStatus.DROPPED: ("off", lazy_pgettext("connection", "Given up")),
}

RESTS_ON: Mapping[RestsOn, LazyString] = {
    RestsOn.CONSENT: _("The unit's consent"),
    RestsOn.LAW: _("A law that needs no consent"),
}

IRREGULAR: Mapping[Irregularity, LazyString] = {
    Irregularity.PAST_END: _("Active past its last day"),
    Irregularity.NOT_CUT: _("Stopped, line not seen to be cut"),
    Irregularity.CAMERAS_LATER: _("Cameras added after the order"),
}

ORDER_ACTS: Mapping[str, str] = {
    values.ORDER_PROPOSED: "idle",
    values.ORDER_CONSENTED: "ok",
    values.ORDER_REFUSED: "warn",
    values.CONSENT_WITHDRAWN: "bad",
    values.ORDER_CLAIMED: "warn",
    values.ORDER_APPROVED: "info",
    values.ORDER_SECONDED: "info",
    values.ORDER_CONNECTED: "ok",
    values.ORDER_SUSPENDED: "bad",
    values.LINE_CUT: "info",
    values.ORDER_RESUMED: "ok",
    values.ORDER_ENDED: "off",
    values.ORDER_DROPPED: "off",
    values.CAMERAS_CHECKED: "info",
}

add_texts(
    {
        "connection_not_orderable": _("Only a unit's own system is connected by order, and none that is secret."),
        "connection_starts": _("The connection begins today at the earliest."),
        "connection_ends": _("The last day comes before the first."),
        "connection_rests_on_law": _("This order does not rest on the unit's consent."),
        "connection_needs_consent": _("The unit has taken its consent back: nothing is resumed without it."),
        "connection_over": _("The last day has passed: another order is needed."),
        "connection_outside": _("The connection is made between the first day of the order and today."),
        "connection_cut_when": _("The line was cut between the stop and today."),
        "approver_is_proposer": _("Whoever proposed the connection, or rested it on a law, does not approve it."),
        "second_is_first": _("Whoever had a part in the order before does not second it."),
    }
)
