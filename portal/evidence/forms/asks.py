"""Fields of what a paper says, and the forms of the acts beside a request. Several stand on one page, so no two of them
share the name of a field that is seen."""

from flask_babel import lazy_gettext as _

from portal.evidence.labels.asks import INTEREST, PROOF
from portal.evidence.values.facts import AskFacts, Interest, Proof
from portal.web.widgets import Choice, DateText, FileUpload, LongText, MomentText, PortalForm, Radios, Text, Tick

PAPER_FILES = ("pdf", "jpg", "jpeg", "png")
FACTS = ("issued_on", "approver", "items", "caller", "call_back", "done_at_once", "proof", "interest")


class FactsForm(PortalForm):
    """What the paper says beside its number, what was said on the telephone, how an individual stands to the matter."""

    issued_on = DateText(_("Date of the paper"), required=False)
    approver = Text(
        _("Approved by"),
        max_length=120,
        required=False,
        hint=_("Who approved the notice, with the post, where that stands on the paper alone"),
    )
    items = LongText(
        _("Items the notice names"),
        max_length=1000,
        rows=2,
        required=False,
        hint=_("As it says; empty: the cameras and the time of this request"),
    )
    caller = Text(_("Caller"), max_length=120, required=False, hint=_("Name, department, police number"))
    call_back = Text(
        _("Number to call back"), max_length=40, required=False, hint=_("The organ's own, as it is published")
    )
    done_at_once = LongText(_("What was done at once"), max_length=400, rows=2, required=False)
    proof = Choice(
        _("Proved by"),
        choices=[(str(key), text) for key, text in PROOF.items()],
        required=False,
        hint=_("Shows that the matter is theirs, or the relation"),
    )
    interest = Choice(
        _("Viewing is to protect"), choices=[(str(key), text) for key, text in INTEREST.items()], required=False
    )

    def facts(self) -> AskFacts:
        """What was typed, as a value."""
        return AskFacts(
            issued_on=self.issued_on.data,
            proof=Proof(str(self.proof.data)) if self.proof.data else None,
            interest=Interest(str(self.interest.data)) if self.interest.data else None,
            **{name: self[name].data or "" for name in ("approver", "items", "caller", "call_back", "done_at_once")},
        )

    def show_facts(self, facts: AskFacts) -> None:
        """Fill the fields from a request, for correcting it."""
        for name in FACTS:
            self[name].data = getattr(facts, name)


class ExplainForm(PortalForm):
    """Why part of what a notice names is missing."""

    explanation = LongText(_("Explanation of what is missing"), max_length=800, rows=3)


class VerifyForm(PortalForm):
    """The caller was called back."""

    how = Text(_("How the caller was verified"), max_length=200, hint=_("Who answered under which number, and when"))


class CallPaperForm(PortalForm):
    """The notice itself, after the call."""

    number = Text(_("Number of the notice"), max_length=80)
    paper_on = DateText(_("Date of the notice"))
    file = FileUpload(_("Scan of the notice"), extensions=PAPER_FILES, hint=_("PDF, JPG or PNG"))


class CompareForm(PortalForm):
    """The paper held against the call."""

    matches = Radios(
        _("The notice and the call"),
        choices=(("yes", _("say the same")), ("no", _("differ"))),
    )
    differences = LongText(_("In what they differ"), max_length=400, rows=2, required=False)


class ProveForm(PortalForm):
    """The identity card and the proof were looked at, with the person there."""

    looked_at = Tick(_("I looked at the identity card and the proof, and the person is the one shown"), required=True)


class ExtendForm(PortalForm):
    """The answer to an individual is put off."""

    extension = LongText(_("Why more time is needed"), max_length=400, rows=2)


class AppointForm(PortalForm):
    """When an individual views, where, under whose eyes, and how others are kept out."""

    at = MomentText(_("Time of the viewing"))
    place = Text(_("Place of the viewing"), max_length=120)
    supervisor = Choice(_("Supervised by"))
    privacy = LongText(
        _("How others' faces and matters are kept out"),
        max_length=400,
        rows=2,
        hint=_("Such as only the minutes that matter, other screens off, the picture cut or covered"),
    )
