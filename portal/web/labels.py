"""Sentences of the error pages."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString


@dataclass(frozen=True)
class ErrorText:
    """What an error page says: what happened, and what to do now."""

    title: LazyString
    advice: LazyString


ERROR_TEXTS: Mapping[int, ErrorText] = {
    400: ErrorText(
        _("The request could not be understood"),
        _("Go back, reload the page and try again. Nothing was changed."),
    ),
    401: ErrorText(
        _("Please sign in"),
        _("Your sign-in has ended, or was never there. Sign in to go on; nothing was changed."),
    ),
    403: ErrorText(
        _("You may not do this"),
        _("Your post does not carry this right. If your duty needs it, ask your unit's administrator. The attempt was recorded."),
    ),
    404: ErrorText(
        _("Nothing is found at this address"),
        _("The record does not exist, was withdrawn, or lies outside your remit. Check the address, or search by number or name."),
    ),
    405: ErrorText(
        _("This address does not take that kind of request"),
        _("Use the links and buttons of the portal. Nothing was changed."),
    ),
    409: ErrorText(
        _("The record has moved on"),
        _("It was changed, or has gone to another step, since you opened it. Open it again and look before you repeat the step. Nothing was changed."),
    ),
    410: ErrorText(
        _("This is no longer kept"),
        _("Its period of keeping has ended and it was removed under the rules."),
    ),
    413: ErrorText(
        _("What was sent is too large"),
        _("Choose a smaller file, or split it. Nothing was saved."),
    ),
    415: ErrorText(
        _("This kind of content is not accepted"),
        _("Send the form or file in one of the forms named on the page. Nothing was saved."),
    ),
    422: ErrorText(
        _("The entries cannot be accepted as they are"),
        _("Go back, correct what is listed here and send it again. Nothing was saved."),
    ),
    429: ErrorText(
        _("Too many attempts"),
        _("Wait a little, then try again."),
    ),
    500: ErrorText(
        _("The portal met a fault"),
        _("Nothing was saved. The fault was recorded; if it comes again, tell the administrator the number below."),
    ),
    503: ErrorText(
        _("The service is paused"),
        _("A part the portal must not work without does not answer. What you sent was not saved; try again in a few minutes."),
    ),
}  # fmt: skip

FORM_EXPIRED = ErrorText(
    _("The form is no longer valid"),
    _("You signed in again, or signed out in another window, after opening it. Go back, reload the page and send it once more. Nothing was changed."),
)  # fmt: skip
