"""Pages of this package."""

from portal.mandates.views import (  # noqa: F401
    complaints,
    dictionary,
    lists,
    matching,
    orders,
    panels,
    parts,
    projects,
    register,
    relocations,
    uses,
)
from portal.mandates.views.blueprint import bp

__all__ = ["bp"]
