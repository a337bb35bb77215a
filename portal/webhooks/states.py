"""The life of one delivery."""

from collections.abc import Mapping
from enum import StrEnum

from portal.core.lifecycle import follow


class DeliveryStatus(StrEnum):
    """waiting → delivered or failed; sent again by hand it waits once more. A webhook switched off cancels what waits."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    CANCELLED = "cancelled"


class DeliveryAction(StrEnum):
    """What moves a delivery."""

    TAKE = "take"
    GIVE_UP = "give_up"
    SEND_AGAIN = "send_again"
    CANCEL = "cancel"


_S, _A = DeliveryStatus, DeliveryAction

DELIVERY_TRANSITIONS: Mapping[tuple[DeliveryStatus, DeliveryAction], DeliveryStatus] = {
    (_S.WAITING, _A.TAKE): _S.DELIVERED,
    (_S.WAITING, _A.GIVE_UP): _S.FAILED,
    (_S.WAITING, _A.CANCEL): _S.CANCELLED,
    (_S.DELIVERED, _A.SEND_AGAIN): _S.WAITING,
    (_S.FAILED, _A.SEND_AGAIN): _S.WAITING,
}


def next_delivery_status(status: DeliveryStatus, action: DeliveryAction) -> DeliveryStatus:
    """The status after an action. Raises IllegalTransition where there is none."""
    return follow(DELIVERY_TRANSITIONS, status, action, of="delivery")
