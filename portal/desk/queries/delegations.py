"""Posts that the person fills for somebody else: a line until the last day, so that nobody forgets or goes on."""

from datetime import date

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import may_ever
from portal.accounts.queries.delegations import acting_now
from portal.accounts.values import Identity
from portal.desk.values import Todo


def delegations_held(session: Session, identity: Identity, *, today: date, most: int) -> list[Todo]:
    """One line for each, with whom the person stands in for and until when."""
    if identity.person_id is None or not may_ever(identity, Permission.REQUEST_DECIDE):
        return []
    found = acting_now(session, identity.person_id, today=today)
    return [Todo(kind="acting", id=row.id, text=row.holder_name, due=row.to_day) for row in found[:most]]
