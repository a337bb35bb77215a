"""What is known of each item before anybody travels. The feature that finds it out lies above and offers it here."""

from collections.abc import Callable, Mapping
from typing import Any

from portal.inspection.models import Acceptance

Tell = Callable[[Acceptance], Mapping[str, Any]]
_offered: list[Tell] = []


def offer_in_advance(tell: Tell) -> None:
    """Have the pack for the field carry, by item: `verdict` or none, `made_at`, `note`, and the `evidence`, each with
    `kind`, `text`, `at` and what falls `short`."""
    _offered[:] = [tell]


def in_advance(found: Acceptance) -> Mapping[str, Any]:
    """What was found, by item; nothing where nobody offers it."""
    return _offered[0](found) if _offered else {}
