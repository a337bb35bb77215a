"""What the archive of a system still lacks, each with the text that asks for it. Nothing here bars a filing. Pure."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from portal.registry.rules.papers import DRAWINGS
from portal.registry.states import UseStatus
from portal.registry.values import Shortfall
from portal.registry.values.archive import ContractorKind, ExpiryKind, Held
from portal.regulation.effective import EffectiveRules
from portal.regulation.schema.keys import RuleKey

if TYPE_CHECKING:
    from portal.registry.models import System

# Where each kind of thing that ran out is put right; the name is the tab's.
_WHERE = {
    ExpiryKind.QUALIFICATION: ("contractors", RuleKey.SYSTEM_QUALIFIED_SUPPLIERS),
    ExpiryKind.TECHNICIAN: ("contractors", RuleKey.SYSTEM_CONTRACTOR_ARCHIVE),
    ExpiryKind.EVALUATION: ("compliance", RuleKey.SYSTEM_MLPS),
    ExpiryKind.CERTIFICATE: ("compliance", RuleKey.SYSTEM_QUALIFIED_SUPPLIERS),
    ExpiryKind.DOCUMENT: ("papers", RuleKey.SYSTEM_DRAWINGS_KEPT),
    ExpiryKind.PARTY: ("parties", RuleKey.SYSTEM_PARTIES_REQUIRED),
}


# REG-17: what a point is to watch, where, when and how it is patrolled.
DESCRIBED = ("coverage", "key_sections", "key_hours", "main_content", "patrol_mode")


def contact_shortfalls(rules: EffectiveRules, held: Held) -> list[Shortfall]:
    """A system that must be filed names somebody who answers at any hour; of the contact the filing is asked only this."""
    if held.round_the_clock or not rules.flag(RuleKey.FILING_REQUIRED):
        return []
    return [
        Shortfall(code="no_round_the_clock", where="parties", citations=rules.citations(RuleKey.FILING_REQUIRED_FIELDS))
    ]


def archive_gaps(rules: EffectiveRules, *, system: "System", held: Held, undescribed: int = 0) -> list[Shortfall]:
    """What the archive lacks, what ran out, and what is stated on one page and contradicted on another."""
    if system.use_status in (UseStatus.PLANNED, UseStatus.DISMANTLED):
        return []
    return [
        *_papers(rules, held),
        *_firms(rules, held),
        *_compliance(rules, held),
        *_ended(rules, held),
        *_connected(system, held),
        *_described(rules, undescribed),
    ]


def _gap(rules: EffectiveRules, code: str, where: str, key: RuleKey, **data: object) -> Shortfall:
    return Shortfall(code=code, where=where, data=data, citations=rules.citations(key), blocking=False)


def _papers(rules: EffectiveRules, held: Held) -> Iterator[Shortfall]:
    if rules.flag(RuleKey.SYSTEM_DRAWINGS_KEPT) and not held.slots & DRAWINGS:
        yield _gap(rules, "no_drawings", "papers", RuleKey.SYSTEM_DRAWINGS_KEPT)
    missing = [paper for paper in rules.documents("acceptance") if paper.required and paper.document not in held.slots]
    if missing:
        cited = tuple(dict.fromkeys(citation for paper in missing for citation in paper.citations))
        yield Shortfall(
            code="archive_incomplete", where="papers", data={"count": len(missing)}, citations=cited, blocking=False
        )


def _firms(rules: EffectiveRules, held: Held) -> Iterator[Shortfall]:
    archived = RuleKey.SYSTEM_CONTRACTOR_ARCHIVE
    if rules.flag(archived) and not held.engaged & {ContractorKind.DESIGN, ContractorKind.CONSTRUCTION}:
        yield _gap(rules, "no_contractor", "contractors", archived)
    if rules.flag(archived) and held.unnamed:
        yield _gap(rules, "no_technician", "contractors", archived, count=held.unnamed)
    if held.unqualified:
        qualified = RuleKey.SYSTEM_QUALIFIED_SUPPLIERS
        yield _gap(rules, "no_qualification", "contractors", qualified, count=held.unqualified)


def _compliance(rules: EffectiveRules, held: Held) -> Iterator[Shortfall]:
    if rules.flag(RuleKey.SYSTEM_MLPS) and not held.mlps_stated:
        yield _gap(rules, "no_mlps", "compliance", RuleKey.SYSTEM_MLPS)
    if held.mlps_stated and not held.mlps_filed:
        yield _gap(rules, "no_mlps_number", "compliance", RuleKey.SYSTEM_MLPS)
    if rules.flag(RuleKey.SYSTEM_STANDARDS) and not held.standards:
        yield _gap(rules, "no_standards", "compliance", RuleKey.SYSTEM_STANDARDS)
    if rules.flag(RuleKey.SYSTEM_QUALIFIED_SUPPLIERS) and not held.certificates:
        yield _gap(rules, "no_certificates", "compliance", RuleKey.SYSTEM_QUALIFIED_SUPPLIERS)


def _ended(rules: EffectiveRules, held: Held) -> Iterator[Shortfall]:
    for kind, count in sorted(held.expired.items()):
        where, key = _WHERE[kind]
        yield _gap(rules, f"expired_{kind}", where, key, count=count)


def _described(rules: EffectiveRules, undescribed: int) -> Iterator[Shortfall]:
    """Where a text wants every point described, those that are not; key points are asked anywhere, in their own file."""
    if undescribed and rules.flag(RuleKey.SYSTEM_COVERAGE_DESCRIBED):
        yield _gap(rules, "points_undescribed", "cameras", RuleKey.SYSTEM_COVERAGE_DESCRIBED, count=undescribed)


def _connected(system: "System", held: Held) -> Iterator[Shortfall]:
    if system.networked and not held.connected:
        yield Shortfall(code="connection_untold", where="connections", blocking=False)
