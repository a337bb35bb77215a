"""What must hold across profiles before the portal may start."""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import combinations

from portal.regulation.chainchecks import chain_problems
from portal.regulation.regimes import question_problems
from portal.regulation.rulebook import Rulebook
from portal.regulation.schema.keys import RuleKey
from portal.regulation.schema.profile import Profile
from portal.regulation.schema.values import Period
from portal.regulation.schema.vocabulary import Regime, Vocabulary

Conditions = Mapping[str, tuple[str, ...]]


def book_problems(book: Rulebook) -> Iterator[str]:
    """Answer every problem, each naming its file and key."""
    yield from _key_problems(book.vocabulary)
    yield from _version_problems(book)
    yield from _global_duplicates(book)
    for profile in book.profiles:
        for problem in _profile_problems(profile, book):
            yield f"{profile.key}.toml: {problem}"
    yield from _precedence_problems(book)
    yield from _adoption_problems(book)
    yield from _reference_problems(book)


def known_facts(vocabulary: Vocabulary) -> dict[str, frozenset[str]]:
    """Answer every fact a condition may name, with the values it can have."""
    return {fact.key: fact.keys for fact in vocabulary.fact} | {
        "regime": frozenset(regime.value for regime in Regime),
        "unit_type": frozenset(kind.key for kind in vocabulary.unit_type),
        "category": frozenset(category.key for category in vocabulary.category),
    }


def _key_problems(vocabulary: Vocabulary) -> Iterator[str]:
    written = {kind.key for kind in vocabulary.rule}
    coded = {key.value for key in RuleKey}
    for key in sorted(written - coded):
        yield f"vocabulary.toml: rule {key} is not in RuleKey, so no code can ask for it"
    for key in sorted(coded - written):
        yield f"vocabulary.toml: rule {key} is in RuleKey but has no meaning here"
    groups = {group.key for group in vocabulary.group}
    units = {unit.key for unit in vocabulary.unit}
    families = {family.key for family in vocabulary.family}
    families |= {fact.key for fact in vocabulary.fact} | {"post"}
    for kind in vocabulary.rule:
        if kind.group not in groups:
            yield f"vocabulary.toml: rule {kind.key}: unknown group {kind.group}"
        if kind.unit is not None and kind.unit not in units:
            yield f"vocabulary.toml: rule {kind.key}: unknown unit {kind.unit}"
        if kind.terms is not None and kind.terms not in families:
            yield f"vocabulary.toml: rule {kind.key}: unknown family {kind.terms}"
    categories = {category.key for category in vocabulary.category}
    for unit_type in vocabulary.unit_type:
        if unit_type.category is not None and unit_type.category not in categories:
            yield f"vocabulary.toml: unit type {unit_type.key}: unknown category"


def _version_problems(book: Rulebook) -> Iterator[str]:
    keys = Counter(profile.key for profile in book.profiles)
    yield from (f"{key}.toml: key used twice" for key, times in keys.items() if times > 1)
    for one, other in combinations(book.profiles, 2):
        if one.instrument != other.instrument:
            continue
        first, second = sorted((one, other), key=lambda profile: profile.effective_from)
        if first.effective_to is None or second.effective_from <= first.effective_to:
            yield f"{first.key}.toml and {second.key}.toml: versions of one instrument overlap"


def _global_duplicates(book: Rulebook) -> Iterator[str]:
    chains = Counter(chain.key for profile in book.profiles for chain in profile.chains)
    lists = Counter(lst.key for profile in book.profiles for lst in profile.checklists)
    for what, counted in (("chain", chains), ("checklist", lists)):
        for key, times in counted.items():
            if times > 1:
                yield f"{what} {key} is defined twice"


def _profile_problems(profile: Profile, book: Rulebook) -> Iterator[str]:
    vocabulary = book.vocabulary
    unit_types = {kind.key for kind in vocabulary.unit_type}
    for unit_type in sorted(set(profile.unit_types) - unit_types):
        yield f"unknown unit type {unit_type}"
    yield from _condition_problems(profile, known_facts(vocabulary))
    yield from _rule_problems(profile, vocabulary)
    yield from _part_problems(profile, book)
    yield from _zone_problems(profile, vocabulary)
    yield from _checklist_problems(profile, book)
    yield from chain_problems(profile, book)
    if profile.regime_questions:
        yield from question_problems(profile.regime_questions)


def _conditions_in(profile: Profile) -> Iterator[tuple[str, Conditions]]:
    for rule in profile.rules:
        yield f"rule {rule.key}", rule.applies_when
    for slot in profile.documents:
        yield f"document {slot.document}", slot.applies_when
    for checklist in profile.checklists:
        yield f"checklist {checklist.key}", checklist.applies_when
        for item in checklist.items:
            yield f"checklist {checklist.key}, item {item.key}", item.applies_when
    for chain in profile.chains:
        yield f"chain {chain.key}", chain.applies_when
        for step in chain.steps:
            yield f"chain {chain.key}, step {step.key}", step.applies_when
    for step in profile.added_steps:
        yield f"added step {step.key}", step.applies_when


def _condition_problems(profile: Profile, facts: dict[str, frozenset[str]]) -> Iterator[str]:
    for where, conditions in _conditions_in(profile):
        for fact, values in conditions.items():
            if fact not in facts:
                yield f"{where}: unknown fact {fact}"
            elif strange := sorted(set(values) - facts[fact]):
                yield f"{where}: fact {fact} cannot be {', '.join(strange)}"


