"""Forms of this package. Several stand on one page, so no two of them share the name of a field that is seen."""

from flask_babel import lazy_gettext as _

from portal.connections.labels import PURPOSE
from portal.registry.labels.archive import PLATFORM
from portal.web.widgets import Choice, Choices, DateText, LongText, PortalForm, Radios, Text, Version


class ProposeForm(PortalForm):
    """An order as it is proposed."""

    purpose = Radios(
        _("Purpose of the connection"),
        choices=tuple(PURPOSE.items()),
        column=True,
        hint=_("The law knows these three and no other"),
    )
    platform = Choice(_("Target platform"), choices=tuple(PLATFORM.items()))
    platform_name = Text(_("Name of the platform"), max_length=80)
    need = LongText(_("Why the connection is needed"), max_length=2000, rows=4)
    path = Text(
        _("Technical path"),
        max_length=200,
        hint=_("Network and protocol, for example: video private network, GB/T 28181"),
    )
    officer_name = Text(_("Responsible officer"), max_length=40)
    officer_number = Text(_("Police number"), max_length=20)
    starts_on = DateText(_("First day"))
    ends_on = DateText(_("Last day"), hint=_("After it the connection is over; to go on, another order is needed"))
    camera_ids = Choices(_("Cameras"), column=True)


class ConsentForm(PortalForm):
    """The unit's yes."""

    terms = LongText(
        _("Terms of the consent"), max_length=400, rows=3, required=False, hint=_("For example hours, areas, people")
    )
    version = Version()


class RefuseForm(PortalForm):
    """The unit's no."""

    refusal = LongText(_("Why the unit refuses"), max_length=400, rows=3)
    version = Version()


class WithdrawForm(PortalForm):
    """The stop right."""

    withdrawal = LongText(_("Why the consent is taken back"), max_length=400, rows=3)
    version = Version()


class ClaimForm(PortalForm):
    """The legal branch."""

    article = Text(_("Law and article"), max_length=200)
    why = LongText(_("Why it holds here"), max_length=800, rows=4)
    version = Version()


class ApproveForm(PortalForm):
    """A leader's yes."""

    opinion = LongText(_("Opinion"), max_length=400, rows=3, required=False)
    version = Version()


class SecondForm(PortalForm):
    """Another leader's yes."""

    second_opinion = LongText(_("Opinion of the second person"), max_length=400, rows=3)
    version = Version()


class RejectForm(PortalForm):
    """A leader's no."""

    rejection = LongText(_("Why it is not approved"), max_length=400, rows=3)
    version = Version()


class ConnectForm(PortalForm):
    """The line is made."""

    connected_on = DateText(_("Connected on"))
    version = Version()


class SuspendForm(PortalForm):
    """The line is stopped by the organ."""

    stop_reason = LongText(_("Why it is stopped"), max_length=400, rows=3)
    version = Version()


class CutForm(PortalForm):
    """Nothing flows any more."""

    cut_on = DateText(_("Seen to be cut on"))
    version = Version()


class ResumeForm(PortalForm):
    """Going on."""

    version = Version()


class EndForm(PortalForm):
    """The end."""

    end_cut_on = DateText(_("Line cut on"))
    end_reason = LongText(_("Why it ends"), max_length=400, rows=3)
    version = Version()


class DropForm(PortalForm):
    """Giving up what was not connected."""

    drop_reason = LongText(_("Why it is given up"), max_length=400, rows=3)
    version = Version()


class CheckForm(PortalForm):
    """Cameras that came later."""

    check_note = LongText(_("How it was seen that they are not connected"), max_length=400, rows=3)
    version = Version()
