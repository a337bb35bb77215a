"""Whether the two dossiers of a request are complete, and which copies a met purpose reaches. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from portal.evidence.states import STILL_THERE, CopyStatus
from portal.evidence.values import NOT_UPLOADED, TAKES_AWAY, ActKind, Paper
from portal.evidence.values.copies import CopyRole
from portal.regulation.schema.keys import RuleKey

TWO = 2  # as in "slip in two copies"


class Dossier(StrEnum):
    """The two places of 000 form note 4: with the letter at the security office, with the record at the centre."""

    OFFICE = "office"
    CENTRE = "centre"


class Piece(StrEnum):
    """What a dossier is made of; each asked paper is a piece of its own beside these."""

    SLIP = "slip"
    PAPER = "paper"
    RECORD = "record"
    RECEIPT = "receipt"
    MASTER = "master"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class DossierItem:
    """One piece, in which dossier it belongs, and whether it is there."""

    dossier: Dossier
    piece: Piece
    there: bool
    paper: Paper | None = None


@dataclass(frozen=True, kw_only=True)
class DossierFacts:
    """What is known of a request's papers."""

    act: ActKind
    statutory: bool
    approved: bool
    rules_used: Sequence[Mapping[str, Any]]
    attached: frozenset[Paper]
    opened: bool
    handed: int
    receipts: int
    master: bool
    purpose_met: bool
    place: str
    second_place: str


def dossier(facts: DossierFacts) -> list[DossierItem]:
    """Every piece that the act and the rules of the day of submission ask for, the office's dossier first."""
    kept = _frozen(facts.rules_used)
    office = [
        DossierItem(Dossier.OFFICE, Piece.SLIP, facts.approved),
        *_papers(facts, kept),
        DossierItem(Dossier.OFFICE, Piece.PLACE, bool(facts.place)),
    ]
    centre = [DossierItem(Dossier.CENTRE, Piece.RECORD, facts.opened)]
    if facts.act in TAKES_AWAY:
        signed = facts.handed > 0 and facts.receipts == facts.handed
        centre.append(DossierItem(Dossier.CENTRE, Piece.RECEIPT, signed))
    # Once the purpose is met the master goes with the copies, and no other can be made: none is asked for then.
    if keeps_master(facts.act) and (facts.master or not facts.purpose_met):
        centre.append(DossierItem(Dossier.CENTRE, Piece.MASTER, facts.master))
    if int(kept.get(RuleKey.EVIDENCE_SLIP_COPIES) or 1) >= TWO:
        centre += [
            DossierItem(Dossier.CENTRE, Piece.SLIP, facts.approved),
            DossierItem(Dossier.CENTRE, Piece.PLACE, bool(facts.second_place)),
        ]
    return [*office, *centre]


def missing(items: Iterable[DossierItem]) -> list[DossierItem]:
    """The pieces that are not there."""
    return [item for item in items if not item.there]


def keeps_master(act: ActKind) -> bool:
    """Whether the unit keeps a sealed master of what it exported. Of an original that leaves, nothing stays."""
    return act in TAKES_AWAY and act is not ActKind.SEIZE


def to_be_deleted(copies: Iterable[tuple[str, str, str]]) -> bool:
    """Whether any copy, given as (role, status, reason to archive), must still go once the purpose is met.

    What is in a case file stays there, and a master that is archived as important footage stays in the archive.
    """
    return any(
        status in STILL_THERE and not (role == CopyRole.MASTER and status == CopyStatus.KEPT and reason)
        for role, status, reason in copies
    )


def reminder_round(since: date | None, today: date, *, every: int) -> int:
    """How many times the days between two reminders have passed; 0 before that, and without a rule."""
    if since is None or every < 1:
        return 0
    return max((today - since).days, 0) // every


def _papers(facts: DossierFacts, kept: Mapping[str, Any]) -> list[DossierItem]:
    """A notice under the law stands for itself, and the unit's own rules add nothing to it; a letter is asked more."""
    if facts.statutory:
        return [DossierItem(Dossier.OFFICE, Piece.PAPER, bool(facts.attached))]
    asked = [Paper(one) for one in kept.get(RuleKey.EVIDENCE_PAPERS) or () if one in set(Paper)]
    wanted = [paper for paper in asked if paper not in NOT_UPLOADED]
    return [DossierItem(Dossier.OFFICE, Piece.PAPER, paper in facts.attached, paper) for paper in wanted]


def _frozen(rules_used: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {str(one["key"]): one.get("value") for one in rules_used}
