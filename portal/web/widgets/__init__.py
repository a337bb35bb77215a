"""Form fields: each cleans what was typed, bounds it, explains a fault at the field and keeps the typed text.

A form derives from PortalForm and uses these fields only, so that no input is unbounded. Fields are required unless
`required=False`. The macros of macros/form.html render them; `hint` and `suffix` are declared here.
"""

from portal.web.widgets.base import PortalForm, Required, Skippable, clean, plain
from portal.web.widgets.choosing import Choice, Choices, FileUpload, Radios, Tick
from portal.web.widgets.converted import DateText, DecimalNumber, LonLat, MapPoint, MomentText, WholeNumber, read_day
from portal.web.widgets.text import (
    CreditCode,
    DeviceCode,
    Hidden,
    LongText,
    Password,
    Phone,
    ResidentId,
    Text,
    Version,
)

__all__ = [
    "Choice",
    "Choices",
    "CreditCode",
    "DateText",
    "DecimalNumber",
    "DeviceCode",
    "FileUpload",
    "Hidden",
    "LonLat",
    "LongText",
    "MapPoint",
    "MomentText",
    "Password",
    "Phone",
    "PortalForm",
    "Radios",
    "Required",
    "ResidentId",
    "Skippable",
    "Text",
    "Tick",
    "Version",
    "WholeNumber",
    "clean",
    "plain",
    "read_day",
]
