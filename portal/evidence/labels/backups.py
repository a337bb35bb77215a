"""Words for the back-ups of the duty side."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _
from flask_babel.speaklater import LazyString

from portal.evidence.values.backups import BackupKind, BackupMedium
from portal.web.problems import add_texts

BACKUP_KIND: Mapping[BackupKind, LazyString] = {
    BackupKind.SUSPICIOUS: _("Suspicious recording"),
    BackupKind.KEY: _("Key recording"),
}
BACKUP_MEDIUM: Mapping[BackupMedium, LazyString] = {
    BackupMedium.DISC: _("Optical disc"),
    BackupMedium.HARD_DISK: _("Hard disk"),
    BackupMedium.SERVER: _("Storage of the unit"),
}

add_texts(
    {
        "evidence.camera_not_one": _("Type the code or the whole name of one camera of your unit"),
        "evidence.backup_ended": _("This back-up was let go already"),
    }
)
