"""The life of an account proposal: asked for with one key, decided with another."""

from collections.abc import Mapping
from enum import StrEnum

from portal.core.lifecycle import follow


class ProposalStatus(StrEnum):
    """Where a proposal stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"


class ProposalAction(StrEnum):
    """What the second key may say."""

    APPROVE = "approve"
    REFUSE = "refuse"


PROPOSAL_TRANSITIONS: Mapping[tuple[ProposalStatus, ProposalAction], ProposalStatus] = {
    (ProposalStatus.PROPOSED, ProposalAction.APPROVE): ProposalStatus.APPROVED,
    (ProposalStatus.PROPOSED, ProposalAction.REFUSE): ProposalStatus.REFUSED,
}


def next_proposal_status(status: ProposalStatus, action: ProposalAction) -> ProposalStatus:
    """The status after an action. Raises IllegalTransition where the table has none."""
    return follow(PROPOSAL_TRANSITIONS, status, action, of="account_proposal")
