"""The life of a filing and of a system's use, as tables (domain.md 7.22)."""

from collections.abc import Mapping
from enum import StrEnum

from portal.core.lifecycle import follow


class FilingStatus(StrEnum):
    """Where a filing stands. STALE is in force, but its yearly confirmation has lapsed."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    STALE = "stale"
    SUSPENDED = "suspended"
    MOVED = "moved"
    CANCELLED = "cancelled"
    REMOVED = "removed"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class FilingAction(StrEnum):
    """What can be done to a filing."""

    SUBMIT = "submit"
    RETURN = "return"
    ACCEPT = "accept"
    WITHDRAW = "withdraw"
    LAPSE = "lapse"
    CONFIRM = "confirm"
    SUSPEND = "suspend"
    RESUME = "resume"
    MOVE = "move"
    CANCEL = "cancel"
    REMOVE = "remove"
    SUPERSEDE = "supersede"


IN_FORCE = (FilingStatus.ACCEPTED, FilingStatus.STALE)
STANDING = (*IN_FORCE, FilingStatus.SUSPENDED)
NUMBERED = (*STANDING, FilingStatus.MOVED, FilingStatus.CANCELLED, FilingStatus.REMOVED, FilingStatus.SUPERSEDED)


FILING_TRANSITIONS: Mapping[tuple[FilingStatus, FilingAction], FilingStatus] = {
    (FilingStatus.DRAFT, FilingAction.SUBMIT): FilingStatus.SUBMITTED,
    (FilingStatus.DRAFT, FilingAction.WITHDRAW): FilingStatus.WITHDRAWN,
    (FilingStatus.SUBMITTED, FilingAction.RETURN): FilingStatus.RETURNED,
    (FilingStatus.SUBMITTED, FilingAction.ACCEPT): FilingStatus.ACCEPTED,
    (FilingStatus.SUBMITTED, FilingAction.WITHDRAW): FilingStatus.WITHDRAWN,
    (FilingStatus.RETURNED, FilingAction.SUBMIT): FilingStatus.SUBMITTED,
    (FilingStatus.RETURNED, FilingAction.WITHDRAW): FilingStatus.WITHDRAWN,
    (FilingStatus.ACCEPTED, FilingAction.LAPSE): FilingStatus.STALE,
    (FilingStatus.ACCEPTED, FilingAction.CONFIRM): FilingStatus.ACCEPTED,
    (FilingStatus.STALE, FilingAction.CONFIRM): FilingStatus.ACCEPTED,
    (FilingStatus.ACCEPTED, FilingAction.SUSPEND): FilingStatus.SUSPENDED,
    (FilingStatus.STALE, FilingAction.SUSPEND): FilingStatus.SUSPENDED,
    (FilingStatus.SUSPENDED, FilingAction.RESUME): FilingStatus.ACCEPTED,
    **{(status, FilingAction.MOVE): FilingStatus.MOVED for status in STANDING},
    **{(status, FilingAction.CANCEL): FilingStatus.CANCELLED for status in STANDING},
    **{(status, FilingAction.REMOVE): FilingStatus.REMOVED for status in STANDING},
    **{(status, FilingAction.SUPERSEDE): FilingStatus.SUPERSEDED for status in STANDING},
}


def next_filing_status(status: FilingStatus, action: FilingAction) -> FilingStatus:
    """The status after an action. Raises IllegalTransition where the table has none."""
    return follow(FILING_TRANSITIONS, status, action, of="filing")


class FindingStatus(StrEnum):
    """Where a finding that something filed is false stands."""

    RAISED = "raised"
    UPHELD = "upheld"
    CORRECTED = "corrected"
    DISMISSED = "dismissed"


class FindingAction(StrEnum):
    """What is done about such a finding."""

    UPHOLD = "uphold"
    DISMISS = "dismiss"
    CORRECT = "correct"


FINDING_TRANSITIONS: Mapping[tuple[FindingStatus, FindingAction], FindingStatus] = {
    (FindingStatus.RAISED, FindingAction.UPHOLD): FindingStatus.UPHELD,
    (FindingStatus.RAISED, FindingAction.DISMISS): FindingStatus.DISMISSED,
    (FindingStatus.UPHELD, FindingAction.CORRECT): FindingStatus.CORRECTED,
}


def next_finding_status(status: FindingStatus, action: FindingAction) -> FindingStatus:
    """The status after an action. Raises IllegalTransition where the table has none."""
    return follow(FINDING_TRANSITIONS, status, action, of="finding")


class UseStatus(StrEnum):
    """Whether a system is in use. IN_USE is reached only through acceptance unless its regime asks for none."""

    PLANNED = "planned"
    UNDER_CONSTRUCTION = "under_construction"
    TRIAL = "trial"
    AWAITING_ACCEPTANCE = "awaiting_acceptance"
    IN_USE = "in_use"
    SUSPENDED = "suspended"
    DISMANTLED = "dismantled"


class UseAction(StrEnum):
    """What moves a system through its use."""

    START_BUILDING = "start_building"
    START_TRIAL = "start_trial"
    ASK_ACCEPTANCE = "ask_acceptance"
    PASS_ACCEPTANCE = "pass_acceptance"  # noqa: S105
    TAKE_BACK_ACCEPTANCE = "take_back_acceptance"
    START_USE = "start_use"
    SUSPEND = "suspend"
    RESUME = "resume"
    DISMANTLE = "dismantle"


USE_TRANSITIONS: Mapping[tuple[UseStatus, UseAction], UseStatus] = {
    (UseStatus.PLANNED, UseAction.START_BUILDING): UseStatus.UNDER_CONSTRUCTION,
    (UseStatus.PLANNED, UseAction.START_TRIAL): UseStatus.TRIAL,
    (UseStatus.UNDER_CONSTRUCTION, UseAction.START_TRIAL): UseStatus.TRIAL,
    (UseStatus.PLANNED, UseAction.ASK_ACCEPTANCE): UseStatus.AWAITING_ACCEPTANCE,
    (UseStatus.UNDER_CONSTRUCTION, UseAction.ASK_ACCEPTANCE): UseStatus.AWAITING_ACCEPTANCE,
    (UseStatus.TRIAL, UseAction.ASK_ACCEPTANCE): UseStatus.AWAITING_ACCEPTANCE,
    (UseStatus.AWAITING_ACCEPTANCE, UseAction.ASK_ACCEPTANCE): UseStatus.AWAITING_ACCEPTANCE,
    (UseStatus.AWAITING_ACCEPTANCE, UseAction.PASS_ACCEPTANCE): UseStatus.IN_USE,
    (UseStatus.TRIAL, UseAction.PASS_ACCEPTANCE): UseStatus.IN_USE,
    (UseStatus.IN_USE, UseAction.ASK_ACCEPTANCE): UseStatus.IN_USE,
    (UseStatus.IN_USE, UseAction.PASS_ACCEPTANCE): UseStatus.IN_USE,
    # A pass was overridden: what it had put into use waits for acceptance again.
    (UseStatus.IN_USE, UseAction.TAKE_BACK_ACCEPTANCE): UseStatus.AWAITING_ACCEPTANCE,
    (UseStatus.PLANNED, UseAction.START_USE): UseStatus.IN_USE,
    (UseStatus.UNDER_CONSTRUCTION, UseAction.START_USE): UseStatus.IN_USE,
    (UseStatus.TRIAL, UseAction.START_USE): UseStatus.IN_USE,
    # Acceptance was asked for, or taken to be due, of a system whose rules turn out to want none.
    (UseStatus.AWAITING_ACCEPTANCE, UseAction.START_USE): UseStatus.IN_USE,
    (UseStatus.IN_USE, UseAction.SUSPEND): UseStatus.SUSPENDED,
    (UseStatus.SUSPENDED, UseAction.RESUME): UseStatus.IN_USE,
    # What was begun and given up is taken down as what was in use is: else it would be under construction for ever.
    (UseStatus.UNDER_CONSTRUCTION, UseAction.DISMANTLE): UseStatus.DISMANTLED,
    (UseStatus.TRIAL, UseAction.DISMANTLE): UseStatus.DISMANTLED,
    (UseStatus.IN_USE, UseAction.DISMANTLE): UseStatus.DISMANTLED,
    (UseStatus.SUSPENDED, UseAction.DISMANTLE): UseStatus.DISMANTLED,
}


def next_use_status(status: UseStatus, action: UseAction) -> UseStatus:
    """The use status after an action. Raises IllegalTransition where the table has none."""
    return follow(USE_TRANSITIONS, status, action, of="system")


class CameraStatus(StrEnum):
    """The declared state of a device (field 26 of the one-camera-one-file sheet)."""

    IN_USE = "in_use"
    REPAIR = "repair"
    DISMANTLED = "dismantled"


class LiveState(StrEnum):
    """What probing last found; kept on the camera as a small number so that tiles and tallies stay cheap."""

    UNKNOWN = "unknown"
    ONLINE = "online"
    DEGRADED = "degraded"
    OFFLINE = "offline"
    UNREACHABLE = "unreachable"
    DISABLED = "disabled"


# Offline, wherever it is counted: down by itself, or with its whole place.
DOWN = (LiveState.OFFLINE, LiveState.UNREACHABLE)
LIVE_CODES: Mapping[LiveState, int] = {state: code for code, state in enumerate(LiveState)}


class ImportStatus(StrEnum):
    """The life of a camera import."""

    QUEUED = "queued"
    READING = "reading"
    CHECKED = "checked"
    LOADING = "loading"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNDOING = "undoing"
    UNDONE = "undone"


class ImportAction(StrEnum):
    """What moves an import: the worker's steps, and what its people say."""

    READ = "read"
    CHECK = "check"
    RECHECK = "recheck"
    CONFIRM = "confirm"
    LOAD = "load"
    FAIL = "fail"
    CANCEL = "cancel"
    UNDO = "undo"
    TAKE_OUT = "take_out"
    KEEP_REST = "keep_rest"


