"""The pages of the unit's books."""

from portal.upkeep.views import accounts, custody, operators, tickets, workstations
from portal.upkeep.views.blueprint import bp

__all__ = ["accounts", "bp", "custody", "operators", "tickets", "workstations"]
