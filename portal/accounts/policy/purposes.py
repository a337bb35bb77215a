"""What a dedicated account may be used for (002 arts. 12 and 14). Pure data, asked before any role is looked at."""

from portal.accounts.permissions import Permission
from portal.accounts.values import AccountPurpose

# What opens, plays back, takes away or hands out footage, or stands by while it is done.
PLAYBACK = frozenset(
    {
        Permission.REQUEST_EXECUTE,
        Permission.REQUEST_UNLOCK,
        Permission.LIVE_SHOW,
        Permission.RECORDING_OPEN,
        Permission.HANDOVER_RECEIVE,
        Permission.PACKAGE_MAKE,
        Permission.EQUIPMENT_HAND,
        Permission.SCENE_READ,
    }
)
# What a viewing account needs to do its one work: read the request, open and play back, write the register.
VIEWING = frozenset(
    {
        Permission.HOME_VIEW,
        Permission.PROFILE_OWN,
        Permission.RULES_READ,
        Permission.UNIT_READ,
        Permission.SYSTEM_READ,
        Permission.CAMERA_READ,
        Permission.REQUEST_READ,
        Permission.REQUEST_EXECUTE,
        Permission.REQUEST_UNLOCK,
        Permission.LIVE_SHOW,
        Permission.RECORDING_OPEN,
        Permission.LEDGER_READ,
        Permission.BOOK_READ,
        Permission.CUSTODY_SIGN,
    }
)


def fits_purpose(purpose: AccountPurpose, permission: Permission) -> bool:
    """Whether an account opened for this purpose may be used for this at all."""
    match purpose:
        case AccountPurpose.GENERAL:
            return True
        case AccountPurpose.VIEWING:
            return permission in VIEWING
        case AccountPurpose.INSPECTION:
            return permission not in PLAYBACK
