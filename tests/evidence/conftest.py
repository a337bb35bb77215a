"""The evidence tests' cast."""

import pytest
from sqlalchemy.orm import Session

from tests.evidence.city import EvidenceCity


@pytest.fixture
def city(session: Session) -> EvidenceCity:
    """A fresh city in the test's own transaction."""
    return EvidenceCity(session)
