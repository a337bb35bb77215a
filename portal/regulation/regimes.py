"""Finds the legal regime of a system from plain answers, and says why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from portal.regulation.rulebook import Rulebook
from portal.regulation.schema.base import Citation, Text
from portal.regulation.schema.profile import Profile, RegimeOption, RegimeQuestion
from portal.regulation.schema.vocabulary import Regime


@dataclass(frozen=True)
class Reason:
    """One answered question: what was asked, what was answered, what follows and from where."""

    question: RegimeQuestion
    option: RegimeOption
    citations: tuple[Citation, ...]


@dataclass(frozen=True)
class RegimeFinding:
    """Where the answers led.

    `regime` is None while a question is open (`open_question`) or when nobody in this position
    may install at all (`barred`).
    """

    regime: Regime | None
    barred: bool
    open_question: RegimeQuestion | None
    reasons: tuple[Reason, ...]

    @property
    def because(self) -> Text | None:
        """The last and deciding reason."""
        return self.reasons[-1].option.because if self.reasons else None


def regime_source(book: Rulebook) -> Profile:
    """Answer the profile whose questions lead to a regime."""
    return next(profile for profile in book.profiles if profile.regime_questions)


def answers_in(given: Mapping[str, str], *, book: Rulebook) -> dict[str, str]:
    """The answers among the parameters of an address or a form."""
    keys = [question.key for question in regime_source(book).regime_questions]
    return {key: given[key][:40] for key in keys if key in given}


def derive_regime(answers: Mapping[str, str], *, book: Rulebook) -> RegimeFinding:
    """Walk the questions with the answers given; an unknown answer leaves its question open."""
    source = regime_source(book)
    questions = {question.key: question for question in source.regime_questions}
    question: RegimeQuestion | None = source.regime_questions[0]
    reasons: list[Reason] = []
    while question is not None:
        option = _chosen(question, answers.get(question.key))
        if option is None:
            return RegimeFinding(None, False, question, tuple(reasons))
        cited = source if option.cites is None else book.profile(option.cites)
        citations = tuple(cited.cite(place) for place in option.articles)
        reasons.append(Reason(question, option, citations))
        if option.leads_to is None:
            return RegimeFinding(option.regime, option.barred, None, tuple(reasons))
        question = questions[option.leads_to]
    raise AssertionError("the questions were checked to end")


def _chosen(question: RegimeQuestion, answer: str | None) -> RegimeOption | None:
    return next((option for option in question.options if option.key == answer), None)


def question_problems(questions: Sequence[RegimeQuestion]) -> Iterator[str]:
    """Answer what keeps the questions from leading to every regime and to an end."""
    by_key = {question.key: question for question in questions}
    if len(by_key) != len(questions):
        yield "a regime question is given twice"
    reached: set[str] = set()
    found: set[Regime] = set()
    yield from _walk(questions[0].key, by_key, (), reached, found)
    for key in sorted(by_key.keys() - reached):
        yield f"regime question {key} is never asked"
    for regime in sorted(set(Regime) - found):
        yield f"no answers lead to regime {regime}"


def _walk(
    key: str,
    by_key: Mapping[str, RegimeQuestion],
    path: tuple[str, ...],
    reached: set[str],
    found: set[Regime],
) -> Iterator[str]:
    if key in path:
        yield f"regime questions go round in a circle: {' > '.join((*path, key))}"
        return
    if key not in by_key:
        yield f"regime question {key} does not exist"
        return
    reached.add(key)
    for option in by_key[key].options:
        if option.regime is not None:
            found.add(option.regime)
        if option.leads_to is not None:
            yield from _walk(option.leads_to, by_key, (*path, key), reached, found)
