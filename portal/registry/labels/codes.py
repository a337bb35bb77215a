"""Words for the parts of a GB/T 28181 device code."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

INDUSTRY: Mapping[str, LazyString] = {
    "00": _("Road-side public order"),
    "01": _("Community"),
    "02": _("Internal (police buildings, detention)"),
    "03": _("Other public order"),
    "04": _("Traffic: roads"),
    "05": _("Traffic: checkpoints"),
    "06": _("Traffic: internal"),
    "07": _("Traffic: other"),
    "08": _("City management"),
    "09": _("Health and environment"),
    "10": _("Commodity inspection and customs"),
    "11": _("Education"),
    "12": _("Civil aviation"),
    "13": _("Railway"),
    "14": _("Shipping"),
    "40": _("Agriculture and forestry"),
    "41": _("Mining"),
    "42": _("Manufacturing"),
    "43": _("Electricity, heat, gas and water"),
    "44": _("Construction"),
    "45": _("Wholesale and retail"),
}

DEVICE_TYPE: Mapping[str, LazyString] = {
    "132": _("Network camera"),
    "131": _("Camera"),
    "121": _("Video checkpoint"),
    "122": _("Multi-lens device"),
}

NETWORK: Mapping[str, LazyString] = {
    "monitoring": _("Monitoring and alarm network"),
    "police_information": _("Police information network"),
    "government": _("Government network"),
    "internet": _("Internet"),
    "social": _("Access network of social resources"),
    "police_video": _("Police video transmission network"),
    "industry": _("Industry network"),
    "political_legal": _("Political and legal network"),
    "police_mobile": _("Police mobile network"),
    "leased": _("Leased line"),
    "reserved": _("Reserved"),
}
