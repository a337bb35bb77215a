"""Turns what several instruments say about one question into one effective rule."""

from collections.abc import Callable, Mapping, Sequence

from portal.regulation.rulebook import Rulebook
from portal.regulation.schema.base import Facts, unmet
from portal.regulation.schema.values import Comparison, Period, RuleValue
from portal.regulation.schema.vocabulary import RuleKind
from portal.regulation.values import EffectiveRule, Overridden, Statement, WhyOverridden

Split = tuple[RuleValue, tuple[Statement, ...], tuple[Overridden, ...]]


def combine(kind: RuleKind, statements: Sequence[Statement], book: Rulebook, facts: Facts) -> EffectiveRule:
    """Settle explicit conflicts first, then take the strictest of what is left."""
    standing, displaced = _explicit_precedence(kind, statements, book, facts)
    value, sources, overridden = _COMBINE[kind.compare](kind, standing, book)
    return EffectiveRule(kind=kind, value=value, sources=sources, overridden=(*displaced, *overridden))


def _explicit_precedence(
    kind: RuleKind, statements: Sequence[Statement], book: Rulebook, facts: Facts
) -> tuple[list[Statement], list[Overridden]]:
    standing = list(statements)
    displaced: list[Overridden] = []
    present = {statement.profile.instrument for statement in statements}
    for entry in book.precedence:
        applies = entry.rule == kind.key and entry.prevails in present
        if not applies or unmet(entry.applies_when, facts):
            continue
        losing = [statement for statement in standing if statement.profile.instrument in entry.over]
        standing = [statement for statement in standing if statement not in losing]
        displaced += [Overridden(lost, WhyOverridden.PRECEDENCE, entry) for lost in losing]
    return standing, displaced


def _split(
    value: RuleValue,
    statements: Sequence[Statement],
    deciding: Callable[[Statement], bool],
    why: Callable[[Statement], WhyOverridden] = lambda _: WhyOverridden.LESS_STRICT,
) -> Split:
    sources = tuple(statement for statement in statements if deciding(statement))
    overridden = tuple(Overridden(statement, why(statement)) for statement in statements if not deciding(statement))
    return value, sources, overridden


def _strictest(pick: Callable[[Sequence[RuleValue]], RuleValue]) -> Callable[..., Split]:
    def take(kind: RuleKind, statements: Sequence[Statement], book: Rulebook) -> Split:
        values = [statement.value for statement in statements]
        periods = [value for value in values if isinstance(value, Period)]
        if periods and (len({period.measure for period in periods}) > 1 or any(period.promptly for period in periods)):
            # Days counted differently cannot be ranked, nor can a number and "promptly".
            return _by_precedence(kind, statements, book)
        value = pick(values)
        return _split(value, statements, lambda statement: statement.value == value)

    return take


def _largest(values: Sequence[RuleValue]) -> RuleValue:
    return max(values)  # type: ignore[type-var]


def _smallest(values: Sequence[RuleValue]) -> RuleValue:
    periods = [value for value in values if isinstance(value, Period)]
    if periods:
        return min(periods, key=lambda period: period.days or 0)
    return min(values)  # type: ignore[type-var]


def _any_true(_: RuleKind, statements: Sequence[Statement], __: Rulebook) -> Split:
    value = any(statement.value for statement in statements)
    return _split(value, statements, lambda statement: statement.value is value)


def _all_true(_: RuleKind, statements: Sequence[Statement], __: Rulebook) -> Split:
    value = all(statement.value for statement in statements)
    return _split(value, statements, lambda statement: statement.value is value)


def _union(kind: RuleKind, statements: Sequence[Statement], book: Rulebook) -> Split:
    named = {word for statement in statements for word in _words(statement.value)}
    order = [term.key for term in book.vocabulary.terms(kind.terms or "")]
    value = tuple(word for word in order if word in named)
    return _split(value, statements, lambda _: True)


def _words(value: RuleValue) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else ()


def _by_precedence(_: RuleKind, statements: Sequence[Statement], __: Rulebook) -> Split:
    """The higher instrument decides, among equals the later, within one the more specific."""

    def standing(statement: Statement) -> tuple[int, int, int]:
        profile = statement.profile
        return (
            profile.level.rank,
            -profile.effective_from.toordinal(),
            -len(statement.rule.applies_when),
        )

    first = min(statements, key=standing)

    def why(statement: Statement) -> WhyOverridden:
        if statement.profile.level is not first.profile.level:
            return WhyOverridden.HIGHER_LEVEL
        if statement.profile.effective_from != first.profile.effective_from:
            return WhyOverridden.LATER
        return WhyOverridden.MORE_SPECIFIC

    return _split(first.value, statements, lambda one: one.value == first.value, why)


_COMBINE: Mapping[Comparison, Callable[[RuleKind, Sequence[Statement], Rulebook], Split]] = {
    Comparison.MAX: _strictest(_largest),
    Comparison.MIN: _strictest(_smallest),
    Comparison.ANY_TRUE: _any_true,
    Comparison.ALL_TRUE: _all_true,
    Comparison.UNION: _union,
    Comparison.PRECEDENCE: _by_precedence,
}
