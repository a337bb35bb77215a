"""The books of a unit as tables."""

from portal.upkeep.models.custody import CustodyHandover, PasswordCustody
from portal.upkeep.models.tickets import TicketNumber, WorkTicket
from portal.upkeep.models.workstations import Workstation, WorkstationCheck

__all__ = ["CustodyHandover", "PasswordCustody", "TicketNumber", "WorkTicket", "Workstation", "WorkstationCheck"]
