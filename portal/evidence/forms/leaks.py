"""Forms of a leak, and of the day on which a purpose was met."""

from flask_babel import lazy_gettext as _

from portal.web.widgets import DateText, LongText, PortalForm, Text


class LeakForm(PortalForm):
    """A leak, by the serial that was read off what leaked."""

    serial = Text(
        _("Serial read off the copy or its watermark"), max_length=40, codelike=True, hint=_("Such as DY2026-000012-01")
    )
    found_on = DateText(_("Found on"))
    found = LongText(_("What was found where"), max_length=2000, rows=4)


class ContainForm(PortalForm):
    """One more measure."""

    measures = LongText(
        _("Measure taken"),
        max_length=2000,
        rows=4,
        hint=_("It stays as it is entered; what has to be put right is entered as the next measure"),
    )
    liable = Text(_("Liable person"), max_length=80, required=False, hint=_("May be added once it is known"))


class CloseLeakForm(PortalForm):
    """How the case ended."""

    outcome = LongText(_("Result, and how the liable person was dealt with"), max_length=2000, rows=3)


class PurposeMetForm(PortalForm):
    """The day on which the footage had served its purpose."""

    met_on = DateText(_("Purpose met on"))
