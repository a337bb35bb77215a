"""What a conclusion can be set to instead of what the arithmetic gave. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.inspection.rules.judging import FrozenList
from portal.inspection.states import AcceptanceStatus

CONCLUSION_OF = {
    AcceptanceStatus.PASSED: "pass",
    AcceptanceStatus.BASICALLY_PASSED: "basic",
    AcceptanceStatus.FAILED: "fail",
}


@dataclass(frozen=True, kw_only=True)
class Result:
    """A conclusion with its grade, as one can be chosen."""

    conclusion: str
    grade: str | None = None

    @property
    def key(self) -> str:
        """What names it among the others of its list."""
        return self.grade or self.conclusion


def possible_results(frozen: FrozenList) -> Sequence[Result]:
    """Every result the list knows: the grades of a scored one, else the three conclusions."""
    if frozen.bands is not None:
        return [Result(conclusion="pass" if band.passes else "fail", grade=band.key) for band in frozen.bands.bands]
    return [Result(conclusion=conclusion) for conclusion in CONCLUSION_OF.values()]


def other_results(frozen: FrozenList, *, conclusion: str, grade: str | None) -> Sequence[Result]:
    """What may be asked for where this is the result."""
    return [one for one in possible_results(frozen) if (one.conclusion, one.grade) != (conclusion, grade)]
