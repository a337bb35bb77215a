"""Forms of campaigns."""

from flask_babel import lazy_gettext as _

from portal.campaigns.labels import CHANNEL, ROLE
from portal.web.widgets import (
    Choice,
    Choices,
    DateText,
    DecimalNumber,
    LongText,
    PortalForm,
    Text,
    Version,
    WholeNumber,
)


class CampaignForm(PortalForm):
    """What the bureau plans."""

    title = Text(_("Title of the campaign"), max_length=120)
    year = WholeNumber(_("Campaign year"), low=2018, high=2100)
    district = Choice(_("District"))
    unit_types = Choices(_("Kinds of unit that take part"), column=True)
    begins_on = DateText(_("Begins on"))
    ends_on = DateText(_("Ends on"))
    scheme_due = DateText(_("Schemes handed in by"), required=False)
    goal = WholeNumber(_("Goal: percentage of schools up to standard"), low=1, high=100)
    weight = DecimalNumber(
        _("Share in the yearly safety assessment, in percent"), low="0.1", high="100", places=1, required=False
    )
    linked_programme = Text(_("Linked programme"), max_length=120, required=False)
    note = LongText(_("Note"), max_length=1000, rows=3, required=False)
    version = Version(required=False)


class MemberForm(PortalForm):
    """A place in a leading group."""

    role = Choice(_("Place in the group"), choices=tuple(ROLE.items()))
    name = Text(_("Person's name"), max_length=40)
    post = Text(_("Post"), max_length=80, required=False)
    since = DateText(_("In place since"))
    until = DateText(_("In place until"), required=False)


class ActivityForm(PortalForm):
    """A line of the publicity log."""

    held_on = DateText(_("Day of the activity"))
    channel = Choice(_("Form of publicity"), choices=tuple(CHANNEL.items()))
    text = LongText(_("What was done"), max_length=400, rows=3)
    audience = Text(_("Audience"), max_length=120, required=False)
    people = WholeNumber(_("People reached"), low=0, high=1_000_000, required=False)
