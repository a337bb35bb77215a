"""What each act opens, and by which permission: live pictures and recordings are two things (002 art. 12). Pure."""

from collections.abc import Mapping

from portal.accounts.permissions import Permission
from portal.evidence.values import ActKind

OPENS: Mapping[ActKind, Permission] = {
    act: Permission.LIVE_SHOW if act is ActKind.LIVE else Permission.RECORDING_OPEN for act in ActKind
}
