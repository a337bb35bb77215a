"""What of an asked span the files of a request cover: reckoned once, for the statement on the set and on the supply."""

from collections.abc import Sequence

from portal.evidence.models import FootageItem, FootageRequest
from portal.evidence.rules.asks import gaps_of
from portal.evidence.values import TAKES_AWAY, ActKind, Outcome
from portal.evidence.values.asks import Gap, Supplied


def supplied_of(request: FootageRequest, items: Sequence[FootageItem]) -> list[Supplied]:
    """Each camera with its outcome and what its files cover."""
    return [
        Supplied(
            camera_id=camera.camera_id,
            label=camera.label,
            outcome=Outcome(camera.outcome),
            spans=tuple((one.span_from, one.span_to) for one in items if one.camera_id == camera.camera_id),
        )
        for camera in request.cameras
    ]


def gaps_in(request: FootageRequest, cameras: Sequence[Supplied]) -> list[Gap]:
    """What no file covers. A viewing leaves no file: what was seen has no gap to reckon."""
    if ActKind(request.act) not in TAKES_AWAY:
        return []
    return gaps_of(cameras, begins=request.span_from, ends=request.span_to)
