"""Who stands on a unit's list of operators on a day."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.registry.models import Operator


def unlisted(session: Session, unit_id: UUID, people: Collection[UUID], *, on: date) -> tuple[frozenset[UUID], bool]:
    """Those of these people who are not on the unit's list that day, and whether the unit keeps a list at all.

    A list that was ever begun is a list: striking the last name off it does not open the room to everybody.
    """
    keeps = session.scalar(select(Operator.id).where(Operator.unit_id == unit_id).limit(1)) is not None
    listed = session.scalars(
        select(Operator.person_id).where(
            Operator.unit_id == unit_id,
            Operator.person_id.in_(people),
            Operator.appointed_on <= on,
            or_(Operator.ended_on.is_(None), Operator.ended_on > on),
        )
    ).all()
    return frozenset(people) - frozenset(listed), keeps
