"""Forms of the books. None of them has a field for a password: the register says who keeps it, not what it is."""

from flask_babel import lazy_gettext as _

from portal.accounts.labels import PURPOSE_LABELS
from portal.upkeep.labels import GROUP, TICKET_KIND
from portal.upkeep.values import CHANGES, PERMISSIONS
from portal.web.widgets import Choice, Choices, DateText, LongText, MomentText, PortalForm, Radios, Text, Tick, Version


class CustodyForm(PortalForm):
    """A password's custody as it is entered."""

    device_group = Choice(_("Opens"), choices=tuple(GROUP.items()))
    scope = Text(_("Which devices"), max_length=120, hint=_("For example: recorders 1 to 4, administrator account"))
    system_id = Choice(_("System"), required=False)
    custodian_id = Choice(_("Custodian"))
    second_id = Choice(_("Second custodian"))
    since = DateText(_("In custody since"))
    rotated_on = DateText(_("Password last changed on"))
    envelope_place = Text(_("Where the sealed envelope lies"), max_length=120)
    envelope_on = DateText(_("Envelope sealed on"))


class RotateForm(PortalForm):
    """The password was changed."""

    changed_on = DateText(_("Changed on"))
    new_envelope = Text(_("Where the new sealed envelope lies"), max_length=120)
    version = Version()


class OfferForm(PortalForm):
    """First signature of a hand-over."""

    keeper = Radios(
        _("Whose part is handed over"), choices=(("first", _("Custodian")), ("second", _("Second custodian")))
    )
    taker_id = Choice(_("To whom"))
    offer_reason = LongText(_("Why it is handed over"), max_length=400, rows=3)
    version = Version()


class TakeForm(PortalForm):
    """Second signature."""

    changed = Tick(_("I have changed the password and sealed it anew; the former keeper no longer knows it"))
    taken_envelope = Text(_("Where the envelope lies now"), max_length=120)
    version = Version()


class RecallForm(PortalForm):
    """The hand-over does not take place."""

    recall_reason = LongText(_("Why it is taken back"), max_length=400, rows=3)
    version = Version()


class EndCustodyForm(PortalForm):
    """Nothing is left to keep."""

    end_reason = LongText(_("Why nobody keeps it any more"), max_length=400, rows=3)
    version = Version()


class ChangeForm(PortalForm):
    """A change of technical parameters as it is asked for."""

    kind = Choice(_("What for"), choices=tuple((kind, TICKET_KIND[kind]) for kind in CHANGES))
    system_id = Choice(_("System"), required=False)
    camera_id = Choice(_("Camera"), required=False)
    device = Text(_("Device"), max_length=120, hint=_("For example: recorder 2, library"))
    what = Text(_("Which parameter"), max_length=200)
    old_value = Text(_("Present value"), max_length=200)
    new_value = Text(_("New value"), max_length=200)
    reason = LongText(_("Why it is changed"), max_length=400, rows=3)
    starts_at = MomentText(_("Planned from"))
    ends_at = MomentText(_("Planned until"))


class PermitForm(PortalForm):
    """A permission as it is asked for."""

    kind = Choice(_("What for"), choices=tuple((kind, TICKET_KIND[kind]) for kind in PERMISSIONS))
    system_id = Choice(_("System"), required=False)
    camera_id = Choice(_("Camera"), required=False)
    device = Text(_("Device"), max_length=120, hint=_("For example: recorder 2, library"))
    what = Text(_("What is to be done"), max_length=200)
    basis = Text(
        _("Legal basis of a deletion"),
        max_length=200,
        required=False,
        hint=_("Only for a deletion: law and article. For a sealed master, its serial stands under «Device»"),
    )
    reason = LongText(_("Why it is needed"), max_length=400, rows=3)
    starts_at = MomentText(_("Allowed from"))
    ends_at = MomentText(_("Restored by"))


class ApproveForm(PortalForm):
    """Yes."""

    opinion = LongText(_("Opinion"), max_length=400, rows=3, required=False)
    version = Version()


class RefuseForm(PortalForm):
    """No."""

    refusal = LongText(_("Why it is refused"), max_length=400, rows=3)
    version = Version()


class DisputeForm(PortalForm):
    """To the highest authority."""

    dispute_reason = LongText(_("Why the refusal is not accepted"), max_length=400, rows=3)
    version = Version()


class UpholdForm(PortalForm):
    """The refusal stands."""

    uphold_reason = LongText(_("Why the refusal stands"), max_length=400, rows=3)
    version = Version()


class OverruleForm(PortalForm):
    """The refusal falls."""

    overrule_reason = LongText(_("Why it is allowed after all"), max_length=400, rows=3)
    version = Version()


class DoForm(PortalForm):
    """The work is done and signed for."""

    signer = Choice(_("Signed for by, or witness"), required=False)
    done_note = LongText(_("What was done, or how the state was restored"), max_length=400, rows=3)
    version = Version()


class VerifyForm(PortalForm):
    """Somebody has looked."""

    verification = LongText(_("What verification found"), max_length=400, rows=3)
    version = Version()


class WithdrawForm(PortalForm):
    """Not needed any more."""

    withdraw_reason = LongText(_("Why it is withdrawn"), max_length=400, rows=3)
    version = Version()


class WorkstationForm(PortalForm):
    """A computer with the monitoring client."""

    asset_number = Text(_("Asset number"), max_length=40, codelike=True)
    room = Text(_("Room"), max_length=80)
    client = Text(_("Client software"), max_length=80)
    client_version = Text(_("Version of the client"), max_length=40, codelike=True)
    address = Text(_("Network address"), max_length=45, codelike=True)
    responsible_id = Choice(_("Responsible person"))
    version = Version()


class CheckForm(PortalForm):
    """A look at a computer."""

    checked_on = DateText(_("Checked on"))
    locked = Radios(
        _("State"),
        choices=(("yes", _("Locked down, no other software")), ("no", _("Open to other use"))),
        column=True,
    )
    found_version = Text(_("Version found"), max_length=40, codelike=True)
    found = LongText(_("What else was found"), max_length=400, rows=3, required=False)
    version = Version()


class RetireForm(PortalForm):
    """Off the register."""

    retire_reason = LongText(_("Why it is retired"), max_length=400, rows=3)
    version = Version()


class OperatorForm(PortalForm):
    """Somebody who is to operate the system."""

    person_id = Choice(_("Operator"))
    appointed_on = DateText(_("Appointed on"))
    trained_on = DateText(_("Trained on"), required=False)
    pledged_on = DateText(_("Secrecy pledge signed on"), required=False)
    professional = Tick(_("Professional: may change settings and signs for it"))


class TrainedForm(PortalForm):
    """Training and pledge."""

    day_trained = DateText(_("Trained on"))
    day_pledged = DateText(_("Secrecy pledge signed on"))
    version = Version()


class StrikeForm(PortalForm):
    """Off the list."""

    strike_reason = LongText(_("Why this person is struck off"), max_length=400, rows=3)
    version = Version()


class PurposeForm(PortalForm):
    """What an account is for."""

    purpose = Radios(_("Purpose of the account"), choices=tuple(PURPOSE_LABELS.items()), column=True)
    zones = Choices(_("Zones whose footage it opens"), required=False, column=True)
    reason = LongText(_("Grounds"), max_length=400, rows=3)
