"""Asking for a token."""

from flask_babel import lazy_gettext as _

from portal.web.widgets import Choices, Password, PortalForm, Text, WholeNumber


class TokenForm(PortalForm):
    """A new token: what it is for, what it may do, for how long; and once more who is sitting there."""

    name = Text(_("What it is for"), max_length=60, hint=_("For example: nightly comparison with the unit's own list"))
    scopes = Choices(_("Scopes"), hint=_("Only what the program needs; it never reaches further than you do"))
    days = WholeNumber(_("Expires after"), low=1, high=1095, suffix=_("days"))
    current = Password(_("Present password"))
    code = Text(
        _("One-time code"),
        max_length=8,
        codelike=True,
        required=False,
        hint=_("Only if you have set up a second factor"),
    )
