"""What the facts come to: checks, the answers they propose, and how the visit would end."""

from portal.readiness.rules.checking import checks_of
from portal.readiness.rules.proposing import Outlook, Proposal, filled_by, outlook_of, proposals_of
from portal.readiness.rules.tallying import tally

__all__ = ["Outlook", "Proposal", "checks_of", "filled_by", "outlook_of", "proposals_of", "tally"]
