"""The form of a court package."""

from flask_babel import lazy_gettext as _

from portal.web.widgets import PortalForm, Text


class PackageForm(PortalForm):
    """For whom a package is made."""

    recipient = Text(_("Recipient"), max_length=60, hint=_("Such as the procuratorate or court; stands in the package"))
