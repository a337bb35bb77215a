"""Forms of this package."""

from flask_babel import lazy_gettext as _

from portal.mandates.labels import ABOUT, ESCALATION, PROJECT_STATUS, RELOCATION_KIND, SERVICE
from portal.web.widgets import (
    Choice,
    Choices,
    CreditCode,
    DateText,
    DecimalNumber,
    FileUpload,
    Hidden,
    LongText,
    MapPoint,
    PortalForm,
    Radios,
    Text,
    Tick,
    Version,
    WholeNumber,
)


class EntryForm(PortalForm):
    """A place that must install."""

    name = Text(_("Name of the place"), max_length=120)
    category = Choice(_("Mandated category"))
    district = Choice(_("District"))
    address = Text(_("Address"), max_length=200, required=False)
    uscc = CreditCode(_("Unified social credit code"), required=False)
    unit_type = Choice(_("Kind of unit"), required=False)
    industry = Text(_("Industry code (GB/T 4754)"), max_length=4, codelike=True, required=False)
    position = MapPoint(_("Position"), required=False)
    version = Version(required=False)


class StrikeForm(PortalForm):
    """Striking a place off."""

    reason = LongText(_("Why the place is struck off"), max_length=400, rows=3)
    version = Version()


class MatchForm(PortalForm):
    """Matching by a code that a person knows."""

    uscc = CreditCode(_("Credit code of the unit"))


class PartForm(PortalForm):
    """Undoing a match."""

    reason = LongText(_("Why the match is undone"), max_length=400, rows=3)


class ListForm(PortalForm):
    """Taking a source list in."""

    name = Text(_("Name of the list"), max_length=120)
    origin = Text(_("Organ it comes from"), max_length=120, hint=_("Such as the market supervision administration"))
    dated_on = DateText(_("Date of the list"))
    file = FileUpload(_("Sheet"), extensions=("xlsx", "xls", "csv"), hint=_("XLSX, XLS or CSV (UTF-8 or GB18030)"))


class OrderForm(PortalForm):
    """Issuing an order."""

    demand = LongText(_("What is demanded"), max_length=2000)
    parts = Choices(_("Important parts named in the order"), column=True, required=False)
    due_set = DateText(
        _("Day set by the organ"),
        required=False,
        hint=_("Leave empty to let the limit of the rules run from the day of service"),
    )


class ServeForm(PortalForm):
    """Recording service."""

    served_on = DateText(_("Served on"))
    how = Choice(_("Way of service"), choices=tuple(SERVICE.items()))
    served_to = Text(_("Who took it"), max_length=80)
    version = Version()


class ReplyForm(PortalForm):
    """The unit's reply."""

    reply = LongText(_("What has been done, what is still to come and by when"), max_length=2000)


class EscalateForm(PortalForm):
    """The next step after an overdue order."""

    to = Radios(_("Next step"), choices=tuple(ESCALATION.items()), column=True)
    note = LongText(_("Facts and reason"), max_length=1000)
    version = Version()


class WithdrawForm(PortalForm):
    """Taking an order back."""

    reason = LongText(_("Why the order is taken back"), max_length=400, rows=3)
    version = Version()


class CoverForm(PortalForm):
    """The cameras of one part."""

    cameras = Choices(_("Cameras that cover this part"), column=True, required=False)
    absent_reason = Text(_("Or why the place has no such part"), max_length=200, required=False)


class ProvisionForm(PortalForm):
    """An addition to the dictionary."""

    key = Text(_("Short name of the category"), max_length=40, codelike=True)
    zh = Text(_("Name in Chinese"), max_length=80)
    en = Text(_("Name in English"), max_length=120)
    parts = LongText(
        _("Important parts"),
        max_length=2000,
        required=False,
        hint=_("One a line: Chinese name | English name"),
    )
    unit_types = Choices(_("Kinds of unit"), required=False)
    industries = Text(
        _("Industry codes"), max_length=200, required=False, hint=_("GB/T 4754 codes, separated by commas")
    )
    basis_title = Text(_("Basis paper"), max_length=200)
    basis_number = Text(_("Document number"), max_length=80)
    basis_article = Text(_("Article"), max_length=40, required=False)
    valid_from = DateText(_("In force from"))
    file = FileUpload(_("The paper (PDF)"), extensions=("pdf",), required=False)


