"""What the readers need from the features below."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.registry.models import Unit


def unit_names(session: Session, ids: Iterable[UUID | None]) -> Mapping[UUID, str]:
    """Names of units, in one query; units that are gone have none."""
    wanted = {key for key in ids if key is not None}
    if not wanted:
        return {}
    rows = session.execute(select(Unit.id, Unit.name).where(Unit.id.in_(wanted)))
    return {row.id: row.name for row in rows}
