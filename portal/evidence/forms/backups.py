"""Forms of the back-ups of the duty side."""

from flask_babel import lazy_gettext as _

from portal.evidence.labels.backups import BACKUP_KIND, BACKUP_MEDIUM
from portal.evidence.values.backups import BackupDraft, BackupKind, BackupMedium
from portal.web.widgets import Choice, Hidden, LongText, MomentText, PortalForm, Text


class BackupForm(PortalForm):
    """One back-up as it is entered."""

    camera = Text(_("Camera"), max_length=120, hint=_("Its code or whole name"))
    kind = Choice(_("Why it is backed up"), choices=[(str(key), text) for key, text in BACKUP_KIND.items()])
    span_from = MomentText(_("From"))
    span_to = MomentText(_("To"))
    what = LongText(_("What is seen"), max_length=400, rows=2)
    medium = Choice(_("Medium"), choices=[(str(key), text) for key, text in BACKUP_MEDIUM.items()])
    medium_serial = Text(_("Serial number of the medium"), max_length=80)
    shelf = Text(_("Where it is kept"), max_length=120)
    sha256 = Text(_("SHA-256"), max_length=80, required=False, codelike=True)

    def draft(self) -> BackupDraft:
        """The back-up as typed."""
        return BackupDraft(
            camera=self.camera.data or "",
            kind=BackupKind(str(self.kind.data)),
            span_from=self.span_from.data,
            span_to=self.span_to.data,
            what=self.what.data or "",
            medium=BackupMedium(str(self.medium.data)),
            medium_serial=self.medium_serial.data or "",
            shelf=self.shelf.data or "",
            sha256=(self.sha256.data or "").replace(" ", ""),
        )


class EndBackupForm(PortalForm):
    """Why a back-up is let go."""

    backup = Hidden()
    reason = LongText(_("Why it is no longer kept"), max_length=400, rows=2)
