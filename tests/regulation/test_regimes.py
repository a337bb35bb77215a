"""The legal regime from plain answers."""

import pytest

from portal.regulation.loader import rulebook
from portal.regulation.regimes import derive_regime
from portal.regulation.schema.vocabulary import Regime

BOOK = rulebook()


@pytest.mark.parametrize(
    ("answers", "regime", "article"),
    [
        ({"public_place": "no", "internal": "no"}, Regime.NON_PUBLIC, "33"),
        ({"public_place": "no", "internal": "yes"}, Regime.LOCAL_INTERNAL, "2"),
        ({"public_place": "yes", "place": "roads", "builder": "government"}, Regime.PUBLIC_GOVERNMENT, "7 p1"),
        ({"public_place": "yes", "place": "venues", "responsible": "yes"}, Regime.PUBLIC_UNIT, "7 p2"),
        ({"public_place": "yes", "place": "vehicles", "responsible": "yes"}, Regime.PUBLIC_UNIT, "7 p2"),
        ({"public_place": "yes", "place": "other", "safety_duty": "yes"}, Regime.OTHER_PUBLIC, "9 p1"),
    ],
)
def test_answers_lead_to_a_regime_with_its_article(answers: dict[str, str], regime: Regime, article: str) -> None:
    found = derive_regime(answers, book=BOOK)
    assert found.regime is regime
    assert not found.barred
    assert found.reasons[-1].citations[0].article == article
    assert len(found.reasons) == len(answers)


@pytest.mark.parametrize(
    "answers",
    [
        {"public_place": "yes", "place": "roads", "builder": "other"},
        {"public_place": "yes", "place": "stations", "responsible": "no"},
        {"public_place": "yes", "place": "other", "safety_duty": "no"},
    ],
)
def test_some_may_not_install_at_all(answers: dict[str, str]) -> None:
    found = derive_regime(answers, book=BOOK)
    assert found.barred
    assert found.regime is None
    assert found.because is not None


def test_an_unanswered_question_stays_open() -> None:
    found = derive_regime({"public_place": "yes"}, book=BOOK)
    assert found.open_question is not None
    assert found.open_question.key == "place"
    assert derive_regime({}, book=BOOK).open_question is not None
    assert derive_regime({"public_place": "perhaps"}, book=BOOK).regime is None
