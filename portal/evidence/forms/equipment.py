"""Forms of uses of equipment. Several stand on one page, so no two of them share the name of a field that is seen."""

from flask_babel import lazy_gettext as _
from wtforms import FieldList, FormField

from portal.evidence.labels import CONDITION, DEED
from portal.web.widgets import (
    Choice,
    Choices,
    FileUpload,
    LongText,
    MomentText,
    PortalForm,
    Radios,
    Text,
    Tick,
    Version,
)

PROOF = ("pdf", "jpg", "jpeg", "png")


class InvestigatorForm(PortalForm):
    """Somebody who comes."""

    name = Text(_("Full name"), max_length=40, required=False)
    number = Text(_("Police number"), max_length=20, required=False, codelike=True)


class UseForm(PortalForm):
    """A use as it is asked for."""

    secret = Tick(_("Secret case (matter)"))
    case_number = Text(_("Case number"), max_length=80, required=False, codelike=True)
    reason = LongText(_("Why the unit's equipment is needed"), max_length=2000, rows=4)
    planned_from = MomentText(_("From"))
    planned_to = MomentText(_("To"))
    camera_ids = Choices(_("Cameras"), column=True)
    officers = FieldList(FormField(InvestigatorForm), min_entries=2, max_entries=4)
    undertaking = Tick(
        _(
            "Each of us has signed: we use the equipment for this case only, keep secret what we learn, answer for damage"
        )
    )


class DecideUseForm(PortalForm):
    """What the head of the department decides."""

    verdict = Radios(_("Decision"), choices=(("approve", _("approve")), ("refuse", _("do not approve"))))
    opinion = LongText(_("Opinion"), max_length=400, rows=3, required=False)
    version = Version()


class WithdrawUseForm(PortalForm):
    """Giving it up."""

    version = Version()


class HandOverForm(PortalForm):
    """The unit hands the equipment over."""

    received_by = Choice(_("Officer who takes it over"))
    equipment = LongText(
        _("Equipment handed over, and its condition"),
        max_length=400,
        rows=3,
        hint=_("For example: workstation 2, all in order"),
    )
    ids_seen = Tick(_("The officers showed their police papers"))
    version = Version()


class DeedForm(PortalForm):
    """One thing done."""

    kind = Radios(_("Deeds on site"), choices=tuple(DEED.items()))
    at = MomentText(_("When"))
    camera = Choice(_("Camera"))
    span_from = MomentText(_("Footage from"), required=False, hint=_("Of playback and export"))
    span_to = MomentText(_("Footage until"), required=False)
    deed_note = Text(_("Remark"), max_length=400, required=False)
    medium = Text(_("Medium and its number"), max_length=120, required=False, hint=_("Of an export"))
    sha256 = Text(_("SHA-256 of the file"), max_length=64, required=False, codelike=True, hint=_("Of an export"))


class GiveBackForm(PortalForm):
    """The officers hand it back."""

    summary = LongText(_("What was done, in a line"), max_length=400, rows=3)
    version = Version()


class TakeBackForm(PortalForm):
    """The unit takes it back."""

    condition = Radios(_("Condition of the equipment"), choices=tuple(CONDITION.items()))
    damage = LongText(_("Damage"), max_length=800, rows=3, required=False)
    version = Version()


class ObstructionForm(PortalForm):
    """A refusal or an obstruction."""

    person_name = Text(_("Who refused or obstructed"), max_length=40)
    obstructed_at = MomentText(_("Time of the obstruction"))
    place = Text(_("Place"), max_length=200)
    facts = LongText(_("What happened"), max_length=3000, rows=4)
    evidence = LongText(
        _("What proves it"),
        max_length=800,
        rows=2,
        required=False,
        hint=_("For example the number of the body camera's recording"),
    )
    file = FileUpload(_("Picture or paper"), extensions=PROOF, required=False)
