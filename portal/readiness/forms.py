"""Forms of the advance checks."""

from flask_babel import lazy_gettext as _

from portal.web.widgets import LongText, PortalForm


class WaiveForm(PortalForm):
    """The organ goes on although checks fail."""

    reason = LongText(_("Why the visit is allowed all the same"), max_length=400, rows=3)
