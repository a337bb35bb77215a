"""The log speaks of nothing that it has no word for."""

import re
from pathlib import Path

import pytest

from portal.audit.labels import SUBJECT_KIND

PORTAL = Path(__file__).resolve().parents[2] / "portal"
KINDS = {
    kind
    for path in PORTAL.rglob("*.py")
    for kind in re.findall(r'SubjectRef\(\s*(?:kind=)?"([a-z_]+)"', path.read_text())
}


def test_the_source_names_kinds_of_subjects() -> None:
    assert {"unit", "filing", "tip_off"} <= KINDS


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_subject_has_a_word(kind: str) -> None:
    assert kind in SUBJECT_KIND
