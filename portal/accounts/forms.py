"""Forms of sign-in and of the own account."""

from flask_babel import lazy_gettext as _

from portal.web.widgets import Choice, Hidden, LongText, Password, PortalForm, Text


class SignInForm(PortalForm):
    """Login, password, and the one-time code of those who have a second factor."""

    login = Text(_("Account"), max_length=40)
    password = Password(_("Password"))
    totp = Text(
        _("One-time code"),
        max_length=8,
        codelike=True,
        required=False,
        hint=_("Only if you have set up a second factor"),
    )
    next = Hidden(required=False)


class PasswordForm(PortalForm):
    """Changing the own password."""

    current = Password(_("Present password"))
    password = Password(_("New password"), new=True, hint=_("At least 12 characters, or 8 from three kinds"))
    again = Password(_("New password again"), new=True)


class TotpForm(PortalForm):
    """Confirming a second factor with a code made from it; the password is asked when it replaces one in use."""

    current = Password(_("Present password"), required=False)
    code = Text(_("One-time code"), max_length=8, codelike=True)


class ProposalForm(PortalForm):
    """First key: the system administrator asks for an account."""

    login = Text(_("Account"), max_length=40, codelike=True)
    person_name = Text(_("Full name"), max_length=40)
    police_number = Text(_("Police number"), max_length=12, codelike=True, required=False)
    role = Choice(_("Role"))
    post = Choice(_("Post"), required=False)
    home = Choice(_("Organ"))
    reason = LongText(_("Grounds"), max_length=400, rows=3)


class DecisionForm(PortalForm):
    """Second key: the security administrator decides."""

    verdict = Choice(_("Decision"), choices=(("approve", _("Approve")), ("refuse", _("Refuse"))))
    password = Password(
        _("First password"), new=True, required=False, hint=_("The person must change it at first sign-in")
    )
    reason = LongText(_("Grounds"), max_length=400, rows=3)
