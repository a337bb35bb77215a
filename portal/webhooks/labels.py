"""Words for topics, deliveries and what keeps a message from being taken."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from portal.web.problems import add_texts
from portal.webhooks.states import DeliveryStatus
from portal.webhooks.values import Disabled, Topic

TOPIC: Mapping[Topic, LazyString] = {
    Topic.FILING: _("Filings: begun, handed in, returned, accepted, withdrawn"),
    Topic.CAMERA: _("Cameras: entered, changed, imported"),
    Topic.SYSTEM: _("Systems: entered, changed, put into use or out of it"),
    Topic.DEVICE: _("Devices: online, offline and other states at the probe"),
}
TOPIC_SHORT: Mapping[Topic, LazyString] = {
    Topic.FILING: _("Filing changes"),
    Topic.CAMERA: _("Camera changes"),
    Topic.SYSTEM: _("System changes"),
    Topic.DEVICE: _("Device states"),
}
DELIVERY: Mapping[DeliveryStatus, tuple[str, LazyString]] = {
    DeliveryStatus.WAITING: ("info", _("To be sent")),
    DeliveryStatus.DELIVERED: ("ok", _("Delivered")),
    DeliveryStatus.FAILED: ("bad", _("Not delivered")),
    DeliveryStatus.CANCELLED: ("off", _("Cancelled")),
}
DISABLED: Mapping[Disabled, LazyString] = {
    Disabled.OWNER: _("Switched off by its owner"),
    Disabled.FAILURES: _("Switched off after repeated failures"),
    Disabled.ACCOUNT: _("Switched off: its owner's account no longer carries the right"),
}
# How a try failed before anybody answered.
ERROR: Mapping[str, LazyString] = {
    "not_https": _("The address is not https."),
    "not_a_url": _("This is no address that can be sent to."),
    "unknown_host": _("Nobody knows a machine of that name."),
    "inner_network": _("The address lies in a network that messages are not sent to."),
    "tls": _("The receiver's certificate cannot be trusted."),
    "timeout": _("No answer in time."),
    "connection": _("The connection failed."),
}

add_texts(
    {
        **{f"egress_{name}": ERROR[name] for name in ("not_https", "not_a_url", "unknown_host", "inner_network")},
        "webhook_many": _("No more than %(limit)s webhooks may be set up."),
        "webhook_off": _("The webhook is switched off; switch it on first."),
    }
)
