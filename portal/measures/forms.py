"""Forms of this package. Several stand on one page, so no two of them share the name of a field that is seen."""

from flask_babel import lazy_gettext as _

from portal.measures.labels import DRAW_KIND, FINE_AGAINST, MEASURE_KIND, SERVICE
from portal.web.widgets import (
    Choice,
    Choices,
    DateText,
    FileUpload,
    LongText,
    MomentText,
    PortalForm,
    Radios,
    Text,
    Version,
    WholeNumber,
)

PAPERS = ("pdf", "jpg", "jpeg", "png")


class DraftForm(PortalForm):
    """A step of the ladder as it is drafted."""

    kind = Radios(_("Step"), choices=tuple(MEASURE_KIND.items()))
    facts = LongText(_("Facts"), max_length=3000, rows=6)
    demands = LongText(_("What the unit is asked to do"), max_length=3000, rows=5)
    findings = Choices(_("Findings it follows"), required=False, column=True)
    acceptance_id = Choice(_("Acceptance it rests on"), required=False)
    due_set = DateText(
        _("Reply by"), required=False, hint=_("Leave empty to let the limit of the rules run from the day of service")
    )
    skip_reason = LongText(
        _("Why a lower step is passed over"),
        max_length=400,
        rows=3,
        required=False,
        hint=_("Letter, interview, circular: a step that does not follow the one before it says why"),
    )
    place = Text(_("Place of the interview"), max_length=120, required=False)
    meets_at = MomentText(_("Time of the interview"), required=False)
    recipients = LongText(
        _("Recipients of the circular"), max_length=2000, rows=4, required=False, hint=_("One a line")
    )


class ServeForm(PortalForm):
    """Recording service."""

    served_on = DateText(_("Served on"))
    how = Choice(_("Way of service"), choices=tuple(SERVICE.items()))
    served_to = Text(_("Who took it"), max_length=80)
    version = Version()


class HoldForm(PortalForm):
    """Recording an interview."""

    held_at = MomentText(_("Held at"))
    attendance = LongText(_("Who attended"), max_length=1500, rows=4, hint=_("One a line: name | unit and post"))
    minutes = LongText(_("Minutes"), max_length=6000, rows=8)
    version = Version()


class ReplyForm(PortalForm):
    """What the unit answers."""

    reply = LongText(_("What has been done, what is still to come and by when"), max_length=3000)
    file = FileUpload(_("Paper or picture"), extensions=PAPERS, required=False)


class CloseForm(PortalForm):
    """Ending a matter with what was found."""

    finding = LongText(_("What was found"), max_length=400, rows=3)
    version = Version()


class ExtendForm(PortalForm):
    """More time."""

    due_on = DateText(_("New last day"))
    extend_reason = LongText(_("Why more time is given"), max_length=400, rows=3)
    version = Version()


class WithdrawForm(PortalForm):
    """Taking a paper back."""

    reason = LongText(_("Why it is taken back"), max_length=400, rows=3)
    version = Version()


class CorrectionForm(PortalForm):
    """An order to correct."""

    violation = Choice(_("Violation"))
    system_id = Choice(_("System concerned"), required=False)
    findings = Choices(_("Findings it follows"), required=False, column=True)
    facts = LongText(_("Facts"), max_length=3000, rows=5)
    demand = LongText(_("What is demanded"), max_length=2000, rows=4)
    due_set = DateText(
        _("To be corrected by"),
        required=False,
        hint=_("Leave empty to let the limit of the rules run from the day of service"),
    )
    grave_reason = LongText(
        _("Grave circumstances"),
        max_length=400,
        rows=3,
        required=False,
        hint=_("Only where the article names them: a fine then need not wait for a refusal"),
    )


class ReturnForm(PortalForm):
    """A report that proves nothing yet."""

    return_reason = LongText(_("What the report does not prove"), max_length=400, rows=3)
    version = Version()


class RefuseForm(PortalForm):
    """The finding that an order was not obeyed."""

    facts = LongText(_("What was found after the last day"), max_length=3000, rows=5)
    version = Version()


class RefusalForm(PortalForm):
    """What the second person decides of it."""

    verdict = Radios(_("Decision of the second person"), choices=(("confirm", _("confirm")), ("reject", _("reject"))))
    opinion = LongText(_("Opinion"), max_length=400, rows=3)


class FineForm(PortalForm):
    """A fine as it is proposed."""

    against = Radios(_("Against whom"), choices=tuple(FINE_AGAINST.items()))
    person_name = Text(_("Name of the person"), max_length=40, required=False)
    amount = WholeNumber(_("Amount (CNY)"), low=0, high=10_000_000)
    reasons = LongText(_("Reasons for the amount"), max_length=2000, rows=4)
    version = Version()


class OutcomeForm(PortalForm):
    """What was decided outside the portal."""

    outcome = Radios(
        _("Outcome"),
        choices=(("impose", _("Fine imposed")), ("drop", _("No fine")), ("withdraw", _("Proposal taken back"))),
        column=True,
    )
    decided_on = DateText(_("Decided on"))
    deciding_organ = Text(_("Organ that decided"), max_length=120, required=False)
    decision_number = Text(_("Number of the decision"), max_length=80, required=False)
    decided_amount = WholeNumber(_("Amount imposed (CNY)"), low=0, high=10_000_000, required=False)
    outcome_note = LongText(_("Remark"), max_length=400, rows=3, required=False)


class DrawForm(PortalForm):
    """A draw as it is committed to."""

    title = Text(_("Name of the draw"), max_length=120)
    kind = Radios(_("Drawn from"), choices=tuple(DRAW_KIND.items()), column=True)
    sample_size = WholeNumber(_("How many are drawn"), low=1, high=10_000)
    entropy_source = Text(
        _("Where the public number will come from"),
        max_length=200,
        hint=_(
            "Something published for all that nobody can know today, such as the numbers of a national lottery draw"
        ),
    )
    entropy_on = DateText(_("Day on which it becomes known"))
    period_from = DateText(_("Period begins"))
    period_to = DateText(_("Period ends"))


class RevealForm(PortalForm):
    """Revealing a draw."""

    entropy = Text(
        _("The public number"), max_length=200, hint=_("As it was published; blanks at the ends do not count")
    )


class PlanForm(PortalForm):
    """A plan of supervision."""

    title = Text(_("Name of the plan"), max_length=120)
    starts_on = DateText(_("Period begins"))
    ends_on = DateText(_("Period ends"))
    by_risk = WholeNumber(_("Visits by risk"), low=0, high=500)
    by_filing = WholeNumber(
        _("First visits after filing"),
        low=0,
        high=500,
        required=False,
        hint=_("Units that nobody visited since they filed, the longest filed first"),
    )
    draw_id = Choice(_("Visits drawn by"), required=False)


class BeginForm(PortalForm):
    """Going there."""

    inspectors = Choices(_("Inspectors"), column=True)
    version = Version()


class TakeOutForm(PortalForm):
    """Taking a list out."""

    purpose = LongText(_("What the file is needed for"), max_length=400, rows=3)


class DoneForm(PortalForm):
    """A visit as it was carried out."""

    done_on = DateText(_("Visited on"))
    remark = LongText(_("Remark on the visit"), max_length=1000, rows=3, required=False)
    version = Version()


class EndForm(PortalForm):
    """Closing a visit, or calling it off."""

    reason = LongText(_("What came of it, or why it is called off"), max_length=400, rows=3)
    version = Version()
