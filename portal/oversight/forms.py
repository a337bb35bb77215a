"""Forms of the readers."""

from flask_babel import lazy_gettext as _

from portal.web.widgets import LongText, PortalForm, WholeNumber


class ExportForm(PortalForm):
    """A part of the sealed log, and why it is taken out."""

    first = WholeNumber(_("From entry"), low=1, high=10**15, required=False, hint=_("Empty: from the first"))
    last = WholeNumber(
        _("To entry"), low=1, high=10**15, required=False, hint=_("Empty: up to the newest signed checkpoint")
    )
    reason = LongText(_("Reason for the export"), max_length=400, rows=3)
