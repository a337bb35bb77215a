"""Forms of a finding on missing footage, and of what is set on a recorder."""

from flask_babel import lazy_gettext as _

from portal.evidence.forms import offered
from portal.evidence.labels import CONSEQUENCE, RECORDING_MODE
from portal.evidence.values.missing import Consequence
from portal.evidence.values.recording import RecordingMode
from portal.web.widgets import Choice, LongText, PortalForm, Text, Tick, WholeNumber


class StateForm(PortalForm):
    """What the unit says."""

    responsible = Text(
        _("Responsible person"), max_length=80, hint=_("Who answered for this camera's recording at the time")
    )
    statement = LongText(_("Why the footage is missing"), max_length=2000, rows=4)


class CloseMissingForm(PortalForm):
    """What follows."""

    consequence = Choice(_("What follows for it"), choices=offered(CONSEQUENCE))
    result = LongText(_("Result, and how it is kept from happening again"), max_length=2000, rows=3)

    def given(self) -> Consequence:
        """The consequence as a value."""
        return Consequence(str(self.consequence.data))


class RecordingForm(PortalForm):
    """What is set on the recorder for a camera."""

    mode = Choice(_("Recording mode"), choices=offered(RECORDING_MODE))
    hours = Text(
        _("Hours or trigger"), max_length=120, required=False, hint=_("When it records, if not around the clock")
    )
    retention_days = WholeNumber(
        _("Days set on the recorder"),
        low=0,
        high=3650,
        required=False,
        hint=_("Empty where it overwrites by disk space"),
    )
    whole_system = Tick(_("The same is set for every camera of this system"))

    def given(self) -> RecordingMode:
        """The mode as a value."""
        return RecordingMode(str(self.mode.data))
