"""The life of a connection order: consented to by the unit or rested on a law by two, connected, stopped, ended."""

from collections.abc import Mapping
from enum import StrEnum

from portal.core.lifecycle import follow


class OrderStatus(StrEnum):
    """Where an order stands."""

    PROPOSED = "proposed"
    CONSENTED = "consented"
    REFUSED = "refused"
    CLAIMED = "claimed"
    SECONDING = "seconding"
    APPROVED = "approved"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"
    DROPPED = "dropped"


class OrderAction(StrEnum):
    """What moves an order. The unit consents, refuses and takes its consent back; the organ does the rest."""

    CONSENT = "consent"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    CLAIM = "claim"
    APPROVE = "approve"
    SECOND = "second"
    CONNECT = "connect"
    SUSPEND = "suspend"
    CUT = "cut"
    RESUME = "resume"
    END = "end"
    DROP = "drop"


_S, _A = OrderStatus, OrderAction

ORDER_TRANSITIONS: Mapping[tuple[OrderStatus, OrderAction], OrderStatus] = {
    (_S.PROPOSED, _A.CONSENT): _S.CONSENTED,
    (_S.PROPOSED, _A.REFUSE): _S.REFUSED,
    (_S.PROPOSED, _A.CLAIM): _S.CLAIMED,
    (_S.PROPOSED, _A.DROP): _S.DROPPED,
    (_S.REFUSED, _A.CONSENT): _S.CONSENTED,
    (_S.REFUSED, _A.CLAIM): _S.CLAIMED,
    (_S.REFUSED, _A.DROP): _S.DROPPED,
    (_S.CONSENTED, _A.APPROVE): _S.APPROVED,
    (_S.CONSENTED, _A.WITHDRAW): _S.REFUSED,
    (_S.CONSENTED, _A.DROP): _S.DROPPED,
    # Without consent a first approval is not enough: another person must second it.
    (_S.CLAIMED, _A.APPROVE): _S.SECONDING,
    (_S.CLAIMED, _A.DROP): _S.DROPPED,
    (_S.SECONDING, _A.SECOND): _S.APPROVED,
    (_S.SECONDING, _A.DROP): _S.DROPPED,
    (_S.APPROVED, _A.CONNECT): _S.ACTIVE,
    (_S.APPROVED, _A.WITHDRAW): _S.REFUSED,
    (_S.APPROVED, _A.DROP): _S.DROPPED,
    (_S.ACTIVE, _A.WITHDRAW): _S.SUSPENDED,
    (_S.ACTIVE, _A.SUSPEND): _S.SUSPENDED,
    (_S.ACTIVE, _A.END): _S.ENDED,
    (_S.SUSPENDED, _A.WITHDRAW): _S.SUSPENDED,
    (_S.SUSPENDED, _A.CONSENT): _S.SUSPENDED,
    (_S.SUSPENDED, _A.CUT): _S.SUSPENDED,
    (_S.SUSPENDED, _A.RESUME): _S.ACTIVE,
    (_S.SUSPENDED, _A.END): _S.ENDED,
}
# Neither ended nor given up.
OPEN_ORDERS = frozenset(_S) - {_S.ENDED, _S.DROPPED}


def next_order_status(status: OrderStatus, action: OrderAction) -> OrderStatus:
    """The status after an action. Raises IllegalTransition where the table has none."""
    return follow(ORDER_TRANSITIONS, status, action, of="connection_order")