_STOPPABLE = (ImportStatus.QUEUED, ImportStatus.READING, ImportStatus.CHECKED, ImportStatus.LOADING)
IMPORT_TRANSITIONS: Mapping[tuple[ImportStatus, ImportAction], ImportStatus] = {
    (ImportStatus.QUEUED, ImportAction.READ): ImportStatus.READING,
    (ImportStatus.READING, ImportAction.READ): ImportStatus.READING,
    (ImportStatus.READING, ImportAction.CHECK): ImportStatus.CHECKED,
    (ImportStatus.CHECKED, ImportAction.RECHECK): ImportStatus.QUEUED,
    (ImportStatus.CHECKED, ImportAction.CONFIRM): ImportStatus.LOADING,
    (ImportStatus.LOADING, ImportAction.LOAD): ImportStatus.DONE,
    (ImportStatus.READING, ImportAction.FAIL): ImportStatus.FAILED,
    **dict.fromkeys(((status, ImportAction.CANCEL) for status in _STOPPABLE), ImportStatus.CANCELLED),
    (ImportStatus.DONE, ImportAction.UNDO): ImportStatus.UNDOING,
    (ImportStatus.CANCELLED, ImportAction.UNDO): ImportStatus.UNDOING,
    (ImportStatus.UNDOING, ImportAction.TAKE_OUT): ImportStatus.UNDONE,
    (ImportStatus.UNDOING, ImportAction.KEEP_REST): ImportStatus.DONE,
}


