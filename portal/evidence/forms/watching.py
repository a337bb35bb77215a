"""Forms of an explanation: asked for, given, judged."""

from flask_babel import lazy_gettext as _

from portal.web.widgets import Choice, LongText, PortalForm


class AskExplanationForm(PortalForm):
    """What the person is to explain."""

    question = LongText(_("What is to be explained"), max_length=2000, rows=4)


class ExplanationForm(PortalForm):
    """The person's own words."""

    answer = LongText(_("Your explanation"), max_length=4000, rows=6, hint=_("Without what a secret case is about"))


class JudgementForm(PortalForm):
    """What becomes of it."""

    verdict = Choice(_("Outcome"), choices=[("accept", _("Explanation accepted")), ("escalate", _("Taken further"))])
    note = LongText(_("Remarks"), max_length=2000, rows=3, required=False, hint=_("Needed where it is taken further"))
