"""Setting a webhook up."""

from flask_babel import lazy_gettext as _

from portal.web.widgets import Choices, PortalForm, Text
from portal.webhooks.labels import TOPIC


class HookForm(PortalForm):
    """Where messages go, and about what."""

    name = Text(_("What it is for"), max_length=60)
    url = Text(_("Address"), max_length=500, codelike=True, hint=_("https, reachable from this portal"))
    topics = Choices(_("Tell of"), choices=[(str(topic), words) for topic, words in TOPIC.items()])
