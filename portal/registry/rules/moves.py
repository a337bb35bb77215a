"""Anyang 2007 art. 6, REG-08: a city public camera is moved by a relocation order, not by editing its position."""

from portal.core.geometry import LonLat, distance_m

# What two surveys of one pole may differ by. The trigger that notes moves (migration "mandates") has the same number.
SURVEY_TOLERANCE_M = 20.0


def moves_without_order(old: LonLat, new: LonLat) -> bool:
    """Whether a public camera's change of position is a move that needs an order: one beyond a survey's error."""
    return distance_m(old, new) > SURVEY_TOLERANCE_M
