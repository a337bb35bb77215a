"""Jobs of footage requests: telling people, and following chains that ran out of time."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.operations import notify_people, people_with
from portal.accounts.values import Role, system_identity
from portal.core.db import Database
from portal.core.outbox import TaskName
from portal.evidence import labels  # noqa: F401 - the words of its list, for files that a worker writes
from portal.evidence.models import EquipmentUse
from portal.evidence.operations import expire_lapsed, send_notices
from portal.evidence.operations.keeping import keep_upload, sweep_uploads
from portal.evidence.operations.overwriting import reckon_clocks
from portal.evidence.operations.owing import remind_owed
from portal.evidence.operations.reminding import remind_copies, tell_leak
from portal.evidence.operations.watching import TOLD
from portal.evidence.queries import listing  # noqa: F401 - its list, for the same
from portal.jobs import job


@job(TaskName.EVIDENCE_NOTIFY_NEXT)
def notify_next(session: Session, *, request_id: str, now: datetime, **_: object) -> None:
    """Tell those a request now waits for that an item awaits them; no word on what it is."""
    send_notices(session, request_id=UUID(request_id), now=now)


@job(TaskName.EVIDENCE_REMIND)
def remind(session: Session, *, now: datetime, **_: object) -> None:
    """Tell who holds a copy that its day has passed, and each side what it is to delete: once a copy and day. Footage
    that is not safe yet has its clock reckoned anew."""
    remind_copies(session, now=now)
    reckon_clocks(session, actor=system_identity("evidence"), now=now)
    remind_owed(session, actor=system_identity("evidence"), now=now)


@job(TaskName.EVIDENCE_NOTIFY_LEAK)
def notify_leak(session: Session, *, leak_id: str, now: datetime, **_: object) -> None:
    """Tell both sides and the inspectorate of news of a leak; of a secret case those alone who have a part in it."""
    tell_leak(session, leak_id=UUID(leak_id), now=now)


@job(TaskName.EVIDENCE_NOTIFY_USE)
def notify_use(session: Session, *, use_id: str, occasion: str, now: datetime, **_: object) -> None:
    """Tell the other side of a use of equipment that something awaits it; no word on what it is about."""
    use = session.get(EquipmentUse, UUID(use_id))
    if use is None:
        return
    told = occasion.partition(":")[0]
    if told == "asked":
        people = people_with(session, (Role.CASE_HEAD,), organ_id=use.organ_id)
    elif told in ("approve", "returned", "obstruction"):
        people = people_with(session, (Role.UNIT_SECURITY_HEAD, Role.UNIT_CUSTODIAN), unit_id=use.unit_id)
    else:
        people = [use.applicant_id]
    if told == "obstruction":
        people += people_with(session, (Role.CASE_HEAD,), organ_id=use.organ_id)
    notify_people(session, people=people, kind="evidence.use", subject_id=use.id, occasion=occasion, now=now)


@job(TaskName.EVIDENCE_NOTIFY_QUESTION)
def notify_question(
    session: Session, *, question_id: str, person_id: str, occasion: str, now: datetime, **_: object
) -> None:
    """Tell one side of an explanation that it was asked for, given or judged."""
    key = UUID(question_id)
    notify_people(session, people=[UUID(person_id)], kind=TOLD, subject_id=key, occasion=occasion, now=now)


@job(TaskName.EVIDENCE_KEEP_UPLOAD, holds_transaction=False)
def keep(database: Database, *, upload_id: str, now: datetime, **_: object) -> None:
    """Digest a file that arrived whole and seal it into the vault. Gigabytes take their time; twice does no harm."""
    with database.transaction() as session:
        keep_upload(session, upload_id=UUID(upload_id), now=now)


@job(TaskName.EVIDENCE_SWEEP_UPLOADS)
def sweep(session: Session, *, now: datetime, **_: object) -> None:
    """Close windows whose time is over, and remove what did not arrive whole or was never entered."""
    sweep_uploads(session, now=now)


@job(TaskName.EVIDENCE_EXPIRE)
def expire(session: Session, *, now: datetime, **_: object) -> None:
    """Move the requests whose approval has lapsed."""
    expire_lapsed(session, actor=system_identity("evidence"), now=now)
