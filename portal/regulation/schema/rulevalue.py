"""Reads a rule's value as the kind the vocabulary gives its key."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from portal.regulation.schema.values import Bands, Hours, Period, Rates, RuleType, RuleValue, YearDay
from portal.regulation.schema.vocabulary import RuleKind, Vocabulary


def parse_rule_value(kind: RuleKind, raw: Any, vocabulary: Vocabulary) -> RuleValue:
    """Answer the typed value, or say plainly what was expected."""
    if kind.type in {RuleType.TERM, RuleType.TERMS}:
        return _parse_terms(kind, raw, vocabulary)
    return _PARSERS[kind.type](kind, raw)


def _expect(holds: bool, raw: Any, kind: RuleKind, what: str) -> None:
    if not holds:
        raise ValueError(f"{kind.key} must be {what}, not {raw!r}")


def _parse_flag(kind: RuleKind, raw: Any) -> bool:
    _expect(isinstance(raw, bool), raw, kind, "true or false")
    return bool(raw)


def _parse_integer(kind: RuleKind, raw: Any) -> int:
    whole = isinstance(raw, int) and not isinstance(raw, bool) and raw >= 0
    _expect(whole, raw, kind, "a whole number")
    return int(raw)


def _parse_decimal(kind: RuleKind, raw: Any) -> Decimal:
    number = isinstance(raw, int | Decimal) and not isinstance(raw, bool)
    _expect(number, raw, kind, "a number")
    return Decimal(raw)


_PARSERS: Mapping[RuleType, Callable[[RuleKind, Any], RuleValue]] = {
    RuleType.FLAG: _parse_flag,
    RuleType.INTEGER: _parse_integer,
    RuleType.DECIMAL: _parse_decimal,
    RuleType.BANDS: lambda _, raw: Bands.model_validate({"bands": raw}),
    RuleType.HOURS: lambda _, raw: Hours.model_validate({"spans": raw}),
    RuleType.PERIOD: lambda _, raw: Period.model_validate(raw),
    RuleType.RATES: lambda _, raw: Rates.model_validate(raw),
    RuleType.YEAR_DAY: lambda _, raw: YearDay.model_validate(raw),
}


def _parse_terms(kind: RuleKind, raw: Any, vocabulary: Vocabulary) -> str | tuple[str, ...]:
    known = {term.key for term in vocabulary.terms(kind.terms or "")}
    several = kind.type is RuleType.TERMS
    _expect(isinstance(raw, list if several else str), raw, kind, "a list" if several else "a word")
    words = tuple(raw) if several else (raw,)
    strange = [word for word in words if word not in known]
    if strange:
        raise ValueError(f"{kind.key}: not in the family {kind.terms}: {strange}")
    if len(set(words)) != len(words):
        raise ValueError(f"{kind.key} names a word twice: {raw}")
    return words if several else words[0]
