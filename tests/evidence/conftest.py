"""The evidence tests' cast."""

import pytest
from sqlalchemy.orm import Session

from portal.audit.operations import record
from tests.evidence.city import EvidenceCity


@pytest.fixture
def city(session: Session) -> EvidenceCity:
    """A fresh city in the test's own transaction."""
    return EvidenceCity(session)


@pytest.fixture(autouse=True)
def _sealed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No sealer runs beside these tests: a reveal is recorded in the test's own transaction, and nothing waits."""
    for place in ("reading", "equipment"):
        monkeypatch.setattr(f"portal.evidence.operations.{place}.record_and_seal", record)
