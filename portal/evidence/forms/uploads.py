"""Forms of files on their way in: the window, a file without a script, and what is said of a file that arrived."""

from uuid import UUID

from flask_babel import lazy_gettext as _

from portal.evidence.forms import FileForm, checked
from portal.evidence.operations import FileDraft
from portal.web.widgets import PortalForm, Text, WholeNumber


class WindowForm(PortalForm):
    """Who sends, and how many files."""

    operator_name = Text(
        _("The recorder's operator"),
        max_length=40,
        required=False,
        hint=_("Only where another person sends: he gets a secret address. Leave empty to send the files yourself"),
    )
    files_most = WholeNumber(_("Number of files"), low=1, high=200)


class ArrivedForm(FileForm):
    """What the custodian says of a file that arrived; its name, size and digests are not typed."""

    name = None  # type: ignore[assignment]
    size = None  # type: ignore[assignment]
    sha256 = None  # type: ignore[assignment]
    sm3 = None  # type: ignore[assignment]

    def draft(self) -> FileDraft:
        """The file as described; the rest is what was computed on arrival."""
        return FileDraft(
            camera_id=UUID(str(self.camera.data)),
            name="",
            size=0,
            sha256="",
            format=self.format.data or "",
            span_from=checked(self.span_from),
            span_to=checked(self.span_to),
            clock_offset_seconds=checked(self.clock_offset_seconds),
            player=self.player.data or "",
        )
