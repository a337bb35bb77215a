"""What reachability writes: targets, rounds and what they found, logins tried, probes asked for."""

from portal.reachability.operations.asked import (
    AskedProbe,
    ask_probe,
    begin_run,
    finish_run,
    note_step,
)
from portal.reachability.operations.deep import DeepTarget, claim_deep, login_of, record_deep
from portal.reachability.operations.rounds import Claim, claim_chunk, record_chunk, start_rounds
from portal.reachability.operations.settle import settle_round
from portal.reachability.operations.targets import Reconciled, is_due, reconcile_targets, tidy

__all__ = [
    "AskedProbe",
    "Claim",
    "DeepTarget",
    "Reconciled",
    "ask_probe",
    "begin_run",
    "claim_chunk",
    "claim_deep",
    "finish_run",
    "is_due",
    "login_of",
    "note_step",
    "reconcile_targets",
    "record_chunk",
    "record_deep",
    "settle_round",
    "start_rounds",
    "tidy",
]
