"""Whatever hangs on one request (a copy, a leak, missing footage) is seen by whoever sees the request."""

from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, contains_eager, joinedload
from sqlalchemy.sql.base import ExecutableOption

from portal.accounts.values import Identity
from portal.core.errors import NotFound
from portal.evidence.models import FootageCopy, FootageRequest, LeakCase, MissingFootage
from portal.evidence.queries.requests import visible_requests

Row = TypeVar("Row", FootageCopy, LeakCase, MissingFootage)


def beside_visible(identity: Identity, model: type[Row]) -> Select[Row]:
    """Every row of a kind whose request the person sees: of a secret case only those with a part in it."""
    return select(model).join(FootageRequest, FootageRequest.id == model.request_id).where(visible_requests(identity))


def get_beside(session: Session, identity: Identity, model: type[Row], key: UUID, *more: ExecutableOption) -> Row:
    """One row of a kind with its request, the unit and the readers. Raises NotFound."""
    request = contains_eager(model.request).options(joinedload(FootageRequest.unit), joinedload(FootageRequest.readers))
    statement = beside_visible(identity, model).where(model.id == key).options(request, *more)
    found = session.scalars(statement.execution_options(populate_existing=True)).unique().one_or_none()
    if found is None:
        raise NotFound()
    return found