def next_import_status(status: ImportStatus, action: ImportAction) -> ImportStatus:
    """The status after an action. Raises IllegalTransition where the table has none."""
    return follow(IMPORT_TRANSITIONS, status, action, of="import")


class ListRunStatus(StrEnum):
    """The life of long work on a list."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class ListRunAction(StrEnum):
    """What moves it."""

    START = "start"
    FINISH = "finish"
    FAIL = "fail"
    CANCEL = "cancel"
    EXPIRE = "expire"


LIST_RUN_TRANSITIONS: Mapping[tuple[ListRunStatus, ListRunAction], ListRunStatus] = {
    (ListRunStatus.QUEUED, ListRunAction.START): ListRunStatus.RUNNING,
    (ListRunStatus.RUNNING, ListRunAction.START): ListRunStatus.RUNNING,
    (ListRunStatus.RUNNING, ListRunAction.FINISH): ListRunStatus.DONE,
    (ListRunStatus.RUNNING, ListRunAction.FAIL): ListRunStatus.FAILED,
    (ListRunStatus.QUEUED, ListRunAction.CANCEL): ListRunStatus.CANCELLED,
    (ListRunStatus.RUNNING, ListRunAction.CANCEL): ListRunStatus.CANCELLED,
    (ListRunStatus.DONE, ListRunAction.EXPIRE): ListRunStatus.EXPIRED,
}


def next_list_run_status(status: ListRunStatus, action: ListRunAction) -> ListRunStatus:
    """The status after an action. Raises IllegalTransition where the table has none."""
    return follow(LIST_RUN_TRANSITIONS, status, action, of="list_run")


class ConnectionStatus(StrEnum):
    """Where the connection of a unit's system to a public platform stands (domain.md 7.22)."""

    PROPOSED = "proposed"
    CONSENTED = "consented"
    APPROVED = "approved"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REFUSED = "refused"
    ENDED = "ended"


class ConnectionAction(StrEnum):
    """What moves a connection: the unit consents, refuses and withdraws, the police approve, connect and suspend."""

    CONSENT = "consent"
    REFUSE = "refuse"
    APPROVE = "approve"
    CONNECT = "connect"
    SUSPEND = "suspend"
    RESUME = "resume"
    END = "end"


