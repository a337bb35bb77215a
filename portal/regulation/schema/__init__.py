"""What a regulation profile may say."""

from portal.regulation.schema.approval import ApprovalChain, ApprovalStep, Holder, Verdict
from portal.regulation.schema.base import Citation, Conditions, Facts, Frozen, Key, Text

__all__ = [
    "ApprovalChain",
    "ApprovalStep",
    "Citation",
    "Conditions",
    "Facts",
    "Frozen",
    "Holder",
    "Key",
    "Text",
    "Verdict",
]
