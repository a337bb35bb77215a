"""Words of the public pages."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from portal.public.queries import Standing

# The headline, and what it means.
CERTIFICATE_STANDING: Mapping[Standing, tuple[str, LazyString, LazyString]] = {
    Standing.VALID: ("ok", _("This certificate is genuine"), _("In force")),
    Standing.REVIEW: ("warn", _("This certificate is genuine"), _("The organ is looking at the result again")),
    Standing.REPLACED: (
        "off",
        _("This certificate is no longer in force"),
        _("Replaced by the certificate of a later acceptance"),
    ),
    Standing.REVOKED: (
        "bad",
        _("This certificate is no longer in force"),
        _("The result was changed, or a later inspection came to another one"),
    ),
}
