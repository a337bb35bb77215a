"""How a firm is qualified for its kinds of work on a day. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from portal.registry.rules.validity import holds, qualification_of, validity
from portal.registry.values.archive import ContractorKind, Validity

if TYPE_CHECKING:
    from portal.registry.models import Contractor, Engagement


def standing_of(firm: "Contractor", *, on: date) -> Mapping[ContractorKind, Validity]:
    """For each kind of work the firm does, how it is qualified today."""
    return {kind: _today(firm, kind, on) for kind in ContractorKind if kind in firm.kinds}


def engagement_standing(engagement: "Engagement", *, on: date) -> Validity:
    """How the firm stood, or stands, for this work."""
    own = [each for each in engagement.contractor.qualifications if each.kind == engagement.kind]
    return qualification_of(own, engagement, on=on)


def _today(firm: "Contractor", kind: ContractorKind, on: date) -> Validity:
    own = [each for each in firm.qualifications if each.kind == kind]
    if not own:
        return Validity.MISSING
    ends = [each.valid_to for each in own if holds(each, on)]
    if not ends:
        return Validity.EXPIRED
    return validity(None if None in ends else max(end for end in ends if end), on)
