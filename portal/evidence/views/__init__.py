"""Pages of footage requests; importing this package declares every route."""

from portal.evidence.views import (
    asking,
    deciding,
    executing,
    filters,
    handing,
    ledger,
    lists,
    papers,
)
from portal.evidence.views.blueprint import bp

__all__ = ["asking", "bp", "deciding", "executing", "filters", "handing", "ledger", "lists", "papers"]