class EndForm(PortalForm):
    """Ending a provision."""

    last_day = DateText(_("Last day"))
    basis = Text(_("Basis paper"), max_length=200)


class ComplaintForm(PortalForm):
    """An owner's complaint."""

    about = Radios(_("What happened"), choices=tuple(ABOUT.items()), column=True)
    about_organ = Text(_("Organ or officers complained about"), max_length=120)
    happened_on = DateText(_("When it happened"), required=False)
    text = LongText(_("The facts"), max_length=2000, rows=6)
    entry = Hidden(required=False)


class AnswerForm(PortalForm):
    """Answering a complaint."""

    upheld = Radios(_("The complaint is"), choices=(("yes", _("upheld")), ("no", _("not upheld"))))
    answer = LongText(_("Answer to the owner"), max_length=2000, rows=6)
    version = Version()


class ContestForm(PortalForm):
    """The owner does not accept the answer."""

    reason = LongText(_("Why the answer is not accepted"), max_length=1000)


class ProjectForm(PortalForm):
    """A public project."""

    number = Text(_("Project number"), max_length=60, codelike=True)
    name = Text(_("Name of the project"), max_length=120)
    unit = Choice(_("Police unit that plans, builds and runs it"))
    budget_year = WholeNumber(_("Budget year"), low=1990, high=2100)
    amount = DecimalNumber(_("Amount (CNY)"), low="0", high="99999999999", places=2)
    planning_batch = Text(_("Planning batch"), max_length=80)
    status = Radios(_("State of the project"), choices=tuple((key, text) for key, (_k, text) in PROJECT_STATUS.items()))
    funding = Text(_("Source of the money"), max_length=120, hint=_("Such as the city's general public budget"))
    financing_paper = Text(_("Budget paper and its number"), max_length=120)
    builder = Text(_("Firm that builds"), max_length=120, required=False)
    note = LongText(_("Note"), max_length=400, rows=3, required=False)
    version = Version(required=False)


class LinkForm(PortalForm):
    """Linking a system's cameras to a project."""

    system = Choice(_("Public system"))
    only_free = Tick(_("Only cameras without a project"))


class RelocationForm(PortalForm):
    """A relocation as proposed. The new positions are read beside it, one a camera."""

    kind = Radios(_("Kind of relocation"), choices=tuple(RELOCATION_KIND.items()), column=True)
    cause = Text(_("Project that makes it necessary"), max_length=200)
    cause_number = Text(_("Its document number"), max_length=80, required=False)
    cost = DecimalNumber(_("Cost (CNY)"), low="0", high="999999999", places=2)
    payer = Text(_("Who bears the cost"), max_length=120)
    planned_on = DateText(_("Planned for"))
    note = LongText(_("Note"), max_length=1000, rows=3, required=False)


class DecideForm(PortalForm):
    """Deciding a relocation."""

    verdict = Radios(_("Decision"), choices=(("approve", _("approve")), ("refuse", _("refuse"))))
    note = LongText(_("Opinion"), max_length=400, rows=3)
    version = Version()


class CarryOutForm(PortalForm):
    """Recording that the cameras hang at their new places."""

    done_on = DateText(_("Carried out on"))
    version = Version()


class CancelForm(PortalForm):
    """Cancelling a relocation."""

    reason = LongText(_("Why it is cancelled"), max_length=400, rows=3)
    version = Version()


class ExplainForm(PortalForm):
    """Explaining a move that nobody ordered."""

    explanation = LongText(_("What was found, and what follows"), max_length=400, rows=3)
