"""A sealed file leaves the vault for one numbered copy: to the custodian who writes the medium, or over the intranet."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.permissions import Permission
from portal.accounts.policy import allows
from portal.accounts.values import Identity
from portal.audit.operations import record_and_seal
from portal.audit.values import FieldChange, SubjectRef
from portal.core.errors import IllegalTransition, NotAllowed, NotFound
from portal.evidence.models import FootageCopy, FootageRequest
from portal.evidence.operations.holds import scope_of
from portal.evidence.queries.copies import get_copy
from portal.evidence.queries.execution import items_of
from portal.evidence.queries.leaks import deletion_of
from portal.evidence.states import CopyStatus
from portal.evidence.values import MediumKind
from portal.evidence.values.copies import COPY_SUBJECT, COPY_WRITTEN
from portal.vault.models import StoredFile
from portal.vault.queries import get_file

# A medium is written before it goes out; what is kept is the master, from which any further copy is written.
ON_THE_DESK = frozenset({CopyStatus.MADE, CopyStatus.KEPT})


def may_write(actor: Identity, copy: FootageCopy, request: FootageRequest) -> bool:
    """The custodian the request was assigned to, while the medium lies before him; of a copy over the intranet its
    receiver, once it was handed over to him. Nobody else: who holds a medium has the files on it."""
    status = CopyStatus(copy.status)
    if status in ON_THE_DESK:
        return actor.person_id is not None and (
            actor.person_id == request.custodian_id and allows(actor, Permission.REQUEST_EXECUTE, scope_of(request))
        )
    over_the_intranet = copy.medium == MediumKind.INTRANET and status is CopyStatus.WITH_RECIPIENT
    return over_the_intranet and actor.person_id is not None and actor.person_id == copy.receiver_id


def write_file(session: Session, *, actor: Identity, copy_id: UUID, item_id: UUID, now: datetime) -> StoredFile:
    """One file of the sealed set as the recorder wrote it, for this copy; the record of it is sealed before a byte goes.

    Raises NotFound for a file that never crossed the network, NotAllowed, IllegalTransition once the purpose is met.
    """
    copy = get_copy(session, actor, copy_id)
    request = copy.request
    item = next((one for one in items_of(session, request.id) if one.id == item_id), None)
    if item is None or item.stored_file_id is None:
        raise NotFound()
    if not may_write(actor, copy, request):
        raise NotAllowed("evidence.not_the_writer")
    if deletion_of(session, request.id) is not None:
        raise IllegalTransition("evidence.purpose_is_met", status=copy.status)
    stored = get_file(session, item.stored_file_id)
    record_and_seal(
        session,
        actor=actor.actor,
        tag=COPY_WRITTEN,
        subject=SubjectRef(COPY_SUBJECT, copy.id, copy.serial),
        unit_id=request.unit_id,
        changes=[FieldChange(name="sha256", new=stored.sha256)],
        now=now,
    )
    return stored