def _rule_problems(profile: Profile, vocabulary: Vocabulary) -> Iterator[str]:
    events = {term.key for term in vocabulary.terms("event")}
    for rule in profile.rules:
        if isinstance(rule.value, Period) and rule.value.counts_from not in events:
            yield f"rule {rule.key}: unknown event {rule.value.counts_from}"
    seen: Counter[tuple[str, str]] = Counter(
        (rule.key, str(sorted((k, sorted(v)) for k, v in rule.applies_when.items()))) for rule in profile.rules
    )
    for (key, _), times in seen.items():
        if times > 1:
            yield f"rule {key} is given twice under the same conditions"


def _part_problems(profile: Profile, book: Rulebook) -> Iterator[str]:
    vocabulary = book.vocabulary
    documents = {term.key for term in vocabulary.terms("document")}
    acts = {term.key for term in vocabulary.terms("document_act")}
    for slot in profile.documents:
        if slot.document not in documents or slot.act not in acts:
            yield f"document {slot.act}/{slot.document} is not in the vocabulary"
    categories = {category.key for category in vocabulary.category}
    for entry in profile.categories:
        if entry.key not in categories:
            yield f"unknown category {entry.key}"
    for what, keys in (
        ("category", [entry.key for entry in profile.categories]),
        ("zone", [zone.key for zone in profile.zones]),
        ("penalty", [penalty.key for penalty in profile.penalties]),
    ):
        yield from (f"{what} {key} is given twice" for key, n in Counter(keys).items() if n > 1)


def _zone_problems(profile: Profile, vocabulary: Vocabulary) -> Iterator[str]:
    zones = {term.key for term in vocabulary.terms("place_zone")}
    for zone in profile.zones:
        if zone.key not in zones:
            yield f"unknown zone {zone.key}"
    ordered = [zone for group in profile.approval_zone_order for zone in group]
    used = {zone.approval_zone for zone in profile.zones} - {None}
    if used != set(ordered) or len(ordered) != len(set(ordered)):
        yield "approval_zone_order must name each approval zone of its zones exactly once"
    if (profile.unzoned_as is None) == bool(ordered) or profile.unzoned_as not in {None, *ordered}:
        yield "unzoned_as must name one of the ordered approval zones"
    if strange := sorted(set(ordered) - known_facts(vocabulary)["zone"]):
        yield f"unknown approval zone {', '.join(strange)}"


def _checklist_problems(profile: Profile, book: Rulebook) -> Iterator[str]:
    sources = {term.key for term in book.vocabulary.terms("evidence_source")}
    rules = {key.value for key in RuleKey}
    known = {family: {term.key for term in book.vocabulary.terms(family)} for family in ("readiness_check", "document")}
    for checklist in profile.checklists:
        for item in checklist.items:
            where = f"checklist {checklist.key}, item {item.key}"
            if item.rule is not None and item.rule not in rules:
                yield f"{where}: unknown rule {item.rule}"
            if item.evidence is not None and item.evidence not in sources:
                yield f"{where}: unknown evidence source {item.evidence}"
            for family, named in (("readiness_check", item.checks), ("document", item.papers)):
                yield from (f"{where}: {key} is no {family}" for key in named if key not in known[family])
            if item.cites is not None and item.cites not in book.by_key:
                yield f"{where}: cites unknown profile {item.cites}"


def _precedence_problems(book: Rulebook) -> Iterator[str]:
    rules: dict[str, set[str]] = {}
    for profile in book.profiles:
        rules.setdefault(profile.instrument, set()).update(rule.key for rule in profile.rules)
    beats: set[tuple[str, str, str]] = set()
    for entry in book.precedence:
        where = f"precedence.toml: {entry.key}"
        named = (entry.prevails, *entry.over)
        for key in named:
            if key not in rules:
                yield f"{where}: unknown instrument {key}"
            elif entry.rule not in rules[key]:
                yield f"{where}: {key} says nothing about {entry.rule}"
        for citation in entry.basis:
            if citation.instrument not in book.by_key:
                yield f"{where}: cites unknown profile {citation.instrument}"
        beats |= {(entry.rule, entry.prevails, over) for over in entry.over}
    for rule, one, other in sorted(beats):
        if (rule, other, one) in beats or one == other:
            yield f"precedence.toml: {one} and {other} each prevail over the other on {rule}"


def _adoption_problems(book: Rulebook) -> Iterator[str]:
    unit_types = {kind.key for kind in book.vocabulary.unit_type}
    for adoption in book.adoptions:
        if adoption.instrument not in {profile.instrument for profile in book.profiles}:
            yield f"adoptions.toml: unknown instrument {adoption.instrument}"
        if strange := sorted(set(adoption.unit_types) - unit_types):
            yield f"adoptions.toml: {adoption.instrument}: unknown unit type {', '.join(strange)}"


def _reference_problems(book: Rulebook) -> Iterator[str]:
    interiors = {term.key for term in book.vocabulary.terms("interior")}
    for place in book.reference.place:
        if place.interior not in interiors:
            yield f"interiors.toml: {place.key}: unknown interior {place.interior}"
        for citation in place.cites:
            if citation.instrument not in book.by_key:
                yield f"interiors.toml: {place.key}: cites unknown profile {citation.instrument}"
    said = Counter(word for place in book.reference.place for word in (*place.words, *place.doubtful))
    yield from (f"interiors.toml: {word} stands for two places" for word, n in said.items() if n > 1)
    standards = Counter(standard.key for standard in book.reference.standard)
    yield from (f"standards.toml: {key} is given twice" for key, n in standards.items() if n > 1)
    for standard in book.reference.standard:
        if standard.replaced_by is not None and standard.replaced_by not in standards:
            yield f"standards.toml: {standard.number}: replaced by unknown {standard.replaced_by}"