CONNECTION_TRANSITIONS: Mapping[tuple[ConnectionStatus, ConnectionAction], ConnectionStatus] = {
    (ConnectionStatus.PROPOSED, ConnectionAction.CONSENT): ConnectionStatus.CONSENTED,
    (ConnectionStatus.PROPOSED, ConnectionAction.REFUSE): ConnectionStatus.REFUSED,
    (ConnectionStatus.CONSENTED, ConnectionAction.APPROVE): ConnectionStatus.APPROVED,
    (ConnectionStatus.CONSENTED, ConnectionAction.END): ConnectionStatus.ENDED,
    (ConnectionStatus.APPROVED, ConnectionAction.CONNECT): ConnectionStatus.ACTIVE,
    (ConnectionStatus.APPROVED, ConnectionAction.END): ConnectionStatus.ENDED,
    (ConnectionStatus.ACTIVE, ConnectionAction.SUSPEND): ConnectionStatus.SUSPENDED,
    (ConnectionStatus.ACTIVE, ConnectionAction.END): ConnectionStatus.ENDED,
    (ConnectionStatus.SUSPENDED, ConnectionAction.RESUME): ConnectionStatus.ACTIVE,
    (ConnectionStatus.SUSPENDED, ConnectionAction.END): ConnectionStatus.ENDED,
}


def next_connection_status(status: ConnectionStatus, action: ConnectionAction) -> ConnectionStatus:
    """The status after an action. Raises IllegalTransition where the table has none."""
    return follow(CONNECTION_TRANSITIONS, status, action, of="connection")


class ReviewStatus(StrEnum):
    """Where the review of a point stands (CAT-07, CAT-08)."""

    OPEN = "open"
    CLEARED = "cleared"
    MASK_ASKED = "mask_asked"
    CONSENT_ASKED = "consent_asked"
    FORBIDDEN = "forbidden"
    LAPSED = "lapsed"


class ReviewAction(StrEnum):
    """What moves a review. It lapses when the point it was about is changed or gone."""

    CLEAR = "clear"
    ASK_MASK = "ask_mask"
    ASK_CONSENT = "ask_consent"
    FORBID = "forbid"
    LAPSE = "lapse"


REVIEW_TRANSITIONS: Mapping[tuple[ReviewStatus, ReviewAction], ReviewStatus] = {
    (ReviewStatus.OPEN, ReviewAction.CLEAR): ReviewStatus.CLEARED,
    (ReviewStatus.OPEN, ReviewAction.ASK_MASK): ReviewStatus.MASK_ASKED,
    (ReviewStatus.OPEN, ReviewAction.ASK_CONSENT): ReviewStatus.CONSENT_ASKED,
    (ReviewStatus.OPEN, ReviewAction.FORBID): ReviewStatus.FORBIDDEN,
    (ReviewStatus.OPEN, ReviewAction.LAPSE): ReviewStatus.LAPSED,
    (ReviewStatus.MASK_ASKED, ReviewAction.CLEAR): ReviewStatus.CLEARED,
    (ReviewStatus.MASK_ASKED, ReviewAction.FORBID): ReviewStatus.FORBIDDEN,
    (ReviewStatus.MASK_ASKED, ReviewAction.LAPSE): ReviewStatus.LAPSED,
    (ReviewStatus.CONSENT_ASKED, ReviewAction.CLEAR): ReviewStatus.CLEARED,
    (ReviewStatus.CONSENT_ASKED, ReviewAction.FORBID): ReviewStatus.FORBIDDEN,
    (ReviewStatus.CONSENT_ASKED, ReviewAction.LAPSE): ReviewStatus.LAPSED,
    (ReviewStatus.FORBIDDEN, ReviewAction.LAPSE): ReviewStatus.LAPSED,
    (ReviewStatus.CLEARED, ReviewAction.LAPSE): ReviewStatus.LAPSED,
}


def next_review_status(status: ReviewStatus, action: ReviewAction) -> ReviewStatus:
    """The status after an action. Raises IllegalTransition where the table has none."""
    return follow(REVIEW_TRANSITIONS, status, action, of="review")


class TipStatus(StrEnum):
    """Where a tip-off stands; the one who sent it reads this, too."""

    RECEIVED = "received"
    IN_HAND = "in_hand"
    CLOSED = "closed"


class TipAction(StrEnum):
    """What moves a tip-off."""

    TAKE = "take"
    FORWARD = "forward"
    CLOSE = "close"


TIP_TRANSITIONS: Mapping[tuple[TipStatus, TipAction], TipStatus] = {
    (TipStatus.RECEIVED, TipAction.TAKE): TipStatus.IN_HAND,
    (TipStatus.RECEIVED, TipAction.FORWARD): TipStatus.RECEIVED,
    (TipStatus.IN_HAND, TipAction.FORWARD): TipStatus.RECEIVED,
    (TipStatus.IN_HAND, TipAction.CLOSE): TipStatus.CLOSED,
}


def next_tip_status(status: TipStatus, action: TipAction) -> TipStatus:
    """The status after an action. Raises IllegalTransition where the table has none."""
    return follow(TIP_TRANSITIONS, status, action, of="tip_off")
