"""A copy changes hands, the receiver answers for its digest, the file is archived in two places and closed."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.accounts.operations import verify_second_person
from portal.accounts.permissions import Permission
from portal.accounts.policy import allows, require
from portal.accounts.values import Identity
from portal.audit.operations import record
from portal.audit.values import FieldChange, SubjectRef
from portal.audit.values import Outcome as AuditOutcome
from portal.core.clock import city_day
from portal.core.errors import IllegalTransition, Invalid, NotAllowed, Problem
from portal.core.outbox import TaskName, enqueue
from portal.evidence import values
from portal.evidence.models import FootageCopy, FootageRequest, Handover, RequestOfficer
from portal.evidence.operations.copies import copy_to_give, receiver_at, settle_by
from portal.evidence.operations.custody import book
from portal.evidence.operations.execution import asking
from portal.evidence.operations.holds import scope_of
from portal.evidence.operations.identities import see_papers
from portal.evidence.operations.receipts import issue_receipt
from portal.evidence.operations.supplying import mark_supplied
from portal.evidence.queries import lock_request
from portal.evidence.queries.copies import copies_of, dossier_of
from portal.evidence.queries.execution import handovers_of, lock_handover, manifest_of
from portal.evidence.queries.leaks import deletion_of
from portal.evidence.rules import same_digest
from portal.evidence.rules.copies import Piece, missing
from portal.evidence.states import CopyAction, CopyStatus, RequestAction, RequestStatus, next_copy_status, next_status
from portal.evidence.values import CustodyAct, MediumKind
from portal.evidence.values.copies import UNDERTAKING, CopyDraft, CopyRole
from portal.evidence.values.receipts import Stage


class ManifestMismatch(Invalid):
    """The digest the receiver gives is not the sealed one: what they hold is not what was sealed."""


def hand_over(
    session: Session,
    *,
    actor: Identity,
    request_id: UUID,
    receiver_place: int,
    second_login: str,
    second_password: str,
    second_totp: str,
    medium: MediumKind,
    medium_serial: str,
    destination: str,
    id_seen: bool = True,
    copy_id: UUID | None = None,
    due_back: date | None = None,
    now: datetime,
) -> Handover:
    """Give a copy of the sealed set to an officer named in the request, before a witness of the unit.

    Giver, receiver and witness are three different people; the witness signs on this very form. The copy is the one
    made for this receiver before, or is made at the counter; by `due_back`, else by the rules, it is known where it
    went. The giver answers for having seen the receiver's identity paper (`id_seen`).
    """
    request = _sealed_by(session, actor, request_id)
    status = next_status(RequestStatus(request.status), RequestAction.HAND_OVER)
    if deletion_of(session, request.id) is not None:
        raise IllegalTransition("evidence.purpose_is_met", status=request.status)
    receiver = receiver_at(request, receiver_place)
    _check_filled(medium_serial=medium_serial, destination=destination)
    _check_counter(id_seen=id_seen, due_back=due_back, now=now)
    witness = verify_second_person(
        session, actor=actor, login=second_login, password=second_password, totp=second_totp, now=now
    )
    _check_witness(witness, request)
    handover = _given(session, actor, request, receiver, destination=destination.strip()[:200], now=now)
    handover.witness_id, handover.witness_name = _person(witness), witness.name
    draft, entry = CopyDraft(role=CopyRole.WORKING, medium=medium, medium_serial=medium_serial), handover.entry_id
    copy = copy_to_give(session, request, receiver, copy_id=copy_id, draft=draft, entry_id=entry, actor=actor, now=now)
    handover.medium, handover.medium_serial, handover.copy_serial = copy.medium, copy.medium_serial, copy.serial
    session.add(handover)
    session.flush()
    _out(copy, handover, request, due_back=due_back, now=now)
    see_papers(session, actor=actor, request=request, places=[receiver.place], now=now)
    mark_supplied(session, actor=actor, request=request, now=now)
    request.status, request.updated_at = status, now
    _receipt(session, request, handover, now=now)
    _record(session, actor, request, now=now, tag=values.HANDED_OVER_BOOKED, copy=handover.copy_serial)
    enqueue(session, TaskName.EVIDENCE_NOTIFY_NEXT, dedupe=f"handover:{handover.copy_serial}", request_id=request.id)
    session.flush()
    return handover


def acknowledge_receipt(
    session: Session,
    *,
    actor: Identity,
    request_id: UUID,
    handover_id: UUID,
    manifest_digest: str,
    now: datetime,
) -> Handover:
    """The receiver states the digest they computed or read off the copy. Raises ManifestMismatch when it differs.

    A receiver without an account signs on paper; then the witness enters the digest from the signed receipt.
    """
    request = lock_request(session, actor, request_id)
    handover = lock_handover(session, request.id, handover_id)
    expected = handover.receiver_id or handover.witness_id
    if actor.person_id != expected:
        raise NotAllowed("evidence.not_the_receiver")
    status = next_status(RequestStatus(request.status), RequestAction.ACKNOWLEDGE)
    if handover.acknowledged_at is not None:
        raise IllegalTransition("evidence.receipt_there", status=request.status)
    if not same_digest(manifest_digest, handover.manifest_digest):
        _record(
            session, actor, request, now=now, tag=values.RECEIPT_DIFFERS, outcome=AuditOutcome.FAILED,
            copy=handover.copy_serial,
        )  # fmt: skip
        raise ManifestMismatch([Problem("manifest_digest", "evidence.digest_differs")], commit=True)
    handover.acknowledged_by, handover.acknowledged_name, handover.acknowledged_at = actor.person_id, actor.name, now
    _bind(session, request.id, handover)
    book(
        session,
        actor=actor,
        request=request,
        act=CustodyAct.RECEIVED,
        destination=handover.destination,
        note=f"{handover.copy_serial} {handover.manifest_digest}",
        now=now,
    )
    if all(one.acknowledged_at is not None for one in handovers_of(session, request.id)):
        request.status = status
    request.updated_at = now
    _record(session, actor, request, now=now, tag=values.RECEIPT_BOOKED, copy=handover.copy_serial)
    session.flush()
    return handover


def archive_request(
    session: Session, *, actor: Identity, request_id: UUID, place: str, second_place: str, now: datetime
) -> FootageRequest:
    """Book where the two copies of the slip lie (000 form note 4) and close the request. Raises Invalid naming every
    piece that the two dossiers lack."""
    request = lock_request(session, actor, request_id)
    require(actor, Permission.REQUEST_ACKNOWLEDGE, scope_of(request), read=Permission.REQUEST_READ)
    status = next_status(RequestStatus(request.status), RequestAction.ARCHIVE)
    if not place.strip():
        raise Invalid([Problem("archive_place", "required")])
    if place.strip() == second_place.strip():
        raise Invalid([Problem("archive_place_b", "evidence.same_archive")])
    _check_dossier(session, request, place.strip(), second_place.strip())
    request.archive_place, request.archive_place_b = place.strip()[:200], second_place.strip()[:200]
    request.status, request.updated_at, request.closed_at = status, now, now
    book(session, actor=actor, request=request, act=CustodyAct.ARCHIVED, destination=request.archive_place, now=now)
    # Of a secret case not even the shelf: others read the log than those who have a part in it.
    place_told = "…" if request.secret else request.archive_place
    _record(session, actor, request, now=now, tag=values.REQUEST_ARCHIVED, place=place_told)
    session.flush()
    return request


def _sealed_by(session: Session, actor: Identity, request_id: UUID) -> FootageRequest:
    """The request under lock, for the custodian who carries it out."""
    request = lock_request(session, actor, request_id)
    require(actor, Permission.REQUEST_EXECUTE, scope_of(request), read=Permission.REQUEST_READ)
    if actor.person_id != request.custodian_id:
        raise NotAllowed("evidence.not_assigned")
    return request


def _given(
    session: Session,
    actor: Identity,
    request: FootageRequest,
    receiver: RequestOfficer,
    *,
    destination: str,
    now: datetime,
) -> Handover:
    """The handover with its register line, still without witness and medium."""
    manifest = manifest_of(session, request.id)
    if manifest is None:
        raise IllegalTransition("evidence.not_sealed", status=request.status)
    where = f"{receiver.name} · {destination}"
    entry = book(
        session,
        actor=actor,
        request=request,
        act=CustodyAct.HANDED_OVER,
        destination=where,
        note=manifest.digest,
        now=now,
    )
    return Handover(
        request_id=request.id,
        entry_id=entry.id,
        manifest_digest=manifest.digest,
        giver_id=_person(actor),
        giver_name=actor.name,
        receiver_id=receiver.person_id,
        receiver_name=receiver.name,
        destination=destination,
        given_at=now,
    )


def _person(identity: Identity) -> UUID:
    """The person behind an identity; the portal itself hands nothing over."""
    if identity.person_id is None:
        raise NotAllowed("evidence.no_person")
    return identity.person_id


def _out(
    copy: FootageCopy, handover: Handover, request: FootageRequest, *, due_back: date | None, now: datetime
) -> None:
    """The copy is with its receiver from now on, and a day stands by which it must be known where it went."""
    copy.status = next_copy_status(CopyStatus(copy.status), CopyAction.GIVE)
    copy.handover_id, copy.destination = handover.id, handover.destination
    copy.due_back, copy.due_why = settle_by(request, given_on=city_day(now))
    if due_back is not None:
        copy.due_back, copy.due_why = due_back, None


def _receipt(session: Session, request: FootageRequest, handover: Handover, *, now: datetime) -> None:
    """What all three parties hold: which copy of which sealed set changed hands."""
    told = {"copy": handover.copy_serial, "manifest": handover.manifest_digest}
    issue_receipt(session, request, Stage.HANDED_OVER, now=now, **told)


def _bind(session: Session, request_id: UUID, handover: Handover) -> None:
    """Whoever acknowledges a copy undertakes secrecy for it, in the words of that day (000 art. 10(4)). One that is gone
    or in a case file before its receipt stays as it ended."""
    for copy in copies_of(session, request_id):
        if copy.handover_id == handover.id and copy.status not in (CopyStatus.DESTROYED, CopyStatus.IN_CASE_FILE):
            copy.undertaking = UNDERTAKING


def _check_dossier(session: Session, request: FootageRequest, place: str, second_place: str) -> None:
    problems = []
    for item in missing(dossier_of(session, request, place=place, second_place=second_place)):
        field = "archive_place_b" if item.piece is Piece.PLACE else "archive_place"
        problems.append(Problem(field, f"evidence.dossier_lacks_{item.piece}", {"paper": str(item.paper or "")}))
    if problems:
        raise Invalid(problems)


def _check_filled(**texts: str) -> None:
    problems = [Problem(name, "required") for name, text in texts.items() if not text.strip()]
    if problems:
        raise Invalid(problems)


def _check_counter(*, id_seen: bool, due_back: date | None, now: datetime) -> None:
    """The receiver's paper was looked at, and the day by which the copy is settled lies ahead."""
    if not id_seen:
        raise Invalid([Problem("id_seen", "evidence.papers_not_seen")])
    if due_back is not None and due_back <= city_day(now):
        raise Invalid([Problem("due_back", "evidence.day_is_past")])


def _check_witness(witness: Identity, request: FootageRequest) -> None:
    if not allows(witness, Permission.REQUEST_UNLOCK, scope_of(request)):
        raise Invalid([Problem("second_login", "evidence.second_not_authorised")])
    if witness.person_id in asking(request):
        raise Invalid([Problem("second_login", "evidence.second_is_requester")])


def _record(
    session: Session,
    actor: Identity,
    request: FootageRequest,
    *,
    now: datetime,
    tag: str,
    outcome: AuditOutcome = AuditOutcome.OK,
    **new: str,
) -> None:
    record(
        session,
        actor=actor.actor,
        tag=tag,
        subject=SubjectRef(values.SUBJECT, request.id, request.called),
        unit_id=request.unit_id,
        outcome=outcome,
        changes=[FieldChange(name=name, new=value) for name, value in new.items()],
        now=now,
    )
